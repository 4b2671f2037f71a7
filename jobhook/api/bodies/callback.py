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
        Field(description="`failed` means `fail`, and `processing` means `heartbeat`."),
    ]
    state: Annotated[
        Annotated[str, Bounded(limits.STATE)] | None,
        Field(description="With a success: a text for the job's next webhook, as its `state_schema` allows."),
    ] = None
    summary: Annotated[
        Annotated[str, Bounded(limits.SUMMARY)] | None,
        Field(description="A sentence for the history."),
    ] = None
    correlation_id: Annotated[
        Annotated[str, Bounded(limits.CORRELATION_ID)] | None, Field(description="The service's own id for the run.")
    ] = None
    error: Annotated[Annotated[str, Bounded(limits.ERROR)] | None, Field(description="What went wrong.")] = None
    progress: Annotated[
        Annotated[int, Field(ge=0, le=100)] | None, Field(description="How much of the work is done, in percent.")
    ] = None

    def callback(self) -> Callback:
        """What it says, under the words that Jobhook uses."""
        said = {"failed": "fail", "processing": "heartbeat"}.get(self.status, self.status)
        return Callback(Signal(said), self.state, self.summary, self.correlation_id, self.error, self.progress)


def parse_callback(media_type: str, body: bytes) -> Callback:
    """What a callback says. Raises UnsupportedMediaType, InvalidDocument or DocumentTooLarge with all problems."""
    return validated(CallbackBody, "InvalidCallback", media_type, body, []).callback()
