"""The `StartQueue` port on SQS."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.clients import unavailable_where_it_fails
from jobhook.adapters.start_messages import to_message
from jobhook.core.errors import Unavailable
from jobhook.ports import StartPage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH = 10  # SQS takes no more at once; a page's message is a kilobyte at most
_TRIES = 3


class SqsStartQueue:
    """Sends pages to the queue of the starter function."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    async def send(self, pages: Sequence[StartPage]) -> None:
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
