"""`make bench-walk`: follows one job through the one-machine server, and counts what each leg of its way takes.

A leg is a PUT, the time from due to the sent webhook, a callback, and a read of the history. Counted are calls of
Jobhook's functions, distinct functions and files, and changes from one package to another from call to call. A package
is a folder of two levels, such as `jobhook/core`.
"""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from aiohttp import ClientSession, web

ROOT = Path(__file__).resolve().parents[1]
OURS = (str(ROOT / "jobhook"), str(ROOT / "chalicelib"))
HOST, PORT, SERVICE_PORT = "127.0.0.1", 18_080, 18_090
JOB = f"http://{HOST}:{PORT}/services/reports/jobs/every-minute"


class Walk:
    """The calls of Jobhook's functions while a leg is under way, in the order in which they began."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.recording = False

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """A profile function, as `sys.setprofile` takes it."""
        code = frame.f_code
        if event == "call" and self.recording and code.co_filename.startswith(OURS):
            self.calls.append((code.co_filename, code.co_qualname))

    @contextmanager
    def leg(self, title: str) -> Iterator[None]:
        """Record what happens in the block, and print its counts."""
        self.calls, self.recording = [], True
        yield
        self.recording = False
        files = {file for file, _ in self.calls}
        packages = [_package(file) for file, _ in self.calls]
        changes = sum(one != other for one, other in pairwise(packages))
        print(f"{title:<16}{len(self.calls):>8}{len(set(self.calls)):>11}{len(files):>7}{changes:>9}")


def _package(file: str) -> str:
    return "/".join(Path(file).relative_to(ROOT).parts[:-1][:2])


async def _walk(walk: Walk, data: Path) -> None:
    from jobhook.server.server import Server, ServerOptions

    webhooks: asyncio.Queue[str] = asyncio.Queue()

    async def receive(request: web.Request) -> web.Response:
        webhooks.put_nowait((await request.json())["callback_url"])
        return web.Response(status=202)

    service = web.Application()
    service.router.add_post("/", receive)
    runner = web.AppRunner(service, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, SERVICE_PORT).start()
    server = Server(ServerOptions(HOST, PORT, data))
    await server.start()
    body = {
        "schedule": "cron(* * * * ? *)",
        "invocation_target": f"http://{HOST}:{SERVICE_PORT}/",
        "ttl_seconds": 60,
    }
    print(f"{'leg':<16}{'calls':>8}{'functions':>11}{'files':>7}{'changes':>9}")
    async with ClientSession() as http:
        with walk.leg("PUT"):
            async with http.put(JOB, json=body) as answer:
                assert answer.status == 201
        with walk.leg("due to webhook"):
            callback_url = await webhooks.get()
        await asyncio.sleep(0.2)
        with walk.leg("callback"):
            async with http.post(callback_url, json={"status": "success"}) as answer:
                assert answer.status == 200
        await asyncio.sleep(0.2)
        with walk.leg("history"):
            async with http.get(f"{JOB}/executions") as answer:
                assert len((await answer.json())["results"]) == 1
    await server.stop()
    await runner.cleanup()


def main() -> None:
    """The command."""
    walk = Walk()
    threading.setprofile(walk)
    sys.setprofile(walk)
    with TemporaryDirectory() as data:
        asyncio.run(_walk(walk, Path(data)))


if __name__ == "__main__":
    main()
