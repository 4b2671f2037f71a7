"""What the use cases need of the world, as Protocols; the adapters are in `chalicelib` and `jobhook/server`.

Every port is awaited, so that an event loop is never blocked. The AWS adapters never suspend, so that a Lambda function
runs a use case to its end without a loop (`chalicelib/sync_runner.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jobhook.core.executions.decisions import CompleteTask, Decision
from jobhook.core.executions.execution import Execution, ExecutionInput
from jobhook.core.executions.stats import OpenTallies, Tally
from jobhook.core.executions.writes import Write
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, JobState, ScheduledJob, Service
from jobhook.core.notifications.policy import DueNotification
from jobhook.core.paging import Between, ExecutionFilter, Page, Position, Scope
from jobhook.core.schedules.pages import FirePage, PageKey
from jobhook.core.schedules.rows import Fire, ScheduleRow
from jobhook.core.targets.answer import Answer
from jobhook.core.targets.networks import PUBLIC_ONLY, TargetNetworks
from jobhook.core.targets.target import Message
from jobhook.core.work_limit import WorkLimit


class WriteConflict(Exception):
    """Somebody else wrote first, and nothing of this commit was applied: read again, decide again.

    `lost` has the hard writes whose conditions did not hold; it is empty where the store cannot tell.
    """

    def __init__(self, lost: Sequence[Write] = ()) -> None:
        self.lost = tuple(lost)
        super().__init__(", ".join(type(write).__name__ for write in lost) or "a condition was lost")


class TaskGone(Exception):
    """The state machine waits on that task token no more: it timed out, ended, or went on to another attempt."""


class RuleRefused(Exception):
    """The backend does not take this schedule expression, or has no room for another; the text says why."""


class Store(Protocol):
    """Jobs, executions and the ledger, read. Reads by key are consistent; listings may lag by moments."""

    async def put_absent(self, executions: Sequence[Execution]) -> None:
        """Store and count those that have no record yet; each by itself, and again it changes nothing.

        All of them have ended.
        """

    async def read_job(self, guid: str) -> Job | None:
        """A job's configuration."""

    async def read_job_state(self, guid: str) -> JobState | None:
        """A job with the lock and last success of its present incarnation."""

    async def read_lock_holder(self, guid: str, incarnation: str) -> str | None:
        """The id of the execution that holds the lock of that job's incarnation, the job deleted or not."""

    async def read_execution(self, key: ExecutionKey) -> Execution | None:
        """An execution's whole record."""

    async def read_schedule(self, expression: str) -> ScheduleRow | None:
        """The row of an expression."""

    async def read_schedule_by_rule(self, rule_suffix: str) -> ScheduleRow | None:
        """The row whose rule has that suffix (`ScheduleRow.rule_suffix`)."""

    async def read_fire(self, expression: str, scheduled_time_ms: int) -> Fire | None:
        """The fire of a schedule at one nominal time."""

    async def list_jobs(self, service_name: str | None, after: Position | None, limit: int) -> Page[Job]:
        """Jobs of a service, or of all, by service and job name. Positions: (service, job)."""

    async def list_services(self, after: Position | None, limit: int) -> Page[Service]:
        """Services that have jobs, by name. Positions: (service,)."""

    async def list_schedules(self) -> Sequence[ScheduleRow]:
        """Every schedule; their number is bounded by the quota of rules."""

    async def list_scheduled_jobs(
        self, expression: str, after: Position | None, limit: int, until: Position | None = None
    ) -> Page[ScheduledJob]:
        """The enabled jobs of a schedule, in a stable order; those up to and including position `until`, if given.

        Positions are the store's own (strings and ints).
        """

    async def list_page_bounds(self, expression: str, after: Position | None, size: int, limit: int) -> Page[Position]:
        """The positions that divide the enabled jobs of a schedule into pages of `size`; at most `limit` of them.

        `next_after` is the last of them, None where fewer than `size` jobs follow it. The jobs themselves are not read.
        """

    async def read_page(self, key: PageKey) -> FirePage | None:
        """A page of a fire that has not been started."""

    async def list_pages(self, expression: str, scheduled_time_ms: int, limit: int) -> Sequence[PageKey]:
        """The pages of a fire that have not been started, in any order."""

    async def list_executions(
        self, scope: Scope, only: ExecutionFilter, after: Position | None, limit: int
    ) -> Page[Execution]:
        """Executions of one job's incarnation, of a service, or of all.

        Newest scheduled time first, then id, descending. Without payload, state, state_schema, response bodies, and
        what is to be told of them.
        Positions: (scheduled_time_ms, id).
        """

    async def list_changes(self, guid: str | None, span: Between, after: Position | None, limit: int) -> Page[Change]:
        """Changes of the jobs that had that guid, or of all (None), newest first, then id, descending.

        Positions: (at_ms, id).
        """

    async def list_tallies(self, since_day: str, until_day: str) -> Sequence[Tally]:
        """What has ended of what was scheduled on those days (`2026-11-21`), both included.

        In any order; several of the same day, service and status add up.
        """

    async def list_open_tallies(self, since_ms: int, until_ms: int) -> OpenTallies:
        """What has not ended of what was scheduled between those instants, both included; likewise."""

    async def list_fires(self, expression: str, since_ms: int, until_ms: int, limit: int) -> Sequence[Fire]:
        """Fires of a schedule with since <= scheduled_time_ms <= until, oldest first."""

    async def list_latest_fires(self, expression: str, until_ms: int, limit: int) -> Sequence[Fire]:
        """Fires of a schedule with scheduled_time_ms <= until, newest first."""

    async def list_open_fires(self, before_ms: int, limit: int) -> Sequence[Fire]:
        """Fires created before that instant that are not done."""

    async def list_overdue(self, before_ms: int, limit: int) -> Sequence[Execution]:
        """Open executions whose `expires_at_ms` lies before that instant, oldest first; as listings show them."""

    async def list_unreported(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        """Executions that ended before that instant and of which the state machine is not known to know."""

    async def list_due_notifications(self, before_ms: int, limit: int) -> Sequence[DueNotification]:
        """Pending notifications of which an attempt may be made before that instant, those first that wait longest."""

    async def list_locks(self, before_ms: int, limit: int) -> Sequence[ExecutionKey]:
        """The holders of locks taken before that instant."""


class Rules(Protocol):
    """The rules that fire schedules: EventBridge's, or the clock of one machine."""

    async def put(self, row: ScheduleRow) -> None:
        """Make the schedule's rule stand; again is harmless while it is being made. Raises RuleRefused."""

    async def remove(self, rule_suffix: str) -> None:
        """Remove the rule of that suffix and its targets; a rule that is not there is no error."""


@dataclass(frozen=True, slots=True)
class WorkflowEnd:
    """How the state machine ended a run: `error` is None for success, `run` what it was started with if still known."""

    error: str | None
    cause: str | None = None
    run: ExecutionInput | None = None


class Workflows(Protocol):
    """Runs of the state machine, each named by its execution's id."""

    async def start(self, runs: Sequence[ExecutionInput]) -> Sequence[ExecutionInput]:
        """Start them; one that was started before is done already. Returns those that could not be started."""

    async def heartbeat(self, task_token: str) -> None:
        """Let the task wait on. Raises TaskGone."""

    async def complete_task(self, end: CompleteTask) -> None:
        """End the task. Raises TaskGone."""

    async def describe_end(self, execution_id: str) -> WorkflowEnd | None:
        """How the run ended; None while it runs. A run that is not known (any more) ended with `Unknown`."""

    async def list_failed(self, since_ms: int) -> Sequence[str]:
        """Ids of runs that ended other than by success since then, where the backend keeps them."""


class Effects(Protocol):
    """Carries decisions out: the one way in which use cases write.

    The steps of a decision follow each other in their stated order, or are one transaction, as on one machine.
    """

    async def carry_out(self, decision: Decision) -> None:
        """Raises TaskGone (the heartbeat found no task; nothing was written) or WriteConflict."""


class Sender(Protocol):
    """Sends what targets of one kind have rendered, and only where `Settings.target_networks` lets it.

    `http`: a host is looked up once, all its addresses are judged, and one of these is connected to.
    Asks no proxy; follows no redirects; reads at most `ANSWER_READ_BYTES`; ends within `ANSWER_WITHIN_SECONDS`.
    """

    async def send(self, message: Message) -> Answer:
        """Send it and read what comes back. Never raises for what the other side does."""


class StartQueue(Protocol):
    """Hands on the pages of a fire that dispatch does not start itself."""

    async def send(self, pages: Sequence[PageKey]) -> None:
        """Each page reaches `start_page` at least once, at a bounded pace."""


class Clock(Protocol):
    """The time."""

    def now_ms(self) -> int:
        """Epoch milliseconds, UTC."""


class Ids(Protocol):
    """What must not be guessed or repeated."""

    def incarnation(self) -> str:
        """A new incarnation or generation: 12 characters of a-z and 0-9."""

    def secret(self) -> str:
        """A callback token's secret: 256 random bits as 43 characters of base64url."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between installations.

    `base_url` is the API's address in callback URLs, without a trailing slash. `heartbeat_grace_seconds` is added to
    what the state machine waits. `page_size` is how many jobs dispatch starts at once, `retry_limit` how often a lost
    condition is met by deciding again. `settle_seconds` is how long the ordinary paths are given before the reconciler
    steps in. `rates_keep_phase` says that a rate's times follow from its row, as on one machine; EventBridge does not
    tell a rate's phase. `lead_ms` is how long after a change a job takes part in its schedule: dispatch must find it by
    then. `rule_quota` is how many schedules there may be, None where nothing bounds them. `target_networks` is what
    webhooks may reach.
    """

    base_url: str
    heartbeat_grace_seconds: int = 15
    page_size: int = 100
    retry_limit: int = 8
    settle_seconds: int = 300
    rates_keep_phase: bool = False
    lead_ms: int = 0
    rule_quota: int | None = None
    target_networks: TargetNetworks = PUBLIC_ONLY


class Backend(Protocol):
    """All ports of one installation. A Lambda function makes only those that its use case touches."""

    @property
    def store(self) -> Store:
        """Where jobs, executions and the ledger are."""

    @property
    def rules(self) -> Rules:
        """What fires schedules."""

    @property
    def workflows(self) -> Workflows:
        """The state machine."""

    @property
    def effects(self) -> Effects:
        """What carries decisions out."""

    @property
    def senders(self) -> Mapping[str, Sender]:
        """The way to the services: one sender for each kind of target."""

    @property
    def start_queue(self) -> StartQueue:
        """The way to later invocations of dispatch."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def ids(self) -> Ids:
        """New ids and secrets."""

    @property
    def work_limit(self) -> WorkLimit:
        """The bound on the time of checks by JSON Schema."""

    @property
    def settings(self) -> Settings:
        """This installation's settings."""
