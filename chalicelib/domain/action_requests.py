"""The bodies of actions on jobs and executions; most may be left out."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from chalicelib.domain import limits
from chalicelib.domain.on_request import Overlap, RunRequest
from chalicelib.domain.requests import bounded, validated


def _overlap(value: object) -> object:
    """Strict models take no text for an enum, and JSON has nothing else."""
    return Overlap(value) if isinstance(value, str) and value in list(Overlap) else value


class RunBody(BaseModel):
    """The body of POST /services/{service}/jobs/{job}/run."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    payload: Annotated[str, bounded(limits.PAYLOAD)] | None = None
    overlap: Annotated[Overlap, BeforeValidator(_overlap)] | None = None


class NoBody(BaseModel):
    """The body of an action that takes none: nothing, or an empty object."""

    model_config = ConfigDict(extra="forbid")


def parse_run(media_type: str, body: bytes) -> RunRequest:
    """What a run does otherwise than its job says. Raises as every parser of bodies does."""
    if not body:
        return RunRequest()
    asked = validated(RunBody, "InvalidRun", media_type, body, [])
    return RunRequest(asked.payload, "payload" in asked.model_fields_set, asked.overlap)


def check_no_body(media_type: str, body: bytes) -> None:
    """Raises as every parser of bodies does where the body says anything."""
    if body:
        validated(NoBody, "InvalidRequest", media_type, body, [])
