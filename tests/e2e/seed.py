"""Data as a server would have left it: jobs, and a schedule that comes due at the next start, without waiting for it.

The product has no switch for this: the file is changed while no server runs.
"""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from jobhook.adapters.clock import SystemClock
from jobhook.core.jobs.job import JobSettings
from jobhook.core.times import DAY_MS
from tests.fakes.ports import CountingIds, FakeClock
from tests.patience import PATIENCE_SECONDS
from tests.server.one_machine import World

DAILY = "rate(1 day)"


def settings(target: str, *, ttl_seconds: int = 3_600, **others: object) -> JobSettings:
    base = JobSettings(target, DAILY, ttl_seconds, timeout_seconds=86_400)
    return replace(base, **others)  # type: ignore[arg-type]  # the caller names fields of JobSettings


def put_jobs(data: Path, jobs: Sequence[tuple[str, JobSettings]]) -> None:
    """Store jobs of the service `reports`."""

    async def put() -> None:
        world = World(data / "jobhook.db", FakeClock(SystemClock().now_ms()), CountingIds())
        for name, job in jobs:
            await world.put(name, job)
        await world.end()

    data.mkdir(exist_ok=True)
    asyncio.run(put())


def make_due(data: Path, *, in_seconds: int = -1) -> int:
    """Let the daily rate come due once, a second ago or so many seconds from now, and again only in a day; when.

    It is a time of its own, so it may lie a second ahead where it came due only just before.
    """
    with _opened(data) as connection, connection:
        (last_ms,) = connection.execute("SELECT coalesce(max(until_ms), 0) FROM fires").fetchone()
        due_ms: int = max((int(time.time()) + in_seconds) * 1_000, last_ms + 1_000)
        changed = connection.execute(
            "UPDATE schedules SET created_at_ms = ?1, checked_until_ms = ?1 WHERE expression = ?2",
            (due_ms - DAY_MS, DAILY),
        )
        assert changed.rowcount == 1
        connection.execute("UPDATE jobs SET effective_from_ms = ?", (due_ms - DAY_MS,))
        connection.execute("UPDATE job_schedules SET since_ms = ?", (due_ms - DAY_MS,))
    return due_ms


def let_expire(data: Path, job_names: str) -> None:
    """Let the executions of the jobs whose names are like that have waited for a callback as long as they may."""
    now_ms = SystemClock().now_ms()
    ids = "SELECT guid || '_' || incarnation || '_' || scheduled_time_ms FROM executions WHERE job_name LIKE ?"
    with _opened(data) as connection, connection:
        waiting = connection.execute(
            f"UPDATE workflows SET heartbeat_deadline_ms = ? WHERE name IN ({ids})", (now_ms, job_names)
        )
        running = connection.execute(
            "UPDATE executions SET expires_at_ms = ? WHERE job_name LIKE ?", (now_ms, job_names)
        )
        assert waiting.rowcount == running.rowcount > 0


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    """What a query finds in the file."""
    with _opened(data) as connection:
        return connection.execute(query).fetchall()


def _opened(data: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(data / "jobhook.db", timeout=PATIENCE_SECONDS))
