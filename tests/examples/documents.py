"""What stands in the documents' code blocks, and a real server to try it on."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from jobhook.server.server import Server, ServerOptions
from jobhook.use_cases.dispatch_schedule import dispatch_schedule
from tests.ports import own_port

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced code block, and the line that it stands on."""

    language: str
    text: str
    line: int


def blocks(document: Path) -> Iterator[Block]:
    text = document.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(text):
        yield Block(match[1], match[2], text.count("\n", 0, match.start()) + 1)


@dataclass
class Trial:
    """A server as `jobhook serve` starts it, and a service that takes every webhook, and messages under `/alerts`."""

    server: Server
    port: int
    service: TestServer
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    messages: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def fire(self, expression: str) -> None:
        """Have the schedule come due now."""
        backend = self.server.backend
        row = await backend.store.read_schedule(expression)
        assert row is not None
        await dispatch_schedule(backend, row, backend.clock.now_ms())
        await backend.workflows.idle()


@asynccontextmanager
async def trial(data: Path) -> AsyncIterator[Trial]:
    webhooks: list[dict[str, Any]] = []
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        webhooks.append(await request.json())
        return web.Response(status=202)

    async def hear(request: web.Request) -> web.Response:
        messages.put_nowait(await request.json())
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/alerts", hear)
    app.router.add_post("/{path:.*}", take)
    port = own_port()
    server = Server(ServerOptions("127.0.0.1", port, data, synchronous="OFF"))
    service = TestServer(app)
    async with service:
        await server.start()
        await server.backend.rules.stop()  # nothing comes due but when the test says so
        yield Trial(server, port, service, webhooks, messages)
        await server.stop()
