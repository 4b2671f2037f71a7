"""The answer of /stats as a document."""

from typing import TYPE_CHECKING, cast

from jobhook.core.executions.stats import Dimension, Stats, StatsRequest, day_of

if TYPE_CHECKING:  # types alone: a function of AWS starts faster without them
    from jobhook.documents import insight

_FIELDS = {Dimension.DAY: "day", Dimension.SERVICE: "service_name", Dimension.STATUS: "status"}


def stats_document(asked: StatsRequest, stats: Stats) -> "insight.Stats":
    """A result for each combination of the dimensions that has executions; both days are included."""
    names = [_FIELDS[dimension] for dimension in asked.by]
    groups = [{**dict(zip(names, members, strict=True)), "count": count} for members, count in stats.groups]
    return {
        "by": [dimension.value for dimension in asked.by],
        "since": day_of(asked.since_ms),
        "until": day_of(asked.until_ms),
        "service_name": asked.service_name,
        "results": cast("list[insight.Group]", groups),
        "total": stats.total,
        "open_complete": stats.open_complete,
    }
