"""Conditional changes of single items, and their requests: alone, or as part of a transaction."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        DeleteTypeDef,
        PutTypeDef,
        TransactWriteItemTypeDef,
        UpdateTypeDef,
    )

    from chalicelib.dynamodb.attributes import Values

_NAME = re.compile(r"#(\w+)")


@dataclass(frozen=True, slots=True)
class Put:
    """Replace or create the whole item. In every expression an attribute is written `#name` and a value `:name`."""

    table: str
    item: "Values"
    condition: str | None
    values: "Values"

    def alone(self, client: "DynamoDBClient") -> None:
        """Send it by itself. A refusal holds the stored item."""
        request = self._request()
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        client.put_item(**request)

    def in_transaction(self) -> "TransactWriteItemTypeDef":
        """As a part of a transaction."""
        return {"Put": self._request()}

    def _request(self) -> "PutTypeDef":
        request: PutTypeDef = {"TableName": self.table, "Item": self.item}
        if self.condition:
            request["ConditionExpression"] = self.condition
            request["ExpressionAttributeNames"] = _names(self.condition)
            if self.values:
                request["ExpressionAttributeValues"] = self.values
        return request


@dataclass(frozen=True, slots=True)
class Update:
    """Change some attributes of an item; it is created where the condition lets it."""

    table: str
    key: "Values"
    change: str
    condition: str | None
    values: "Values"

    def alone(self, client: "DynamoDBClient") -> None:
        """Send it by itself."""
        client.update_item(**self._request())

    def in_transaction(self) -> "TransactWriteItemTypeDef":
        """As a part of a transaction."""
        return {"Update": self._request()}

    def _request(self) -> "UpdateTypeDef":
        request: UpdateTypeDef = {
            "TableName": self.table,
            "Key": self.key,
            "UpdateExpression": self.change,
            "ExpressionAttributeNames": _names(f"{self.change} {self.condition or ''}"),
            "ExpressionAttributeValues": self.values,
        }
        if self.condition:
            request["ConditionExpression"] = self.condition
        return request


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item."""

    table: str
    key: "Values"
    condition: str | None
    values: "Values"

    def alone(self, client: "DynamoDBClient") -> None:
        """Send it by itself."""
        client.delete_item(**self._request())

    def in_transaction(self) -> "TransactWriteItemTypeDef":
        """As a part of a transaction."""
        return {"Delete": self._request()}

    def _request(self) -> "DeleteTypeDef":
        request: DeleteTypeDef = {"TableName": self.table, "Key": self.key}
        if self.condition:
            request["ConditionExpression"] = self.condition
            request["ExpressionAttributeNames"] = _names(self.condition)
            request["ExpressionAttributeValues"] = self.values
        return request


Operation = Put | Update | Delete


def _names(expression: str) -> dict[str, str]:
    return {f"#{name}": name for name in _NAME.findall(expression)}
