"""What the messages of the dead-letter queues are, and who takes them again: pure reading, nothing is sent.

The forms are AWS's: a queue keeps the message that was in it before, an asynchronous invocation leaves a record with
the event as `requestPayload` (Lambda's "Capturing records of asynchronous invocations"), and a rule leaves the event.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum

from jobhook.adapters.start_messages import from_message
from jobhook.cli.tools.dead_letters.names import DISPATCH, RECONCILE, STARTS, DeadQueue, name_of

_STATUS_CHANGE = "Step Functions Execution Status Change"
_SCHEDULED = "Scheduled Event"


class Kind(StrEnum):
    """What a letter asks for."""

    PAGE = "page"
    """Executions of a dispatch that are to be started."""
    FIRE = "fire"
    """A schedule's nominal time that is to be dispatched."""
    RECONCILE = "reconcile"
    """A run of the reconciler."""
    RUN_ENDED = "run-ended"
    """A run that Step Functions has ended badly."""
    UNKNOWN = "unknown"
    """Not a letter of Jobhook's: it is left where it is."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`to` is the role of the queue or function that takes `body`, which holds payloads; None for an unknown one."""

    kind: Kind
    to: str | None
    body: str = field(repr=False)


def read_letter(stage: str, queue: DeadQueue, body: str) -> Letter:
    """A message of that queue. Only what its way in brings is known: all else is `unknown`."""
    if queue is DeadQueue.STARTS:
        return _page(body)
    document = _object(body)
    if queue is DeadQueue.RULES:
        return _event(stage, document)
    letter = _event(stage, document.get("requestPayload"))
    return letter if letter.to == queue.removesuffix("-dead") else _unknown()


def _page(body: str) -> Letter:
    try:
        from_message(body)
    except (KeyError, TypeError, ValueError):
        return _unknown()
    return Letter(Kind.PAGE, STARTS, body)


def _event(stage: str, event: object) -> Letter:
    if not isinstance(event, dict):
        return _unknown()
    kind = _kind(stage, event)
    if kind is Kind.UNKNOWN:
        return _unknown()
    return Letter(kind, DISPATCH if kind is Kind.FIRE else RECONCILE, json.dumps(event))


def _kind(stage: str, event: dict[str, object]) -> Kind:
    if event.get("detail-type") == _STATUS_CHANGE:
        return Kind.RUN_ENDED
    resources = event.get("resources")
    if event.get("detail-type") != _SCHEDULED or not isinstance(resources, list) or len(resources) != 1:
        return Kind.UNKNOWN
    rule = str(resources[0]).rpartition("/")[2]
    if rule == name_of(stage, RECONCILE):
        return Kind.RECONCILE
    return Kind.FIRE if rule.startswith(name_of(stage, "rule-")) else Kind.UNKNOWN


def _object(body: str) -> dict[str, object]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _unknown() -> Letter:
    return Letter(Kind.UNKNOWN, None, "")
