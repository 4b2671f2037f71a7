"""Our walk over a schema says what the meta-schema says, and bounds what a library would not."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # it ships no types

from jobhook.core.json_schema.meta_schema import MAX_DEPTH, MAX_PATTERNS, shape_problem

META = "https://json-schema.org/draft/2020-12"
VOCABULARIES = ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content")
KEYWORDS = sorted(
    {
        name
        for part in ("schema", *(f"meta/{word}" for word in VOCABULARIES))
        for name in REGISTRY.contents(f"{META}/{part}")["properties"]
    }
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.0, 1.0, 1.5, -0.5]),
    st.sampled_from(["", "a", "#", "a#", "a#b", "string", "integer", "1a", "^a+$", "é"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", *KEYWORDS]), inner, max_size=3)
    ),
    max_leaves=6,
)
SAMPLES: list[object] = [
    *(None, True, 0, -1, 1.0, 1.5, "a", "#b", "object", [], ["a"], ["a", "a"], ["object"], [{}], [5], {}, {"a": {}}),
    *({"a": ["b"]}, {"a": ["b", "b"]}, {"a": True}, {"a": 5}, [{"type": "x"}], {"a": {"type": "x"}}, {"type": "x"}),
]
SCHEMAS = st.dictionaries(st.sampled_from([*KEYWORDS, "unknown"]), VALUES, max_size=3)


def by_the_meta_schema(schema: dict[str, Any]) -> bool:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return False
    return True


@given(SCHEMAS)
def test_it_agrees_with_the_meta_schema(schema: dict[str, Any]) -> None:
    assert (shape_problem(schema) is None) == by_the_meta_schema(schema), shape_problem(schema)


@pytest.mark.parametrize("name", KEYWORDS)
@pytest.mark.parametrize("value", SAMPLES, ids=json.dumps)
def test_each_keyword_takes_what_the_meta_schema_takes(name: str, value: object) -> None:
    schema = {name: value}
    assert (shape_problem(schema) is None) == by_the_meta_schema(schema), shape_problem(schema)


def test_a_problem_is_named_with_its_place() -> None:
    problem = shape_problem({"properties": {"rows": {"anyOf": [{}, {"minItems": -1}]}}})
    assert problem == "at $.properties.rows.anyOf[1].minItems: must be an integer, 0 or more"


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels - 1):
        schema = {"not": schema}
    return schema


def test_depth_is_bounded_and_the_limit_named() -> None:
    assert shape_problem(nested(MAX_DEPTH)) is None
    assert shape_problem(nested(MAX_DEPTH + 1)) == "is nested too deeply: 32 levels of objects and arrays at most"
    assert shape_problem({"const": nested(5_000)}) is not None


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", "[", "(?<n", "(" * 120 + ")" * 120])
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    named = [shape_problem({"pattern": pattern}), shape_problem({"patternProperties": {pattern: {}}})]
    if pattern.startswith("(((("):
        assert named == [None, None]  # deep, but sound
    else:
        assert all(problem is not None and "is no regular expression" in problem for problem in named)


def test_patterns_together_are_bounded() -> None:
    half = "a" * (MAX_PATTERNS // 2)
    assert shape_problem({"pattern": half, "not": {"pattern": half}}) is None
    problem = shape_problem({"pattern": half, "not": {"pattern": f"{half}a"}})
    assert problem == "has too long patterns: 1000 characters at most, all of them together"


def test_ten_kilobytes_of_subschemas_take_milliseconds() -> None:
    began = time.process_time()
    assert shape_problem({"anyOf": [{}] * 3_000}) is None
    assert time.process_time() - began < 0.2  # a validator's check of the meta-schema takes a second
