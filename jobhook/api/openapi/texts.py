"""Kinds of text and number that many answers hold, and how every answer's model is set."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from jobhook.core.identities import MAX_NAME_LENGTH, NAME_PATTERN

RFC_3339_UTC = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z$"

Instant = Annotated[str, Field(pattern=RFC_3339_UTC, json_schema_extra={"format": "date-time"})]
EpochMs = Annotated[int, Field(description="Epoch milliseconds.")]
Name = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$", max_length=MAX_NAME_LENGTH)]
Count = Annotated[int, Field(ge=0)]
Expression = Annotated[str, Field(description="`rate(...)` or `cron(...)` in AWS's grammar, UTC.")]
ExecutionId = Annotated[str, Field(description="A function of job and scheduled time; as a webhook's `execution_id`.")]
Cursor = Annotated[str | None, Field(description="The `cursor` of the next page; null on the last one.")]


class Answer(BaseModel):
    """A part of an answer. Every field is always there, null where there is nothing to say, and there are no others."""

    model_config = ConfigDict(extra="forbid")
