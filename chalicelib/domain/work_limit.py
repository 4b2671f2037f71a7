"""Bounds the time of work whose length a stranger chooses, such as the match of a regular expression.

It looks at the process's own clock of work and at nothing else: a judgement depends on it only where it would hardly
ever come.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLong(Exception):
    """The work was stopped at its limit."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TookTooLong in what runs within once this process has worked so long, also amidst `re`'s matching.

    Only the main thread can be stopped, where Lambda's handlers and the server's event loop run; another is not bound.
    Not to be nested.
    """
    try:
        before = signal.signal(signal.SIGVTALRM, _stop)
    except ValueError:  # not the main thread
        yield
        return
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TookTooLong
