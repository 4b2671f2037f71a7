"""Pages of a fire as texts: the messages of the start queue, and what a store keeps of a page."""

import json
from dataclasses import dataclass

from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.json_text import compact
from jobhook.core.paging import Position
from jobhook.core.schedules.pages import FirePage, PageKey


@dataclass(frozen=True, slots=True)
class OldMessage:
    """A message of a version without page rows: runs that could not be started, or a part of the fire."""

    expression: str
    scheduled_time_ms: int
    runs: tuple[ExecutionInput, ...]


def to_message(page: PageKey) -> str:
    """The key of a page as a message's body."""
    document = {"expression": page.expression, "scheduled_time_ms": page.scheduled_time_ms, "page": page.name}
    return compact(document)


def from_message(body: str) -> PageKey | OldMessage:
    """The key in a message's body. Raises KeyError, TypeError, ValueError for a body that is not one of these."""
    document = json.loads(body)
    if "page" in document:
        return PageKey(document["expression"], document["scheduled_time_ms"], document["page"])
    runs = tuple(ExecutionInput.from_json(run) for run in document["runs"])
    return OldMessage(document["expression"], document["scheduled_time_ms"], runs)


def to_stored_text(page: FirePage) -> str:
    """What is stored of a page beside its key and revision."""
    document = {"after": page.after, "until": page.until, "runs": [run.to_json() for run in page.runs]}
    return compact(document)


def from_stored_text(key: PageKey, revision: int, text: str) -> FirePage:
    """The page of such a text."""
    document = json.loads(text)
    runs = tuple(ExecutionInput.from_json(run) for run in document["runs"])
    return FirePage(key, _position(document["after"]), _position(document["until"]), runs, revision)


def _position(parts: list[str | int] | None) -> Position | None:
    return None if parts is None else tuple(parts)
