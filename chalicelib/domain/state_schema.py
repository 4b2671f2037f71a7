"""A job's JSON Schema (draft 2020-12) for the `state` that a success callback brings."""

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
    """What is wrong with a `state_schema`; None where nothing is. References may only point into the schema itself."""
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
    problems = list(_violations(schema, state))
    if problems:
        raise InvalidDocument(problems, code="InvalidState", message="state does not satisfy the job's state_schema")


def _violations(schema: Mapping[str, object], state: str | None) -> Iterator[Problem]:
    if state is None:
        yield Problem("state", "is required: the job has a state_schema")
        return
    try:
        document = json.loads(state)
    except (ValueError, RecursionError):
        yield Problem("state", "must be a text of JSON: the job has a state_schema")
        return
    # An empty registry: nothing is ever fetched, whatever a schema refers to.
    validator = Draft202012Validator(schema, registry=Registry())
    try:
        for error, _ in zip(validator.iter_errors(document), range(_MAX_LISTED), strict=False):
            yield Problem(f"state{error.json_path.removeprefix('$')}", error.message[:500])
    except Unresolvable:
        yield Problem("state", "cannot be checked: the job's state_schema refers to a part that it does not have")
    except RecursionError:
        yield Problem("state", "cannot be checked: it or the job's state_schema is nested too deeply")


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
