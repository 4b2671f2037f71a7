"""The `Store` port on DynamoDB. Nothing here suspends."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chalicelib.dynamodb.changes import ChangeReads
from chalicelib.dynamodb.commits import Commits
from chalicelib.dynamodb.executions import ExecutionReads
from chalicelib.dynamodb.fire_pages import FirePageReads
from chalicelib.dynamodb.jobs import JobReads
from chalicelib.dynamodb.reading import Reader
from chalicelib.dynamodb.schedules import ScheduleReads
from chalicelib.dynamodb.tables import Tables
from chalicelib.dynamodb.tallies import TallyReads
from chalicelib.dynamodb.writes import Translator
from jobhook.core.executions.execution import Execution
from jobhook.core.executions.stats import OpenTallies, Tally
from jobhook.core.executions.writes import Moment, PutExecution, Write, count_of
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, JobState, ScheduledJob, Service
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import Between, ExecutionFilter, OfJob, OfService, Page, Position, Scope
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.core.schedules.rows import Fire, ScheduleRow
from jobhook.ports import WriteConflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoStore:
    """Jobs, executions and the ledger in three tables; docs/storage.md says which index serves which read."""

    def __init__(
        self,
        client: "DynamoDBClient",
        tables: Tables,
        retention_days: int = 90,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`sleep` is how a commit waits for others to be done with its items."""
        reader = Reader(client)
        self._commits = Commits(client, Translator(tables, retention_days), sleep)
        self._jobs = JobReads(reader, tables.jobs)
        self._changes = ChangeReads(reader, tables.jobs)
        self._executions = ExecutionReads(reader, tables.executions)
        self._schedules = ScheduleReads(reader, tables.schedules)
        self._pages = FirePageReads(reader, tables)
        self._tallies = TallyReads(reader, tables)

    async def commit(self, writes: Sequence[Write]) -> None:
        """DynamoDB refuses a transaction with two writes on one item. No decision has them."""
        self._commits.commit(writes)

    async def put_absent(self, executions: Sequence[Execution]) -> None:
        """Each execution is a transaction of its own."""
        for execution in executions:
            try:
                await self.commit((PutExecution(execution, None, Moment.ENDED), count_of(execution)))
            except WriteConflict:
                pass

    async def read_job(self, guid: str) -> Job | None:
        return self._jobs.job(guid)

    async def read_job_state(self, guid: str) -> JobState | None:
        return self._jobs.state(guid)

    async def read_lock_holder(self, guid: str, incarnation: str) -> str | None:
        return self._jobs.lock_holder(guid, incarnation)

    async def read_execution(self, key: ExecutionKey) -> Execution | None:
        return self._executions.execution(key)

    async def read_schedule(self, expression: str) -> ScheduleRow | None:
        return self._schedules.schedule(expression)

    async def read_schedule_by_rule(self, rule_suffix: str) -> ScheduleRow | None:
        return self._schedules.by_rule(rule_suffix)

    async def read_fire(self, expression: str, scheduled_time_ms: int) -> Fire | None:
        return self._schedules.fire(expression, scheduled_time_ms)

    async def list_jobs(self, service_name: str | None, after: Position | None, limit: int) -> Page[Job]:
        """The jobs come without payloads: the index does not hold them."""
        return self._jobs.jobs(service_name, after, limit)

    async def list_services(self, after: Position | None, limit: int) -> Page[Service]:
        return self._jobs.services(after, limit)

    async def list_schedules(self) -> Sequence[ScheduleRow]:
        return self._schedules.schedules()

    async def list_scheduled_jobs(
        self, expression: str, after: Position | None, limit: int, until: Position | None = None
    ) -> Page[ScheduledJob]:
        return self._jobs.scheduled_jobs(expression, after, limit, until)

    async def list_page_bounds(self, expression: str, after: Position | None, size: int, limit: int) -> Page[Position]:
        return self._pages.bounds(expression, after, size, limit)

    async def read_page(self, key: PageKey) -> FirePage | None:
        return self._pages.page(key)

    async def list_pages(self, expression: str, scheduled_time_ms: int, limit: int) -> Sequence[PageKey]:
        return self._pages.pages(expression, scheduled_time_ms, limit)

    async def list_executions(
        self, scope: Scope, only: ExecutionFilter, after: Position | None, limit: int
    ) -> Page[Execution]:
        match scope:
            case OfJob(guid, incarnation):
                return self._executions.of_job(ExecutionKey(guid, incarnation, 0), only, after, limit)
            case OfService(service_name):
                return self._executions.of_service(service_name, only, after, limit)
            case None:
                return self._executions.of_all(only, after, limit)

    async def list_changes(self, guid: str | None, span: Between, after: Position | None, limit: int) -> Page[Change]:
        if guid is None:
            return self._changes.of_all(span, after, limit)
        return self._changes.of_job(guid, span, after, limit)

    async def list_tallies(self, since_day: str, until_day: str) -> Sequence[Tally]:
        return self._tallies.ended(since_day, until_day)

    async def list_open_tallies(self, since_ms: int, until_ms: int) -> OpenTallies:
        return self._tallies.open(since_ms, until_ms)

    async def list_fires(self, expression: str, since_ms: int, until_ms: int, limit: int) -> Sequence[Fire]:
        return self._schedules.fires(expression, since_ms, until_ms, limit)

    async def list_latest_fires(self, expression: str, until_ms: int, limit: int) -> Sequence[Fire]:
        return self._schedules.latest_fires(expression, until_ms, limit)

    async def list_open_fires(self, before_ms: int, limit: int) -> Sequence[Fire]:
        return self._schedules.open_fires(before_ms, limit)

    async def list_overdue(self, before_ms: int, limit: int) -> Sequence[Execution]:
        return self._executions.overdue(before_ms, limit)

    async def list_unreported(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        return self._executions.unreported(before_ms, limit)

    async def list_due_notifications(self, before_ms: int, limit: int) -> Sequence[DueNotification]:
        return self._executions.due_notifications(before_ms, limit)

    async def list_locks(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        return self._jobs.locks(before_ms, limit)
