"""DynamoDB's attribute values: how texts and numbers go in and come out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, UniversalAttributeValueTypeDef

    Item = Mapping[str, AttributeValueTypeDef]
    Values = dict[str, UniversalAttributeValueTypeDef]

Plain = str | int | bool | Sequence[str | None] | None


def attributes(plain: Mapping[str, Plain]) -> "Values":
    """Attribute values of plain ones; a None is left out, as the index that it is the key of must be sparse."""
    return {name: _value(value) for name, value in plain.items() if value is not None}


def _value(value: str | int | bool | Sequence[str | None]) -> "UniversalAttributeValueTypeDef":
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    return {"L": [{"NULL": True} if text is None else {"S": text} for text in value]}


def text(item: "Item", name: str) -> str:
    """A text that the item always has."""
    return item[name]["S"]


def text_or_none(item: "Item", name: str) -> str | None:
    """A text that the item may have."""
    return item[name]["S"] if name in item else None


def number(item: "Item", name: str) -> int:
    """A whole number that the item always has."""
    return int(item[name]["N"])


def flag(item: "Item", name: str) -> bool:
    """A truth value that the item always has."""
    return item[name]["BOOL"]


def texts(item: "Item", name: str) -> list[str | None]:
    """A list of texts, some of them None; empty where the item has none."""
    return [value.get("S") for value in item[name]["L"]] if name in item else []
