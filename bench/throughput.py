"""Executions per second and lateness of the one-machine server, callbacks and durable history on (`make bench`).

A real `jobhook serve` process, a real service in this one. First many jobs on one schedule come due in the same
minute: from the due time to the last answered callback is what the executions per second are made of. Then few jobs
are due at a time: that is what the lateness is read from.
"""

import argparse
import asyncio
import statistics
import time

from bench.server import (
    EVERY_MINUTE,
    RunningServer,
    away_from_the_minute,
    delete_jobs,
    next_minute,
    put_jobs,
    running_server,
)
from bench.service import LeanService, Seen


async def main() -> None:
    """Run both measurements and print them."""
    arguments = _arguments()
    async with running_server() as server:
        await _measure(server, arguments)


async def _measure(server: RunningServer, arguments: argparse.Namespace) -> None:
    api = server.api
    service = LeanService(server.port)
    target = f"http://127.0.0.1:{await service.start()}/hook"
    await away_from_the_minute()
    began = time.perf_counter()
    await put_jobs(api, target, arguments.jobs)
    print(f"{arguments.jobs} jobs put in {time.perf_counter() - began:.1f} s, all on {EVERY_MINUTE}")
    for minute in range(arguments.minutes):
        due = await next_minute()
        began_cpu = server.cpu_seconds()
        seen = await _all_answered(service, arguments.jobs)
        cpu_ms = (server.cpu_seconds() - began_cpu) / arguments.jobs * 1_000
        burst = _burst(seen, due, arguments.jobs)
        print(f"burst {minute + 1}: {burst}, {cpu_ms:.2f} ms of CPU each, server at {server.resident_mb()} MB")
    print(f"history: {server.size_mb()} MB on disk, synchronous=FULL")
    await delete_jobs(api, arguments.jobs)
    await away_from_the_minute()
    await put_jobs(api, target, arguments.few)
    late: list[float] = []
    for _ in range(arguments.few_minutes):
        await next_minute()
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


if __name__ == "__main__":
    asyncio.run(main())
