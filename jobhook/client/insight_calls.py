"""The client's methods for schedules, explanations, counts, changes and Jobhook's health."""

from collections.abc import Iterator, Sequence
from typing import TypedDict, cast

from jobhook.client.calls import MOST_PER_PAGE, Calls, Instant, job_path, wire_instant
from jobhook.documents.insight import Change, Health, Stats, Why
from jobhook.documents.kinds import Dimension
from jobhook.documents.schedules import Quota, Schedule


class Schedules(TypedDict):
    """All schedules, and how much of their quota is used."""

    results: list[Schedule]
    quota: Quota


class InsightCalls(Calls):
    """The methods that explain and count; they change nothing."""

    def list_schedules(self, *, page_size: int = MOST_PER_PAGE) -> Schedules:
        """All schedules that jobs share, by expression, and how much of their quota is used."""
        schedules: Schedules | None = None
        cursor: str | None = None
        while schedules is None or cursor is not None:
            page = self._transport.call("GET", "schedules", query={"limit": page_size, "cursor": cursor})
            results = [*(schedules["results"] if schedules else ()), *page["results"]]
            schedules = {"results": results, "quota": page["quota"]}
            cursor = page["next_cursor"]
        return schedules

    def why(self, service: str, job: str, at: Instant) -> Why:
        """Why a job did, did not or will run in the minute of that instant."""
        query = {"job": f"{service}/{job}", "at": wire_instant(at)}
        return cast(Why, self._transport.call("GET", "why", query=query))

    def health(self, *, since: Instant | None = None) -> Health:
        """How Jobhook is doing; executions are counted from `since` on, by default in the last hour."""
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
        """The changes of a job, which may be deleted by now, or of all jobs; newest first."""
        if (service is None) != (job is None):
            raise ValueError("a job is found by its service and its name: give both, or none for all jobs")
        path = ("changes",) if service is None or job is None else job_path(service, job, "changes")
        query = {"since": wire_instant(since), "until": wire_instant(until)}
        return cast(Iterator[Change], self._pages(path, query, page_size))
