"""A job's JSON Schemas (draft 2020-12): for the `state` that a success brings, and for the response to a test call."""

import json
from collections.abc import Iterator, Mapping

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from chalicelib.domain import limits
from chalicelib.domain.errors import InvalidDocument, Problem

_MAX_LISTED = 20


def schema_problem(schema: Mapping[str, object]) -> str | None:
    """What is wrong with a schema; None where nothing is. References may only point into the schema itself."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"is no JSON Schema (draft 2020-12): at {error.json_path}: {error.message[:500]}"
    except RecursionError:
        return "is nested too deeply"
    outside = next((target for target in _references(schema) if not target.startswith("#")), None)
    if outside is not None:
        return f"may refer to its own parts only ($ref: '#/...'), not to {outside[:200]!r}"
    return None


def schema_length_problem(schema: Mapping[str, object]) -> str | None:
    """What to say of a schema beyond the limit; None within it."""
    length = len(json.dumps(schema, ensure_ascii=False).encode())
    return f"must be at most {limits.STATE_SCHEMA} bytes of JSON" if length > limits.STATE_SCHEMA else None


def check_state(schema: Mapping[str, object], state: str | None) -> None:
    """Raises InvalidDocument that lists how `state` (a text of JSON) violates `schema`."""
    problems = list(violations(schema, state, "state"))
    if problems:
        raise InvalidDocument(problems, code="InvalidState", message="state does not satisfy the job's state_schema")


def violations(schema: Mapping[str, object], text: str | None, field: str) -> Iterator[Problem]:
    """How `text` violates the job's `<field>_schema`; none where it is a JSON document that satisfies it."""
    if text is None:
        yield Problem(field, f"is required: the job has a {field}_schema")
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield Problem(field, f"must be a text of JSON: the job has a {field}_schema")
        return
    # An empty registry: nothing is ever fetched, whatever a schema refers to.
    validator = Draft202012Validator(schema, registry=Registry())
    try:
        for error, _ in zip(validator.iter_errors(document), range(_MAX_LISTED), strict=False):
            yield Problem(f"{field}{error.json_path.removeprefix('$')}", error.message[:500])
    except Unresolvable:
        yield Problem(field, f"cannot be checked: the job's {field}_schema refers to a part that it does not have")
    except RecursionError:
        yield Problem(field, f"cannot be checked: it or the job's {field}_schema is nested too deeply")


def _references(node: object) -> Iterator[str]:
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, Mapping):
            for name, value in part.items():
                if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                    yield value
                else:
                    pending.append(value)
        elif isinstance(part, list):
            pending.extend(part)
