"""The wire between botocore and moto's DynamoDB: requests are counted, refused, or lose their replies."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from unittest.mock import patch

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError
from moto.core.botocore_stubber import BotocoreStubber

Response = tuple[int, dict[str, str], bytes | str]
Document = dict[str, object]

_HEADERS = {"content-type": "application/x-amz-json-1.0"}


class Wire:
    """`calls` counts the requests that were sent, those that were sent again among them.

    DynamoDB knows a transaction's token for ten minutes, and answers a repeated one with the success that it was.
    moto does not know tokens, so that answer is given here.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._done: set[str] = set()
        self._lost: Counter[str] = Counter()
        self._refusals: dict[str, list[Document]] = {}

    def lose_replies(self, operation: str, times: int = 1) -> None:
        """Lose the replies of the next requests of that operation, each after DynamoDB has carried it out."""
        self._lost[operation] += times

    def refuse(self, operation: str, document: Document, times: int = 1) -> None:
        """Answer the next requests of that operation with this error; none of them is carried out."""
        self._refusals.setdefault(operation, []).extend([document] * times)

    @property
    def quiet(self) -> bool:
        """Whether all that was to go wrong has."""
        return not self._lost.total() and not any(self._refusals.values())

    def send(self, stubber: BotocoreStubber, request: AWSPreparedRequest) -> Response:
        """Carry a request to moto, and its reply back, or not."""
        operation = _operation(request)
        self.calls[operation] += 1
        if self._refusals.get(operation):
            return 400, _HEADERS, json.dumps(self._refusals[operation].pop())
        reply = self._carried_out(stubber, request)
        if self._lost[operation]:
            self._lost[operation] -= 1
            raise ConnectionClosedError(endpoint_url=request.url)
        return reply

    def _carried_out(self, stubber: BotocoreStubber, request: AWSPreparedRequest) -> Response:
        token = json.loads(cast(bytes, request.body)).get("ClientRequestToken")
        if token in self._done:
            return 200, _HEADERS, "{}"
        reply = cast(Response, _process_request(stubber, request))
        if token and reply[0] == 200:
            self._done.add(token)
        return reply


_process_request = BotocoreStubber.process_request


@contextmanager
def wire_to_moto() -> Iterator[Wire]:
    """Put a wire in front of moto."""
    wire = Wire()

    def process_request(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Response:
        return wire.send(stubber, request)

    with patch.object(BotocoreStubber, "process_request", process_request):
        yield wire


def _operation(request: AWSPreparedRequest) -> str:
    target = request.headers["X-Amz-Target"]
    name = target.decode() if isinstance(target, bytes) else str(target)
    return name.rpartition(".")[2]
