"""The time of every listing's pages over a long history, asked of a real server over HTTP (`make bench-listings`).

The first page is the API's default of 50; then the whole listing is walked in pages of 200, the largest that there are.
A page above the aim is asked for twice more and its best time counts: what else the machine did does not come back.
"""

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from bench.history import write_history
from bench.server import running_server
from chalicelib.domain.paging import MAX_LIMIT
from chalicelib.domain.times import DAY_MS

AIM_MS = 50.0
_SCOPES = {
    "all": "/executions",
    "busy service": "/services/busy/executions",
    "broken service": "/services/broken/executions",
    "quiet service": "/services/service-7/executions",
    "job of busy": "/services/busy/jobs/job-0/executions",
    "job of broken": "/services/broken/jobs/job-0/executions",
}
_FILTERS: dict[str, dict[str, str]] = {
    "": {},
    "success": {"status": "success"},
    "failed": {"status": "failed"},
    "timed_out (3 of the oldest)": {"status": "timed_out"},
    "running (3 of the oldest)": {"status": "running"},
}


async def main() -> int:
    """1 where a page took longer than the aim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executions", type=int, default=100_000)
    arguments = parser.parse_args()

    async def fill(data: Path) -> None:
        began = time.perf_counter()
        await write_history(data, arguments.executions)
        print(f"{arguments.executions} executions stored in {time.perf_counter() - began:.0f} s")

    async with running_server(fill) as server:
        print(f"{server.size_mb()} MB on disk; ms a page")
        print(f"{'listing':<58}{'pages':>6}{'first':>7}{'middle':>8}{'last':>7}{'median':>8}{'max':>7}")
        slowest = max([await _measure(server.api, *listing) for listing in _listings()])
    print(f"the slowest page took {slowest:.0f} ms; the aim is {AIM_MS:.0f} ms")
    return 0 if slowest < AIM_MS else 1


def _listings() -> list[tuple[str, str, dict[str, str]]]:
    """Every scope with every status, alone and within ten days of the middle of the history."""
    now_ms = round(time.time() * 1_000)
    between = {"since": str(now_ms - 35 * DAY_MS), "until": str(now_ms - 25 * DAY_MS)}
    return [
        (" ".join(word for word in (scope, filtered, within) if word), path, {**query, **limits})
        for scope, path in _SCOPES.items()
        for within, limits in (("", {}), ("in 10 days", between))
        for filtered, query in _FILTERS.items()
    ]


async def _measure(api: aiohttp.ClientSession, name: str, path: str, query: dict[str, str]) -> float:
    """Print the line of a listing; the ms of its slowest page."""
    first_ms, _ = await _page(api, path, query)
    took: list[float] = []
    cursor: str | None = ""
    while cursor is not None:
        ms, cursor = await _page(api, path, {**query, "limit": str(MAX_LIMIT)} | ({"cursor": cursor} if cursor else {}))
        took.append(ms)
    middle_ms, median_ms, slowest_ms = took[len(took) // 2], statistics.median(took), max(first_ms, *took)
    pages = f"{first_ms:>7.1f}{middle_ms:>8.1f}{took[-1]:>7.1f}{median_ms:>8.1f}{slowest_ms:>7.1f}"
    print(f"{name:<58}{len(took):>6}{pages}", flush=True)
    return slowest_ms


async def _page(api: aiohttp.ClientSession, path: str, query: dict[str, str]) -> tuple[float, str | None]:
    ms, cursor = await _ask(api, path, query)
    if ms >= AIM_MS:
        ms = min(ms, *[(await _ask(api, path, query))[0] for _ in range(2)])
    return ms, cursor


async def _ask(api: aiohttp.ClientSession, path: str, query: dict[str, str]) -> tuple[float, str | None]:
    began = time.perf_counter()
    async with api.get(f"{path}?{urlencode(query)}") as answer:
        document = await answer.json()
    assert answer.status == 200, document
    return (time.perf_counter() - began) * 1_000, document["next_cursor"]


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
