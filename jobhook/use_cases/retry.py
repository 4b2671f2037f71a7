"""Read, decide, commit; and again where somebody else wrote first."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from jobhook.core.errors import Conflict
from jobhook.ports import Backend, WriteConflict

Result = TypeVar("Result")


async def retry_on_conflict(backend: Backend, attempt: Callable[[], Awaitable[Result]]) -> Result:
    """The result of the first `attempt` that loses no condition. Raises Conflict after the limit of the settings."""
    for _ in range(backend.settings.retry_limit):
        try:
            return await attempt()
        except WriteConflict:
            continue
    raise Conflict("others kept changing this at the same time; nothing was changed, try again")
