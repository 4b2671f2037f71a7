"""The pages of a large fire: parts of a schedule's jobs, each started by itself and in any order."""

from dataclasses import dataclass, replace
from itertools import pairwise

from jobhook.core.executions.execution import ExecutionInput
from jobhook.core.paging import Page, Position

REST = "rest"
"""The name of the page that holds the jobs which are not divided into pages yet."""
FIRST = "first"
"""The name of the page that holds the runs of the first page which could not be started."""


@dataclass(frozen=True, slots=True)
class PageKey:
    """A page of the fire of `expression` at that time."""

    expression: str
    scheduled_time_ms: int
    name: str


@dataclass(frozen=True, slots=True)
class FirePage:
    """The jobs of a schedule after position `after`, up to and including `until` (None: up to the end).

    Where it has `runs`, these are all that is left of the page. `revision` counts its writes.
    """

    key: PageKey
    after: Position | None = None
    until: Position | None = None
    runs: tuple[ExecutionInput, ...] = ()
    revision: int = 1

    def narrowed(self, runs: tuple[ExecutionInput, ...]) -> "FirePage":
        """The page when only these runs of it are left."""
        return replace(self, runs=runs, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class Division:
    """Pages made of a `rest` page, and what is left of that; None when all of it is divided."""

    pages: tuple[FirePage, ...]
    rest: FirePage | None


def divide(rest: FirePage, bounds: Page[Position]) -> Division:
    """Divide the rest at these positions; without a `next_after` the last page reaches to the end."""
    positions = [rest.after, *bounds.items]
    pages = [_page(rest, after, until) for after, until in pairwise(positions)]
    if bounds.next_after is None:
        return Division((*pages, _page(rest, positions[-1], None)), None)
    return Division(tuple(pages), replace(rest, after=positions[-1], revision=rest.revision + 1))


def _page(rest: FirePage, after: Position | None, until: Position | None) -> FirePage:
    name = "-".join(str(part) for part in after or ())
    return FirePage(replace(rest.key, name=name), after, until)
