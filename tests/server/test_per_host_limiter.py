"""Lanes take turns, and none holds more than its share."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from jobhook.server.per_host_limiter import PerHostLimiter


def taken(lanes: PerHostLimiter[int]) -> list[tuple[str | None, int]]:
    found = []
    while (next_one := lanes.take()) is not None:
        found.append(next_one)
    return found


def test_a_full_lane_leaves_room_for_others() -> None:
    lanes: PerHostLimiter[int] = PerHostLimiter(most=10, share=3)
    for number in range(100):
        lanes.add("hangs", number)
    assert taken(lanes) == [("hangs", 0), ("hangs", 1), ("hangs", 2)]
    lanes.add("answers", 7)
    assert taken(lanes) == [("answers", 7)]
    lanes.done("hangs")
    assert taken(lanes) == [("hangs", 3)]


def test_lanes_take_turns() -> None:
    lanes: PerHostLimiter[int] = PerHostLimiter(most=4, share=3)
    for number in range(3):
        lanes.add("a", number)
    for number in range(3):
        lanes.add("b", number)
    assert taken(lanes) == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


def test_what_goes_to_no_host_is_bound_by_the_whole_only() -> None:
    lanes: PerHostLimiter[int] = PerHostLimiter(most=4, share=1)
    for number in range(6):
        lanes.add(None, number)
    assert [number for _, number in taken(lanes)] == [0, 1, 2, 3]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.booleans()), max_size=80))
def test_nothing_is_lost_and_no_bound_passed(steps: list[tuple[str | None, bool]]) -> None:
    lanes: PerHostLimiter[int] = PerHostLimiter(most=5, share=2)
    running: Counter[str | None] = Counter()
    came: list[int] = []
    for number, (name, ends_one) in enumerate(steps):
        lanes.add(name, number)
        for lane, item in taken(lanes):
            running[lane] += 1
            came.append(item)
        assert running.total() <= 5
        assert all(count <= 2 for lane, count in running.items() if lane is not None)
        if ends_one and running[name]:
            running[name] -= 1
            lanes.done(name)
    while running.total():
        name = next(iter(running.elements()))
        running[name] -= 1
        lanes.done(name)
        for lane, item in taken(lanes):
            running[lane] += 1
            came.append(item)
    assert sorted(came) == list(range(len(steps)))
