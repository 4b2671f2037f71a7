"""A real `jobhook serve` process to measure, and the jobs that it is given."""

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

EVERY_MINUTE = "cron(* * * * ? *)"
Preparation = Callable[[Path], Awaitable[None]]
"""Fills the directory of data before the server starts."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The server, and a client of its API."""

    api: aiohttp.ClientSession
    port: int
    pid: int
    data: Path

    def resident_mb(self) -> int:
        """The memory that the process holds now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 2**20

    def cpu_seconds(self) -> float:
        """The processor time that the process has used: a busy machine stretches it less than the time on the wall."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def size_mb(self) -> int:
        """The size of its data on disk."""
        return sum(file.stat().st_size for file in self.data.iterdir()) // 2**20


@asynccontextmanager
async def running_server(prepare: Preparation | None = None) -> AsyncIterator[RunningServer]:
    """A server on a free port with new data, which may be prepared; it is stopped and its data removed at the end."""
    with tempfile.TemporaryDirectory(prefix="jobhook-bench-") as data:
        if prepare is not None:
            await prepare(Path(data))
        port = _free_port()
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "jobhook.cli.main", "serve", "--port", str(port), "--data", data
        )
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as api:
                await _until_up(api)
                yield RunningServer(api, port, server.pid, Path(data))
        finally:
            server.terminate()
            await server.wait()


async def _until_up(api: aiohttp.ClientSession) -> None:
    for _ in range(200):
        try:
            async with api.get("/jobs"):
                return
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.05)
    raise SystemExit("the server did not come up")


async def put_jobs(api: aiohttp.ClientSession, target: str, count: int, ttl_seconds: int = 60) -> None:
    """Put so many jobs on one schedule."""

    async def put(number: int) -> None:
        body = {"invocation_target": target, "schedule": EVERY_MINUTE, "ttl_seconds": ttl_seconds, "payload": "bench"}
        async with api.put(f"/services/bench/jobs/job-{number}", json=body) as response:
            assert response.status == 201, await response.text()

    await _side_by_side([put(number) for number in range(count)])


async def delete_jobs(api: aiohttp.ClientSession, count: int) -> None:
    """Delete them."""

    async def delete(number: int) -> None:
        async with api.delete(f"/services/bench/jobs/job-{number}") as response:
            assert response.status == 204

    await _side_by_side([delete(number) for number in range(count)])


async def _side_by_side(calls: Sequence[Coroutine[object, object, None]], width: int = 16) -> None:
    gate = asyncio.Semaphore(width)

    async def one(call: Coroutine[object, object, None]) -> None:
        async with gate:
            await call

    await asyncio.gather(*(one(call) for call in calls))


async def away_from_the_minute() -> None:
    """Wait until a minute has just begun, so that nothing comes due while jobs are being put."""
    await asyncio.sleep(60.5 - time.time() % 60)


async def next_minute() -> float:
    """Wait for the next due time; its epoch seconds."""
    due = (time.time() // 60 + 1) * 60
    await asyncio.sleep(due - time.time())
    return due


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
