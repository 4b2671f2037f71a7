"""The API as functions."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from jobhook.client.credentials import Credentials
from jobhook.client.execution_calls import ExecutionCalls
from jobhook.client.insight_calls import InsightCalls
from jobhook.client.job_calls import JobCalls
from jobhook.client.transport import RetryPolicy, Transport

if TYPE_CHECKING:
    import httpx2


class Client(JobCalls, ExecutionCalls, InsightCalls):
    """Speaks to one Jobhook. Close it, or use it as a context manager; it may be shared by threads.

        with Client("http://localhost:8080") as jobhook:
            jobhook.put_job("reports", "nightly", {"schedule": "rate(1 hour)", ...})

    With `credentials` None requests are not signed, which a server on this machine allows. Every method raises
    JobhookError: ApiError where Jobhook answers with an error, Unreachable where it does not answer. Reads, and PUTs
    without a condition, are retried when the connection fails or Jobhook answers 503; nothing else is.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        *,
        patience: RetryPolicy | None = None,
        transport: "httpx2.BaseTransport | None" = None,
    ) -> None:
        super().__init__(Transport(url, credentials, patience or RetryPolicy(), transport))

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
