"""A callback, and its answer."""

from typing import Annotated, Literal, Required, TypedDict

from jobhook.documents.annotations import Field
from jobhook.documents.kinds import EpochMs, Instant, Status

Signal = Literal["success", "fail", "failed", "heartbeat", "processing"]
"""`failed` means `fail`, and `processing` means `heartbeat`."""


class Callback(TypedDict, total=False):
    """The body of a callback. A field that is left out keeps its last value. docs/api.md has the limits."""

    status: Required[Signal]
    state: str | None
    summary: str | None
    correlation_id: str | None
    error: str | None
    progress: int | None


class CallbackAnswer(TypedDict):
    """The execution's status after a callback."""

    status: Status
    expires_at: Annotated[Instant | None, Field("When it times out unless a heartbeat comes; null once it has ended.")]
    expires_at_ms: EpochMs | None
