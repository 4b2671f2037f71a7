"""Steps in between two effects: to kill a use case where a process could die, or to let a rival in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class Crash(BaseException):
    """The process died here: no rule may catch it."""


async def crash() -> None:
    """What a tripwire does to kill the use case."""
    raise Crash


class Tripwire:
    """Counts the moments before and after every effect, and acts once at one of them."""

    def __init__(self) -> None:
        self.passed = 0
        self._at: int | None = None
        self._act: Callable[[], Awaitable[object]] = crash

    @property
    def sprung(self) -> bool:
        """Whether it has acted."""
        return self._at is None

    def set(self, at: int, act: Callable[[], Awaitable[object]] = crash) -> None:
        """Act at the `at`-th moment from now on, counted from 1."""
        self._at = self.passed + at
        self._act = act

    def disarm(self) -> None:
        """Act no more."""
        self._at = None

    async def _step(self) -> None:
        self.passed += 1
        if self.passed == self._at:
            self._at = None
            await self._act()

    @asynccontextmanager
    async def around(self) -> AsyncIterator[None]:
        """One effect: a crash before it leaves it undone, one after it loses only the reply."""
        await self._step()
        yield
        await self._step()
