"""Brings rules and schedules' rows together again: half-made, half-deleted, lost, disabled, without a target."""

from collections.abc import Sequence

from jobhook.core.errors import Unavailable
from jobhook.core.schedules.rows import RuleState, ScheduleRow
from jobhook.core.times import MINUTE_MS
from jobhook.ports import Backend, ListedRule, RuleRefused
from jobhook.use_cases.ensure_schedule import retire_schedule

CHECKED_AT_ONCE = 25
"""Targets are asked for rule by rule, so a run looks at this many; 300 rules have had their turn after an hour."""
_TURN_MS = 5 * MINUTE_MS  # how often the reconciler runs


async def repair_rules(backend: Backend, before_ms: int) -> int:
    """How many were mended. The rules are listed before the rows: a row is made before its rule."""
    rules = await backend.rules.list_rules()
    rows = await backend.store.list_schedules()
    mended = await _retire_unused(backend, rows, before_ms)
    if rules is None:
        return mended
    for orphan in {rule.suffix for rule in rules} - {row.rule_suffix for row in rows}:
        await backend.rules.remove(orphan)
        mended += 1
    due = [row for row in rows if _is_to_fire(row, before_ms)]
    firing = await _firing(backend, rules, {row.rule_suffix for row in due}, before_ms)
    return mended + await _put_again(backend, [row for row in due if row.rule_suffix not in firing])


def in_turn(suffixes: Sequence[str], before_ms: int) -> Sequence[str]:
    """Those whose turn it is: at most `CHECKED_AT_ONCE`, and in as many runs as that takes each comes once."""
    turns = -(-len(suffixes) // CHECKED_AT_ONCE) or 1
    return sorted(suffixes)[before_ms // _TURN_MS % turns :: turns]


async def _retire_unused(backend: Backend, rows: Sequence[ScheduleRow], before_ms: int) -> int:
    retired = 0
    for row in rows:
        half_made = row.state is RuleState.CREATING and row.created_at_ms >= before_ms
        if row.jobs == 0 and not half_made:
            await retire_schedule(backend, row.expression)
            retired += 1
    return retired


def _is_to_fire(row: ScheduleRow, before_ms: int) -> bool:
    """Whether its rule stood when the rules were listed. A young row's may have come after, and a rate put again would
    start anew.
    """
    return row.state is RuleState.ACTIVE and row.jobs > 0 and row.created_at_ms < before_ms


async def _firing(backend: Backend, rules: Sequence[ListedRule], due: set[str], before_ms: int) -> set[str]:
    """The rules that fire, as far as this run looks: of those whose turn it is not the target is taken for granted."""
    enabled = {rule.suffix for rule in rules if rule.enabled and rule.suffix in due}
    aimless = {suffix for suffix in in_turn(list(enabled), before_ms) if not await backend.rules.has_target(suffix)}
    return enabled - aimless


async def _put_again(backend: Backend, lost: Sequence[ScheduleRow]) -> int:
    """Rules that somebody has deleted, disabled or robbed of their target while jobs count on them.

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
