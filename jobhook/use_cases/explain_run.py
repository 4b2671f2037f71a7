"""GET /why: why did a job run, or not run, at a time?"""

from dataclasses import dataclass, replace

from jobhook.core.insight.why import Explanation, WhyQuery, explain
from jobhook.core.paging import ExecutionFilter, OfJob
from jobhook.core.times import SECOND_MS
from jobhook.ports import Backend
from jobhook.use_cases.read_jobs import read_job

_MOST = 50  # executions of a minute, and fires before it of which one may be a gap that reaches into it


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer, and what it was drawn from."""

    asked: WhyQuery
    explanation: Explanation


async def explain_run(backend: Backend, service_name: str, job_name: str, at_ms: int) -> Explained:
    """Why the job did or did not run in the minute of `at_ms`. Raises JobNotFound."""
    job = await read_job(backend, service_name, job_name)
    rows = [row for one in job.settings.schedules if (row := await backend.store.read_schedule(one)) is not None]
    now_ms, settle_ms = backend.clock.now_ms(), backend.settings.settle_seconds * SECOND_MS
    asked = WhyQuery(job, {row.expression: row for row in rows}, at_ms, now_ms, settle_ms)
    only = ExecutionFilter(None, asked.since_ms, asked.until_ms)
    executions = await backend.store.list_executions(OfJob(job.guid, job.incarnation), only, None, _MOST)
    covering = [
        fire
        for expression in job.settings.schedules
        for fire in await backend.store.list_latest_fires(expression, asked.until_ms, _MOST)
        if fire.until_ms >= asked.since_ms
    ]
    asked = replace(asked, executions=executions.items, fires=covering)
    return Explained(asked, explain(asked))
