"""From a schedule expression to the schedule that it means."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from jobhook.core.schedules.expression.at import At, parse_at
from jobhook.core.schedules.expression.cron import Cron, parse_cron
from jobhook.core.schedules.expression.errors import ScheduleError, quoted
from jobhook.core.schedules.expression.rate import Rate, parse_rate

Schedule: TypeAlias = Rate | Cron | At

MOST_CHARACTERS: Final = 256
"""The longest ScheduleExpression that EventBridge's PutRule takes."""

_KINDS: Final[Mapping[str, Callable[[str, str], Schedule]]] = {"rate": parse_rate, "cron": parse_cron, "at": parse_at}


def parse(expression: str) -> Schedule:
    """Return the schedule that an AWS expression (`rate(...)`, `cron(...)` or `at(...)`) means, in UTC.

    Raises ScheduleError, and nothing else, for anything that AWS does not document. An expression that is well
    formed and never fires (30 February) is accepted, as AWS accepts it.
    """
    if len(expression) > MOST_CHARACTERS:
        raise ScheduleError("expression", f"must have at most {MOST_CHARACTERS} characters, not {len(expression)}")
    kind, bracket, rest = expression.partition("(")
    if not bracket or kind not in _KINDS:  # of at(...) the sentence says nothing, since jobs do not take it yet
        raise ScheduleError("expression", f"must be rate(...) or cron(...), not {quoted(expression)}")
    if not rest.endswith(")"):
        raise ScheduleError("expression", f"must end with the closing bracket of {kind}(...)")
    return _KINDS[kind](expression, rest[:-1])
