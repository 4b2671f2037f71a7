"""Runs a use case where there is no event loop: on Lambda, whose adapters never suspend."""

from collections.abc import Coroutine
from typing import TypeVar

Result = TypeVar("Result")


def run_to_end(use_case: Coroutine[object, None, Result]) -> Result:
    """The use case's result. It must not suspend; asyncio's import would cost a cold start more than this function."""
    try:
        use_case.send(None)
    except StopIteration as finished:
        result: Result = finished.value
        return result
    use_case.close()
    raise RuntimeError("an adapter suspended where there is no event loop")
