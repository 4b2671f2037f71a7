"""Reads a listing page by page, as a caller does with its cursors."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from jobhook.core.paging import Page, Position

Item = TypeVar("Item")
MOST_PAGES = 400


async def all_pages(read: Callable[[Position | None, int], Awaitable[Page[Item]]], limit: int) -> list[Item]:
    """Every item of a listing; each page must keep to its limit, and the listing must end."""
    items: list[Item] = []
    after: Position | None = None
    for _ in range(MOST_PAGES):
        page = await read(after, limit)
        assert len(page.items) <= limit
        items.extend(page.items)
        if page.next_after is None:
            return items
        assert page.next_after != after
        after = page.next_after
    raise AssertionError("the listing does not end")
