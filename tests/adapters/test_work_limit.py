"""Work is stopped at its limit, whatever it does, and leaves nothing behind."""

import gc
import os
import re
import signal
import threading
import weakref

import pytest

from jobhook.adapters.work_limit import within
from jobhook.core.work_limit import TookTooLong

LITTLE = 0.02


def never_ends() -> None:
    while True:
        pass


def test_work_within_its_limit_returns_what_it_made() -> None:
    assert within(60, lambda: 5) == 5


def test_an_error_of_the_work_is_its_own() -> None:
    with pytest.raises(KeyError):
        within(60, lambda: os.environ["NOTHING_OF_THIS_NAME"])


def test_work_is_stopped_at_its_limit() -> None:
    with pytest.raises(TookTooLong):
        within(LITTLE, never_ends)


def test_a_match_that_never_ends_is_stopped() -> None:
    with pytest.raises(TookTooLong):
        within(LITTLE, lambda: re.search(r"(a+)+$", "a" * 60 + "b"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stop_that_python_ignores_is_repeated() -> None:
    """What is raised in a weak reference's callback goes nowhere."""
    ignored: list[bool] = []

    def callback(_: object) -> None:
        try:
            never_ends()
        finally:
            ignored.append(True)

    class Thing:
        """Something that can be referred to weakly."""

    def work() -> None:
        thing = Thing()
        reference = weakref.ref(thing, callback)
        del thing
        assert reference() is None
        never_ends()

    with pytest.raises(TookTooLong):
        within(LITTLE, work)
    assert ignored == [True]


@pytest.mark.parametrize("work", [lambda: None, never_ends])
def test_nothing_stays_behind(work: object) -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    assert callable(work)
    try:
        within(LITTLE, work)
    except TookTooLong:
        pass
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0
    assert gc.isenabled()


def test_no_garbage_is_collected_meanwhile() -> None:
    assert within(60, gc.isenabled) is False
    gc.disable()
    try:
        within(60, lambda: None)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_another_thread_is_not_bound_and_not_hindered() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(within(LITTLE, lambda: sum(range(10)))))
    thread.start()
    thread.join()
    assert found == [45]
