"""Validates bodies by pydantic models, which are the source of what is valid: every problem is listed at once."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jobhook.api.bodies.json_documents import read_json_object
from jobhook.api.bodies.suggestions import meant_fields
from jobhook.core.errors import DocumentTooLarge, InvalidDocument, Problem

Model = TypeVar("Model", bound=BaseModel)

TOO_LARGE = "too_large"
"""The type of pydantic's errors that are answered with 413."""
_UNKNOWN_FIELD = "extra_forbidden"
_MOST_SUGGESTIONS = 20  # a body may hold many thousands of unknown fields, and each is compared with all that there are


def validated(model: type[Model], code: str, media_type: str, body: bytes, problems: list[Problem]) -> Model:
    """The body as `model`; `problems` are those known before.

    Raises UnsupportedMediaType, or InvalidDocument (with `code`) or DocumentTooLarge with all problems.
    """
    return validated_document(model, code, read_json_object(media_type, body), problems)


def validated_document(model: type[Model], code: str, document: object, problems: list[Problem]) -> Model:
    """As `validated`, of a document that was read already."""
    try:
        validated = model.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems = [*problems, *_problems(model, details)]
        if any(detail["type"] == TOO_LARGE for detail in details):
            raise DocumentTooLarge(problems) from None
        raise InvalidDocument(problems, code=_code(code, problems)) from None
    if problems:
        raise InvalidDocument(problems, code=_code(code, problems))
    return validated


def _code(code: str, problems: list[Problem]) -> str:
    about_schedules = {problem.field.partition(".")[0] for problem in problems} <= {"schedule", "schedules"}
    return "InvalidSchedule" if about_schedules else code


# What pydantic says of the programmer's types, said to those who write JSON; all else has words of ours already.
_SAID = {
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "enum": "must be {expected}",
    _UNKNOWN_FIELD: "is not a known field; leave it out or correct its name",
    "greater_than_equal": "must be at least {ge}",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "missing": "is required",
    "model_type": "must be an object",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_short": "must not be empty",
    "string_type": "must be a string",
    "too_long": "must have at most {max_length} items",
    "too_short": "must not be empty",
}


def _problems(model: type[BaseModel], details: Iterable[ErrorDetails]) -> Iterator[Problem]:
    for number, detail in enumerate(details):
        field = ".".join(str(part) for part in detail["loc"])
        unknown = detail["type"] == _UNKNOWN_FIELD and number < _MOST_SUGGESTIONS
        meant = " or ".join(f"`{name}`" for name in meant_fields(model, detail["loc"])) if unknown else ""
        yield Problem(field, f"is not a known field; did you mean {meant}?" if meant else _message_of(detail))


def _message_of(detail: ErrorDetails) -> str:
    said = _SAID.get(detail["type"])
    return detail["msg"] if said is None else said.format(**detail.get("ctx", {}))
