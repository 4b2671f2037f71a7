"""The parts that all of the client's methods share: the transport, the pages of listings, and times."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from jobhook.client.transport import Query, Transport

Instant: TypeAlias = datetime | int | str
"""An aware datetime, epoch milliseconds, or RFC 3339."""

MOST_PER_PAGE = 200


class Calls:
    """Methods over one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _pages(self, path: tuple[str, ...], query: Query, page_size: int) -> Iterator[dict[str, Any]]:
        """The results of all pages; each page is fetched when it is needed."""
        cursor: str | None = None
        while True:
            page = self._transport.call("GET", *path, query={**query, "limit": page_size, "cursor": cursor})
            yield from page["results"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


def job_path(service: str, job: str, *action: str) -> tuple[str, ...]:
    """The segments of the path of a job, or of an action on it."""
    return ("services", service, "jobs", job, *action)


def wire_instant(instant: Instant | None) -> str | int | None:
    """The instant in the API's form. Raises ValueError for a datetime without a time zone.

    Written here and not by `core.times`, because the client is for services that install nothing else of Jobhook.
    """
    if not isinstance(instant, datetime):
        return instant
    if instant.tzinfo is None:
        raise ValueError("a datetime must have a time zone: datetime.now(UTC)")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
