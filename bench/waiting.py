"""The memory of the one-machine server while many executions wait for their callbacks (`make bench-waiting`)."""

import argparse
import asyncio
import time

from bench.server import away_from_the_minute, next_minute, put_jobs, running_server
from bench.service import LeanService


async def main() -> None:
    """Start so many executions whose service stays silent, and print the server's memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=20_000, help="jobs, each of which runs every minute")
    arguments = parser.parse_args()
    async with running_server() as server:
        service = LeanService(server.port, silent=True)
        target = f"http://127.0.0.1:{await service.start()}/hook"
        await away_from_the_minute()
        print(f"empty: {server.resident_mb()} MB")
        await put_jobs(server.api, target, arguments.jobs, ttl_seconds=86_400)
        print(f"{arguments.jobs} jobs: {server.resident_mb()} MB")
        while len(service.seen.lateness_ms) < arguments.executions:
            due = await next_minute()
            await asyncio.sleep(due + 55 - time.time())
            waiting = len(service.seen.lateness_ms)
            print(f"{waiting} executions wait: {server.resident_mb()} MB, {server.size_mb()} MB on disk")


if __name__ == "__main__":
    asyncio.run(main())
