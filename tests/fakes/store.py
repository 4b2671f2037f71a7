"""A store in dictionaries that keeps every condition of the writes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from jobhook.core.executions.execution import Execution
from jobhook.core.executions.stats import OpenTallies, Tally, day_of
from jobhook.core.executions.writes import PutExecution, Write, count_of
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, JobState, ScheduledJob, Service
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import Between, ExecutionFilter, OfJob, OfService, Page, Position, Scope
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.core.schedules.rows import Fire, FireState, ScheduleRow
from jobhook.ports import WriteConflict
from tests.fakes.applying import apply
from tests.fakes.rows import Rows, holds
from tests.fakes.tripwire import Tripwire

Item = TypeVar("Item")


class MemoryStore:
    """`Store` over `rows`."""

    def __init__(self, tripwire: Tripwire | None = None) -> None:
        self.rows = Rows()
        self._tripwire = tripwire or Tripwire()

    async def commit(self, writes: Sequence[Write]) -> None:
        async with self._tripwire.around():
            lost = [write for write in writes if not holds(write, self.rows)]
            if lost:
                raise WriteConflict(lost)
            for write in writes:
                apply(write, self.rows)

    async def put_absent(self, executions: Sequence[Execution]) -> None:
        for execution in executions:
            async with self._tripwire.around():
                if execution.key not in self.rows.executions:
                    for write in (PutExecution(execution, None), count_of(execution)):
                        apply(write, self.rows)

    async def read_job(self, guid: str) -> Job | None:
        return self.rows.jobs.get(guid)

    async def read_job_state(self, guid: str) -> JobState | None:
        job = self.rows.jobs.get(guid)
        if job is None:
            return None
        holder = await self.read_lock_holder(guid, job.incarnation)
        return JobState(job, holder, self.rows.last_successes.get((guid, job.incarnation)))

    async def read_lock_holder(self, guid: str, incarnation: str) -> str | None:
        lock = self.rows.locks.get((guid, incarnation))
        return lock[0].id if lock else None

    async def read_execution(self, key: ExecutionKey) -> Execution | None:
        return self.rows.executions.get(key)

    async def read_schedule(self, expression: str) -> ScheduleRow | None:
        return self.rows.schedules.get(expression)

    async def read_schedule_by_rule(self, rule_suffix: str) -> ScheduleRow | None:
        return next((row for row in self.rows.schedules.values() if row.rule_suffix == rule_suffix), None)

    async def read_fire(self, expression: str, scheduled_time_ms: int) -> Fire | None:
        return self.rows.fires.get((expression, scheduled_time_ms))

    async def list_jobs(self, service_name: str | None, after: Position | None, limit: int) -> Page[Job]:
        mine = [job for job in self.rows.jobs.values() if service_name in (None, job.service_name)]
        return _page(mine, lambda job: (job.service_name, job.job_name), after, limit)

    async def list_services(self, after: Position | None, limit: int) -> Page[Service]:
        services = [Service(name, jobs) for name, jobs in self.rows.services.items()]
        return _page(services, lambda service: (service.service_name,), after, limit)

    async def list_schedules(self) -> Sequence[ScheduleRow]:
        return list(self.rows.schedules.values())

    async def list_scheduled_jobs(
        self, expression: str, after: Position | None, limit: int, until: Position | None = None
    ) -> Page[ScheduledJob]:
        due = [
            job.scheduled(expression)
            for job in self.rows.jobs.values()
            if job.settings.enabled
            and expression in job.settings.schedules
            and (until is None or (job.guid,) <= until[-1:])
        ]
        return _page(due, lambda job: (job.guid,), after[-1:] if after else None, limit)

    async def list_page_bounds(self, expression: str, after: Position | None, size: int, limit: int) -> Page[Position]:
        jobs = await self.list_scheduled_jobs(expression, after, size * limit)
        bounds: list[Position] = [(job.guid,) for job in jobs.items[size - 1 :: size]]
        return Page(bounds, bounds[-1] if len(bounds) == limit else None)

    async def read_page(self, key: PageKey) -> FirePage | None:
        return self.rows.pages.get(key)

    async def list_pages(self, expression: str, scheduled_time_ms: int, limit: int) -> Sequence[PageKey]:
        fire = (expression, scheduled_time_ms)
        return [key for key in self.rows.pages if (key.expression, key.scheduled_time_ms) == fire][:limit]

    async def list_executions(
        self, scope: Scope, only: ExecutionFilter, after: Position | None, limit: int
    ) -> Page[Execution]:
        found = [
            _listed(execution)
            for execution in self.rows.executions.values()
            if _within(scope, execution)
            and only.status in (None, execution.status)
            and (only.since_ms or 0) <= execution.key.scheduled_time_ms
            and (only.until_ms is None or execution.key.scheduled_time_ms <= only.until_ms)
        ]
        return _page(found, _newness, after, limit, newest_first=True)

    async def list_changes(self, guid: str | None, span: Between, after: Position | None, limit: int) -> Page[Change]:
        found = [
            change
            for change in self.rows.changes
            if guid in (None, change.guid)
            and (span.since_ms or 0) <= change.at_ms
            and (span.until_ms is None or change.at_ms <= span.until_ms)
        ]
        return _page(found, lambda change: (change.at_ms, change.id), after, limit, newest_first=True)

    async def list_tallies(self, since_day: str, until_day: str) -> Sequence[Tally]:
        return [Tally(*kind, count) for kind, count in self.rows.tallies.items() if since_day <= kind[0] <= until_day]

    async def list_open_tallies(self, since_ms: int, until_ms: int) -> OpenTallies:
        return OpenTallies(
            [
                Tally(day_of(key.scheduled_time_ms), execution.service_name, execution.status, 1)
                for key, execution in self.rows.executions.items()
                if not execution.ended and since_ms <= key.scheduled_time_ms <= until_ms
            ]
        )

    async def list_fires(self, expression: str, since_ms: int, until_ms: int, limit: int) -> Sequence[Fire]:
        mine = [fire for fire in self._fires() if fire.expression == expression]
        return [fire for fire in mine if since_ms <= fire.scheduled_time_ms <= until_ms][:limit]

    async def list_latest_fires(self, expression: str, until_ms: int, limit: int) -> Sequence[Fire]:
        mine = [fire for fire in self._fires() if fire.expression == expression]
        return [fire for fire in reversed(mine) if fire.scheduled_time_ms <= until_ms][:limit]

    async def list_open_fires(self, before_ms: int, limit: int) -> Sequence[Fire]:
        return [fire for fire in self._fires() if fire.state is FireState.OPEN and fire.created_at_ms < before_ms][
            :limit
        ]

    async def list_overdue(self, before_ms: int, limit: int) -> Sequence[Execution]:
        overdue = [
            (execution.expires_at_ms, execution.id, _listed(execution))
            for execution in self.rows.executions.values()
            if not execution.ended and execution.expires_at_ms is not None and execution.expires_at_ms < before_ms
        ]
        return [execution for *_, execution in sorted(overdue, key=lambda row: row[:2])][:limit]

    async def list_unreported(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        return [
            key
            for key, execution in sorted(self.rows.executions.items())
            if execution.ended_at_ms is not None
            and execution.ended_at_ms < before_ms
            and not execution.workflow_reported
        ][:limit]

    async def list_due_notifications(self, before_ms: int, limit: int) -> Sequence[DueNotification]:
        due = [
            (execution.notification.next_at_ms, key)
            for key, execution in self.rows.executions.items()
            if execution.notification is not None
            and execution.notification.next_at_ms is not None
            and execution.notification.next_at_ms < before_ms
        ]
        return [DueNotification(key, at_ms) for at_ms, key in sorted(due)][:limit]

    async def list_locks(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        return [key for key, taken_at_ms in sorted(self.rows.locks.values()) if taken_at_ms < before_ms][:limit]

    def _fires(self) -> list[Fire]:
        return [self.rows.fires[place] for place in sorted(self.rows.fires)]


def _page(
    items: Iterable[Item],
    position: Callable[[Item], Position],
    after: Position | None,
    limit: int,
    *,
    newest_first: bool = False,
) -> Page[Item]:
    ordered = sorted(items, key=position, reverse=newest_first)
    if after is not None:
        ordered = [item for item in ordered if (position(item) < after if newest_first else position(item) > after)]
    shown = ordered[:limit]
    return Page(shown, position(shown[-1]) if len(ordered) > limit else None)


def _newness(execution: Execution) -> Position:
    return (execution.key.scheduled_time_ms, execution.id)


def _within(scope: Scope, execution: Execution) -> bool:
    match scope:
        case OfJob(guid, incarnation):
            return (execution.key.guid, execution.key.incarnation) == (guid, incarnation)
        case OfService(service_name):
            return execution.service_name == service_name
        case None:
            return True


def _listed(execution: Execution) -> Execution:
    attempts = tuple(replace(attempt, response=None) for attempt in execution.attempts)
    return replace(
        execution,
        payload=None,
        state=None,
        state_schema=None,
        attempts=attempts,
        notify_on=(),
        notification=None,
    )
