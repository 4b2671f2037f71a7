"""Bounds the time of work whose length a stranger chooses, such as the match of a regular expression.

It looks at the process's own clock of work and at nothing else: a judgement depends on it only where it would hardly
ever come.
"""

import gc
import signal
from collections.abc import Callable
from types import FrameType
from typing import Final, TypeVar

from jobhook.core.work_limit import TookTooLong

Result = TypeVar("Result")

_AGAIN_SECONDS: Final = 0.01  # the first stop is lost where it comes in a callback of C's, such as a weak reference's


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """What `work` returns. Raises TookTooLong once this process has worked so long on it, also amidst `re`'s matching.

    Only the main thread can be stopped, where Lambda's handlers and the server's event loop run; another is not bound.
    Not to be nested. Garbage is collected after it: how much there is in the process is no part of this work.
    """
    try:
        before = signal.signal(signal.SIGVTALRM, _stop)
    except ValueError:  # not the main thread
        return work()
    collecting = gc.isenabled()
    gc.disable()
    try:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN_SECONDS)
            return work()
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)  # the last stop may have come right before the line above
        signal.signal(signal.SIGVTALRM, before)
        if collecting:
            gc.enable()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TookTooLong
