"""Which backend this process uses, and how a use case is run on it.

On Lambda that is AWS's, made at first use, so that a function imports and connects only what it needs; elsewhere it is
what the process installs.
"""

from collections.abc import Callable, Coroutine
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from jobhook.api.sync_runner import run_to_end
from jobhook.ports import Backend, Settings

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Other = TypeVar("Other")


class Runner(Protocol):
    """Runs a use case to its end, and returns or raises what it does."""

    def __call__(self, use_case: Coroutine[object, None, Other], /) -> Other:
        """The use case's result."""


_installed: tuple[Backend, Runner] | None = None


def use(backend: Backend, run: Runner = run_to_end) -> None:
    """Install the backend of this process and what runs use cases on it."""
    global _installed
    _installed = (backend, run)


def perform(
    use_case: Callable[Concatenate[Backend, Arguments], Coroutine[object, None, Result]],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Result:
    """The result of a use case on this process's backend."""
    backend, run = _installed or _on_lambda()
    return run(use_case(backend, *args, **kwargs))


def now_ms() -> int:
    """The time of this process's backend, in epoch milliseconds."""
    backend, _ = _installed or _on_lambda()
    return backend.clock.now_ms()


def settings() -> Settings:
    """This process's settings."""
    backend, _ = _installed or _on_lambda()
    return backend.settings


def _on_lambda() -> tuple[Backend, Runner]:
    from chalicelib.backend import AwsBackend

    use(AwsBackend())
    assert _installed is not None
    return _installed
