"""How the answer of /stats looks on the wire."""

from jobhook.api.rendering.resources import Document
from jobhook.core.executions.stats import Dimension, Stats, StatsRequest, day_of

_FIELDS = {Dimension.DAY: "day", Dimension.SERVICE: "service_name", Dimension.STATUS: "status"}


def stats_document(asked: StatsRequest, stats: Stats) -> Document:
    """A result for each combination of the dimensions that was met; both days are included."""
    names = [_FIELDS[dimension] for dimension in asked.by]
    return {
        "by": [dimension.value for dimension in asked.by],
        "since": day_of(asked.since_ms),
        "until": day_of(asked.until_ms),
        "service_name": asked.service_name,
        "results": [{**dict(zip(names, members, strict=True)), "count": count} for members, count in stats.groups],
        "total": stats.total,
        "open_complete": stats.open_complete,
    }
