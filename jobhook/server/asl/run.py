"""An execution of a machine as a value, small enough to be one row, and what a step of it asks to be done."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

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


def to_row(run: Run) -> dict[str, Cell]:
    """The run as a flat row for a table: JSON data as text; `phase` is there to be queried and is derived."""
    return {
        "name": run.name,
        "state": run.state,
        "input": _dump(run.input),
        "entered_ms": run.entered_ms,
        "retries": ",".join(map(str, run.retries)),
        "token": run.token,
        "invoking": int(run.invoking),
        "heartbeat_deadline_ms": run.heartbeat_deadline_ms,
        "timeout_deadline_ms": run.timeout_deadline_ms,
        "retry_at_ms": run.retry_at_ms,
        "phase": run.phase.value,
        "status": run.status.value,
        "error": run.error,
        "cause": run.cause,
        "output": _dump(run.output),
    }


def from_row(row: Mapping[str, Cell]) -> Run:
    """The run that `to_row` made this row of."""
    return Run(
        name=str(row["name"]),
        state=str(row["state"]),
        input=_load(row["input"]),
        entered_ms=int(row["entered_ms"] or 0),
        retries=tuple(int(count) for count in str(row["retries"]).split(",") if count),
        token=_text(row["token"]),
        invoking=bool(row["invoking"]),
        heartbeat_deadline_ms=_number(row["heartbeat_deadline_ms"]),
        timeout_deadline_ms=_number(row["timeout_deadline_ms"]),
        retry_at_ms=_number(row["retry_at_ms"]),
        status=Status(str(row["status"])),
        error=_text(row["error"]),
        cause=_text(row["cause"]),
        output=_load(row["output"]),
    )


def _dump(value: JSON) -> str | None:
    return None if value is None else to_text(value)


def _load(cell: Cell) -> JSON:
    if cell is None:
        return None
    value: JSON = json.loads(str(cell))
    return value


def _text(cell: Cell) -> str | None:
    return None if cell is None else str(cell)


def _number(cell: Cell) -> int | None:
    return None if cell is None else int(cell)
