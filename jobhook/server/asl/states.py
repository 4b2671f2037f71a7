"""The states of a loaded machine, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from jobhook.server.asl.error_names import RESULT_PATH_MATCH_FAILURE, RUNTIME
from jobhook.server.asl.errors import StateError
from jobhook.server.asl.paths import Path, put
from jobhook.server.asl.templates import Template
from jobhook.server.asl.values import JSON, to_text

# The longest delay that MaxDelaySeconds may name on Step Functions is just below this: 366 days.
LONGEST_DELAY_SECONDS: Final = 31_622_400


@dataclass(frozen=True, slots=True)
class Flow:
    """How data passes through a state. A path of None selects an empty object; a result path of None drops the result.

    `next` is None where the state ends the execution.
    """

    input_path: Path | None
    result_path: tuple[str, ...] | None
    output_path: Path | None
    next: str | None

    def effective_input(self, data: JSON) -> JSON:
        """What the state works on: its input after InputPath."""
        return select(self.input_path, data)

    def output(self, data: JSON, result: JSON) -> JSON:
        """What the next state gets: the result put into the input by ResultPath, then OutputPath."""
        return select(self.output_path, put_result(data, self.result_path, result))


@dataclass(frozen=True, slots=True)
class Seconds:
    """A duration of a task: the same for all executions, or selected from the state's input."""

    value: int | Path

    def of(self, data: JSON) -> int:
        """The duration in seconds; `States.Runtime` where the input holds no positive whole number there."""
        if isinstance(self.value, int):
            return self.value
        seconds = self.value.read(data, RUNTIME)
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
            raise StateError(RUNTIME, f"The path {self.value.text} must select a positive whole number of seconds")
        return seconds


@dataclass(frozen=True, slots=True)
class Retrier:
    """When and how often a failed task is tried again."""

    error_equals: tuple[str, ...]
    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int
    full_jitter: bool

    def delay_ms(self, retries: int, random: float) -> int:
        """How long to wait before the next retry, after so many by this retrier; `random` is in [0, 1)."""
        return round(self._backoff_seconds(retries) * 1000 * (random if self.full_jitter else 1))

    def _backoff_seconds(self, retries: int) -> float:
        try:
            return min(self.interval_seconds * self.backoff_rate**retries, self.max_delay_seconds)
        except OverflowError:
            return self.max_delay_seconds


@dataclass(frozen=True, slots=True)
class Catcher:
    """Where an execution goes on after a failure that no retrier takes (any more)."""

    error_equals: tuple[str, ...]
    result_path: tuple[str, ...] | None
    next: str


@dataclass(frozen=True, slots=True)
class Task:
    """A call of a function, and with `wait_for_token` the wait for what is sent on its task token."""

    name: str
    flow: Flow
    function: str
    payload: Template
    wait_for_token: bool
    timeout: Seconds
    heartbeat: Seconds | None
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """A state that hands its input, or a fixed result, on. `result` is in a tuple: JSON's null is a result too."""

    name: str
    flow: Flow
    result: tuple[JSON] | None


@dataclass(frozen=True, slots=True)
class Succeed:
    """The end of an execution that went well."""

    name: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class Text:
    """An error or cause of a Fail state: fixed, selected from the input, or the JSON text of what is selected there."""

    value: str | Path
    json_to_string: bool = False

    def of(self, data: JSON) -> str:
        """The text; `States.Runtime` where the path selects nothing, or no string unless any JSON will do."""
        if isinstance(self.value, str):
            return self.value
        selected = self.value.read(data, RUNTIME)
        if self.json_to_string:
            return to_text(selected)
        if not isinstance(selected, str):
            raise StateError(RUNTIME, f"The path {self.value.text} must select a string")
        return selected


@dataclass(frozen=True, slots=True)
class Fail:
    """The end of an execution that did not."""

    name: str
    error: Text
    cause: Text


State: TypeAlias = Task | Pass | Succeed | Fail


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine that has been checked whole; `load` makes it."""

    start_at: str
    states: Mapping[str, State]


def select(path: Path | None, data: JSON) -> JSON:
    """The part of the data that an InputPath or OutputPath selects; `States.Runtime` where there is none."""
    if path is None:
        return {}
    return path.read(data, RUNTIME) if path.keys else data


def put_result(data: JSON, result_path: tuple[str, ...] | None, result: JSON) -> JSON:
    """The state's input with its result put in by a ResultPath; `States.ResultPathMatchFailure` where it cannot be."""
    return data if result_path is None else put(data, result_path, result, RESULT_PATH_MATCH_FAILURE)
