"""After a deployment every table has what the template says, whatever the table was before."""

import copy
import json
from collections.abc import Iterator
from typing import cast

import botocore.session
import pytest
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from infra.deploy.tables import bring_to
from infra.template.intrinsics import Json
from tests.infra.reading import properties, the_template

JOBS = "jobhook-prod-jobs"
NOT_OF_CREATE_TABLE = ("PointInTimeRecoverySpecification", "TimeToLiveSpecification", "SSESpecification")


@pytest.fixture
def client() -> Iterator[DynamoDBClient]:
    with mock_aws():
        session = botocore.session.get_session()
        yield cast(DynamoDBClient, session.create_client("dynamodb", region_name="eu-west-1"))


def create(client: DynamoDBClient, *, without_indexes: int = 0, **changes: object) -> None:
    """The tables as a restore leaves them: no protection, no recovery, no time to live."""
    for logical_id in ("JobsTable", "ExecutionsTable", "SchedulesTable"):
        definition = {k: v for k, v in properties(logical_id).items() if k not in NOT_OF_CREATE_TABLE}
        definition |= {"DeletionProtectionEnabled": False, **changes}
        if logical_id == "JobsTable" and without_indexes:
            indexes = cast("list[Json]", definition["GlobalSecondaryIndexes"])
            definition["GlobalSecondaryIndexes"] = kept = indexes[:-without_indexes]
            keys = json.dumps([definition["KeySchema"], [index["KeySchema"] for index in kept]])
            attributes = cast("list[Json]", definition["AttributeDefinitions"])
            definition["AttributeDefinitions"] = [one for one in attributes if f'"{one["AttributeName"]}"' in keys]
        client.create_table(**definition)  # type: ignore[arg-type]  # a definition of the template


def brought(client: DynamoDBClient, template: Json | None = None) -> list[str]:
    return list(bring_to(client, template or the_template(), sleep=lambda _: None))


def test_a_restored_table_gets_its_protection_recovery_and_time_to_live_back_and_each_is_said(
    client: DynamoDBClient,
) -> None:
    create(client)
    lines = brought(client)
    assert [line for line in lines if line.startswith(JOBS)] == [
        f"{JOBS}: deletion protection was off and is on now",
        f"{JOBS}: point-in-time recovery was off and is on now",
        f"{JOBS}: time to live was off and is on now",
    ]
    assert client.describe_table(TableName=JOBS)["Table"]["DeletionProtectionEnabled"] is True
    backups = client.describe_continuous_backups(TableName=JOBS)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert client.describe_time_to_live(TableName=JOBS)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert brought(client) == []


def test_missing_indexes_are_built_one_at_a_time(client: DynamoDBClient) -> None:
    create(client, without_indexes=2)
    changes: list[int] = []

    def count(params: Json, **_: object) -> None:
        if "GlobalSecondaryIndexUpdates" in params:
            changes.append(len(cast("list[Json]", params["GlobalSecondaryIndexUpdates"])))

    client.meta.events.register("before-parameter-build.dynamodb.UpdateTable", count)
    lines = brought(client)
    wanted = [str(one["IndexName"]) for one in cast("list[Json]", properties("JobsTable")["GlobalSecondaryIndexes"])]
    assert [line for line in lines if "index" in line] == [
        f"{JOBS}: the index {name} was missing and is built" for name in wanted[-2:]
    ]
    assert changes == [1, 1]
    found = client.describe_table(TableName=JOBS)["Table"]["GlobalSecondaryIndexes"]
    assert sorted(one.get("IndexName", "") for one in found) == sorted(wanted)
    assert brought(client) == []


def test_what_cannot_be_changed_in_place_is_said_and_left_alone(client: DynamoDBClient) -> None:
    create(client)
    brought(client)
    template = copy.deepcopy(the_template())
    table = cast(Json, cast("dict[str, Json]", template["Resources"])["JobsTable"]["Properties"])
    first, second, *others = cast("list[Json]", table["GlobalSecondaryIndexes"])
    table["GlobalSecondaryIndexes"] = [second | {"KeySchema": first["KeySchema"]}, *others]
    assert brought(client, template) == [
        f"{JOBS}: the index {first['IndexName']} is not used by this version; it costs writes until it is deleted",
        f"{JOBS}: the index {second['IndexName']} has other keys or attributes; delete it, and deploy again",
    ]
