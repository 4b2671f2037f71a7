"""Kills a use case between two of its effects, where a process could die."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Crash(BaseException):
    """The process died here: no rule may catch it."""


class Tripwire:
    """Counts the moments before and after every effect, and crashes at one of them if asked to."""

    def __init__(self) -> None:
        self.passed = 0
        self.crash_at: int | None = None

    def _step(self) -> None:
        self.passed += 1
        if self.passed == self.crash_at:
            raise Crash

    @asynccontextmanager
    async def around(self) -> AsyncIterator[None]:
        """One effect: a crash before it leaves it undone, one after it loses only the reply."""
        self._step()
        yield
        self._step()
