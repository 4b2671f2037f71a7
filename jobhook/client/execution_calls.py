"""The client's methods for executions: start, read, list and end them."""

from collections.abc import Iterator
from types import EllipsisType
from typing import cast

from jobhook.client.calls import MOST_PER_PAGE, Calls, Instant, job_path, wire_instant
from jobhook.documents.executions import Execution, ExecutionSummary
from jobhook.documents.kinds import Overlap, Status


class ExecutionCalls(Calls):
    """The methods for executions. Those that start a run are never retried: a second try would be a second run."""

    def run_job(
        self, service: str, job: str, *, payload: str | EllipsisType | None = ..., overlap: Overlap | None = None
    ) -> Execution:
        """Run a job now. Returns the new execution.

        `payload` replaces the job's, None included. `overlap` "allow" lets runs of an exclusive job overlap.
        """
        body: dict[str, str | None] = {} if isinstance(payload, EllipsisType) else {"payload": payload}
        if overlap is not None:
            body["overlap"] = overlap
        return cast(Execution, self._transport.call("POST", *job_path(service, job, "run"), body=body or None))

    def cancel_execution(self, execution_id: str) -> Execution:
        """End a running execution. The service's next callback is answered with 410.

        Raises ApiError with status 410 where it has ended in another way.
        """
        return cast(Execution, self._transport.call("POST", "executions", execution_id, "cancel"))

    def retry_execution(self, execution_id: str) -> Execution:
        """Repeat an execution that has ended without success. Returns the new one; raises Conflict where it cannot."""
        return cast(Execution, self._transport.call("POST", "executions", execution_id, "retry"))

    def get_execution(self, execution_id: str) -> Execution:
        """An execution with its payload, state and response bodies."""
        return cast(Execution, self._transport.call("GET", "executions", execution_id))

    def list_executions(
        self,
        service: str | None = None,
        job: str | None = None,
        *,
        status: Status | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
        page_size: int = MOST_PER_PAGE,
    ) -> Iterator[ExecutionSummary]:
        """The executions of a job, of a service or of all, newest first.

        `since` and `until` bound their scheduled times, both included. Pages are fetched as they are needed.
        """
        if job is not None and service is None:
            raise ValueError("a job is found by its service and its name: give the service too")
        path: tuple[str, ...] = ("executions",)
        if service is not None:
            path = (*(job_path(service, job) if job is not None else ("services", service)), "executions")
        query = {"status": status, "since": wire_instant(since), "until": wire_instant(until)}
        return cast(Iterator[ExecutionSummary], self._pages(path, query, page_size))
