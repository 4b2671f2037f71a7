"""A one-machine server in a thread of the test's own process, whose schedules come due when the test says so."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobhook.server.server import Server, ServerOptions
from jobhook.use_cases.dispatch_schedule import dispatch_schedule
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port


class Live:
    """The server; `url` is its address."""

    def __init__(self, data: Path, *, signed: bool) -> None:
        port = own_port()
        self.url = f"http://127.0.0.1:{port}"
        self.data = data
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._server = Server(ServerOptions("127.0.0.1", port, data, signed=signed, synchronous="OFF"))

    def start(self) -> None:
        self._thread.start()
        self._do(self._server.start())
        self._do(self._server.backend.rules.stop())  # else a test that goes on over a whole minute sees it fire

    def stop(self) -> None:
        self._do(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def fire(self, expression: str) -> None:
        """Have a schedule come due now; returns when its webhooks were answered."""
        self._do(self._fire(expression))

    def settle(self) -> None:
        """Wait until the webhooks of what was started are answered."""
        self._do(self._server.backend.workflows.idle())

    async def _fire(self, expression: str) -> None:
        backend = self._server.backend
        row = await backend.store.read_schedule(expression)
        assert row is not None, expression
        await dispatch_schedule(backend, row, backend.clock.now_ms())
        await backend.workflows.idle()

    def _do(self, work: Coroutine[object, object, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)


@contextmanager
def live(data: Path, *, signed: bool = False) -> Iterator[Live]:
    """A server that serves while the block runs."""
    server = Live(data, signed=signed)
    server.start()
    try:
        yield server
    finally:
        server.stop()
