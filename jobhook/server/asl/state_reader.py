"""Reads one state of a definition into its value."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from jobhook.server.asl.definition import Definition
from jobhook.server.asl.error_names import RESERVED
from jobhook.server.asl.failures import catchers, retriers
from jobhook.server.asl.paths import Path
from jobhook.server.asl.states import Fail, Flow, Pass, Seconds, State, Succeed, Task, Text
from jobhook.server.asl.templates import TASK_TOKEN, Template, compile_path, compile_template, uses
from jobhook.server.asl.values import JSON

_INVOKE: Final = "arn:aws:states:::lambda:invoke"
_INVOKE_AND_WAIT: Final = "arn:aws:states:::lambda:invoke.waitForTaskToken"
# Both the highest and, where a task names none, the default TimeoutSeconds on Step Functions.
_MOST_SECONDS: Final = 99_999_999
_LONGEST_NAME: Final = 80
_JSON_TO_STRING: Final = re.compile(r"States\.JsonToString\(\s*([^\s)]*)\s*\)")


def read_state(name: str, value: JSON) -> State:
    """Read a state; `UnsupportedMachine` or `InvalidMachine` names what is refused."""
    fields = Definition(value, state=name)
    if not 1 <= len(name) <= _LONGEST_NAME:
        fields.invalid("States", f"a state's name has from 1 to {_LONGEST_NAME} characters")
    type_ = fields.text("Type")
    if type_ not in _READERS:
        fields.unsupported("Type", f"{type_!r} is not one of the supported types: {', '.join(_READERS)}")
    fields.text("Comment", "")
    state = _READERS[type_](name, fields)
    fields.finish()
    return state


def _task(name: str, fields: Definition) -> Task:
    wait_for_token = _waits(fields)
    function, payload = _parameters(fields, wait_for_token)
    timeout, heartbeat = _timeouts(fields, wait_for_token)
    return Task(
        name=name,
        flow=_flow(fields),
        function=function,
        payload=payload,
        wait_for_token=wait_for_token,
        timeout=timeout,
        heartbeat=heartbeat,
        retriers=retriers(fields),
        catchers=catchers(fields),
    )


def _pass(name: str, fields: Definition) -> Pass:
    result = (fields.take("Result"),) if "Result" in fields else None
    return Pass(name, _flow(fields), result)


def _succeed(name: str, fields: Definition) -> Succeed:
    return Succeed(name, Flow(fields.data_path("InputPath"), (), fields.data_path("OutputPath"), None))


def _fail(name: str, fields: Definition) -> Fail:
    error, cause = _text(fields, "Error"), _text(fields, "Cause")
    if isinstance(error.value, str) and error.value.startswith(RESERVED):
        fields.invalid("Error", f"names with {RESERVED} are reserved")
    return Fail(name, error, cause)


_READERS: Final[Mapping[str, Callable[[str, Definition], State]]] = MappingProxyType(
    {"Task": _task, "Pass": _pass, "Succeed": _succeed, "Fail": _fail}
)


def _flow(fields: Definition) -> Flow:
    return Flow(fields.data_path("InputPath"), fields.result_path(), fields.data_path("OutputPath"), _next(fields))


def _next(fields: Definition) -> str | None:
    if ("Next" in fields) == ("End" in fields):
        fields.invalid("Next", "a state has either Next or End")
    if "Next" in fields:
        return fields.text("Next")
    if fields.take("End") is not True:
        fields.invalid("End", "must be true")
    return None


def _waits(fields: Definition) -> bool:
    resource = fields.text("Resource")
    if resource not in (_INVOKE, _INVOKE_AND_WAIT):
        fields.unsupported("Resource", f"{resource!r} is not one of: {_INVOKE}, {_INVOKE_AND_WAIT}")
    return resource == _INVOKE_AND_WAIT


def _parameters(fields: Definition, wait_for_token: bool) -> tuple[str, Template]:
    parameters = fields.inner("Parameters")
    function = parameters.text("FunctionName")
    payload = _payload(parameters)
    if uses(payload, TASK_TOKEN) != wait_for_token:
        why = f"must hold {TASK_TOKEN}" if wait_for_token else f"{TASK_TOKEN} is known only to a waitForTaskToken task"
        parameters.invalid("Payload", why)
    parameters.finish()
    return function, payload


def _payload(parameters: Definition) -> Template:
    if "Payload.$" in parameters:
        return parameters.compiled("Payload.$", compile_path, parameters.take("Payload.$"))
    value = parameters.take("Payload") if "Payload" in parameters else {}
    return parameters.compiled("Payload", compile_template, value)


def _timeouts(fields: Definition, wait_for_token: bool) -> tuple[Seconds, Seconds | None]:
    timeout, heartbeat = _seconds(fields, "TimeoutSeconds"), _seconds(fields, "HeartbeatSeconds")
    if heartbeat is not None and timeout is None:
        fields.invalid("TimeoutSeconds", "is missing where heartbeats are asked for")
    if heartbeat is not None and not wait_for_token:
        fields.unsupported("HeartbeatSeconds", "only a waitForTaskToken task can have heartbeats")
    if timeout and heartbeat and _fixed(heartbeat) >= _fixed(timeout) > 0:
        fields.invalid("HeartbeatSeconds", "must be smaller than TimeoutSeconds")
    return timeout or Seconds(_MOST_SECONDS), heartbeat


def _seconds(fields: Definition, name: str) -> Seconds | None:
    path = f"{name}Path"
    if name in fields and path in fields:
        fields.invalid(path, f"cannot be given together with {name}")
    if path in fields:
        return Seconds(fields.path(path))
    return Seconds(fields.whole(name, 1, _MOST_SECONDS)) if name in fields else None


def _fixed(seconds: Seconds) -> int:
    """The duration where it is the same for all executions, else 0."""
    return seconds.value if isinstance(seconds.value, int) else 0


def _text(fields: Definition, name: str) -> Text:
    path = f"{name}Path"
    if name in fields and path in fields:
        fields.invalid(path, f"cannot be given together with {name}")
    if path not in fields:
        return Text(fields.text(name, ""))
    text = fields.text(path)
    call = _JSON_TO_STRING.fullmatch(text)
    return Text(fields.compiled(path, Path.parse, call[1] if call else text), json_to_string=call is not None)
