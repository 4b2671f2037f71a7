"""The rows that stand behind schedules: one per unique expression, and one per nominal fire."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


def expression_hash(expression: str) -> str:
    """A name for the expression that fits where it does not: 20 hexadecimal digits."""
    return hashlib.sha256(expression.encode()).hexdigest()[:20]


class RuleState(StrEnum):
    """How far a schedule's rule is: being made, standing, or being removed."""

    CREATING = "creating"
    ACTIVE = "active"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A unique expression that `jobs` jobs share, and its rule.

    `generation` is new each time that the rule is made again, and part of the rule's name: a late removal of an older
    rule cannot hit a newer one. `checked_until_ms` is the time up to which every due fire is known to have its row.
    """

    expression: str
    generation: str
    state: RuleState
    jobs: int
    created_at_ms: int
    checked_until_ms: int

    @property
    def rule_suffix(self) -> str:
        """What the rule's name is made of, beside the stack's prefix: a hash of the expression, and the generation."""
        return f"{expression_hash(self.expression)}-{self.generation}"


class FireState(StrEnum):
    """What became of a nominal fire: being dispatched, dispatched, or missed."""

    OPEN = "open"
    DONE = "done"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Fire:
    """A schedule at one nominal time, or (`missed`) all its nominal times from `scheduled_time_ms` to `until_ms`.

    `count` is the number of executions started, or of nominal times missed. `progress_at_ms` is when executions of it
    were last started, None where none were or it has one page alone.
    """

    expression: str
    scheduled_time_ms: int
    state: FireState
    created_at_ms: int
    until_ms: int
    count: int = 0
    reason: str | None = None
    progress_at_ms: int | None = None
