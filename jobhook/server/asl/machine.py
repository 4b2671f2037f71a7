"""Loads a state machine definition: every state is read, and the whole is checked, before anything runs."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from jobhook.server.asl.definition import Definition
from jobhook.server.asl.errors import InvalidMachine
from jobhook.server.asl.state_reader import read_state
from jobhook.server.asl.states import Fail, Machine, Pass, State, Succeed, Task
from jobhook.server.asl.values import JSON

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


def load(definition: Mapping[str, JSON], substitutions: Mapping[str, str] = MappingProxyType({})) -> Machine:
    """Read an Amazon States Language document (JSONPath), with each `${Name}` replaced as CloudFormation does.

    Raises `UnsupportedMachine` for what the engine does not have and `InvalidMachine` for what breaks the
    language's rules; both name the state and the field. Nothing is ever ignored.
    """
    top = Definition(_substitute(definition, substitutions))
    start_at = top.text("StartAt")
    listed = top.take("States")
    _check_top(top)
    if not isinstance(listed, Mapping):
        raise InvalidMachine(None, "States", "must be an object")
    states = {name: read_state(name, value) for name, value in listed.items()}
    _check_targets(start_at, states)
    _check_reachable(start_at, states)
    _check_loops(states)
    return Machine(start_at, MappingProxyType(states))


def _check_top(top: Definition) -> None:
    top.text("Comment", "")
    if top.text("Version", "1.0") != "1.0":
        top.invalid("Version", "must be 1.0")
    if top.text("QueryLanguage", "JSONPath") != "JSONPath":
        top.unsupported("QueryLanguage", "only JSONPath is supported")
    top.finish()


def _substitute(value: JSON, substitutions: Mapping[str, str]) -> JSON:
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _substitution(found[1], substitutions), value)
    if isinstance(value, Mapping):
        return {name: _substitute(inner, substitutions) for name, inner in value.items()}
    if isinstance(value, list):
        return [_substitute(inner, substitutions) for inner in value]
    return value


def _substitution(name: str, substitutions: Mapping[str, str]) -> str:
    if name not in substitutions:
        raise InvalidMachine(None, None, f"nothing is given for the placeholder ${{{name}}}")
    return substitutions[name]


def _targets(state: State) -> dict[str, str]:
    """The states that this one can go on to, by the field that says so."""
    if isinstance(state, Succeed | Fail):
        return {}
    targets = {"Next": state.flow.next} if state.flow.next is not None else {}
    if isinstance(state, Task):
        targets |= {f"Catch[{index}].Next": catcher.next for index, catcher in enumerate(state.catchers)}
    return targets


def _check_targets(start_at: str, states: Mapping[str, State]) -> None:
    if start_at not in states:
        raise InvalidMachine(None, "StartAt", f"there is no state {start_at!r}")
    for state in states.values():
        for field, target in _targets(state).items():
            if target not in states:
                raise InvalidMachine(state.name, field, f"there is no state {target!r}")


def _check_reachable(start_at: str, states: Mapping[str, State]) -> None:
    reached, ahead = set[str](), [start_at]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(_targets(states[name]).values())
    for name in states:
        if name not in reached:
            raise InvalidMachine(name, None, "no other state leads to it")


def _check_loops(states: Mapping[str, State]) -> None:
    """A loop of Pass states alone would never wait, so a step through it would never end."""
    for name in states:
        passed = set[str]()
        at: str | None = name
        while at is not None and isinstance(state := states[at], Pass):
            if at in passed:
                raise InvalidMachine(name, "Next", "leads round a loop without a task")
            passed.add(at)
            at = state.flow.next
