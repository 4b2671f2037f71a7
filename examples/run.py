"""`make run`: starts the one-machine server and the example service, and shows what happens."""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from examples.callbacks import Event
from examples.display import Display, introduction, refuse
from examples.jobs import JOBS
from examples.server_process import ServerProcess
from examples.service import SERVICE, ExampleService

DATA = Path(__file__).resolve().parents[1] / ".jobhook" / "example"
_HOST = "127.0.0.1"
_SERVING_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Options:
    """The command line."""

    port: int
    service_port: int
    data: Path

    @property
    def api(self) -> str:
        """Jobhook's address."""
        return f"http://{_HOST}:{self.port}"


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; the exit code."""
    options = _parse(arguments)
    for port, option in ((options.port, "--port"), (options.service_port, "--service-port")):
        if not _is_free(port):
            variable = option.removeprefix("--").replace("-", "_").upper()
            return refuse(f"port {port} is taken; choose another one: {option} N, or make run {variable}=N")
    try:
        return asyncio.run(_run(options, Display(colours=sys.stdout.isatty())))
    except KeyboardInterrupt:  # before the handlers were there
        return 0


async def _run(options: Options, display: Display) -> int:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        server = await ServerProcess.start(options.port, options.data)
        stack.push_async_callback(server.stop)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        onlooker = _Onlooker(options.api, session, display)
        service = ExampleService(options.api, onlooker.see)
        stack.push_async_callback(service.close)
        try:
            # The service listens first: a run that was missed while nothing ran comes as soon as the server is up.
            await service.listen(options.service_port)
        except OSError as error:
            return refuse(f"the example service cannot listen on port {options.service_port}: {error.strerror}")
        working = asyncio.create_task(_work(options, service, session, display))
        serving = asyncio.create_task(server.print_lines(lambda line: display.line("server", line)))
        stopping = asyncio.create_task(stop.wait())
        stack.callback(working.cancel)
        await asyncio.wait({working, serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            return 0
        stopping.cancel()
        if serving.done():
            return refuse(f"the server ended by itself with exit code {serving.result()}; its last lines say why")
        return refuse(f"the jobs could not be registered: {working.exception()!r}")


async def _work(options: Options, service: ExampleService, session: aiohttp.ClientSession, display: Display) -> None:
    """Register the jobs once the server serves; goes on until cancelled."""
    await _until_serving(options.api, session)
    await service.register(f"http://{_HOST}:{options.service_port}")
    display.text(introduction(f"http://localhost:{options.port}", SERVICE, list(JOBS)))
    await asyncio.Event().wait()


class _Onlooker:
    """Prints what the service sees, and, when a run has ended, what Jobhook's history says of it."""

    def __init__(self, api: str, session: aiohttp.ClientSession, display: Display) -> None:
        self._api = api
        self._session = session
        self._display = display
        self._asking: set[asyncio.Task[None]] = set()

    def see(self, event: Event) -> None:
        """An event of the service."""
        self._display.line(event.job_name, event.what)
        if event.ended:
            task = asyncio.create_task(self._ask(event))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask(self, event: Event) -> None:
        try:
            async with self._session.get(f"{self._api}/executions/{event.execution_id}") as answer:
                execution = await answer.json()
        except aiohttp.ClientError:
            return  # everything is being stopped
        reason = f" ({execution['reason']})" if execution["reason"] else ""
        ran = f"after {execution['duration_ms'] / 1000:.1f} s, webhooks sent: {len(execution['attempts'])}"
        self._display.line(event.job_name, f"Jobhook: {execution['status']}{reason} {ran}, id {execution['id']}")


async def _until_serving(api: str, session: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(_SERVING_WITHIN_SECONDS):
        while True:
            try:
                async with session.get(f"{api}/services") as answer:
                    answer.raise_for_status()
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


def _parse(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m examples.run", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="Jobhook's port")
    parser.add_argument("--service-port", type=int, default=8090, help="the example service's port")
    parser.add_argument("--data", type=Path, default=DATA, help="where Jobhook keeps its data")
    parsed = parser.parse_args(arguments)
    return Options(parsed.port, parsed.service_port, parsed.data)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
