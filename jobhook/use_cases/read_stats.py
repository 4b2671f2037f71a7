"""GET /stats: how many executions came to which end, from counters and from what is still open."""

from jobhook.core.errors import InvalidDocument, Problem
from jobhook.core.executions.stats import MAX_RESULTS, Stats, StatsRequest, day_of, grouped
from jobhook.ports import Backend


async def read_stats(backend: Backend, asked: StatsRequest) -> Stats:
    """The counts that are asked for. Raises InvalidDocument where they are too many for one answer."""
    ended = await backend.store.list_tallies(day_of(asked.since_ms), day_of(asked.until_ms))
    still_open = await backend.store.list_open_tallies(asked.since_ms, asked.until_ms)
    stats = grouped(asked, [*ended, *still_open.tallies], open_complete=still_open.complete)
    if len(stats.groups) > MAX_RESULTS:
        found = len(stats.groups)
        text = f"gives {found} results, more than {MAX_RESULTS}; ask by less, of one service, or of fewer days"
        raise InvalidDocument([Problem("by", text)], code="InvalidQuery")
    return stats
