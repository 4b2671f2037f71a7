"""The answer of /stats."""

from typing import Annotated

from pydantic import Field

from jobhook.api.openapi.texts import Answer, Count, Name
from jobhook.core.executions.execution import Status
from jobhook.core.executions.stats import Dimension

Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"})]


class Group(Answer):
    """Executions that are alike in what was asked for; of the three, only what `by` names is there."""

    day: Annotated[Day, Field(default_factory=str)]
    service_name: Annotated[Name, Field(default_factory=str)]
    status: Annotated[Status, Field(default_factory=lambda: Status.SUCCESS)]
    count: Count


class Stats(Answer):
    """How many executions came to which end; both days are included."""

    by: list[Dimension]
    since: Day
    until: Day
    service_name: str | None
    results: list[Group]
    total: Count
    open_complete: Annotated[bool, Field(description="Whether all that has not ended yet is counted.")]
