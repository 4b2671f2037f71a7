"""jsonschema's validator of draft 2020-12, with a bound on how deep its checks nest.

Left to itself, a schema that refers to itself without end exhausts Python's stack. jsonschema keeps what it knows in a
library in Rust, and a stack that is exhausted there is a panic: no Exception, so that nobody expects it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

MAX_NESTING: Final = 120
"""Keywords within one another; each takes some five frames of the thousand that Python has."""

Keyword = Callable[[Any, Any, Any, Any], Iterator[Any] | None]


class NestedTooDeeply(Exception):
    """The checks of a schema were stopped at the bound."""


_depth: ContextVar[int] = ContextVar("depth", default=0)


@contextmanager
def nesting_bounded() -> Iterator[None]:
    """Raises NestedTooDeeply whichever way checks within exhaust the stack."""
    _depth.set(0)
    try:
        yield
    except RecursionError:
        raise NestedTooDeeply from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # PyO3 makes its class without a module to import it from
            raise
        raise NestedTooDeeply from None


def _bounded(keyword: Keyword) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        depth = _depth.get()
        _depth.set(depth + 1)
        try:
            if depth >= MAX_NESTING:
                raise NestedTooDeeply
            yield from keyword(validator, value, instance, schema) or ()
        finally:
            _depth.set(depth)

    return check


BoundedValidator = extend(  # type: ignore[no-untyped-call]  # its types are in no stubs
    Draft202012Validator, {name: _bounded(keyword) for name, keyword in Draft202012Validator.VALIDATORS.items()}
)
