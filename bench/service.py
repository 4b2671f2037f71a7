"""A service that answers webhooks and calls back as cheaply as Python can, so that the measured side has the machine.

It speaks just the HTTP/1.1 that Jobhook's server and client send: lengths, no chunks, connections kept open. A general
library would take more of the two cores than the server under test.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import orjson

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
_CALLBACK = orjson.dumps({"status": "success", "summary": "done", "state": '{"n":1}'})
_CONNECTIONS = 32


@dataclass(slots=True)
class Seen:
    """What the service saw: by execution id, when the webhook came (ms late) and when its callback was answered."""

    lateness_ms: dict[str, float] = field(default_factory=dict)
    answered_at: dict[str, float] = field(default_factory=dict)
    doubles: int = 0
    refused: int = 0


class _Messages(asyncio.Protocol):
    """Splits what comes in into HTTP messages with bodies."""

    def __init__(self) -> None:
        self._received = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but its class

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._received[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._received) < end + 4 + length:
                return
            body = self._received[end + 4 : end + 4 + length]
            self._received = self._received[end + 4 + length :]
            self.message(head, body)

    def message(self, head: bytes, body: bytes, /) -> None:
        raise NotImplementedError


class _Caller(_Messages):
    """A connection to Jobhook that sends callbacks one after the other."""

    def __init__(self, free: Callable[["_Caller"], None], answered: Callable[[str, bool], None]) -> None:
        super().__init__()
        self._free = free
        self._answered = answered
        self._execution_id = ""

    def call(self, execution_id: str, request: bytes) -> None:
        assert self.transport is not None
        self._execution_id = execution_id
        self.transport.write(request)

    def message(self, head: bytes, _body: bytes) -> None:
        self._answered(self._execution_id, head.startswith(b"http/1.1 200"))
        self._free(self)


class _Webhooks(_Messages):
    """A connection from Jobhook."""

    def __init__(self, received: Callable[[bytes], None]) -> None:
        super().__init__()
        self._on_webhook = received

    def message(self, _head: bytes, body: bytes) -> None:
        assert self.transport is not None
        self.transport.write(_ANSWER)
        self._on_webhook(body)


class LeanService:
    """Receives webhooks on a port of its own and answers each with a success callback, or (`silent`) with none."""

    def __init__(self, jobhook_port: int, *, silent: bool = False) -> None:
        self.seen = Seen()
        self._silent = silent
        self._jobhook_port = jobhook_port
        self._idle: deque[_Caller] = deque()
        self._due: deque[tuple[str, bytes]] = deque()

    async def start(self) -> int:
        """The port that webhooks are to be sent to."""
        loop = asyncio.get_running_loop()
        for _ in range(_CONNECTIONS):
            _, caller = await loop.create_connection(
                lambda: _Caller(self._on_free, self._on_answered), "127.0.0.1", self._jobhook_port
            )
            self._idle.append(caller)
        listening = await loop.create_server(lambda: _Webhooks(self._on_webhook), "127.0.0.1", 0, backlog=4096)
        port: int = listening.sockets[0].getsockname()[1]
        return port

    def _on_webhook(self, body: bytes) -> None:
        webhook = orjson.loads(body)
        execution_id = webhook["execution_id"]
        if execution_id in self.seen.lateness_ms:
            self.seen.doubles += 1
        self.seen.lateness_ms[execution_id] = time.time() * 1000 - webhook["scheduled_time_ms"]
        if self._silent:
            return
        path = urlsplit(webhook["callback_url"]).path
        request = (
            f"POST {path} HTTP/1.1\r\nHost: jobhook\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(_CALLBACK)}\r\n\r\n"
        ).encode() + _CALLBACK
        if self._idle:
            self._idle.popleft().call(execution_id, request)
        else:
            self._due.append((execution_id, request))

    def _on_free(self, caller: _Caller) -> None:
        if self._due:
            caller.call(*self._due.popleft())
        else:
            self._idle.append(caller)

    def _on_answered(self, execution_id: str, accepted: bool) -> None:
        self.seen.answered_at[execution_id] = time.time()
        self.seen.refused += not accepted
