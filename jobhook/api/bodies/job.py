"""The body of a PUT of a job."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from jobhook.api.bodies.field_types import (
    HTTP_TARGET_SCHEMA,
    Bounded,
    Expression,
    HttpUrl,
    Instant,
    Schema,
    Tag,
    check_target,
    distinct,
    refusing,
)
from jobhook.api.bodies.json_documents import read_json_object
from jobhook.api.bodies.validation import validated_document
from jobhook.core import limits
from jobhook.core.errors import ImpossibleSchedule, Problem
from jobhook.core.identities import NAME_RULE, is_name
from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.job import (
    MAX_RETENTION_DAYS,
    MAX_TIMEOUT_SECONDS,
    MAX_TTL_SECONDS,
    JobSettings,
    default_timeout_seconds,
)
from jobhook.core.notifications.policy import DEFAULT_EVENTS, Format, NotificationPolicy, in_order
from jobhook.core.schedules.expression import parse
from jobhook.core.targets.http import HttpTarget


def _sync_problem(is_async: bool) -> str | None:
    return None if is_async else "must be true: a service answers with a callback"


EventName = Literal["success", "failed", "timed_out", "cancelled", "skipped", "missed", "dead_lettered", "recovered"]
"""An `Event` as JSON has it: pydantic, when strict, takes no text for an enum's member."""


class NotifyBody(BaseModel):
    """Which ends of a job's executions are reported, and where to."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    target: Annotated[
        HttpUrl, Field(description="Absolute http or https URL for notifications, without user, password or fragment.")
    ]
    on: Annotated[
        list[EventName],
        Field(
            min_length=1,
            description="The ends that are reported; `recovered` is the first success after another end.",
            json_schema_extra={"uniqueItems": True},
        ),
        refusing(distinct),
    ] = [event.value for event in DEFAULT_EVENTS]
    format: Annotated[
        Literal["json", "slack"], Field(description="`slack`: a text for an incoming webhook of Slack.")
    ] = "json"

    def policy(self) -> NotificationPolicy:
        """The policy that is asked for."""
        return NotificationPolicy(self.target, in_order(self.on), Format(self.format))


class JobBody(BaseModel):
    """The body of PUT /services/{service}/jobs/{job}. It has `schedule` or `schedules`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    is_async: Annotated[
        bool,
        refusing(_sync_problem),
        Field(alias="async", description="A service answers with a callback.", json_schema_extra={"const": True}),
    ] = True
    description: Annotated[
        Annotated[str, Bounded(limits.DESCRIPTION)] | None, Field(description="What the job is for.")
    ] = None
    enabled: Annotated[bool, Field(description="A disabled job has no occurrences.")] = True
    start_at: Annotated[Instant | None, Field(description="The job has no occurrences before it.")] = None
    end_at: Annotated[
        Instant | None, Field(description="The job has no occurrences from then on; in the future, after `start_at`.")
    ] = None
    exclusive: Annotated[bool, Field(description="Whether a run is refused while an earlier one has not ended.")] = (
        False
    )
    external_id: Annotated[
        Annotated[str, Bounded(limits.EXTERNAL_ID)] | None, Field(description="The job's id in another system.")
    ] = None
    invocation_type: Annotated[Literal["http"], Field(description="How the webhook is delivered.")] = "http"
    invocation_target: Annotated[
        str,
        Field(
            description="Absolute http or https URL that takes the webhook, without user, password or fragment.",
            json_schema_extra=HTTP_TARGET_SCHEMA,
        ),
    ]
    notify: Annotated[
        NotifyBody | None, Field(description="Where the ends of its executions are reported. Null: nowhere.")
    ] = None
    payload: Annotated[
        Annotated[str, Bounded(limits.PAYLOAD)] | None,
        Field(description="A text that every webhook has, unchanged."),
    ] = None
    retention_days: Annotated[
        Annotated[int, Field(ge=1, le=MAX_RETENTION_DAYS)] | None,
        Field(description="How long its executions are kept. Null: as long as all others."),
    ] = None
    schedule: Annotated[
        Expression | None, Field(description="The job's only schedule. Either it or `schedules` is required.")
    ] = None
    schedules: Annotated[
        Annotated[
            list[Expression],
            Field(min_length=1, max_length=10, json_schema_extra={"uniqueItems": True}),
            refusing(distinct),
        ]
        | None,
        Field(description="The job's schedules; `schedule`, if it is given too, is the first of them."),
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
        list[Tag],
        Field(max_length=20, description="Words that jobs are found by.", json_schema_extra={"uniqueItems": True}),
        refusing(distinct),
    ] = []
    ttl_seconds: Annotated[
        int, Field(ge=1, le=MAX_TTL_SECONDS, description="How long Jobhook waits for a callback, a heartbeat included.")
    ]
    timeout_seconds: Annotated[
        Annotated[int, Field(ge=1, le=MAX_TIMEOUT_SECONDS)] | None,
        Field(
            description="How long the whole run may take, heartbeats or not: more than `ttl_seconds`. "
            "Null: 86,400, or twice `ttl_seconds` where that is more."
        ),
    ] = None

    @field_validator("invocation_target")
    @classmethod
    def _of_its_type(cls, target: str, info: ValidationInfo) -> str:
        return check_target(info.data.get("invocation_type", HttpTarget.kind), target)

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
