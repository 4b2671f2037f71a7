"""Kinds of text and number that many documents hold, and the words that fields take.

The words and rules are the core's own. They are written again because this package imports nothing; a test compares
the two.
"""

from typing import Annotated, Literal, TypeAlias

from jobhook.documents.annotations import Field

NAME_PATTERN = "^[a-z0-9]+(?:-[a-z0-9]+)*$"
RFC_3339_UTC = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z$"

Name: TypeAlias = Annotated[str, Field(pattern=NAME_PATTERN, max_length=64)]
"""The name of a service or a job."""

Instant: TypeAlias = Annotated[str, Field(pattern=RFC_3339_UTC, format="date-time")]
"""RFC 3339 in UTC, with milliseconds only where there are any."""

EpochMs: TypeAlias = Annotated[int, Field("Epoch milliseconds.")]
Milliseconds: TypeAlias = Annotated[int, Field("Milliseconds.")]
Seconds: TypeAlias = Annotated[int, Field("Seconds.", minimum=1)]
Count: TypeAlias = Annotated[int, Field(minimum=0)]
Day: TypeAlias = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", format="date")]
"""A day in UTC, such as `2026-11-21`."""

Expression: TypeAlias = Annotated[str, Field("`rate(...)` or `cron(...)` in AWS's grammar, UTC.")]
ExecutionId: TypeAlias = Annotated[
    str, Field("The execution's id: a function of job and scheduled time, and the webhook's `execution_id`.")
]
Cursor: TypeAlias = Annotated[str | None, Field("The `cursor` of the next page; null on the last one.")]

Status = Literal[
    "pending", "running", "success", "failed", "timed_out", "cancelled", "skipped", "missed", "dead_lettered"
]
Trigger = Literal["schedule", "run", "retry"]
Overlap = Literal["allow", "refuse"]
Event = Literal["success", "failed", "timed_out", "cancelled", "skipped", "missed", "dead_lettered", "recovered"]
Format = Literal["json", "slack"]
Delivery = Literal["pending", "delivered", "failed"]
Action = Literal["created", "updated", "deleted", "paused", "resumed", "run", "cancelled", "retried"]
Dimension = Literal["day", "service", "status"]
RuleState = Literal["creating", "active", "deleting"]
FireState = Literal["open", "done", "missed"]

ACTIVE: frozenset[str] = frozenset({"pending", "running"})
"""The statuses of an execution that has not ended."""
