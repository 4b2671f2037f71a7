"""What the tables have, compared with the template after each deployment.

CloudFormation compares a template with the template before, and not with a table. A table that was restored, or taken
over from an earlier stack, keeps settings and indexes of its own, and no later deployment would see that.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from infra.template.intrinsics import Json

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeDefinitionTypeDef, CreateGlobalSecondaryIndexActionTypeDef

_ACTIVE = "ACTIVE"
_LOOK_SECONDS = 5


def bring_to(client: "DynamoDBClient", template: Json, sleep: Callable[[float], None] = time.sleep) -> Iterator[str]:
    """Give every table of a packaged template what the template says; a line for each difference.

    Indexes are built one at a time, as DynamoDB takes them. What cannot be changed in place is said and left alone.
    """
    for resource in cast("dict[str, Json]", template["Resources"]).values():
        if resource.get("Type") == "AWS::DynamoDB::Table":
            yield from _Table(client, cast(Json, resource["Properties"]), sleep).bring()


@dataclass(frozen=True, slots=True)
class _Table:
    client: "DynamoDBClient"
    wanted: Json
    sleep: Callable[[float], None]

    @property
    def name(self) -> str:
        return str(self.wanted["TableName"])

    def bring(self) -> Iterator[str]:
        yield from self._protection()
        yield from self._backups()
        yield from self._time_to_live()
        yield from self._indexes()

    def _protection(self) -> Iterator[str]:
        if self.wanted.get("DeletionProtectionEnabled") and not self._described().get("DeletionProtectionEnabled"):
            self.client.update_table(TableName=self.name, DeletionProtectionEnabled=True)
            self._until_active()
            yield f"{self.name}: deletion protection was off and is on now"

    def _backups(self) -> Iterator[str]:
        found = self.client.describe_continuous_backups(TableName=self.name)["ContinuousBackupsDescription"]
        if found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
            self.client.update_continuous_backups(
                TableName=self.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
            yield f"{self.name}: point-in-time recovery was off and is on now"

    def _time_to_live(self) -> Iterator[str]:
        if "TimeToLiveSpecification" not in self.wanted:
            return
        attribute = str(cast(Json, self.wanted["TimeToLiveSpecification"])["AttributeName"])
        found = self.client.describe_time_to_live(TableName=self.name)["TimeToLiveDescription"]
        if found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"):
            if found.get("AttributeName") != attribute:
                yield f"{self.name}: expires by {found.get('AttributeName')}, not by {attribute}; change it by hand"
            return
        self.client.update_time_to_live(
            TableName=self.name, TimeToLiveSpecification={"AttributeName": attribute, "Enabled": True}
        )
        yield f"{self.name}: time to live was off and is on now"

    def _indexes(self) -> Iterator[str]:
        wanted = {str(one["IndexName"]): one for one in cast("list[Json]", self.wanted["GlobalSecondaryIndexes"])}
        found = {str(one["IndexName"]): one for one in _indexes_of(self._described())}
        for name in found.keys() - wanted.keys():
            yield f"{self.name}: the index {name} is not used by this version; it costs writes until it is deleted"
        for name, index in wanted.items():
            if name not in found:
                self._until_active()
                self._build(index)
                self._until_active()
                yield f"{self.name}: the index {name} was missing and is built"
            elif not _same(index, found[name]):
                yield f"{self.name}: the index {name} has other keys or attributes; delete it, and deploy again"

    def _build(self, index: Json) -> None:
        keys = {str(key["AttributeName"]) for key in cast("list[Json]", index["KeySchema"])}
        attributes = [
            one
            for one in cast("list[AttributeDefinitionTypeDef]", self.wanted["AttributeDefinitions"])
            if one["AttributeName"] in keys
        ]
        self.client.update_table(
            TableName=self.name,
            AttributeDefinitions=attributes,
            GlobalSecondaryIndexUpdates=[{"Create": cast("CreateGlobalSecondaryIndexActionTypeDef", index)}],
        )

    def _described(self) -> Json:
        return cast(Json, self.client.describe_table(TableName=self.name)["Table"])

    def _until_active(self) -> None:
        """DynamoDB takes no second change of a table or its indexes before the first is done."""
        while True:
            table = self._described()
            states = [table["TableStatus"], *(index.get("IndexStatus", _ACTIVE) for index in _indexes_of(table))]
            if all(state == _ACTIVE for state in states):
                return
            self.sleep(_LOOK_SECONDS)


def _indexes_of(table: Json) -> list[Json]:
    return cast("list[Json]", table.get("GlobalSecondaryIndexes", []))


def _same(wanted: Json, found: Json) -> bool:
    return _shape(wanted) == _shape(found)


def _shape(index: Json) -> tuple[object, object, frozenset[str]]:
    projection = cast(Json, index["Projection"])
    attributes = frozenset(cast("list[str]", projection.get("NonKeyAttributes", [])))
    return index["KeySchema"], projection["ProjectionType"], attributes
