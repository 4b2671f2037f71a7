"""The bodies of actions on jobs and executions; most may be left out."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from jobhook.api.bodies.field_types import Bounded, Instant
from jobhook.api.bodies.validation import validated
from jobhook.core import limits
from jobhook.core.errors import InvalidDocument, Problem
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.jobs.overlap import Overlap


def _overlap(value: object) -> object:
    """Strict models take no text for an enum, and JSON has nothing else."""
    return Overlap(value) if isinstance(value, str) and value in list(Overlap) else value


class RunBody(BaseModel):
    """The body of POST /services/{service}/jobs/{job}/run."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    payload: Annotated[
        Annotated[str, Bounded(limits.PAYLOAD)] | None,
        Field(description="Replaces the job's payload for this run."),
    ] = None
    overlap: Annotated[
        Annotated[Overlap, BeforeValidator(_overlap)] | None,
        Field(description="For an exclusive job: refuse this run while an earlier one has not ended, or allow both."),
    ] = None


class PauseBody(BaseModel):
    """The body of POST /services/{service}/jobs/{job}/pause; `until` in RFC 3339 or epoch milliseconds."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    reason: Annotated[str, Field(min_length=1), Bounded(limits.PAUSE_REASON)]
    until: Annotated[
        Instant | None,
        Field(description="In the future: the first time that runs again. Null: a resume ends it."),
    ] = None


class TestBody(BaseModel):
    """The body of POST /services/{service}/jobs/{job}/test."""

    __test__ = False  # no test of pytest's, whatever its name says
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    payload: Annotated[
        Annotated[str, Bounded(limits.PAYLOAD)] | None,
        Field(description="Replaces the job's payload for this call."),
    ] = None


class NoBody(BaseModel):
    """The body of an action that takes none: nothing, or an empty object."""

    model_config = ConfigDict(extra="forbid")


def parse_run(media_type: str, body: bytes) -> RunRequest:
    """What a run does otherwise than its job says. Raises as every parser of bodies does."""
    if not body:
        return RunRequest()
    asked = validated(RunBody, "InvalidRun", media_type, body, [])
    return RunRequest(asked.payload, "payload" in asked.model_fields_set, asked.overlap)


def parse_test(media_type: str, body: bytes) -> RunRequest:
    """What a test call's webhook says otherwise than the job. Raises as every parser of bodies does."""
    if not body:
        return RunRequest()
    asked = validated(TestBody, "InvalidTest", media_type, body, [])
    return RunRequest(asked.payload, "payload" in asked.model_fields_set)


def parse_pause(media_type: str, body: bytes, now_ms: int) -> tuple[str, int | None]:
    """Why a job is paused, and until when (epoch ms). Raises as every parser of bodies does."""
    asked = validated(PauseBody, "InvalidPause", media_type, body, [])
    until_ms = None if asked.until is None else int(asked.until)
    if until_ms is not None and until_ms <= now_ms:
        raise InvalidDocument([Problem("until", "must lie in the future")], code="InvalidPause")
    return asked.reason, until_ms


def check_no_body(media_type: str, body: bytes) -> None:
    """Raises as every parser of bodies does where the body says anything."""
    if body:
        validated(NoBody, "InvalidRequest", media_type, body, [])
