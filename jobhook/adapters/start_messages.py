"""Pages of a dispatch as messages of a queue: written by the queue's adapter, read by the function behind the queue."""

import json

from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.json_text import compact
from jobhook.ports import StartPage


def to_message(page: StartPage) -> str:
    """The page as a message's body."""
    document = {
        "expression": page.expression,
        "scheduled_time_ms": page.scheduled_time_ms,
        "after": page.after,
        "started": page.started,
        "runs": [run.to_json() for run in page.runs],
    }
    return compact(document)


def from_message(body: str) -> StartPage:
    """The page in a message's body. Raises KeyError, ValueError for a body that is not ours."""
    document = json.loads(body)
    after = document["after"]
    return StartPage(
        expression=document["expression"],
        scheduled_time_ms=document["scheduled_time_ms"],
        after=None if after is None else tuple(after),
        started=document["started"],
        runs=tuple(ExecutionInput.from_json(run) for run in document["runs"]),
    )
