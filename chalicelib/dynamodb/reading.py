"""The two ways in which DynamoDB is read: one item by its key, or a range of one partition. Never a scan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.clients import unavailable_where_it_fails
from chalicelib.dynamodb.attributes import attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

    from chalicelib.dynamodb.attributes import Item, Values


Fields = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class QueryPage:
    """The items of one query in order, and the key up to which it looked where more items follow."""

    items: "Sequence[Item]"
    more: "Item | None"


class Reader:
    """Reads from one DynamoDB client."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client

    def item(self, table: str, key: "Values") -> "Item | None":
        """The item of that key as it is now (a consistent read)."""
        with unavailable_where_it_fails():
            return self._client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    def query(
        self,
        table: str,
        index: str | None,
        condition: str,
        values: Fields,
        *,
        limit: int | None = None,
        newest_first: bool = False,
        only: Fields | None = None,
        fields: str | None = None,
    ) -> QueryPage:
        """One query: the items of `condition` (attributes as `#name`, values as `:name`) whose fields equal `only`.

        `fields` are the attributes that are wanted (as `#name`, with commas), all unless given.

        Consistent where no index is asked. `limit` counts what is looked at, before `only` is applied.
        """
        only = only or {}
        request: QueryInputTypeDef = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in (*_names(f"{condition} {fields or ''}"), *only)},
            "ExpressionAttributeValues": attributes(
                {f":{name}": value for name, value in values.items()}
                | {f":only_{name}": value for name, value in only.items()}
            ),
            "ScanIndexForward": not newest_first,
        }
        if index is None:
            request["ConsistentRead"] = True
        else:
            request["IndexName"] = index
        if fields is not None:
            request["ProjectionExpression"] = fields
        if limit is not None:
            request["Limit"] = limit
        if only:
            request["FilterExpression"] = " AND ".join(f"#{name} = :only_{name}" for name in only)
        with unavailable_where_it_fails():
            answer = self._client.query(**request)
        return QueryPage(answer["Items"], answer.get("LastEvaluatedKey"))


def _names(expression: str) -> list[str]:
    return [word[1:].rstrip(",") for word in expression.split() if word.startswith("#")]
