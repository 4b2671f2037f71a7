"""The API as functions."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

from jobhook.client.credentials import Credentials
from jobhook.client.documents import Execution, Job, JobSettings, Service, Status, WholeExecution, WholeJob
from jobhook.client.transport import Patience, Query, Transport

if TYPE_CHECKING:
    import httpx2

Instant: TypeAlias = datetime | int | str
"""An aware datetime, epoch milliseconds, or RFC 3339."""

MOST_PER_PAGE = 200


class Client:
    """Speaks to one Jobhook. Close it, or use it as a context manager; it may be shared by threads.

        with Client("http://localhost:8080") as jobhook:
            jobhook.put_job("reports", "nightly", {"schedule": "rate(1 hour)", ...})

    `credentials` None sends requests unsigned, as a server on this machine takes them. Every method raises
    JobhookError: ApiError where Jobhook answers with an error, Unreachable where it does not answer. Reads and PUTs are
    tried again when the connection fails or Jobhook answers 503; nothing else is.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        *,
        patience: Patience | None = None,
        transport: "httpx2.BaseTransport | None" = None,
    ) -> None:
        self._transport = Transport(url, credentials, patience or Patience(), transport)

    @property
    def url(self) -> str:
        """The API's address, without a trailing slash."""
        return self._transport.url

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def put_job(self, service: str, job: str, settings: JobSettings) -> WholeJob:
        """Create a job or replace its whole configuration; the stored job."""
        return cast(WholeJob, self._transport.call("PUT", *_job(service, job), body=settings))

    def get_job(self, service: str, job: str) -> WholeJob:
        """A job with its payload."""
        return cast(WholeJob, self._transport.call("GET", *_job(service, job)))

    def delete_job(self, service: str, job: str) -> None:
        """Remove a job; a run that is under way goes on."""
        self._transport.call("DELETE", *_job(service, job))

    def list_jobs(self, service: str | None = None, *, page_size: int = MOST_PER_PAGE) -> Iterator[Job]:
        """The jobs of a service, or of all, by name."""
        path = ("jobs",) if service is None else ("services", service, "jobs")
        return cast(Iterator[Job], self._pages(path, {}, page_size))

    def list_services(self, *, page_size: int = MOST_PER_PAGE) -> Iterator[Service]:
        """The services that have jobs, by name."""
        return cast(Iterator[Service], self._pages(("services",), {}, page_size))

    def get_execution(self, execution_id: str) -> WholeExecution:
        """An execution with its payload, state and response bodies."""
        return cast(WholeExecution, self._transport.call("GET", "executions", execution_id))

    def list_executions(
        self,
        service: str | None = None,
        job: str | None = None,
        *,
        status: Status | None = None,
        since: Instant | None = None,
        until: Instant | None = None,
        page_size: int = MOST_PER_PAGE,
    ) -> Iterator[Execution]:
        """The executions of a job, of a service or of all, newest first.

        `since` and `until` bound their scheduled times, both included. Pages are fetched as they are needed.
        """
        if job is not None and service is None:
            raise ValueError("a job is found by its service and its name: give the service too")
        path: tuple[str, ...] = ("executions",)
        if service is not None:
            path = (*(_job(service, job) if job is not None else ("services", service)), "executions")
        query = {"status": status, "since": _instant(since), "until": _instant(until)}
        return cast(Iterator[Execution], self._pages(path, query, page_size))

    def _pages(self, path: tuple[str, ...], query: Query, page_size: int) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._transport.call("GET", *path, query={**query, "limit": page_size, "cursor": cursor})
            yield from page["results"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


def _job(service: str, job: str) -> tuple[str, ...]:
    return ("services", service, "jobs", job)


def _instant(instant: Instant | None) -> str | int | None:
    if not isinstance(instant, datetime):
        return instant
    if instant.tzinfo is None:
        raise ValueError("a datetime must have a time zone: datetime.now(UTC)")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
