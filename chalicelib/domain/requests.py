"""The bodies of requests: pydantic models are the source of what is valid, and every problem is listed at once."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

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
from chalicelib.domain.schedule import ScheduleError, parse
from chalicelib.domain.spans import Span
from chalicelib.domain.targets import target_length_problem, target_problem
from chalicelib.domain.times import parse_instant

Model = TypeVar("Model", bound=BaseModel)

_TOO_LARGE = "too_large"


def bounded(limit: int) -> AfterValidator:
    """At most `limit` bytes of UTF-8; more is answered with 413."""

    def check(text: str) -> str:
        if limits.utf8_length(text) > limit:
            raise PydanticCustomError(_TOO_LARGE, "must be at most {limit} bytes of UTF-8", {"limit": limit})
        return text

    return AfterValidator(check)


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


Instant = Annotated[str | int, AfterValidator(_instant_ms)]
"""RFC 3339 or epoch milliseconds in a body; the value is the epoch milliseconds."""

Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/=-]{1,64}$")]


def _tags_problem(tags: list[str]) -> str | None:
    return None if len(set(tags)) == len(tags) else "must be distinct"


def _schedules_problem(expressions: list[str]) -> str | None:
    return None if len(set(expressions)) == len(expressions) else "must be distinct"


def _sync_problem(is_async: bool) -> str | None:
    return None if is_async else "must be true: a service answers with a callback"


def _schedule_problem(expression: str) -> str | None:
    try:
        kind = parse(expression).kind
    except ScheduleError as error:
        return str(error)
    if kind == "at":
        return "at(...) runs once and is not supported for jobs yet; use rate(...) or cron(...)"
    return None


Expression = Annotated[str, _refusing(_schedule_problem)]


def _schema_problem(schema: dict[str, Any]) -> str | None:
    from chalicelib.domain.state_schema import schema_problem  # slow to import, and few jobs have a schema

    return schema_problem(schema)


def _schema_length_problem(schema: dict[str, Any]) -> str | None:
    from chalicelib.domain.state_schema import schema_length_problem

    return schema_length_problem(schema)


Schema = Annotated[dict[str, Any], _refusing(_schema_length_problem, _TOO_LARGE), _refusing(_schema_problem)]


class JobBody(BaseModel):
    """The body of PUT /services/{service}/jobs/{job}; `schedule` or `schedules` is there (`_which_schedules`)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    is_async: Annotated[bool, _refusing(_sync_problem), Field(alias="async")] = True
    description: Annotated[str, bounded(limits.DESCRIPTION)] | None = None
    enabled: bool = True
    start_at: Instant | None = None
    end_at: Instant | None = None
    exclusive: bool = False
    external_id: Annotated[str, bounded(limits.EXTERNAL_ID)] | None = None
    invocation_target: Annotated[str, _refusing(target_length_problem, _TOO_LARGE), _refusing(target_problem)]
    invocation_type: Literal["http"] = "http"
    payload: Annotated[str, bounded(limits.PAYLOAD)] | None = None
    retention_days: Annotated[int, Field(ge=1, le=MAX_RETENTION_DAYS)] | None = None
    schedule: Expression | None = None
    schedules: Annotated[list[Expression], Field(min_length=1, max_length=10), _refusing(_schedules_problem)] | None = (
        None
    )
    state_schema: Schema | None = None
    response_schema: Schema | None = None
    tags: Annotated[list[Tag], Field(max_length=20), _refusing(_tags_problem)] = []
    ttl_seconds: Annotated[int, Field(ge=1, le=MAX_TTL_SECONDS)]
    timeout_seconds: Annotated[int, Field(ge=1, le=MAX_TIMEOUT_SECONDS)] | None = None

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
        )


def _milliseconds(instant: str | int | None) -> int | None:
    return None if instant is None else int(instant)


class CallbackBody(BaseModel):
    """The body of POST <callback_url>."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    status: Literal["success", "fail", "failed", "heartbeat", "processing"]
    state: Annotated[str, bounded(limits.STATE)] | None = None
    summary: Annotated[str, bounded(limits.SUMMARY)] | None = None
    correlation_id: Annotated[str, bounded(limits.CORRELATION_ID)] | None = None
    error: Annotated[str, bounded(limits.ERROR)] | None = None
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
        details = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [*problems, *(_problem(detail) for detail in details)]
        if any(detail["type"] == _TOO_LARGE for detail in details):
            raise DocumentTooLarge(problems) from None
        raise InvalidDocument(problems, code=_code(code, problems)) from None
    if problems:
        raise InvalidDocument(problems, code=_code(code, problems))
    return validated


def _code(code: str, problems: list[Problem]) -> str:
    about_schedules = {problem.field.partition(".")[0] for problem in problems} <= {"schedule", "schedules"}
    return "InvalidSchedule" if about_schedules else code


def _problem(detail: ErrorDetails) -> Problem:
    field = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return Problem(field, "is not a known field; leave it out or correct its name")
    if detail["type"] == "missing":
        return Problem(field, "is required")
    return Problem(field, detail["msg"])
