"""The types of fields in bodies: what each takes, what is said of what it does not, and its JSON Schema."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from jobhook.api.bodies.validation import TOO_LARGE
from jobhook.core import limits
from jobhook.core.schedules.expression import ScheduleError, parse
from jobhook.core.targets.http import HttpTarget, TargetTooLong
from jobhook.core.targets.target import KINDS
from jobhook.core.times import LATEST_MS, parse_instant


@dataclass(frozen=True, slots=True)
class Bounded:
    """At most `limit` bytes of UTF-8; more is answered with 413. A JSON Schema can only bound the characters."""

    limit: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The text's own schema, and the check after it."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What the API's description says of the limit."""
        return {**handler(schema), "maxLength": self.limit, "description": f"At most {self.limit:,} bytes of UTF-8."}

    def _check(self, text: str) -> str:
        if limits.utf8_length(text) > self.limit:
            raise PydanticCustomError(TOO_LARGE, "must be at most {limit} bytes of UTF-8", {"limit": self.limit})
        return text


def refusing(problem: Callable[[Any], str | None], error_type: str = "refused") -> AfterValidator:
    """Refuses the values of which `problem` says something, with what it says."""

    def check(value: Any) -> Any:
        message = problem(value)
        if message is not None:
            raise PydanticCustomError(error_type, "{text}", {"text": message})
        return value

    return AfterValidator(check)


def _instant_ms(value: str | int) -> int:
    try:
        return parse_instant(str(value))
    except ValueError as error:
        raise PydanticCustomError("refused", "{text}", {"text": str(error)}) from None


INSTANT_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "string", "format": "date-time"}, {"type": "integer", "minimum": 0, "maximum": LATEST_MS}],
}
"""How an instant may be written: RFC 3339, or epoch milliseconds."""

Instant = Annotated[str | int, AfterValidator(_instant_ms), WithJsonSchema(INSTANT_SCHEMA)]
"""RFC 3339 or epoch milliseconds in a body; the value is the epoch milliseconds."""

Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/=-]{1,64}$")]
"""A word that people find jobs by."""


def distinct(values: list[str]) -> str | None:
    """What to say of a list that holds something twice."""
    return None if len(set(values)) == len(values) else "must be distinct"


def _schedule_problem(expression: str) -> str | None:
    if expression.startswith("at("):
        return "at(...) runs once and is not supported for jobs yet; use rate(...) or cron(...)"
    try:
        parse(expression)
    except ScheduleError as error:
        return str(error)
    return None


Expression = Annotated[
    str,
    refusing(_schedule_problem),
    Field(
        description="`rate(...)` or `cron(...)` in AWS's grammar, UTC.",
        json_schema_extra={"format": "schedule-expression"},
    ),
]
"""A schedule of a job."""


def _schema_problem(schema: dict[str, Any]) -> str | None:
    from jobhook.core.json_schema.state_schema import schema_problem  # slow to import, and few jobs have a schema

    return schema_problem(schema)


def _schema_length_problem(schema: dict[str, Any]) -> str | None:
    from jobhook.core.json_schema.state_schema import schema_length_problem

    return schema_length_problem(schema)


Schema = Annotated[dict[str, Any], refusing(_schema_length_problem, TOO_LARGE), refusing(_schema_problem)]
"""A JSON Schema (draft 2020-12) that refers to its own parts only."""


def check_target(kind: str, text: str) -> str:
    """The text, where it is a target of that kind; raises what pydantic collects."""
    try:
        KINDS[kind].parse(text)
    except TargetTooLong as error:
        raise PydanticCustomError(TOO_LARGE, "{text}", {"text": str(error)}) from None
    except ValueError as error:
        raise PydanticCustomError("refused", "{text}", {"text": str(error)}) from None
    return text


HTTP_TARGET_SCHEMA: dict[str, Any] = {"format": "uri", "maxLength": limits.URL}

HttpUrl = Annotated[
    str,
    AfterValidator(partial(check_target, HttpTarget.kind)),
    Field(json_schema_extra=HTTP_TARGET_SCHEMA),
]
"""An absolute http or https URL that notifications are sent to."""
