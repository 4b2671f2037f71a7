"""The tables: their keys, their indexes and projections, and the attribute by which old items expire.

The single source of both the deployment's template and the tables of the tests. Why each index exists: docs/storage.md.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.literals import KeyTypeType
    from mypy_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        CreateTableInputTypeDef,
        GlobalSecondaryIndexTypeDef,
        KeySchemaElementTypeDef,
        ProjectionTypeDef,
    )

EXPIRES = "remove_at"
"""Epoch seconds after which DynamoDB removes an item: a fire, a change, or an execution that has ended."""

LISTED_EXECUTION = ("listing", "status", "service_name", "told", "revision")
FIRE = ("expression", "state", "until_ms", "count", "reason")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables' names in one installation."""

    jobs: str
    executions: str
    schedules: str


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: two key attributes (name, type), and the attributes that it projects besides keys."""

    name: str
    partition: str
    sort: tuple[str, str]
    projects: tuple[str, ...] = ()


BY_NAME = Index("by_name", "name_pk", ("name_sk", "S"), ("listing", "version", "jobs"))
BY_SCHEDULE = Index("by_schedule", "schedule_pk", ("pk", "S"), ("scheduled",))
BY_LOCK = Index("by_lock", "lock_pk", ("taken_at_ms", "N"), ("holder",))

BY_CHANGE = Index("by_change", "change_pk", ("sk", "S"), ("change",))

BY_ALL = Index("by_all", "all_pk", ("place", "S"), LISTED_EXECUTION)
BY_SERVICE = Index("by_service", "service_pk", ("place", "S"), LISTED_EXECUTION)
BY_STATUS = Index("by_status", "status_pk", ("place", "S"), LISTED_EXECUTION)
BY_EXPIRY = Index("by_expiry", "expiry_pk", ("expires_at_ms", "N"), LISTED_EXECUTION)
BY_UNTOLD = Index("by_untold", "untold_pk", ("ended_at_ms", "N"))
BY_NOTIFY = Index("by_notify", "notify_pk", ("notify_at_ms", "N"))

BY_OPEN = Index("by_open", "open_pk", ("created_at_ms", "N"), FIRE)

INDEXES = {
    "jobs": (BY_NAME, BY_SCHEDULE, BY_LOCK, BY_CHANGE),
    "executions": (BY_ALL, BY_SERVICE, BY_STATUS, BY_EXPIRY, BY_UNTOLD, BY_NOTIFY),
    "schedules": (BY_OPEN,),
}
SORT_TYPES = {"jobs": "S", "executions": "N", "schedules": "S"}


def definitions(tables: Tables) -> "list[CreateTableInputTypeDef]":
    """The request of CreateTable for each table; paid by request, so that nothing must be scaled."""
    names = {"jobs": tables.jobs, "executions": tables.executions, "schedules": tables.schedules}
    return [_definition(role, name) for role, name in names.items()]


def _definition(role: str, name: str) -> "CreateTableInputTypeDef":
    indexes = INDEXES[role]
    types = {"pk": "S", "sk": SORT_TYPES[role]}
    for index in indexes:
        types |= {index.partition: "S", index.sort[0]: index.sort[1]}
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _keys("pk", "sk"),
        "AttributeDefinitions": [_attribute(attribute, kind) for attribute, kind in sorted(types.items())],
        "GlobalSecondaryIndexes": [_index(index) for index in indexes],
    }


def _attribute(name: str, kind: str) -> "AttributeDefinitionTypeDef":
    return {"AttributeName": name, "AttributeType": "N" if kind == "N" else "S"}


def _index(index: Index) -> "GlobalSecondaryIndexTypeDef":
    some: ProjectionTypeDef = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.projects)}
    return {
        "IndexName": index.name,
        "KeySchema": _keys(index.partition, index.sort[0]),
        "Projection": some if index.projects else {"ProjectionType": "KEYS_ONLY"},
    }


def _keys(partition: str, sort: str) -> "list[KeySchemaElementTypeDef]":
    roles: list[tuple[str, KeyTypeType]] = [(partition, "HASH"), (sort, "RANGE")]
    return [{"AttributeName": name, "KeyType": role} for name, role in roles]
