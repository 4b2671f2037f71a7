"""Executions per second and lateness of the one-machine server, callbacks and durable history on (`make bench`).

A real `jobhook serve` process, a real service in this one. First many jobs on one schedule come due in the same
minute: from the due time to the last answered callback is what the executions per second are made of. Then few jobs
are due at a time: that is what the lateness is read from.
"""

import argparse
import asyncio
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path

import aiohttp

from bench.service import LeanService, Seen

_EVERY_MINUTE = "cron(* * * * ? *)"


async def main() -> None:
    """Run both measurements and print them."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="jobhook-bench-") as data:
        port = _free_port()
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "jobhook.cli.main", "serve", "--port", str(port), "--data", data
        )
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as api:
                await _until_up(api)
                await _measure(api, port, server.pid, Path(data), arguments)
        finally:
            server.terminate()
            await server.wait()


async def _measure(api: aiohttp.ClientSession, port: int, pid: int, data: Path, arguments: argparse.Namespace) -> None:
    service = LeanService(port)
    target = f"http://127.0.0.1:{await service.start()}/hook"
    await _away_from_the_minute()
    began = time.perf_counter()
    await _put_jobs(api, target, arguments.jobs, _EVERY_MINUTE)
    print(f"{arguments.jobs} jobs put in {time.perf_counter() - began:.1f} s, all on {_EVERY_MINUTE}")
    for minute in range(arguments.minutes):
        due = await _next_minute()
        seen = await _all_answered(service, arguments.jobs)
        print(f"burst {minute + 1}: {_burst(seen, due, arguments.jobs)}, server at {_resident_mb(pid)} MB")
    print(f"history: {_size_mb(data)} MB on disk, synchronous=FULL")
    await _delete_jobs(api, arguments.jobs)
    await _away_from_the_minute()
    await _put_jobs(api, target, arguments.few, _EVERY_MINUTE)
    late: list[float] = []
    for _ in range(arguments.few_minutes):
        await _next_minute()
        seen = await _all_answered(service, arguments.few)
        late += seen.lateness_ms.values()
    print(f"few due ({arguments.few} jobs, {arguments.few_minutes} minutes): {_lateness(late)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=5_000, help="jobs that come due together")
    parser.add_argument("--minutes", type=int, default=2, help="bursts to measure")
    parser.add_argument("--few", type=int, default=10, help="jobs due at a time in the second part")
    parser.add_argument("--few-minutes", type=int, default=2, help="minutes of the second part")
    return parser.parse_args()


async def _until_up(api: aiohttp.ClientSession) -> None:
    for _ in range(200):
        try:
            async with api.get("/jobs"):
                return
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.05)
    raise SystemExit("the server did not come up")


async def _put_jobs(api: aiohttp.ClientSession, target: str, count: int, schedule: str) -> None:
    async def put(number: int) -> None:
        body = {"invocation_target": target, "schedule": schedule, "ttl_seconds": 60, "payload": "bench"}
        async with api.put(f"/services/bench/jobs/job-{number}", json=body) as response:
            assert response.status == 201, await response.text()

    await _side_by_side([put(number) for number in range(count)])


async def _delete_jobs(api: aiohttp.ClientSession, count: int) -> None:
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


async def _away_from_the_minute() -> None:
    """Wait until a minute has just begun, so that nothing comes due while jobs are being put."""
    await asyncio.sleep(60.5 - time.time() % 60)


async def _next_minute() -> float:
    due = (time.time() // 60 + 1) * 60
    await asyncio.sleep(due - time.time())
    return due


async def _all_answered(service: LeanService, count: int) -> Seen:
    began = time.time()
    while len(service.seen.answered_at) < count:
        if time.time() - began > 50:
            raise SystemExit(f"only {len(service.seen.answered_at)} of {count} executions ended within 50 s")
        await asyncio.sleep(0.05)
    seen, service.seen = service.seen, Seen()
    return seen


def _burst(seen: Seen, due: float, count: int) -> str:
    took = max(seen.answered_at.values()) - due
    flaws = f", {seen.doubles} doubled, {seen.refused} refused" if seen.doubles or seen.refused else ""
    lateness = _lateness(list(seen.lateness_ms.values()))
    return f"{count / took:,.0f} executions/s ({count} in {took:.2f} s), {lateness}{flaws}"


def _lateness(late_ms: list[float]) -> str:
    cuts = statistics.quantiles(late_ms, n=100)
    return f"lateness p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"


def _resident_mb(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def _size_mb(data: Path) -> int:
    return sum(file.stat().st_size for file in data.iterdir()) // 2**20


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    asyncio.run(main())
