"""DynamoDB's store with log lines and metrics of each commit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.dynamodb.store import DynamoStore
from chalicelib.dynamodb.tables import Tables
from chalicelib.telemetry import Signals
from jobhook.core.executions.writes import FireDone, PutExecution, Write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class WatchedStore(DynamoStore):
    """Reports a write after its commit: a decision that is made twice is stored, and so counted, once."""

    def __init__(self, client: "DynamoDBClient", tables: Tables, retention_days: int, signals: Signals) -> None:
        super().__init__(client, tables, retention_days)
        self._signals = signals

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        for write in writes:
            if isinstance(write, PutExecution) and write.moment is not None:
                self._signals.execution(write.moment, write.execution)
            elif isinstance(write, FireDone):
                self._signals.dispatched(write)
