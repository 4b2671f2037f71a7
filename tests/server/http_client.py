"""The server's HTTP side over a real socket, and a client that may send what it likes."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from jobhook.server.authentication import admit_all
from jobhook.server.http import Admit, HttpServer
from tests.api.openapi.described import assert_described
from tests.patience import PATIENCE_SECONDS
from tests.server.one_machine import World


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Api:
    """A client of the API on a loopback port, which sees that it answers as it is described to."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self.port = port

    async def send(
        self, method: str, target: str, body: bytes | None = None, media_type: str | None = "application/json"
    ) -> Reply:
        headers = {"Content-Type": media_type} if media_type is not None and body is not None else {}
        url = URL(f"http://127.0.0.1:{self.port}{target}", encoded=True)
        skip = ["Content-Type"] if media_type is None else []
        async with self._session.request(
            method,
            url,
            data=None if body is None else io.BytesIO(body),
            headers=headers,
            skip_auto_headers=skip,
            allow_redirects=False,
        ) as response:
            reply = Reply(response.status, dict(response.headers), await response.read())
        if method not in ("HEAD", "OPTIONS"):
            assert_described(method, target, reply.status, reply.headers, reply.body.decode())
        return reply

    async def send_json(self, method: str, target: str, document: object) -> Reply:
        return await self.send(method, target, json.dumps(document).encode())

    async def raw(self, request: bytes) -> bytes:
        """The answer to these bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: ([0-9]+)", head.lower())
                return head + await reader.readexactly(int(length[1]) if length else 0)
        finally:
            writer.close()


@asynccontextmanager
async def serving(world: World, admit: Admit = admit_all) -> AsyncIterator[tuple[HttpServer, Api]]:
    """The HTTP side of `world` on a port of its own."""
    server = HttpServer(world.backend, admit)
    port = await server.listen("127.0.0.1", 0)
    await server.serve()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        try:
            yield server, Api(session, port)
        finally:
            await server.close(grace_seconds=1)
