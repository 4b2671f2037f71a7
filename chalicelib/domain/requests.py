"""The bodies of requests: pydantic models are the source of what is valid, and every problem is listed at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from chalicelib.domain import limits
from chalicelib.domain.callbacks import Callback, Signal
from chalicelib.domain.errors import DocumentTooLarge, ImpossibleSchedule, InvalidDocument, Problem
from chalicelib.domain.job import (
    MAX_RETENTION_DAYS,
    MAX_TIMEOUT_SECONDS,
    MAX_TTL_SECONDS,
    JobSettings,
    default_timeout_seconds,
)
from chalicelib.domain.json_documents import read_json_object
from chalicelib.domain.names import NAME_RULE, is_name
from chalicelib.domain.notifications import DEFAULT_EVENTS, Format, NotificationPolicy, in_order
from chalicelib.domain.schedule import ScheduleError, parse
from chalicelib.domain.spans import Span
from chalicelib.domain.targets import target_length_problem, target_problem
from chalicelib.domain.times import LATEST_MS, parse_instant
from chalicelib.domain.unknown_fields import meant_fields

Model = TypeVar("Model", bound=BaseModel)

_TOO_LARGE = "too_large"
_UNKNOWN_FIELD = "extra_forbidden"
_MOST_SUGGESTIONS = 20  # a body may hold many thousands of unknown fields, and each is compared with all that there are


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
            raise PydanticCustomError(_TOO_LARGE, "must be at most {limit} bytes of UTF-8", {"limit": self.limit})
        return text


def _refusing(problem: Callable[[Any], str | None], error_type: str = "refused") -> AfterValidator:
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


def _tags_problem(tags: list[str]) -> str | None:
    return None if len(set(tags)) == len(tags) else "must be distinct"


def _events_problem(events: list[str]) -> str | None:
    return None if len(set(events)) == len(events) else "must be distinct"


def _schedules_problem(expressions: list[str]) -> str | None:
    return None if len(set(expressions)) == len(expressions) else "must be distinct"


def _sync_problem(is_async: bool) -> str | None:
    return None if is_async else "must be true: a service answers with a callback"


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
    _refusing(_schedule_problem),
    Field(
        description="`rate(...)` or `cron(...)` in AWS's grammar, UTC.",
        json_schema_extra={"format": "schedule-expression"},
    ),
]


def _schema_problem(schema: dict[str, Any]) -> str | None:
    from chalicelib.domain.state_schema import schema_problem  # slow to import, and few jobs have a schema

    return schema_problem(schema)


def _schema_length_problem(schema: dict[str, Any]) -> str | None:
    from chalicelib.domain.state_schema import schema_length_problem

    return schema_length_problem(schema)


Schema = Annotated[dict[str, Any], _refusing(_schema_length_problem, _TOO_LARGE), _refusing(_schema_problem)]


_TARGET = (
    _refusing(target_length_problem, _TOO_LARGE),
    _refusing(target_problem),
)
_TARGET_SCHEMA: dict[str, Any] = {"format": "uri", "maxLength": limits.URL}

EventName = Literal["success", "failed", "timed_out", "cancelled", "skipped", "missed", "dead_lettered", "recovered"]
"""An `Event` as JSON has it: pydantic, when strict, takes no text for an enum's member."""


