"""Timers in a heap: one entry a key, and one wake-up of the event loop for the earliest of all."""

import asyncio
import heapq
from collections.abc import Callable, Sequence

from jobhook.ports import Clock

_LONGEST_SLEEP_SECONDS = 30.0  # the wall clock may be set, or the machine may sleep: look again by then
_LARGEST_BATCH = 200  # the loop serves others between two batches
_MOST_GARBAGE = 1_000  # entries of dropped timers that may stay in the heap, beside as many as there are timers


class Timers:
    """Calls back with the keys whose times have come."""

    def __init__(self, clock: Clock, on_due: Callable[[Sequence[str]], None]) -> None:
        self._clock = clock
        self._on_due = on_due
        self._heap: list[tuple[int, str]] = []
        self._at: dict[str, int] = {}
        self._wake: asyncio.TimerHandle | None = None
        self._wake_ms = 0
        self._running = False

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: str, at_ms: int) -> None:
        """Be called back for `key` at `at_ms`, or before: an earlier time that was set stands.

        (Deadlines mostly move away. Who is called back too early sets the timer again, so that a heartbeat costs no
        entry of the heap.)
        """
        known_ms = self._at.get(key)
        if known_ms is not None and known_ms <= at_ms:
            return
        self._at[key] = at_ms
        heapq.heappush(self._heap, (at_ms, key))
        if len(self._heap) > 2 * len(self._at) + _MOST_GARBAGE:
            self._sweep()
        if self._running and (self._wake is None or at_ms < self._wake_ms):
            self._arm()

    def drop(self, key: str) -> None:
        """Forget the key's timer."""
        self._at.pop(key, None)

    def start(self) -> None:
        """Begin to wake the running event loop."""
        self._running = True
        self._arm()

    def stop(self) -> None:
        """Call back no more."""
        self._running = False
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def fire(self) -> None:
        """Call back for what is due now."""
        try:
            due = self._take_due()
            if due:
                self._on_due(due)
        finally:
            if self._running:
                self._arm()

    def _take_due(self) -> list[str]:
        now_ms = self._clock.now_ms()
        due: list[str] = []
        while self._heap and self._heap[0][0] <= now_ms and len(due) < _LARGEST_BATCH:
            at_ms, key = heapq.heappop(self._heap)
            if self._at.get(key) == at_ms:  # else it was dropped, or set to an earlier time that has passed
                del self._at[key]
                due.append(key)
        return due

    def _sweep(self) -> None:
        """Leave out what was dropped. (Most runs end long before their timeout, a day away, would take it out.)"""
        self._heap = [(at_ms, key) for key, at_ms in self._at.items()]
        heapq.heapify(self._heap)

    def _arm(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if self._heap:
            self._wake_ms = self._heap[0][0]
            seconds = (self._wake_ms - self._clock.now_ms()) / 1000
            sleep = min(max(seconds, 0.0), _LONGEST_SLEEP_SECONDS)
            self._wake = asyncio.get_running_loop().call_later(sleep, self.fire)
