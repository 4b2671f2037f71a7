"""A job's schema for the state that a success brings."""

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jobhook.adapters.work_limit import within
from jobhook.core.errors import InvalidDocument
from jobhook.core.json_schema.state_schema import (
    CHECKED_WITHIN_SECONDS,
    check_state,
    schema_length_problem,
    schema_problem,
)

LIST = {"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}, "$ref": "#/$defs/node"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a schema was fetched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def _fields(schema: dict[str, Any], state: str | None) -> list[str]:
    with pytest.raises(InvalidDocument) as refused:
        check_state(schema, state, within)
    assert refused.value.code == "InvalidState"
    return [problem.field for problem in refused.value.problems]


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, LIST, {"properties": {"$ref": {"type": "string"}}}])
def test_a_schema(schema: dict[str, Any]) -> None:
    assert schema_problem(schema) is None


@pytest.mark.parametrize(
    "schema",
    [{"type": "text"}, {"type": 5}, {"properties": []}, {"minimum": "1"}, {"required": "a"}, {"$ref": 5}, {"enum": 1}],
)
def test_no_schema(schema: dict[str, Any]) -> None:
    assert "is no JSON Schema" in str(schema_problem(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "other.json#/a"},
        {"$ref": "file:///etc/passwd"},
        {"properties": {"a": {"items": [{"$ref": "http://169.254.169.254/"}]}}},
        {"$dynamicRef": "https://example.com/#node"},
    ],
)
def test_a_reference_out_of_the_schema_is_refused(schema: dict[str, Any]) -> None:
    assert schema_problem(schema) is not None


@pytest.mark.parametrize("reference", ["https://example.com/schema.json", "http://127.0.0.1:9/x#a"])
def test_a_reference_out_of_a_stored_schema_is_not_fetched(reference: str) -> None:
    assert _fields({"$ref": reference}, "{}") == ["state"]


@pytest.mark.parametrize("reference", ["#/$defs/missing", "#missing"])
def test_a_reference_to_nothing_is_a_problem_of_the_state(reference: str) -> None:
    assert _fields({"$ref": reference}, "{}") == ["state"]


def test_an_id_does_not_lead_out(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"$id": "https://example.com/", "$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}}
    check_state(schema, "{}", within)
    assert _fields(schema, "[]") == ["state"]


def test_a_recursive_schema_is_followed_as_deep_as_the_state() -> None:
    check_state(LIST, '{"next": {"next": {}}}', within)
    assert _fields(LIST, '{"next": {"next": 5}}') == ["state.next.next"]


ENDLESS: list[dict[str, Any]] = [
    {"$ref": "#"},
    {"$dynamicRef": "#"},
    {"allOf": [{"$ref": "#"}]},
    {"not": {"$ref": "#"}},
    {"not": {"$ref": "#"}, "$schema": "https://json-schema.org/draft/2020-12/schema"},
    {"if": {"$ref": "#"}},
    {"unevaluatedProperties": False, "$ref": "#"},
    {"unevaluatedItems": False, "anyOf": [{"$ref": "#"}]},
]


@pytest.mark.parametrize("schema", ENDLESS)
@pytest.mark.parametrize("frames", range(0, 40, 3))
def test_a_schema_that_never_ends_is_a_problem_and_no_crash(schema: dict[str, Any], frames: int) -> None:
    """Whatever stands on the stack before: where its end is met makes a difference to the libraries."""

    def deeper(more: int) -> list[str]:
        return deeper(more - 1) if more else _fields(schema, "[{}]" if "unevaluatedItems" in schema else "{}")

    assert deeper(frames) == ["state"]


def test_a_state_may_nest_as_deep_as_anybody_writes() -> None:
    check_state(LIST, '{"next":' * 50 + "{}" + "}" * 50, within)


def test_a_state_nested_too_deeply_is_a_problem_and_no_crash() -> None:
    deep = '{"next":' * 400 + "{}" + "}" * 400
    deeper = '{"next":' * 50_000 + "{}" + "}" * 50_000
    assert _fields(LIST, deep)[0] == "state"
    assert _fields(LIST, deeper) == ["state"]


@pytest.mark.parametrize("state", [None, "", "nothing", "{", "'a'"])
def test_a_state_that_is_no_json_is_a_problem(state: str | None) -> None:
    assert _fields({}, state) == ["state"]


def test_every_violation_is_listed_up_to_a_limit() -> None:
    schema = {"required": ["a", "b"], "properties": {"c": {"type": "integer"}}}
    assert sorted(_fields(schema, '{"c": "x"}')) == ["state", "state", "state.c"]
    assert len(_fields({"items": {"type": "integer"}}, json.dumps(["x"] * 1_000))) == 20


def test_the_limit_counts_bytes_of_json() -> None:
    frame = len(json.dumps({"description": ""}))
    assert schema_length_problem({"description": "x" * (32 * 1024 - frame)}) is None
    assert schema_length_problem({"description": "x" * (32 * 1024 - frame + 1)}) is not None


SLOW = {
    "a pattern": ({"pattern": "^(a+)+$"}, "a" * 40 + "b"),
    "a pattern of names": ({"additionalProperties": False, "patternProperties": {"^(a+)+$": {}}}, {"a" * 40 + "b": 1}),
    "unique items": ({"uniqueItems": True}, [value for number in range(8_000) for value in ({"a": number}, number)]),
    "references that double": (
        {
            "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(25)} | {"d25": {}},
            "$ref": "#/$defs/d0",
        },
        1,
    ),
}


@pytest.mark.parametrize(("schema", "document"), SLOW.values(), ids=SLOW)
def test_a_check_that_would_not_end_is_stopped(schema: dict[str, Any], document: object) -> None:
    assert schema_problem(schema) is None
    began = time.process_time()
    with pytest.raises(InvalidDocument) as refused:
        check_state(schema, json.dumps(document), within)
    assert refused.value.problems[0].message == (
        "cannot be checked: it takes more than 200 ms by the job's state_schema"
    )
    assert time.process_time() - began < 5 * CHECKED_WITHIN_SECONDS


def test_after_a_check_that_was_stopped_the_next_has_its_own_time() -> None:
    for _ in range(2):
        assert _fields({"pattern": "^(a+)+$"}, json.dumps("a" * 40 + "b")) == ["state"]
    check_state({"type": "object"}, "{}", within)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_beside_the_main_thread_nothing_is_bound_and_all_is_checked() -> None:
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(_fields, {"type": "object"}, "[]").result() == ["state"]
