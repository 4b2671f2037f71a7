"""Writes as values: what a decision changes in storage, each with the condition under which it may.

A store applies all writes of one commit or none. A hard condition that does not hold loses the whole commit
(`WriteConflict`): read again, decide again. A *soft* write is passed over where its condition does not hold.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from jobhook.core.executions.execution import Execution, Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.audit import Change
from jobhook.core.jobs.job import Job, LastSuccess
from jobhook.core.schedules.pages import FirePage
from jobhook.core.schedules.rows import Fire, RuleState, ScheduleRow


class HardWrite:
    """A write whose condition must hold: where it does not, the whole commit is lost."""

    __slots__ = ()
    soft: ClassVar[bool] = False


class SoftWrite:
    """A write that is passed over where its condition does not hold."""

    __slots__ = ()
    soft: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class PutJob(HardWrite):
    """Store a job's configuration, if its stored version is `if_version` (None: if there is no such job).

    The stored incarnation must be the job's: one deleted and made again meanwhile has the first version once more.
    Touches neither the lock nor the last success; a job's first version starts with none of either. `left` are the
    schedules that the stored version has and this one has not.
    """

    job: Job
    if_version: int | None
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DropJob(HardWrite):
    """Remove a job's configuration and last success, if its stored version is the one given. Locks stay."""

    job: Job


@dataclass(frozen=True, slots=True)
class CountService(HardWrite):
    """Add `delta` to the service's number of jobs; a service with none is listed no more."""

    service_name: str
    delta: int


@dataclass(frozen=True, slots=True)
class CountSchedule(HardWrite):
    """Add `delta` to the schedule's number of jobs, if that generation stands and is not being removed.

    Counting a job in makes the schedule `active`.
    """

    expression: str
    generation: str
    delta: int


@dataclass(frozen=True, slots=True)
class PutSchedule(HardWrite):
    """Store a schedule's row, if what is stored has the generation `if_generation` (None: no row), state and count.

    `if_state` and `if_jobs` are looked at only where a generation is given.
    """

    row: ScheduleRow
    if_generation: str | None = None
    if_state: RuleState | None = None
    if_jobs: int = 0


@dataclass(frozen=True, slots=True)
class DropSchedule(HardWrite):
    """Remove a schedule's row, if that generation is still in the given state and no job counts on it."""

    expression: str
    generation: str
    if_state: RuleState


@dataclass(frozen=True, slots=True)
class CheckedUntil(SoftWrite):
    """Move a schedule's `checked_until_ms` forward. Soft: never back, and only that generation's."""

    expression: str
    generation: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class PutFire(HardWrite):
    """Store a fire that has no row yet."""

    fire: Fire


@dataclass(frozen=True, slots=True)
class FireDone(SoftWrite):
    """Mark a fire as dispatched, adding `count` started executions. Soft: only where it is open.

    `counted` is how many were counted before, for those who watch.
    """

    expression: str
    scheduled_time_ms: int
    count: int
    counted: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CountStarted(SoftWrite):
    """Add `count` executions to those that a fire started, and note when it last made progress.

    Soft: only where the fire has a row.
    """

    expression: str
    scheduled_time_ms: int
    count: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class PutPage(HardWrite):
    """Store a page of a fire, if its stored revision is `if_revision` (None: if there is no such page)."""

    page: FirePage
    if_revision: int | None = None


@dataclass(frozen=True, slots=True)
class DropPage(HardWrite):
    """Remove a page of a fire, if its stored revision is the one given."""

    page: FirePage


class Moment(StrEnum):
    """What has happened to an execution when its record is stored."""

    BEGAN = "began"
    HEARTBEAT = "beat"
    ENDED = "ended"
    NOTIFIED = "notified"


@dataclass(frozen=True, slots=True)
class PutExecution(HardWrite):
    """Store an execution's record, if its stored revision is `if_revision` (None: if there is no such record).

    `moment` is for those who watch; what is stored does not depend on it.
    """

    execution: Execution
    if_revision: int | None
    moment: Moment | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MarkReported(SoftWrite):
    """Note that the state machine knows how the execution ended. Soft: only where it has ended."""

    key: ExecutionKey


@dataclass(frozen=True, slots=True)
class TakeLock(HardWrite):
    """Take the exclusive job's lock for an execution, if nobody holds it."""

    key: ExecutionKey
    taken_at_ms: int


@dataclass(frozen=True, slots=True)
class FreeLock(SoftWrite):
    """Free the exclusive job's lock. Soft: only where that execution holds it."""

    key: ExecutionKey


@dataclass(frozen=True, slots=True)
class SaveLastSuccess(SoftWrite):
    """Keep the last success of a job's incarnation. Soft: only forward in scheduled time, and while the job exists."""

    guid: str
    incarnation: str
    success: LastSuccess


@dataclass(frozen=True, slots=True)
class PutChange(HardWrite):
    """Record who did what to a job, together with what was done; never lost by itself."""

    change: Change


@dataclass(frozen=True, slots=True)
class CountEnded(HardWrite):
    """Count an execution that ends with that status, in the commit that ends or records it; never lost by itself."""

    key: ExecutionKey
    service_name: str
    status: Status


def count_of(ended: Execution) -> CountEnded:
    """What goes with the first write of an ended record."""
    return CountEnded(ended.key, ended.service_name, ended.status)


Write = (
    PutJob
    | DropJob
    | CountService
    | CountSchedule
    | PutSchedule
    | DropSchedule
    | CheckedUntil
    | PutFire
    | FireDone
    | CountStarted
    | PutPage
    | DropPage
    | PutExecution
    | MarkReported
    | TakeLock
    | FreeLock
    | SaveLastSuccess
    | PutChange
    | CountEnded
)