class NotifyBody(BaseModel):
    """Whom a job tells of the ends of its executions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    target: Annotated[
        str,
        *_TARGET,
        Field(
            description="Absolute http or https URL that is told, without user, password or fragment.",
            json_schema_extra=_TARGET_SCHEMA,
        ),
    ]
    on: Annotated[
        list[EventName],
        Field(
            min_length=1,
            description="Of which ends; `recovered` is a success after one that was none.",
            json_schema_extra={"uniqueItems": True},
        ),
        _refusing(_events_problem),
    ] = [event.value for event in DEFAULT_EVENTS]
    format: Annotated[
        Literal["json", "slack"], Field(description="`slack`: only a text, as Slack's incoming webhooks take it.")
    ] = "json"

    def policy(self) -> NotificationPolicy:
        """The policy that is asked for."""
        return NotificationPolicy(self.target, in_order(self.on), Format(self.format))


class JobBody(BaseModel):
    """The body of PUT /services/{service}/jobs/{job}; `schedule` or `schedules` is there (`_which_schedules`)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    is_async: Annotated[
        bool,
        _refusing(_sync_problem),
        Field(alias="async", description="A service answers with a callback.", json_schema_extra={"const": True}),
    ] = True
    description: Annotated[str, Bounded(limits.DESCRIPTION)] | None = None
    enabled: Annotated[bool, Field(description="A disabled job has no occurrences.")] = True
    start_at: Annotated[Instant | None, Field(description="The job has no occurrences before it.")] = None
    end_at: Annotated[
        Instant | None, Field(description="The job has no occurrences from then on; in the future, after `start_at`.")
    ] = None
    exclusive: Annotated[bool, Field(description="Whether a run is refused while an earlier one has not ended.")] = (
        False
    )
    external_id: Annotated[
        Annotated[str, Bounded(limits.EXTERNAL_ID)] | None, Field(description="What others call the job.")
    ] = None
    invocation_target: Annotated[
        str,
        *_TARGET,
        Field(
            description="Absolute http or https URL that takes the webhook, without user, password or fragment.",
            json_schema_extra=_TARGET_SCHEMA,
        ),
    ]
    invocation_type: Literal["http"] = "http"
    notify: Annotated[
        NotifyBody | None, Field(description="Whom it tells of the ends of its executions. Null: nobody.")
    ] = None
    payload: Annotated[
        Annotated[str, Bounded(limits.PAYLOAD)] | None, Field(description="Sent with every webhook as it is.")
    ] = None
    retention_days: Annotated[
        Annotated[int, Field(ge=1, le=MAX_RETENTION_DAYS)] | None,
        Field(description="How long its executions are kept. Null: as long as all others."),
    ] = None
    schedule: Annotated[
        Expression | None, Field(description="For a job with one; it or `schedules` has to be given.")
    ] = None
    schedules: Annotated[
        Annotated[
            list[Expression],
            Field(min_length=1, max_length=10, json_schema_extra={"uniqueItems": True}),
            _refusing(_schedules_problem),
        ]
        | None,
        Field(description="For a job with several; `schedule`, if it is given too, is the first of them."),
    ] = None
    state_schema: Annotated[
        Schema | None,
        Field(description="A JSON Schema (draft 2020-12) that the `state` of a success must satisfy; at most 32 KiB."),
    ] = None
    response_schema: Annotated[
        Schema | None,
        Field(description="A JSON Schema that the service's answer to a test call must satisfy; at most 32 KiB."),
    ] = None
    tags: Annotated[
        list[Tag], Field(max_length=20, json_schema_extra={"uniqueItems": True}), _refusing(_tags_problem)
    ] = []
    ttl_seconds: Annotated[
        int, Field(ge=1, le=MAX_TTL_SECONDS, description="How long Jobhook waits for a sign of life.")
    ]
    timeout_seconds: Annotated[
        Annotated[int, Field(ge=1, le=MAX_TIMEOUT_SECONDS)] | None,
        Field(
            description="The whole run, heartbeats or not: more than `ttl_seconds`. "
            "Null: 86,400, or twice `ttl_seconds` where that is more."
        ),
    ] = None

    @field_validator("timeout_seconds")
    @classmethod
    def _beyond_ttl(cls, timeout_seconds: int | None, info: ValidationInfo) -> int | None:
        ttl_seconds = info.data.get("ttl_seconds")
        if timeout_seconds is not None and ttl_seconds is not None and timeout_seconds <= ttl_seconds:
            raise PydanticCustomError("refused", "must be more than ttl_seconds")
        return timeout_seconds

    @field_validator("end_at")
    @classmethod
    def _after_start(cls, end_at: str | int | None, info: ValidationInfo) -> str | int | None:
        start_at = info.data.get("start_at")
        if end_at is not None and start_at is not None and int(end_at) <= int(start_at):
            raise PydanticCustomError("refused", "must be after start_at")
        return end_at

    def settings(self) -> JobSettings:
        """The settings that this body asks for."""
        first, *more = self.schedules or (self.schedule or "",)
        return JobSettings(
            invocation_target=self.invocation_target,
            schedule=first,
            more_schedules=tuple(more),
            ttl_seconds=self.ttl_seconds,
            timeout_seconds=self.timeout_seconds or default_timeout_seconds(self.ttl_seconds),
            enabled=self.enabled,
            exclusive=self.exclusive,
            invocation_type=self.invocation_type,
            payload=self.payload,
            state_schema=self.state_schema,
            response_schema=self.response_schema,
            description=self.description,
            tags=tuple(self.tags),
            external_id=self.external_id,
            span=Span(_milliseconds(self.start_at), _milliseconds(self.end_at)),
            retention_days=self.retention_days,
            notify=None if self.notify is None else self.notify.policy(),
        )


