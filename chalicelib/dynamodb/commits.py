"""Commits: all writes or none, each on its condition; how a commit meets a conflict and a lost reply.

A request whose reply was lost is sent again by botocore, and then meets its own writes. A transaction carries a token
by which DynamoDB knows it again for ten minutes. A single Put has none (and costs half): where it was sent again and
is refused, the refusal holds the stored item, and if that equals the item that was sent, the write is done. Every other
write that is not soft goes as a transaction, even alone.
"""

import random
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from chalicelib.clients import error_code, unavailable_where_it_fails
from chalicelib.dynamodb.operations import Operation, Put
from chalicelib.dynamodb.writes import Translator
from jobhook.core.errors import Unavailable
from jobhook.core.executions.writes import Write
from jobhook.ports import WriteConflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.dynamodb.attributes import Item

BUSY_LIMIT = 6
"""How often a commit is tried while other transactions hold its items: about 1.5 s of waiting at most."""
_FIRST_WAIT_SECONDS = 0.05

_LOST = frozenset({"ConditionalCheckFailed", "ConditionalCheckFailedException"})
_BUSY = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
    }
)


class _Busy(Exception):
    """Another transaction holds one of the items, or the table has no throughput for the request."""


class Commits:
    """Carries out commits on one DynamoDB client."""

    def __init__(self, client: "DynamoDBClient", translate: Translator, sleep: Callable[[float], None]):
        self._client = client
        self._translate = translate
        self._sleep = sleep

    def commit(self, writes: Sequence[Write]) -> None:
        """A soft write that loses is left out, and the rest is sent again."""
        remaining = list(writes)
        while remaining:
            lost = self._retried(remaining)
            hard = [write for write in lost if not write.soft]
            if hard:
                raise WriteConflict(hard)
            if not lost:
                return
            remaining = [write for write in remaining if not any(write is one for one in lost)]

    def _retried(self, writes: Sequence[Write]) -> list[Write]:
        for turn in range(BUSY_LIMIT):
            try:
                return self._send(writes)
            except _Busy:
                self._sleep(random.uniform(0, _FIRST_WAIT_SECONDS * 2**turn))  # noqa: S311 - jitter is no secret
        raise Unavailable("others kept writing to the same items; nothing was changed")

    def _send(self, writes: Sequence[Write]) -> list[Write]:
        """Send the writes once; those of them that lost, in which case nothing was written."""
        owners = [(write, operation) for write in writes for operation in self._translate.operations(write)]
        write, operation = owners[0]
        if len(owners) == 1 and (write.soft or isinstance(operation, Put)):
            return [] if self._alone(operation) else [write]
        reasons = self._together([operation for _, operation in owners])
        lost: list[Write] = []
        for (write, _), reason in zip(owners, reasons, strict=False):
            if reason in _LOST and not any(write is one for one in lost):
                lost.append(write)
        return lost

    def _alone(self, operation: Operation) -> bool:
        """Whether the operation was carried out."""
        with unavailable_where_it_fails():
            try:
                operation.alone(self._client)
            except ClientError as error:
                code = error_code(error)
                if code in _BUSY:
                    raise _Busy from None
                if code not in _LOST:
                    raise
                return isinstance(operation, Put) and _met_itself(error, operation)
        return True

    def _together(self, operations: Sequence[Operation]) -> list[str]:
        """The reasons of a cancellation, one an operation; none where the transaction was carried out."""
        with unavailable_where_it_fails():
            try:
                self._client.transact_write_items(
                    TransactItems=[operation.in_transaction() for operation in operations],
                    ClientRequestToken=str(uuid.uuid4()),
                )
            except ClientError as error:
                codes = _cancellation_codes(error)
                if _LOST.isdisjoint(codes):
                    if not _BUSY.isdisjoint([*codes, error_code(error)]):
                        raise _Busy from None
                    raise
                return codes
        return []


def _cancellation_codes(error: ClientError) -> list[str]:
    reasons = cast("list[dict[str, str]]", error.response.get("CancellationReasons", []))
    return [reason.get("Code", "None") for reason in reasons]


def _met_itself(error: ClientError, put: Put) -> bool:
    """Whether a Put that was sent again was refused because its first request had been carried out."""
    sent_again = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
    stored = cast("Item | None", error.response.get("Item"))
    return sent_again and stored == put.item
