"""How an execution stands, in a word or two for people."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobhook.documents.executions import AnyExecution

MOST_ATTEMPTS = 3
"""So many times in all a webhook is sent; statemachines/execution.asl.json decides it."""


def status_text(execution: "AnyExecution") -> str:
    """The status; of an execution whose webhook has failed and is sent again, which attempt comes or is under way."""
    attempts = execution["attempts"]
    if execution["status"] != "pending" or not any(attempt["error"] for attempt in attempts):
        return execution["status"]
    newest = attempts[-1]
    number = newest["n"] + bool(newest["error"])
    return f"retrying (attempt {number} of {MOST_ATTEMPTS})" if number <= MOST_ATTEMPTS else execution["status"]
