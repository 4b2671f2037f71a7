"""Listings that end at --limit, and say so."""

from collections.abc import Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

import typer

Item = TypeVar("Item")


class Listing(NamedTuple, Generic[Item]):
    """The first items, and whether there are more."""

    items: list[Item]
    has_more: bool

    def say_more(self) -> None:
        """Tell a person that this is not all; on standard error, so that it is no row."""
        if self.has_more:
            typer.echo(f"These are the first {len(self.items)}; --limit shows more.", err=True)


def page_size(limit: int) -> int:
    """What to ask for at once: with the one after the last, which tells that there are more."""
    from jobhook.client.calls import MOST_PER_PAGE  # slow to import; `jobhook --help` does without

    return min(limit + 1, MOST_PER_PAGE)


def first(found: Iterator[Item], limit: int) -> Listing[Item]:
    """So many of what was found."""
    items = list(islice(found, limit + 1))
    return Listing(items[:limit], len(items) > limit)
