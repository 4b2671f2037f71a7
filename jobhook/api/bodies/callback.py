"""The body of a callback."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from jobhook.api.bodies.field_types import Bounded
from jobhook.api.bodies.validation import validated
from jobhook.core import limits
from jobhook.core.executions.callbacks import Callback, Signal


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


def parse_callback(media_type: str, body: bytes) -> Callback:
    """What a callback says. Raises UnsupportedMediaType, InvalidDocument or DocumentTooLarge with all problems."""
    return validated(CallbackBody, "InvalidCallback", media_type, body, []).callback()
