"""The clock: fires each schedule at its times. On one machine it is what EventBridge's rules are on AWS."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass

from jobhook.core.errors import JobhookError
from jobhook.core.schedules.expression import parse
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.ports import Clock
from jobhook.server.timers import Timers

log = logging.getLogger(__name__)

Fire = Callable[[ScheduleRow, int], Awaitable[object]]
Prepare = Callable[[ScheduleRow], Awaitable[object]]

_PREPARE_MS = 30  # long enough to have read by then, short enough that what was read still lies in the caches


@dataclass(frozen=True, slots=True)
class _ActiveRule:
    row: ScheduleRow
    next_ms: int


class ScheduleClock:
    """The `Rules` port of one machine, and what calls dispatch when a schedule is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._standing: dict[str, _ActiveRule] = {}
        self._timers = Timers(clock, self._on_due)
        self._firing: set[asyncio.Task[None]] = set()
        self._dispatch: Fire | None = None
        self._catch_up: Fire | None = None
        self._prepare: Prepare | None = None

    def start(
        self, rows: Sequence[ScheduleRow], dispatch: Fire, catch_up: Fire, prepare: Prepare | None = None
    ) -> None:
        """Begin with these schedules: `dispatch` gets each due time, `catch_up` now where several have passed.

        `prepare` is called moments before a time is due, with one of the schedules that are due then. It must change
        nothing: it may be left out, or come in vain.
        """
        self._dispatch, self._catch_up, self._prepare = dispatch, catch_up, prepare
        for row in rows:
            self._activate(row, row.checked_until_ms)
        self._timers.start()

    async def stop(self) -> None:
        """Fire no more, and wait for what has been fired."""
        self._timers.stop()
        if self._firing:
            await asyncio.wait(self._firing)

    def fire_timers(self) -> None:
        """Handle what is due by the clock now (for tests; otherwise the timers wake by themselves)."""
        self._timers.fire()

    async def put(self, row: ScheduleRow) -> None:
        known = self._standing.get(row.expression)
        if known is None or known.row.generation != row.generation:
            self._activate(row, row.checked_until_ms)

    async def remove(self, rule_suffix: str) -> None:
        for expression, standing in list(self._standing.items()):
            if standing.row.rule_suffix == rule_suffix:
                del self._standing[expression]
                self._timers.drop(expression)

    def _activate(self, row: ScheduleRow, after_ms: int) -> None:
        next_ms = parse(row.expression).next_after(after_ms, anchor_ms=row.created_at_ms)
        self._timers.drop(row.expression)
        if next_ms is not None:
            self._standing[row.expression] = _ActiveRule(row, next_ms)
            self._timers.set(row.expression, next_ms - _PREPARE_MS)

    def _on_due(self, expressions: Sequence[str]) -> None:
        now_ms = self._clock.now_ms()
        early: list[ScheduleRow] = []
        for expression in expressions:
            standing = self._standing.get(expression)
            if standing is None:
                continue
            if now_ms < standing.next_ms:
                self._timers.set(expression, standing.next_ms)
                early.append(standing.row)
            else:
                del self._standing[expression]
                self._on_time(standing.row, standing.next_ms, now_ms)
        if early and self._prepare is not None:
            self._run(_tried(self._prepare, early[0]))

    def _on_time(self, row: ScheduleRow, due_ms: int, now_ms: int) -> None:
        following_ms = parse(row.expression).next_after(due_ms, anchor_ms=row.created_at_ms)
        if following_ms is not None and following_ms <= now_ms:
            self._fire(self._catch_up, row, now_ms)  # the machine slept, or its clock was set forward
            self._activate(row, now_ms)
        else:
            self._fire(self._dispatch, row, due_ms)
            self._activate(row, due_ms)

    def _fire(self, fire: Fire | None, row: ScheduleRow, at_ms: int) -> None:
        if fire is not None:
            self._run(_logged(fire, row, at_ms))

    def _run(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._firing.add(task)
        task.add_done_callback(self._firing.discard)


async def _logged(fire: Fire, row: ScheduleRow, at_ms: int) -> None:
    """What fails here is not lost: its fire is open, or has no row, and the reconciler finds it."""
    try:
        await fire(row, at_ms)
    except Exception:
        log.exception("the fire of %s at %d could not be finished; the reconciler takes it up", row.expression, at_ms)


async def _tried(prepare: Prepare, row: ScheduleRow) -> None:
    """What fails here keeps nothing from being fired."""
    try:
        await prepare(row)
    except JobhookError as error:
        log.warning("the fire of %s could not be prepared: %s", row.expression, error.message)
