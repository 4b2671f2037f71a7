"""Pages of a listing: how many, from where, and the opaque cursor that says where the next one starts."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Position = tuple[str | int, ...]

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_CURSOR_LENGTH = 1_024


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and the position after which the next page starts (None: there is no more).

    A page may be short, even empty, while there is more: a bounded number of queries is spent on each.
    """

    items: Sequence[Item]
    next_after: Position | None


def encode_cursor(position: Position | None) -> str | None:
    """The cursor of a position, safe in a URL; None at the end of a listing."""
    if position is None:
        return None
    text = json.dumps(position, separators=(",", ":"))  # escaped: any text has a cursor
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def decode_cursor(cursor: str, shape: tuple[type[str] | type[int], ...]) -> Position:
    """The position of a cursor that a listing of that shape gave. Raises ValueError for any other text."""
    problem = ValueError("is not a cursor of this listing; use next_cursor as it was given, or leave it out")
    if len(cursor) > MAX_CURSOR_LENGTH or not cursor.isascii():
        raise problem
    try:
        position = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise problem from None
    if not isinstance(position, list) or [type(part) for part in position] != list(shape):
        raise problem
    if any(isinstance(part, int) and not 0 <= part < 2**53 for part in position):
        raise problem
    return tuple(position)


@dataclass(frozen=True, slots=True)
class OfService:
    """What belongs to a service."""

    service_name: str


@dataclass(frozen=True, slots=True)
class OfJob:
    """What belongs to a job's incarnation."""

    guid: str
    incarnation: str


Scope = OfJob | OfService | None
"""Whose executions a listing has; None for all."""


@dataclass(frozen=True, slots=True)
class Between:
    """A range of instants, both ends included; None leaves an end open."""

    since_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Which executions a listing shows: a status, and a range of scheduled times, both ends included."""

    status: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
