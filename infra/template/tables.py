"""The DynamoDB tables, made of the same definitions that the adapters and the tests use."""

from chalicelib.dynamodb.tables import EXPIRES, Tables, definitions
from infra.template.intrinsics import Json, resource
from infra.template.names import Names

TABLES = {"jobs": "JobsTable", "executions": "ExecutionsTable", "schedules": "SchedulesTable"}
"""The logical id of each table."""

_EXPIRING = ("jobs", "executions", "schedules")


def tables(names: Names) -> Json:
    """Kept whatever becomes of the stack; a new stack of the same stage takes them over (see deploy.py)."""
    named = Tables(jobs=names.of("jobs"), executions=names.of("executions"), schedules=names.of("schedules"))
    return {
        TABLES[role]: _table(role, dict(definition))
        for role, definition in zip(TABLES, definitions(named), strict=True)
    }


def _table(role: str, definition: Json) -> Json:
    kept: Json = {
        "SSESpecification": {"SSEEnabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": True,
    }
    if role in _EXPIRING:
        kept["TimeToLiveSpecification"] = {"AttributeName": EXPIRES, "Enabled": True}
    return resource("AWS::DynamoDB::Table", definition | kept, DeletionPolicy="Retain", UpdateReplacePolicy="Retain")
