"""The client's methods for how things stand: schedules, reasons, and Jobhook itself."""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias, cast

from jobhook.client.calls import MOST_PER_PAGE, Calls, Instant, job_path, wire_instant
from jobhook.client.insight_documents import Change, Explanation, Health, Schedules, Stats

Dimension: TypeAlias = Literal["status", "service", "day"]


class InsightCalls(Calls):
    """Reads only."""

    def list_schedules(self, *, page_size: int = MOST_PER_PAGE) -> Schedules:
        """All schedules that jobs share, by expression, and how much of the quota of them is used."""
        schedules: Schedules | None = None
        cursor: str | None = None
        while schedules is None or cursor is not None:
            page = self._transport.call("GET", "schedules", query={"limit": page_size, "cursor": cursor})
            results = [*(schedules["results"] if schedules else ()), *page["results"]]
            schedules = {"results": results, "quota": page["quota"]}
            cursor = page["next_cursor"]
        return schedules

    def why(self, service: str, job: str, at: Instant) -> Explanation:
        """Why a job did, did not or will run in the minute of that instant."""
        query = {"job": f"{service}/{job}", "at": wire_instant(at)}
        return cast(Explanation, self._transport.call("GET", "why", query=query))

    def health(self, *, since: Instant | None = None) -> Health:
        """How Jobhook is doing; executions are counted from `since` on, or of the last hour."""
        return cast(Health, self._transport.call("GET", "health", query={"since": wire_instant(since)}))

    def stats(
        self,
        by: Sequence[Dimension] = ("status",),
        *,
        service: str | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
    ) -> Stats:
        """How many executions there were, by status, service or day (UTC), or several of them."""
        query = {"by": ",".join(by), "service": service, "since": wire_instant(since), "until": wire_instant(until)}
        return cast(Stats, self._transport.call("GET", "stats", query=query))

    def list_changes(
        self,
        service: str | None = None,
        job: str | None = None,
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        page_size: int = MOST_PER_PAGE,
    ) -> Iterator[Change]:
        """Who did what and when, newest first: to a job, also one that is gone, or to all where none is named."""
        if (service is None) != (job is None):
            raise ValueError("a job is found by its service and its name: give both, or none for all jobs")
        path = ("changes",) if service is None or job is None else job_path(service, job, "changes")
        query = {"since": wire_instant(since), "until": wire_instant(until)}
        return cast(Iterator[Change], self._pages(path, query, page_size))
