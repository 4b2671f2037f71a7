"""An execution: one occurrence of a job being run, from its first attempt to its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.policy import Event, Notification
from jobhook.core.targets.target import Target, stored_target
from jobhook.core.times import SECOND_MS

MAX_ATTEMPTS = 3  # as the Retry of `WebhookUnavailable` in statemachines/execution.asl.json has it


class Status(StrEnum):
    """How an execution stands; all but `pending` and `running` are final."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"
    DEAD_LETTERED = "dead_lettered"


class Trigger(StrEnum):
    """What an execution came of: its schedule, or a person who asked for a run or a retry."""

    SCHEDULE = "schedule"
    RUN = "run"
    RETRY = "retry"


OPEN = frozenset({Status.PENDING, Status.RUNNING})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery of the webhook, numbered from 1. Of its callback token only the hash is kept.

    `http_status` is None while no answer was read; `error` says why an attempt failed; `response` is the start of the
    service's answer. `refused` is the verdict that another attempt cannot help, so none follows. Listings have neither
    hash nor response.
    """

    number: int
    at_ms: int
    token_hash: str = ""
    http_status: int | None = None
    error: str | None = None
    duration_ms: int | None = None
    response: str | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Execution:
    """The record of one execution. `revision` counts its writes: each is conditioned on the one that was read.

    `task_token` is the newest task token of the state machine. At `expires_at_ms` the execution times out unless a
    heartbeat comes, at `timeout_at_ms` it times out in any case. `holds_lock` says that it holds its job's lock from
    the first attempt on. `workflow_reported` says that the state machine knows the outcome. `retry_of` and `retried_by`
    are the ids of the execution that it repeats and of the one that repeats it. `retention_days` is how long its job
    keeps it, also after the job is deleted; None: as long as the installation keeps executions. `notify_on` lists the
    events that its job reported when the execution began; `notification` is the message about its own end, None before
    the end and where the job does not ask for one.
    """

    key: ExecutionKey
    service_name: str
    job_name: str
    schedule: str
    status: Status
    ttl_seconds: int
    invocation_target: str = ""
    reason: str | None = None
    started_at_ms: int | None = None
    service_invoked_at_ms: int | None = None
    ended_at_ms: int | None = None
    expires_at_ms: int | None = None
    timeout_at_ms: int | None = None
    invocation_latency_ms: int | None = None
    attempts: tuple[Attempt, ...] = ()
    state: str | None = None
    summary: str | None = None
    correlation_id: str | None = None
    error: str | None = None
    progress: int | None = None
    payload: str | None = None
    state_schema: Mapping[str, object] | None = None
    task_token: str | None = None
    holds_lock: bool = False
    workflow_reported: bool = False
    revision: int = 1
    trigger: Trigger = Trigger.SCHEDULE
    retry_of: str | None = None
    retried_by: str | None = None
    retention_days: int | None = None
    notify_on: tuple[Event, ...] = ()
    notification: Notification | None = None
    invocation_type: str = "http"

    @property
    def target(self) -> Target:
        """Where its webhooks go."""
        return stored_target(self.invocation_type, self.invocation_target)

    @property
    def id(self) -> str:
        """The execution's id, a function of job and scheduled time."""
        return self.key.id

    @property
    def ended(self) -> bool:
        """Whether the outcome is final."""
        return self.status not in OPEN

    @property
    def not_started(self) -> bool:
        """Whether it was asked for by a person and has had no attempt yet."""
        return not self.ended and not self.attempts

    @property
    def duration_ms(self) -> int | None:
        """From the first attempt to the end; None while it runs, or where it never started."""
        if self.ended_at_ms is None or self.started_at_ms is None:
            return None
        return self.ended_at_ms - self.started_at_ms

    def expired(self, now_ms: int) -> bool:
        """Whether the time to answer is over, recorded as timed out or not yet."""
        return self.expires_at_ms is not None and now_ms >= self.expires_at_ms

    @property
    def between_attempts(self) -> bool:
        """Whether the newest attempt failed in a way that the state machine follows with another one."""
        if self.status is not Status.PENDING or not self.attempts:
            return False
        newest = self.attempts[-1]
        return newest.error is not None and not newest.refused and newest.number < MAX_ATTEMPTS

    def run(self, grace_seconds: int) -> "ExecutionInput":
        """The input of its run, where the record comes first; the timeout counts from the scheduled time."""
        scheduled_ms = self.key.scheduled_time_ms
        timeout_seconds = ((self.timeout_at_ms or scheduled_ms) - scheduled_ms) // SECOND_MS
        return ExecutionInput.of(
            self.key,
            self.service_name,
            self.job_name,
            self.schedule,
            self.ttl_seconds,
            timeout_seconds,
            grace_seconds,
        )

    def expires_from(self, now_ms: int) -> int:
        """When it expires if its ttl counts from `now_ms`: never past the timeout of the whole run."""
        until_ms = now_ms + self.ttl_seconds * SECOND_MS
        return until_ms if self.timeout_at_ms is None else min(until_ms, self.timeout_at_ms)


@dataclass(frozen=True, slots=True)
class ExecutionInput:
    """What a run of the state machine is started with: one occurrence, and the seconds that the machine reads.

    The two lengths are the job's, plus the backend's grace: on AWS the clock of a task starts before its function
    does, and the record's `expires_at_ms` is what decides over callbacks.
    """

    execution_id: str
    service_name: str
    job_name: str
    schedule: str
    scheduled_time_ms: int
    ttl_seconds: int
    heartbeat_seconds: int
    timeout_seconds: int

    @classmethod
    def of(
        cls,
        key: ExecutionKey,
        service_name: str,
        job_name: str,
        schedule: str,
        ttl_seconds: int,
        timeout_seconds: int,
        grace_seconds: int,
    ) -> "ExecutionInput":
        """The input of the run of an occurrence whose job has these lengths."""
        return cls(
            execution_id=key.id,
            service_name=service_name,
            job_name=job_name,
            schedule=schedule,
            scheduled_time_ms=key.scheduled_time_ms,
            ttl_seconds=ttl_seconds,
            heartbeat_seconds=ttl_seconds + grace_seconds,
            timeout_seconds=timeout_seconds + grace_seconds,
        )

    @property
    def key(self) -> ExecutionKey:
        """The occurrence's key; the id of an input is always one of ours."""
        key = ExecutionKey.parse(self.execution_id)
        if key is None:
            raise ValueError(f"not an execution id: {self.execution_id!r}")
        return key

    def to_json(self) -> dict[str, str | int]:
        """As the state machine's input."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> "ExecutionInput":
        """Of a state machine's input; fields that later states added are passed over. Raises KeyError, ValueError."""
        return cls(
            execution_id=str(document["execution_id"]),
            service_name=str(document["service_name"]),
            job_name=str(document["job_name"]),
            schedule=str(document["schedule"]),
            scheduled_time_ms=int(str(document["scheduled_time_ms"])),
            ttl_seconds=int(str(document["ttl_seconds"])),
            heartbeat_seconds=int(str(document["heartbeat_seconds"])),
            timeout_seconds=int(str(document["timeout_seconds"])),
        )
