"""How Jobhook is doing: what waits, what is late, who holds which lock, and whether anything ran lately."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobhook.core.executions.execution import Execution
from jobhook.core.identities import ExecutionKey
from jobhook.core.schedules.expression import parse
from jobhook.core.schedules.rows import Fire, RuleState, ScheduleRow

COUNTED = 200
"""Nothing is counted further; a count that ends here says that there may be more."""


@dataclass(frozen=True, slots=True)
class Late:
    """A schedule, and the time of it that nobody has accounted for."""

    expression: str
    due_ms: int


@dataclass(frozen=True, slots=True)
class Health:
    """Each list holds at most COUNTED; `ran` are the executions due since `since_ms`, newest first."""

    since_ms: int
    newest: Execution | None
    ran: Sequence[Execution]
    pending: Sequence[Execution]
    running: Sequence[Execution]
    overdue: Sequence[Execution]
    open_fires: Sequence[Fire]
    late: Sequence[Late]
    holders: Sequence[ExecutionKey]

    @property
    def well(self) -> bool:
        """Whether nothing is late that the ordinary paths and the reconciler should have closed."""
        return not (self.overdue or self.open_fires or self.late)


def late_schedules(rows: Sequence[ScheduleRow], before_ms: int, rates_keep_phase: bool) -> list[Late]:
    """Schedules with a time before that instant which no fire has been accounted for; unknown rates are passed over."""
    found = []
    for row in rows:
        schedule = parse(row.expression)
        if row.state is not RuleState.ACTIVE or row.jobs == 0 or (schedule.kind == "rate" and not rates_keep_phase):
            continue
        due_ms = schedule.latest_between(row.checked_until_ms, before_ms, anchor_ms=row.created_at_ms)
        if due_ms is not None:
            found.append(Late(row.expression, due_ms))
    return found[:COUNTED]
