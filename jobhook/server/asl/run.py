"""An execution of a machine as a value, small enough to be one row, and what a step of it asks to be done."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from jobhook.server.asl.values import JSON, to_text


class Status(StrEnum):
    """How the execution stands, in Step Functions' words."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class Phase(StrEnum):
    """What the execution is at: a task under way, the wait before a retry, or its end."""

    TASK = "task"
    BACKOFF = "backoff"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Run:
    """Where an execution stands. Times are epoch milliseconds.

    `name` is the execution's, `input` the JSON data that the state was entered with. `retries` counts per retrier of
    the state. `token` names the attempt that is under way, of a task without a callback too, so that a late return of
    an earlier attempt is told apart. `invoking` says that the attempt's function has not returned: after a crash such a
    function is lost. `output` is JSON data where `status` is SUCCEEDED; `error` and `cause` are set where it is FAILED.
    An ended run keeps no input.
    """

    name: str
    state: str
    input: JSON
    entered_ms: int
    retries: tuple[int, ...] = ()
    token: str | None = None
    invoking: bool = False
    heartbeat_deadline_ms: int | None = None
    timeout_deadline_ms: int | None = None
    retry_at_ms: int | None = None
    status: Status = Status.RUNNING
    error: str | None = None
    cause: str | None = None
    output: JSON = None

    @property
    def phase(self) -> Phase:
        """What the execution is at."""
        if self.status is not Status.RUNNING:
            return Phase.ENDED
        return Phase.TASK if self.retry_at_ms is None else Phase.BACKOFF


class InvokeFunction(NamedTuple):
    """To be done: call a function with this payload, and hand its return or failure back with the attempt's token.

    `wait_for_token` says that the task goes on after the function has returned.
    """

    function: str
    payload: JSON
    wait_for_token: bool
    token: str


Action: TypeAlias = InvokeFunction


class Step(NamedTuple):
    """A transition: the run as it is now, to be stored, and then what is to be done."""

    run: Run
    actions: tuple[Action, ...] = ()


def next_deadline(run: Run) -> int | None:
    """When `due` must be called at the latest (epoch ms); None once the execution has ended."""
    times = (run.heartbeat_deadline_ms, run.timeout_deadline_ms, run.retry_at_ms)
    return min((time for time in times if time is not None), default=None)


Cell: TypeAlias = str | int | None


COLUMNS = (
    "name", "state", "input", "entered_ms", "retries", "token", "invoking", "heartbeat_deadline_ms",
    "timeout_deadline_ms", "retry_at_ms", "phase", "status", "error", "cause", "output",
)  # fmt: skip
"""The columns of a table of runs; `phase` is there to be queried and is derived."""


def to_row(run: Run) -> tuple[Cell, ...]:
    """The run as a flat row of `COLUMNS`: JSON data as text."""
    return (
        run.name,
        run.state,
        _dump(run.input),
        run.entered_ms,
        ",".join(map(str, run.retries)),
        run.token,
        int(run.invoking),
        run.heartbeat_deadline_ms,
        run.timeout_deadline_ms,
        run.retry_at_ms,
        run.phase.value,
        run.status.value,
        run.error,
        run.cause,
        _dump(run.output),
    )


def from_row(row: Iterable[Any]) -> Run:
    """The run that `to_row` made this row of."""
    (
        name, state, data, entered_ms, retries, token, invoking, heartbeat_deadline_ms, timeout_deadline_ms,
        retry_at_ms, _, status, error, cause, output,
    ) = row  # fmt: skip
    return Run(
        name,
        state,
        _load(data),
        entered_ms,
        retries=tuple(int(count) for count in retries.split(",") if count),
        token=token,
        invoking=bool(invoking),
        heartbeat_deadline_ms=heartbeat_deadline_ms,
        timeout_deadline_ms=timeout_deadline_ms,
        retry_at_ms=retry_at_ms,
        status=Status(status),
        error=error,
        cause=cause,
        output=_load(output),
    )


def _dump(value: JSON) -> str | None:
    return None if value is None else to_text(value)


def _load(text: str | None) -> JSON:
    if text is None:
        return None
    value: JSON = json.loads(text)
    return value
