"""Whose turn it is: work waits in lanes, of which none holds more than its share of what runs at once."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(slots=True)
class _Host(Generic[Item]):
    waiting: deque[Item] = field(default_factory=deque)
    running: int = 0
    in_turn: bool = False


class PerHostLimiter(Generic[Item]):
    """Lanes by name take turns; within a lane, who came first goes first. Every step costs the same however many wait.

    `most` run at once in all, `share` of them of one lane. Only the lane None is not bound by the share.
    """

    def __init__(self, most: int, share: int) -> None:
        self.most = most
        self._share = share
        self._lanes: dict[str | None, _Host[Item]] = {}
        self._turns: deque[str | None] = deque()  # lanes in which something waits and may run
        self._running = 0

    def add(self, name: str | None, item: Item) -> None:
        """Let `item` wait in a lane."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Host()
        lane.waiting.append(item)
        self._give_turn(name, lane)

    def take(self) -> tuple[str | None, Item] | None:
        """What may run now, with its lane, which `done` is told; None where nothing may."""
        if not self._turns or self._running >= self.most:
            return None
        name = self._turns.popleft()
        lane = self._lanes[name]
        lane.in_turn = False
        lane.running += 1
        self._running += 1
        item = lane.waiting.popleft()
        self._give_turn(name, lane)
        return name, item

    def done(self, name: str | None) -> None:
        """Something that was taken from that lane has ended."""
        lane = self._lanes[name]
        lane.running -= 1
        self._running -= 1
        self._give_turn(name, lane)
        if not lane.running and not lane.waiting:
            del self._lanes[name]

    def _give_turn(self, name: str | None, lane: _Host[Item]) -> None:
        if lane.waiting and not lane.in_turn and (name is None or lane.running < self._share):
            lane.in_turn = True
            self._turns.append(name)
