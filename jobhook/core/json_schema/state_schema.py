"""A job's JSON Schemas (draft 2020-12): for the `state` that a success brings, and for the response to a test call."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from referencing import Registry
from referencing.exceptions import Unresolvable

from jobhook.core import limits
from jobhook.core.errors import InvalidDocument, Problem
from jobhook.core.json_schema.bounded_validator import BoundedValidator, NestedTooDeeply, nesting_bounded
from jobhook.core.json_schema.meta_schema import shape_problem
from jobhook.core.work_limit import TookTooLong, WorkLimit

CHECKED_WITHIN_SECONDS: Final = 0.2
"""How long a document may take to check: whoever writes schema or state could keep a server busy otherwise."""
_MAX_LISTED = 20


def schema_problem(schema: Mapping[str, object]) -> str | None:
    """What is wrong with a schema; None where nothing is. References may only point into the schema itself."""
    problem = shape_problem(schema)
    if problem is not None:
        return problem if problem.startswith(("is ", "has ")) else f"is no JSON Schema (draft 2020-12): {problem}"
    outside = next((target for target in _references(schema) if not target.startswith("#")), None)
    if outside is not None:
        return f"may refer to its own parts only ($ref: '#/...'), not to {outside[:200]!r}"
    return None


def schema_length_problem(schema: Mapping[str, object]) -> str | None:
    """What to say of a schema beyond the limit; None within it."""
    length = len(json.dumps(schema, ensure_ascii=False).encode())
    return f"must be at most {limits.STATE_SCHEMA} bytes of JSON" if length > limits.STATE_SCHEMA else None


def check_state(schema: Mapping[str, object], state: str | None, limited: WorkLimit) -> None:
    """Raises InvalidDocument that lists how `state` (a text of JSON) violates `schema`."""
    problems = list(violations(schema, state, "state", limited))
    if problems:
        raise InvalidDocument(problems, code="InvalidState", message="state does not satisfy the job's state_schema")


def violations(schema: Mapping[str, object], text: str | None, field: str, limited: WorkLimit) -> Iterator[Problem]:
    """How `text` violates the job's `<field>_schema`; none where it is a JSON document that satisfies it.

    `limited` bounds the time of the check.
    """
    if text is None:
        yield Problem(field, f"is required: the job has a {field}_schema")
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield Problem(field, f"must be a text of JSON: the job has a {field}_schema")
        return
    try:
        with nesting_bounded():
            found = limited(CHECKED_WITHIN_SECONDS, lambda: list(islice(_errors(schema, document), _MAX_LISTED)))
        for path, message in found:
            yield Problem(f"{field}{path}", message)
    except TookTooLong:
        milliseconds = round(CHECKED_WITHIN_SECONDS * 1_000)
        yield Problem(field, f"cannot be checked: it takes more than {milliseconds} ms by the job's {field}_schema")
    except Unresolvable:
        yield Problem(field, f"cannot be checked: the job's {field}_schema refers to a part that it does not have")
    except NestedTooDeeply:
        yield Problem(field, f"cannot be checked: it or the job's {field}_schema is nested too deeply")


def _errors(schema: Mapping[str, object], document: object) -> Iterator[tuple[str, str]]:
    # An empty registry: nothing is ever fetched, whatever a schema refers to.
    for error in BoundedValidator(schema, registry=Registry()).iter_errors(document):
        yield error.json_path.removeprefix("$"), error.message[:500]


def _references(node: object) -> Iterator[str]:
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            for name, value in part.items():
                if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                    yield value
                else:
                    pending.append(value)
        elif isinstance(part, list):
            pending.extend(part)
