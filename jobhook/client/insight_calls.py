"""The client's methods for how things stand: schedules, reasons, and Jobhook itself."""

from typing import cast

from jobhook.client.calls import MOST_PER_PAGE, Calls, Instant, wire_instant
from jobhook.client.insight_documents import Explanation, Health, Schedules


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
