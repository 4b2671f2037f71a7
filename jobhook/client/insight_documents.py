"""The documents of schedules, reasons and health, as they come over the wire; docs/api.md explains every field."""

from typing import Any, Literal, TypedDict

from jobhook.client.documents import Execution, Pause, Status

Action = Literal["created", "updated", "deleted", "paused", "resumed", "run", "cancelled", "retried"]


class Schedule(TypedDict):
    """An expression that jobs share; `jobs` counts the disabled and paused ones too."""

    schedule: str
    description: str
    state: str
    jobs: int
    next_time: str | None
    next_time_ms: int | None
    exact: bool
    created_at: str
    created_at_ms: int


class Quota(TypedDict):
    """How many schedules there are, and may be; None where nothing bounds them."""

    used: int
    limit: int | None


class Schedules(TypedDict):
    """All schedules, and the quota of them."""

    results: list[Schedule]
    quota: Quota


class Fire(TypedDict):
    """A schedule that came due at a time, or did not from `scheduled_time` until `until`."""

    schedule: str
    scheduled_time: str
    scheduled_time_ms: int
    until: str
    until_ms: int
    state: str
    count: int
    reason: str | None


class Explanation(TypedDict):
    """Why a job did or did not run: `message` is the answer, `executions` and `fires` what it is drawn from."""

    service_name: str
    job_name: str
    at: str
    at_ms: int
    verdict: str
    message: str
    schedule: str
    schedules: list[str]
    due: str | None
    due_ms: int | None
    effective_from: str
    effective_from_ms: int
    enabled: bool
    pause: Pause | None
    executions: list[Execution]
    fires: list[Fire]


class BriefExecution(TypedDict):
    """An execution, to be looked up by its id."""

    id: str
    service_name: str
    job_name: str
    scheduled_time: str
    scheduled_time_ms: int
    status: Status


class Ran(TypedDict):
    """How many executions were due since a time."""

    since: str
    since_ms: int
    executions: int


class Waiting(TypedDict):
    """How many executions wait for their webhook, and for their service."""

    pending: int
    running: int


class OverdueSchedule(TypedDict):
    """A schedule that should have come due at a time, and did not."""

    schedule: str
    due: str
    due_ms: int


class Lock(TypedDict):
    """The execution that holds an exclusive job's lock."""

    execution_id: str


class Health(TypedDict):
    """How Jobhook is doing; lists and counts end at `counted_to`."""

    status: Literal["ok", "late"]
    counted_to: int
    newest_execution: BriefExecution | None
    ran: Ran
    waiting: Waiting
    overdue_executions: list[BriefExecution]
    overdue_schedules: list[OverdueSchedule]
    open_fires: list[Fire]
    locks: list[Lock]


class Criterion(TypedDict):
    """One thing that a test of a job looks at; `met` is None where it was not looked at."""

    name: str
    met: bool | None
    detail: str


class JobTestReport(TypedDict):
    """What came of a test call to a job's target; `response` is the beginning of its answer."""

    passed: bool
    criteria: list[Criterion]
    http_status: int | None
    duration_ms: int | None
    response: str | None


class Change(TypedDict):
    """What somebody did to a job; which `details` there are depends on the action."""

    service_name: str
    job_name: str
    action: Action
    at: str
    at_ms: int
    by: str | None
    version: int | None
    execution_id: str | None
    details: dict[str, Any]


class Stats(TypedDict):
    """Counts of executions: each result has `status`, `service_name` or `day` as `by` says, and `count`."""

    by: list[str]
    since: str | None
    until: str | None
    results: list[dict[str, Any]]
    total: int
