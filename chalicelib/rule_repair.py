"""Reconciles rules with schedules' rows: EventBridge's rules can be deleted, disabled, or lose their target.

One machine has no such step. There the rows are the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jobhook.core.errors import Unavailable
from jobhook.core.schedules.rows import RuleState, ScheduleRow
from jobhook.core.times import MINUTE_MS
from jobhook.ports import Backend, RuleRefused, Rules

CHECKED_AT_ONCE = 25
"""A look at a target is a call of its own, so a run looks at this many; 300 rules have had their turn after an hour."""
_TURN_MS = 5 * MINUTE_MS  # how often the reconciler runs


@dataclass(frozen=True, slots=True)
class ListedRule:
    """A rule that exists; one that is not enabled fires nothing."""

    suffix: str
    enabled: bool


class ListedRules(Rules, Protocol):
    """Rules that exist apart from the schedules' rows, so that one can be without the other."""

    async def list_rules(self) -> Sequence[ListedRule]:
        """All rules of this installation.

        Raises Unavailable where not all could be listed: a rule that is left out would pass for deleted.
        """

    async def has_target(self, rule_suffix: str) -> bool:
        """Whether what the rule fires reaches dispatch; one call a rule."""


class AwsPorts(Backend, Protocol):
    """A backend whose rules can be listed."""

    @property
    def rules(self) -> ListedRules:
        """What fires schedules."""


async def repair_rules(backend: AwsPorts, before_ms: int) -> int:
    """How many were repaired. The rules are listed before the rows: a row is made before its rule."""
    rules = await backend.rules.list_rules()
    rows = await backend.store.list_schedules()
    orphans = {rule.suffix for rule in rules} - {row.rule_suffix for row in rows}
    for orphan in orphans:
        await backend.rules.remove(orphan)
    due = [row for row in rows if _must_fire(row, before_ms)]
    firing = await _firing(backend, rules, {row.rule_suffix for row in due}, before_ms)
    return len(orphans) + await _put_again(backend, [row for row in due if row.rule_suffix not in firing])


def in_turn(suffixes: Sequence[str], before_ms: int) -> Sequence[str]:
    """Those whose turn it is: at most `CHECKED_AT_ONCE`, and in as many runs as that takes each comes once."""
    turns = -(-len(suffixes) // CHECKED_AT_ONCE) or 1
    return sorted(suffixes)[before_ms // _TURN_MS % turns :: turns]


def _must_fire(row: ScheduleRow, before_ms: int) -> bool:
    """Whether its rule existed when the rules were listed.

    The rule of a young row may have come later, and to put a rate's rule again would restart the rate.
    """
    return row.state is RuleState.ACTIVE and row.jobs > 0 and row.created_at_ms < before_ms


async def _firing(backend: AwsPorts, rules: Sequence[ListedRule], due: set[str], before_ms: int) -> set[str]:
    """The rules that fire, as far as this run looks: the targets of the others are taken for granted."""
    enabled = {rule.suffix for rule in rules if rule.enabled and rule.suffix in due}
    aimless = {suffix for suffix in in_turn(list(enabled), before_ms) if not await backend.rules.has_target(suffix)}
    return enabled - aimless


async def _put_again(backend: AwsPorts, lost: Sequence[ScheduleRow]) -> int:
    """Put again the rules that were deleted, disabled or left without a target while jobs count on them.

    Raises Unavailable where one is refused, after all.
    """
    refusals: list[str] = []
    for row in lost:
        try:
            await backend.rules.put(row)
        except RuleRefused as refused:
            refusals.append(str(refused))
    if refusals:
        raise Unavailable(f"{len(refusals)} lost rules could not be made again: {refusals[0]}")
    return len(lost)
