"""What a JSON Schema may look like: the meta-schema of draft 2020-12 as one walk, and limits of our own.

A validator takes some 0.2 ms a subschema for the same check, a second for 10 kB of them.
https://json-schema.org/draft/2020-12/schema
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

MAX_DEPTH: Final = 32
"""How deep objects and arrays of a schema may be nested."""
MAX_PATTERNS: Final = 1_000
"""How many characters all patterns of a schema may have together."""

_ANCHOR = re.compile(r"[A-Za-z_][-A-Za-z0-9._]*", re.ASCII)
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_SHOWN = 100


class Part(NamedTuple):
    """A subschema, and where it stands: `$.properties.rows`."""

    path: str
    value: object


Rule = Callable[[object], str | None]
"""What is wrong with a keyword's value; None where nothing is."""


def shape_problem(schema: Mapping[str, object]) -> str | None:
    """The first thing that is wrong with a schema; None where nothing is."""
    if _too_deep(schema):
        return f"is nested too deeply: {MAX_DEPTH} levels of objects and arrays at most"
    patterns: list[Part] = []
    pending = [Part("$", schema)]
    while pending:
        part = pending.pop()
        if isinstance(part.value, bool):
            continue
        if not isinstance(part.value, dict):
            return f"{_at(part)}: a schema must be an object, true or false"
        for name, value in part.value.items():
            inner = Part(f"{part.path}.{name}", value)
            problem = _keyword_problem(name, value)
            if problem is not None:
                return f"{_at(inner)}: {problem}"
            pending.extend(_subschemas(name, inner))
            patterns.extend(_patterns(name, inner))
    return _patterns_problem(patterns)


def _too_deep(schema: object) -> bool:
    level: list[object] = [schema]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _keyword_problem(name: str, value: object) -> str | None:
    rule = _RULES.get(name)
    return None if rule is None else rule(value)


def _subschemas(name: str, part: Part) -> Iterable[Part]:
    value = part.value
    if name in _SCHEMA:
        return (part,)
    if name in _SCHEMA_LIST and isinstance(value, list):
        return [Part(f"{part.path}[{index}]", inner) for index, inner in enumerate(value)]
    if name in _SCHEMA_MAP and isinstance(value, dict):
        return [Part(f"{part.path}.{key}", inner) for key, inner in value.items()]
    if name == "dependencies" and isinstance(value, dict):
        return [Part(f"{part.path}.{key}", inner) for key, inner in value.items() if not isinstance(inner, list)]
    return ()


def _patterns(name: str, part: Part) -> Iterator[Part]:
    if name == "pattern":
        yield part
    elif name == "patternProperties" and isinstance(part.value, dict):
        yield from (Part(part.path, key) for key in part.value)


def _patterns_problem(patterns: Iterable[Part]) -> str | None:
    length = 0
    for part in patterns:
        pattern = str(part.value)
        length += len(pattern)
        if length > MAX_PATTERNS:
            return f"has too long patterns: {MAX_PATTERNS} characters at most, all of them together"
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            return f"{_at(part)}: {pattern[:_SHOWN]!r} is no regular expression"
    return None


def _at(part: Part) -> str:
    return f"at {part.path[:_SHOWN]}"


def _is_string(value: object) -> str | None:
    return None if isinstance(value, str) else "must be a string"


def _is_anchor(value: object) -> str | None:
    return None if isinstance(value, str) and _ANCHOR.match(value) else "must be a name"


def _is_id(value: object) -> str | None:
    sound = isinstance(value, str) and "#" not in value.removesuffix("#")
    return None if sound else "must be a URI without a fragment"


def _is_bool(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_number(value: object) -> str | None:
    return None if _number(value) is not None else "must be a number"


def _is_above_zero(value: object) -> str | None:
    number = _number(value)
    return None if number is not None and number > 0 else "must be a number above 0"


def _is_count(value: object) -> str | None:
    number = _number(value)
    sound = number is not None and number >= 0 and (isinstance(number, int) or number.is_integer())
    return None if sound else "must be an integer, 0 or more"


def _is_list(value: object) -> str | None:
    return None if isinstance(value, list) else "must be an array"


def _is_schema_list(value: object) -> str | None:
    return None if isinstance(value, list) and value else "must be an array of schemas, one at least"


def _is_map(value: object) -> str | None:
    return None if isinstance(value, dict) else "must be an object"


def _is_map_of_bools(value: object) -> str | None:
    sound = isinstance(value, dict) and all(isinstance(each, bool) for each in value.values())
    return None if sound else "must be an object of true and false"


def _is_strings(value: object) -> str | None:
    sound = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return None if sound and len(set(value)) == len(value) else "must be an array of different strings"  # type: ignore[arg-type, call-overload]  # `sound` says that it is one


def _is_map_of_strings(value: object) -> str | None:
    if not isinstance(value, dict):
        return "must be an object"
    return next((problem for each in value.values() if (problem := _is_strings(each)) is not None), None)


def _is_dependencies(value: object) -> str | None:
    if not isinstance(value, dict):
        return "must be an object"
    lists = (each for each in value.values() if isinstance(each, list))
    return next((problem for each in lists if (problem := _is_strings(each)) is not None), None)


def _is_type(value: object) -> str | None:
    if isinstance(value, list):
        sound = bool(value) and _is_strings(value) is None and _TYPES.issuperset(value)
    else:
        sound = isinstance(value, str) and value in _TYPES
    return None if sound else f"must be one or several of {', '.join(sorted(_TYPES))}"


def _all(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


_SCHEMA: Final = frozenset(
    {
        *("items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not"),
        *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
    }
)
_SCHEMA_LIST: Final = frozenset({"prefixItems", "allOf", "anyOf", "oneOf"})
_SCHEMA_MAP: Final = frozenset({"$defs", "definitions", "properties", "patternProperties", "dependentSchemas"})
_RULES: Mapping[str, Rule] = {
    **_all(_is_id, "$id"),
    **_all(_is_string, "$schema $ref $dynamicRef $recursiveRef $comment pattern title description format"),
    **_all(_is_string, "contentEncoding contentMediaType"),
    **_all(_is_anchor, "$anchor $dynamicAnchor $recursiveAnchor"),
    **_all(_is_map_of_bools, "$vocabulary"),
    **_all(_is_schema_list, " ".join(_SCHEMA_LIST)),
    **_all(_is_map, " ".join(_SCHEMA_MAP)),
    **_all(_is_dependencies, "dependencies"),
    **_all(_is_type, "type"),
    **_all(_is_list, "enum examples"),
    **_all(_is_above_zero, "multipleOf"),
    **_all(_is_number, "maximum exclusiveMaximum minimum exclusiveMinimum"),
    **_all(_is_count, "maxLength minLength maxItems minItems maxContains minContains maxProperties minProperties"),
    **_all(_is_bool, "uniqueItems deprecated readOnly writeOnly"),
    **_all(_is_strings, "required"),
    **_all(_is_map_of_strings, "dependentRequired"),
}
