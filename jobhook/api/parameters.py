"""Reads query parameters strictly: each is known, is given once, and parses; every problem is listed at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from jobhook.api.request import Request
from jobhook.core.errors import InvalidDocument, Problem
from jobhook.core.executions.execution import Status
from jobhook.core.executions.stats import Dimension, first_of_day
from jobhook.core.identities import is_name
from jobhook.core.paging import MAX_LIMIT
from jobhook.core.times import parse_instant

Value = TypeVar("Value")
Parser = Callable[[str], Value]
"""What makes a value of a parameter's text; raises ValueError with what the text must be."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Parameters:
    """Takes parameters one by one, collecting what is wrong with them."""

    def __init__(self, request: Request) -> None:
        self._values: Mapping[str, Sequence[str]] = request.query
        self._known: set[str] = set()
        self.problems: list[Problem] = []

    def take(self, name: str, parse: Parser[Value]) -> Value | None:
        """The value of a parameter that may be given once; None where it is not, or is wrong."""
        self._known.add(name)
        values = self._values.get(name, ())
        if not values:
            return None
        if len(values) > 1:
            self.problems.append(Problem(name, "may be given only once"))
            return None
        try:
            return parse(values[0])
        except ValueError as error:
            self.problems.append(Problem(name, str(error)))
            return None

    def require(self, name: str, parse: Parser[Value]) -> Value | None:
        """As `take`; that it is not given is a problem too."""
        if not self._values.get(name):
            self._known.add(name)
            self.problems.append(Problem(name, "is required"))
            return None
        return self.take(name, parse)

    def finish(self) -> None:
        """Raises InvalidDocument if anything was wrong, or was given that nobody took."""
        unknown = [
            Problem(name, "is not a known parameter; leave it out or correct its name")
            for name in self._values
            if name not in self._known
        ]
        if self.problems or unknown:
            raise InvalidDocument([*self.problems, *unknown], code="InvalidQuery")


def dimensions(text: str) -> tuple[Dimension, ...]:
    """Some dimensions of the counts, in their order."""
    names = text.split(",")
    if not set(names) <= set(Dimension) or len(set(names)) < len(names):
        raise ValueError(f"must be some of {','.join(Dimension)}, with commas between them, each once")
    return tuple(Dimension(name) for name in names)


def day_ms(text: str) -> int:
    """The beginning of the UTC day that is named, or in which the instant lies."""
    return first_of_day(parse_instant(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text))


def job_names(text: str) -> tuple[str, str]:
    """Service and job of `<service>/<job>`."""
    service_name, _, job_name = text.partition("/")
    if not is_name(service_name) or not is_name(job_name):
        raise ValueError("must be <service>/<job>, such as reports/nightly")
    return service_name, job_name


def true_or_false(text: str) -> bool:
    """`true` or `false`."""
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def page_limit(text: str) -> int:
    """How many rows a page may have."""
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"must be a whole number from 1 to {MAX_LIMIT}")
    return limit


def status_word(text: str) -> Status:
    """A status of executions."""
    try:
        return Status(text)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(Status)}") from None
