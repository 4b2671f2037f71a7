"""One listing out of several partitions. Each partition is in order and may have been read only in part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from jobhook.core.paging import Page, Position

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """The items that one partition gave, and the position up to which it was read (None: to its end)."""

    items: Sequence[Item]
    read_up_to: Position | None


def merged(
    parts: Sequence[Part[Item]], position: Callable[[Item], Position], limit: int, *, newest_first: bool
) -> Page[Item]:
    """A page of at most `limit` items, in order by position.

    An item that lies beyond what was read of any partition must wait: that partition may have one that comes before.
    """
    items = sorted((item for part in parts for item in part.items), key=position, reverse=newest_first)
    ends = [part.read_up_to for part in parts if part.read_up_to is not None]
    if ends:
        nearest = max(ends) if newest_first else min(ends)
        items = [item for item in items if (position(item) >= nearest if newest_first else position(item) <= nearest)]
    if len(items) > limit:
        return Page(items[:limit], position(items[limit - 1]))
    return Page(items, nearest if ends else None)
