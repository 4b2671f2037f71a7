"""Timers against a clock that a test moves, the wall clock's jumps included."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.server import timers as timers_module
from jobhook.server.timers import Timers
from tests.fakes.ports import FakeClock

START_MS = 1_000_000


class Heard:
    """Timers, and the batches of keys that they called back with."""

    def __init__(self) -> None:
        self.clock = FakeClock(START_MS)
        self.batches: list[list[str]] = []
        self.called = asyncio.Event()
        self.timers = Timers(self.clock, self._hear)

    def _hear(self, keys: Sequence[str]) -> None:
        self.batches.append(list(keys))
        self.called.set()

    @property
    def keys(self) -> list[str]:
        return [key for batch in self.batches for key in batch]

    def at(self, ms: int) -> list[str]:
        """What is called back for at that time, beyond what was before."""
        known = len(self.keys)
        self.clock.time_ms = START_MS + ms
        self.timers.fire()
        return self.keys[known:]

    def set(self, key: str, ms: int) -> None:
        self.timers.set(key, START_MS + ms)


def test_each_key_is_called_back_once_at_its_time_in_order() -> None:
    heard = Heard()
    for key, ms in {"b": 20, "a": 10, "c": 30}.items():
        heard.set(key, ms)
    assert heard.at(9) == []
    assert heard.at(20) == ["a", "b"]
    assert heard.at(25) == []
    assert heard.at(1_000) == ["c"]
    assert heard.at(2_000) == []
    assert len(heard.timers) == 0


def test_the_earlier_of_two_times_stands() -> None:
    heard = Heard()
    heard.set("later", 10)
    heard.set("later", 50)
    heard.set("earlier", 50)
    heard.set("earlier", 10)
    assert sorted(heard.at(10)) == ["earlier", "later"]
    assert heard.at(100) == []


def test_who_is_called_too_early_sets_the_timer_again() -> None:
    heard = Heard()
    heard.set("a", 10)
    heard.set("a", 50)
    assert heard.at(10) == ["a"]
    heard.set("a", 50)
    assert heard.at(49) == []
    assert heard.at(50) == ["a"]


def test_a_dropped_key_is_not_called_back_until_it_is_set_again() -> None:
    heard = Heard()
    heard.set("a", 10)
    heard.timers.drop("a")
    heard.timers.drop("never set")
    assert heard.at(10) == []
    heard.set("a", 15)
    heard.timers.drop("a")
    heard.set("a", 30)
    assert heard.at(20) == []
    assert heard.at(30) == ["a"]


def test_a_key_that_is_dropped_and_set_to_the_same_time_is_called_back_once() -> None:
    heard = Heard()
    heard.set("a", 10)
    heard.timers.drop("a")
    heard.set("a", 10)
    assert heard.at(10) == ["a"]
    assert heard.at(11) == []


def test_many_due_keys_come_in_batches_of_bounded_size() -> None:
    heard = Heard()
    for number in range(1_001):
        heard.set(f"k{number:04d}", number % 7)
    heard.clock.advance(1)
    while len(heard.timers):
        heard.timers.fire()
    assert len(heard.keys) == len(set(heard.keys)) == 1_001
    assert max(map(len, heard.batches)) <= 200


def test_dropped_timers_that_lie_far_ahead_do_not_pile_up() -> None:
    heard = Heard()
    day_ms = 86_400_000
    for number in range(20_000):
        heard.set(f"k{number}", day_ms)
        if number >= 100:
            heard.timers.drop(f"k{number}")
    assert len(heard.timers._heap) < 5_000
    assert sorted(heard.at(day_ms)) == sorted(f"k{number}" for number in range(100))


def test_a_clock_that_is_set_back_calls_back_later_and_one_set_forward_at_once() -> None:
    heard = Heard()
    heard.set("a", 100)
    assert heard.at(-3_600_000) == []
    heard.set("b", -3_599_000)
    assert heard.at(-3_599_000) == ["b"]
    assert heard.at(99) == []
    assert heard.at(7_200_000) == ["a"]


async def test_the_loop_is_woken_for_what_is_due() -> None:
    heard = Heard()
    heard.set("before", 0)
    heard.timers.start()
    heard.set("at once", -5)
    await heard.called.wait()
    assert sorted(heard.keys) == ["at once", "before"]
    heard.timers.stop()


async def test_the_loop_looks_again_in_bounded_time_however_far_the_next_timer_lies() -> None:
    heard = Heard()
    heard.timers.start()
    heard.set("in a year", 365 * 86_400_000)
    wake = heard.timers._wake
    assert wake is not None
    assert wake.when() - asyncio.get_running_loop().time() <= 30
    heard.timers.stop()


async def test_an_earlier_timer_moves_the_wake_up() -> None:
    heard = Heard()
    heard.timers.start()
    heard.set("later", 20_000)
    heard.set("sooner", 5_000)
    wake = heard.timers._wake
    assert wake is not None
    assert wake.when() - asyncio.get_running_loop().time() <= 5
    heard.timers.stop()


async def test_after_stop_nothing_wakes() -> None:
    heard = Heard()
    heard.timers.start()
    heard.set("a", 0)
    heard.timers.stop()
    heard.set("b", 0)
    for _ in range(5):
        await asyncio.sleep(0)
    assert heard.keys == []
    assert heard.timers._wake is None


async def test_a_callee_that_raises_does_not_stop_the_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(START_MS)
    heard: list[str] = []

    def raising_at_first(keys: Sequence[str]) -> None:
        heard.extend(keys)
        if keys[0] == "bad":
            raise ValueError("bad")

    monkeypatch.setattr(timers_module, "_LARGEST_BATCH", 1)
    timers = Timers(clock, raising_at_first)
    timers.set("bad", START_MS)
    timers.set("good", START_MS + 1)
    timers.start()
    clock.advance(1)
    with pytest.raises(ValueError, match="bad"):
        timers.fire()
    timers.fire()
    timers.stop()
    assert heard == ["bad", "good"]


Action = tuple[str, str, int]
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["set", "drop", "go to"]), st.sampled_from("abcd"), st.integers(-50, 50)), max_size=60
)


@given(ACTIONS)
def test_timers_do_what_a_plain_table_of_times_would(actions: list[Action]) -> None:
    heard, table = Heard(), dict[str, int]()
    now_ms = 0
    for action, key, number in actions:
        if action == "set":
            table[key] = min(table.get(key, now_ms + number), now_ms + number)
            heard.set(key, now_ms + number)
        elif action == "drop":
            table.pop(key, None)
            heard.timers.drop(key)
        else:
            now_ms += number
            due = {key for key, at_ms in table.items() if at_ms <= now_ms}
            table = {key: at_ms for key, at_ms in table.items() if key not in due}
            called = heard.at(now_ms)
            assert sorted(called) == sorted(due)
        assert len(heard.timers) == len(table)
