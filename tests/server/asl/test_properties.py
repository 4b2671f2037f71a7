"""What holds for every execution, whatever happens to it in whatever order."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from jobhook.server.asl.errors import TaskTimedOut
from jobhook.server.asl.machine import load
from jobhook.server.asl.run import Phase, Run, Status, Step, from_row, next_deadline, to_row
from jobhook.server.asl.states import Retrier
from jobhook.server.asl.step import (
    due,
    function_failed,
    function_returned,
    heartbeat,
    start,
    task_failed,
    task_succeeded,
)
from jobhook.server.asl.values import JSON
from tests.server.asl.machines import World, callback_task, function_task, machine_of, without

CATCH_ALL: JSON = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Record"}]
RETRY: JSON = [
    {"ErrorEquals": ["A"], "MaxAttempts": 2, "JitterStrategy": "FULL"},
    {"ErrorEquals": ["B", "States.HeartbeatTimeout"], "IntervalSeconds": 4, "MaxAttempts": 1},
]
MACHINE = load(
    machine_of(
        Call=without(callback_task(Retry=RETRY, Catch=CATCH_ALL, Next="Tidy"), "End"),
        Tidy={"Type": "Pass", "Next": "Done"},
        Done={"Type": "Succeed"},
        Record=without(
            function_task(Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}], ResultPath=None, Next="Failed"),
            "End",
        ),
        Failed={"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"},
    )
)
MOST_ATTEMPTS = (1 + 2 + 1) + (1 + 3)


class Event(NamedTuple):
    kind: str
    token: int
    error: str
    later_ms: int
    random: float


EVENTS = st.builds(
    Event,
    kind=st.sampled_from(
        ["task_succeeded", "task_failed", "heartbeat", "function_returned", "function_failed", "due", "due"]
    ),
    token=st.sampled_from([-1, -1, -1, -2, 0]),
    error=st.sampled_from(["A", "B", "C", "States.Runtime"]),
    later_ms=st.sampled_from([0, 1, 500, 4_000, 10_000, 60_000, 200_000]),
    random=st.floats(0, 1, exclude_max=True),
)


def happen(run: Run, event: Event, token: str, world: World) -> Step:
    moment = world.moment
    match event.kind:
        case "task_succeeded":
            return task_succeeded(MACHINE, run, token, {"ok": True}, moment)
        case "task_failed":
            return task_failed(MACHINE, run, token, event.error, "", moment)
        case "heartbeat":
            return heartbeat(MACHINE, run, token, world.now_ms)
        case "function_returned":
            return function_returned(MACHINE, run, token, None, moment)
        case "function_failed":
            return function_failed(MACHINE, run, token, event.error, "", moment)
        case _:
            return due(MACHINE, run, moment)


def check(run: Run) -> None:
    assert (run.phase is Phase.ENDED) == (run.status is not Status.RUNNING) == (next_deadline(run) is None)
    assert (run.phase is Phase.TASK) == (run.token is not None) == (run.timeout_deadline_ms is not None)
    assert (run.phase is Phase.BACKOFF) == (run.retry_at_ms is not None)
    assert (run.error is not None) == (run.cause is not None) == (run.status is Status.FAILED)
    if run.phase is not Phase.TASK:
        assert run.heartbeat_deadline_ms is None
        assert not run.invoking
    assert from_row(to_row(run)) == run


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_an_execution_stays_sound_and_its_end_is_final(events: list[Event]) -> None:
    world = World()
    step = start(MACHINE, "e", {}, world.moment)
    tokens = [action.token for action in step.actions]
    for event in events:
        world.random = event.random
        run = step.run
        world.now_ms += event.later_ms
        token = tokens[max(event.token, -len(tokens))]
        try:
            step = happen(run, event, token, world)
        except TaskTimedOut:
            step = Step(run)
        check(step.run)
        tokens += [action.token for action in step.actions]
        assert step.run.token in (None, tokens[-1])
        if run.phase is Phase.ENDED:
            assert step == Step(run)
        if step.actions:
            assert step.run.invoking
        if event.kind in ("function_returned", "heartbeat", "task_succeeded", "task_failed") and token != run.token:
            assert step == Step(run)
    assert len(set(tokens)) == len(tokens) <= MOST_ATTEMPTS


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=10), st.floats(0, 1, exclude_max=True))
def test_an_execution_that_is_left_alone_always_ends(events: list[Event], random: float) -> None:
    world = World(random=random)
    run = start(MACHINE, "e", {}, world.moment).run
    for event in events:
        world.now_ms += event.later_ms
        try:
            run = happen(run, event, run.token or "", world).run
        except TaskTimedOut:
            continue
    for _ in range(2 * MOST_ATTEMPTS + 1):
        if (deadline := next_deadline(run)) is not None:
            run = due(MACHINE, run, world.at(max(world.now_ms, deadline))).run
    assert run.phase is Phase.ENDED


RETRIERS = st.builds(
    Retrier,
    error_equals=st.just(("A",)),
    interval_seconds=st.integers(1, 99_999_999),
    max_attempts=st.just(99_999_999),
    backoff_rate=st.floats(1, 1e300),
    max_delay_seconds=st.integers(1, 31_622_400),
    full_jitter=st.booleans(),
)


@given(RETRIERS, st.integers(0, 99_999_998), st.floats(0, 1, exclude_max=True))
def test_a_backoff_is_within_its_bounds(retrier: Retrier, retries: int, random: float) -> None:
    delay = retrier.delay_ms(retries, random)
    shortest = 0 if retrier.full_jitter else 1000 * min(retrier.interval_seconds, retrier.max_delay_seconds)
    assert shortest <= delay <= 1000 * retrier.max_delay_seconds
    assert delay <= retrier.delay_ms(retries + 1, random)
