"""Small definitions, and a world whose time, tokens and randomness a test decides."""

from dataclasses import dataclass, field
from itertools import count

from jobhook.server.asl.run import InvokeFunction, Run, Step
from jobhook.server.asl.transitions import Moment
from jobhook.server.asl.values import JSON

INVOKE = "arn:aws:states:::lambda:invoke"
WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"


def callback_task(**fields: JSON) -> dict[str, JSON]:
    return {
        "Type": "Task",
        "Resource": WAIT,
        "Parameters": {"FunctionName": "send", "Payload": {"token.$": "$$.Task.Token"}},
        "TimeoutSeconds": 100,
        "HeartbeatSeconds": 10,
        "End": True,
        **fields,
    }


def function_task(**fields: JSON) -> dict[str, JSON]:
    parameters: JSON = {"FunctionName": "record", "Payload.$": "$"}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": parameters, "TimeoutSeconds": 60, "End": True, **fields}


def without(state: dict[str, JSON], *names: str) -> dict[str, JSON]:
    return {name: value for name, value in state.items() if name not in names}


def machine_of(**states: JSON) -> dict[str, JSON]:
    """A definition of these states, which starts at the first."""
    return {"StartAt": next(iter(states)), "States": states}


@dataclass
class World:
    now_ms: int = 0
    random: float = 0.5
    tokens: "count[int]" = field(default_factory=count)

    def at(self, now_ms: int) -> Moment:
        self.now_ms = now_ms
        return self.moment

    @property
    def moment(self) -> Moment:
        return Moment(self.now_ms, lambda: f"token-{next(self.tokens)}", lambda: self.random)


def token_of(run: Run) -> str:
    assert run.token is not None
    return run.token


def invocation(step: Step) -> InvokeFunction:
    (action,) = step.actions
    return action
