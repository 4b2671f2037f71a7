"""Large fires under the guards of Lambda and SQS: every job starts, once, and no chain of invocations grows."""

from bisect import bisect_right
from dataclasses import replace

import pytest

from chalicelib.events import Event
from chalicelib.sync_runner import run_to_end
from jobhook.core.identities import ExecutionKey, job_guid
from jobhook.core.jobs.job import ScheduledJob
from jobhook.core.paging import Page, Position
from jobhook.core.schedules.pages import PageKey
from jobhook.core.schedules.rows import FireState, ScheduleRow
from jobhook.ports import Backend
from jobhook.use_cases.put_job import put_job
from tests.chalicelib.lambda_guards import LOOP_GUARD, Account
from tests.fakes import flow
from tests.fakes.backend import START_MS
from tests.fakes.store import MemoryStore

DAILY = "cron(0 8 * * ? *)"  # the reconciler finds no other fire of it


class IndexedStore(MemoryStore):
    """The jobs of one schedule in the order of their index, so that a page costs a page."""

    def __init__(self) -> None:
        super().__init__()
        self._index: list[ScheduledJob] = []
        self._guids: list[str] = []

    def index(self) -> None:
        """Take the jobs as they are now."""
        self._index = sorted((job.scheduled(DAILY) for job in self.rows.jobs.values()), key=lambda job: job.guid)
        self._guids = [job.guid for job in self._index]

    async def list_scheduled_jobs(
        self, expression: str, after: Position | None, limit: int, until: Position | None = None
    ) -> Page[ScheduledJob]:
        first = bisect_right(self._guids, str(after[-1])) if after else 0
        last = bisect_right(self._guids, str(until[-1])) if until else len(self._guids)
        shown = self._index[first : min(last, first + limit)]
        return Page(shown, (shown[-1].guid,) if first + limit < last else None)


def _account(jobs: int) -> Account:
    """An account with so many jobs on one expression, long enough ago that all take part."""
    store = IndexedStore()
    account = Account(store)
    account.clock.time_ms = START_MS - flow.MINUTE
    made = run_to_end(put_job(account.backend, "reports", "job-0", replace(flow.PLAIN, schedule=DAILY))).job
    account.clock.time_ms = START_MS
    for number in range(1, jobs):
        name = f"job-{number}"
        guid = job_guid("reports", name)
        store.rows.jobs[guid] = replace(made, guid=guid, job_name=name)
    store.index()
    return account


def _row(account: Account) -> ScheduleRow:
    return account.store.rows.schedules[DAILY]


def _assert_all_started(account: Account, jobs: int) -> None:
    fire = account.store.rows.fires[DAILY, START_MS]
    assert (fire.state, fire.count) == (FireState.DONE, jobs)
    assert len(account.workflows.started) == jobs
    assert not account.store.rows.pages
    assert (account.loops_dropped, account.dead_letters, account.failed_events) == ([], [], [])


@pytest.mark.parametrize("twice", [False, True])
def test_3000_jobs_on_one_expression_all_start(twice: bool) -> None:
    account = _account(3_000)
    account.twice = twice
    account.fire(_row(account))
    account.run()
    _assert_all_started(account, 3_000)
    assert account.workflows.calls.total() == 3_000


def test_runs_that_are_refused_at_first_are_retried_alone() -> None:
    """Pages of each batch fail in part. The retries are the same messages, so that they lengthen no chain."""
    account = _account(3_000)
    refused = _ids(account)[::70]
    account.workflows.refusals.update(dict.fromkeys(refused, 2))
    account.fire(_row(account))
    pages = account.queue.sent
    account.run()
    _assert_all_started(account, 3_000)
    assert account.workflows.calls.total() == 3_000 + 2 * len(refused)
    assert account.queue.sent == pages


def test_functions_that_run_out_of_time_leave_no_job_unstarted() -> None:
    account = _account(3_000)
    account.workflows.deaths = {50, 1_234, 2_345}
    account.fire(_row(account))
    account.run()
    _assert_all_started(account, 3_000)
    assert not account.workflows.deaths
    assert account.workflows.calls.total() <= 3_000 + 3 * account.backend.settings.page_size


def test_100000_jobs_start_with_one_call_each_while_the_reconciler_runs_beside_them() -> None:
    account = _account(100_000)
    account.fire(_row(account))
    account.run()
    _assert_all_started(account, 100_000)
    assert account.workflows.calls.total() == 100_000
    assert account.reconciled >= 2
    assert account.clock.time_ms - START_MS < 700_000


def test_the_harness_drops_a_function_that_feeds_its_own_queue() -> None:
    account = _account(1)
    invoked = 0

    def feed_itself(backend: Backend, event: Event) -> dict[str, object]:
        nonlocal invoked
        invoked += 1
        run_to_end(backend.start_queue.send([PageKey(DAILY, START_MS, f"page-{invoked}")]))
        return {"batchItemFailures": []}

    account.start_pages = feed_itself
    run_to_end(account.backend.start_queue.send([PageKey(DAILY, START_MS, "page-0")]))
    account.run()
    assert invoked == LOOP_GUARD
    assert len(account.loops_dropped) == 1


def _ids(account: Account) -> list[str]:
    """The ids of the runs of all jobs."""
    return [ExecutionKey(job.guid, job.incarnation, START_MS).id for job in account.store.rows.jobs.values()]
