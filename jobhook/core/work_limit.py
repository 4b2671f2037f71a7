"""A bound on work whose length the author of a schema or of a document chooses; how it is held is an adapter's part."""

from collections.abc import Callable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class TookTooLong(Exception):
    """The work was stopped at its limit."""


class WorkLimit(Protocol):
    """Runs work for at most some seconds."""

    def __call__(self, seconds: float, work: Callable[[], Result], /) -> Result:
        """The result of `work`. Raises TookTooLong."""


def unlimited(_seconds: float, work: Callable[[], Result]) -> Result:
    """The result of `work` whose length is known; no WorkLimit for what comes from elsewhere."""
    return work()
