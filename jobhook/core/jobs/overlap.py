"""What a run does while an earlier run of its job has not ended: one decision, from the rule and the lock's holder.

A new rule is one value of `Overlap` and one branch of `decide_overlap`.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from jobhook.core.identities import ExecutionKey


class Overlap(StrEnum):
    """The rule of a run: it may overlap with others, or it takes the job's lock and is refused where another has it."""

    ALLOW = "allow"
    REFUSE = "refuse"

    @property
    def takes_lock(self) -> bool:
        """Whether a run of this rule holds the job's lock from its first attempt to its end."""
        return self is not Overlap.ALLOW


def overlap_rule(exclusive: bool, requested: Overlap | None = None) -> Overlap:
    """The rule of a run: its job's, unless the request for the run has another."""
    return requested or (Overlap.REFUSE if exclusive else Overlap.ALLOW)


@dataclass(frozen=True, slots=True)
class Holder:
    """The execution that holds the job's lock. `ended` is true also where its record is gone."""

    key: ExecutionKey
    ended: bool


class Overlapping(Enum):
    """What a run does before its first attempt."""

    BEGIN = "begin"
    FREE_LOCK = "free the lock of a holder that has ended, then decide again"
    REFUSE = "end without a webhook"


def decide_overlap(rule: Overlap, holder: Holder | None) -> Overlapping:
    """What a run of that rule does, given who else holds the job's lock."""
    if not rule.takes_lock or holder is None:
        return Overlapping.BEGIN
    return Overlapping.FREE_LOCK if holder.ended else Overlapping.REFUSE
