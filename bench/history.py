"""A long history of executions, as the listings' measurement needs it: busy and quiet, healthy and broken services."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from jobhook.core.executions.execution import Attempt, Execution, Status
from jobhook.core.executions.writes import CountService, PutJob
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import Job, JobSettings, new_job
from jobhook.core.times import DAY_MS
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.store import SqliteStore

_SETTINGS = JobSettings(
    "http://127.0.0.1:9/hook", "rate(1 day)", ttl_seconds=86_400, timeout_seconds=172_800, enabled=False
)
_SPAN_MS = 60 * DAY_MS
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Share:
    """A service's part of the history: so many jobs, so much of all executions, nearly all of which end as `mostly`."""

    service_name: str
    jobs: int
    share: float
    mostly: Status = Status.SUCCESS
    sometimes: Status = Status.FAILED


SHARES = (
    Share("busy", 1, 0.4),
    Share("broken", 1, 0.4, mostly=Status.FAILED, sometimes=Status.SUCCESS),
    *(Share(f"service-{number}", 10, 0.01) for number in range(20)),
)
_SOMETIMES = 50
"""One execution in so many ends in the service's other way."""
RARE = 3
"""So many executions of a service end by timeout and as many still run, all among its oldest."""


async def write_history(data: Path, executions: int) -> None:
    """Store that many through the store, spread over the last 60 days."""
    database = Database(data / "jobhook.db", synchronous="OFF")
    store = SqliteStore(database)
    try:
        for share in SHARES:
            jobs = [_job(share, number) for number in range(share.jobs)]
            for job in jobs:
                await store.commit((PutJob(job, None), CountService(job.service_name, +1)))
            history = _executions(share, jobs, round(share.share * executions))
            while batch := list(islice(history, _BATCH)):
                await store.put_absent(batch)
    finally:
        await database.close()


def _job(share: Share, number: int) -> Job:
    return new_job(share.service_name, f"job-{number}", _SETTINGS, "one", round(time.time() * 1_000))


def _executions(share: Share, jobs: Sequence[Job], count: int) -> Iterator[Execution]:
    began_ms = round(time.time() * 1_000) - _SPAN_MS
    for number in range(count):
        at_ms = began_ms + number * _SPAN_MS // count
        yield _execution(jobs[number % len(jobs)], at_ms, _status(share, number))


def _status(share: Share, number: int) -> Status:
    if number < 2 * RARE:
        return Status.TIMED_OUT if number < RARE else Status.RUNNING
    return share.sometimes if number % _SOMETIMES == 0 else share.mostly


def _execution(job: Job, at_ms: int, status: Status) -> Execution:
    runs = status is Status.RUNNING
    return Execution(
        key=ExecutionKey(job.guid, job.incarnation, at_ms),
        service_name=job.service_name,
        job_name=job.job_name,
        schedule=job.settings.schedule,
        status=status,
        ttl_seconds=job.settings.ttl_seconds,
        invocation_target=job.settings.invocation_target,
        started_at_ms=at_ms,
        service_invoked_at_ms=at_ms,
        ended_at_ms=None if runs else at_ms + 1_000,
        expires_at_ms=at_ms + 2 * _SPAN_MS if runs else None,
        invocation_latency_ms=10,
        attempts=(Attempt(1, at_ms, "a" * 64, 200, None, 9),),
        summary="1,234 rows were written",
        workflow_reported=not runs,
    )