def _milliseconds(instant: str | int | None) -> int | None:
    return None if instant is None else int(instant)


class CallbackBody(BaseModel):
    """The body of POST <callback_url>."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    status: Annotated[
        Literal["success", "fail", "failed", "heartbeat", "processing"],
        Field(description="`failed` is taken for `fail`, and `processing` for `heartbeat`."),
    ]
    state: Annotated[
        Annotated[str, Bounded(limits.STATE)] | None,
        Field(
            description="What the next webhook is told, after a success; opaque unless the job has a `state_schema`."
        ),
    ] = None
    summary: Annotated[str, Bounded(limits.SUMMARY)] | None = None
    correlation_id: Annotated[str, Bounded(limits.CORRELATION_ID)] | None = None
    error: Annotated[str, Bounded(limits.ERROR)] | None = None
    progress: Annotated[int, Field(ge=0, le=100)] | None = None

    def callback(self) -> Callback:
        """What it says, under the words that Jobhook uses."""
        said = {"failed": "fail", "processing": "heartbeat"}.get(self.status, self.status)
        return Callback(Signal(said), self.state, self.summary, self.correlation_id, self.error, self.progress)


def parse_job(service_name: str, job_name: str, media_type: str, body: bytes, now_ms: int) -> JobSettings:
    """The settings that a PUT asks for.

    Raises UnsupportedMediaType, InvalidDocument or DocumentTooLarge with all problems, or ImpossibleSchedule for a
    schedule that never comes due again.
    """
    named = {"service_name": service_name, "job_name": job_name}
    problems = [Problem(field, NAME_RULE) for field, name in named.items() if not is_name(name)]
    return job_settings(read_json_object(media_type, body), now_ms, problems)


def job_settings(document: object, now_ms: int, problems: list[Problem]) -> JobSettings:
    """The settings that a document asks for; raises as `parse_job` does, `problems` among all others."""
    problems = [*problems, *_which_schedules(document)]
    settings = validated_document(JobBody, "InvalidJob", document, problems).settings()
    after_ms = max(now_ms, (settings.span.start_ms or 0) - 1)
    for expression in settings.schedules:
        if parse(expression).next_after(after_ms, anchor_ms=now_ms) is None:
            which = f"{expression} " if settings.more_schedules else ""
            raise ImpossibleSchedule(f"{which}never comes due again; give a schedule that has a time in the future")
    return settings


def _which_schedules(document: object) -> list[Problem]:
    """A body gives `schedule` or `schedules`; both only as a GET shows them, so that its answer can be given back."""
    if not isinstance(document, Mapping):
        return []
    one, several = document.get("schedule"), document.get("schedules")
    if one is None and several is None:
        return [Problem("schedule", "is required")]
    if one is not None and isinstance(several, list) and several[:1] != [one]:
        return [Problem("schedules", "must begin with what `schedule` says where both are given; give one of them")]
    return []


def parse_callback(media_type: str, body: bytes) -> Callback:
    """What a callback says. Raises UnsupportedMediaType, InvalidDocument or DocumentTooLarge with all problems."""
    return validated(CallbackBody, "InvalidCallback", media_type, body, []).callback()


def validated(model: type[Model], code: str, media_type: str, body: bytes, problems: list[Problem]) -> Model:
    """The body as `model`; `problems` are those known before. Raises as `parse_job` does, with `code`."""
    return validated_document(model, code, read_json_object(media_type, body), problems)


def validated_document(model: type[Model], code: str, document: object, problems: list[Problem]) -> Model:
    """As `validated`, of a document that was read already."""
    try:
        validated = model.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems = [*problems, *_problems(model, details)]
        if any(detail["type"] == _TOO_LARGE for detail in details):
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
        yield Problem(field, f"is not a known field; did you mean {meant}?" if meant else _said(detail))


def _said(detail: ErrorDetails) -> str:
    said = _SAID.get(detail["type"])
    return detail["msg"] if said is None else said.format(**detail.get("ctx", {}))
