"""Writes of executions, as operations on their table."""

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes
from chalicelib.dynamodb.execution_items import execution_item
from chalicelib.dynamodb.operations import Operation, Put, Update
from jobhook.core.executions.execution import OPEN, Execution
from jobhook.core.executions.writes import MarkReported, PutExecution


def put_execution(write: PutExecution, table: str, retention_days: int) -> list[Operation]:
    """The whole record, on the revision that was read."""
    if write.if_revision is None:
        return [put_absent(write.execution, table, retention_days)]
    item = execution_item(write.execution, retention_days)
    return [Put(table, item, "#revision = :revision", attributes({":revision": write.if_revision}))]


def put_absent(execution: Execution, table: str, retention_days: int) -> Put:
    """The whole record, if there is none."""
    return Put(table, execution_item(execution, retention_days), "attribute_not_exists(#pk)", {})


def mark_reported(write: MarkReported, table: str) -> list[Operation]:
    """Takes the record out of the index of untold ones. The revision stays: nothing was decided anew."""
    key = attributes(
        {"pk": keys.executions_partition(write.key.guid, write.key.incarnation), "sk": write.key.scheduled_time_ms}
    )
    still_open = {f":{status.value}": status.value for status in sorted(OPEN)}
    condition = f"attribute_exists(#pk) AND NOT (#status IN ({', '.join(still_open)}))"
    values = attributes({":told": True, **still_open})
    return [Update(table, key, "SET #told = :told REMOVE #untold_pk", condition, values)]
