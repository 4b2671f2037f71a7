"""The `StartQueue` port on SQS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.clients import unavailable_where_it_fails
from jobhook.adapters.start_messages import to_message
from jobhook.core.errors import Unavailable
from jobhook.core.schedules.pages import PageKey
from jobhook.ports import Backend

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH = 10  # SQS takes no more at once; a message is half a kilobyte at most
_TRIES = 3
_FIRST_RETRY_SECONDS = 30
_LATEST_RETRY_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a message, the first, second or later as `count` says."""

    receipt: str
    count: int

    @classmethod
    def of_record(cls, record: Mapping[str, object]) -> "Delivery":
        """As Lambda hands a message to its function. Raises KeyError, ValueError for a record of another form."""
        seen = record["attributes"]
        count = seen.get("ApproximateReceiveCount", 1) if isinstance(seen, Mapping) else 1
        return cls(str(record["receiptHandle"]), int(count))

    @property
    def retry_seconds(self) -> int:
        """30 s after the first, then twice as long each time: throttled starts need some time."""
        return int(min(_FIRST_RETRY_SECONDS * 2 ** (self.count - 1), _LATEST_RETRY_SECONDS))


async def retry_soon(backend: Backend, failed: Sequence[Delivery]) -> None:
    """Have failed messages delivered again before the queue's visibility timeout ends, which is made for whole batches.

    They stay the same messages: sent again, they would lengthen the chain of invocations that Lambda's loop detection
    cuts off.
    """
    queue = backend.start_queue
    if isinstance(queue, SqsStartQueue):
        queue.retry_soon(failed)


class SqsStartQueue:
    """Sends pages to the queue of the starter function."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    async def send(self, pages: Sequence[PageKey]) -> None:
        """Raises Unavailable when a page could not be sent; other pages may have been sent."""
        for start in range(0, len(pages), _BATCH):
            self._send([to_message(page) for page in pages[start : start + _BATCH]])

    def _send(self, bodies: Sequence[str]) -> None:
        waiting: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)
        ]
        for _ in range(_TRIES):
            with unavailable_where_it_fails():
                answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=waiting)
            failed = {entry["Id"] for entry in answer.get("Failed", [])}
            waiting = [entry for entry in waiting if entry["Id"] in failed]
            if not waiting:
                return
        raise Unavailable("the queue did not take a page of the dispatch")

    def retry_soon(self, failed: Sequence[Delivery]) -> None:
        """Show the messages again after their delay; at most ten of them. Raises Unavailable."""
        with unavailable_where_it_fails():
            self._client.change_message_visibility_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": one.receipt, "VisibilityTimeout": one.retry_seconds}
                    for number, one in enumerate(failed)
                ],
            )
