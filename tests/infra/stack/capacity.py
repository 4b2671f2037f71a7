"""DynamoDB's capacity units, reckoned by its documented rules from the items that a run really writes.

moto's own figures are constants. A write costs a unit a kilobyte begun, twice that in a transaction; each index that
holds the item costs the same again where what it holds changes, and twice (a delete and a put) where its key changes.
A read costs a unit for each 4 KB begun, half where it need not be consistent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import cast

from chalicelib.dynamodb.tables import INDEXES, Index
from infra.template.intrinsics import Json
from infra.template.tables import TABLES
from tests.infra.stack.deployment import Deployment

Item = Mapping[str, Mapping[str, object]]
WRITES = {"PutItem": "Item", "UpdateItem": "Key", "DeleteItem": "Key"}


def size(item: Item) -> int:
    """Bytes as DynamoDB counts them, near enough: names and values in UTF-8, a number by half its digits."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, object]) -> int:
    ((kind, plain),) = value.items()
    if kind == "S":
        return len(str(plain).encode())
    if kind == "N":
        return 1 + ceil(len(str(plain)) / 2)
    if kind == "L":
        return 3 + sum(1 + _value_size(one) for one in cast("list[Mapping[str, object]]", plain))
    return 1


def write_units(old: Item, new: Item, indexes: Iterable[Index], *, in_transaction: bool) -> Counter[str]:
    """The units of one write, by table and index."""
    units = Counter(table=_kilobytes(max(size(old), size(new), 1)) * (2 if in_transaction else 1))
    for index in indexes:
        before, after = _held(old, index), _held(new, index)
        if before == after:
            continue
        if before and after and _key(before, index) != _key(after, index):
            units[index.name] += _kilobytes(size(before)) + _kilobytes(size(after))
        else:
            units[index.name] += _kilobytes(max(size(before), size(after)))
    return units


def _kilobytes(size_bytes: int) -> int:
    return ceil(size_bytes / 1024)


def _held(item: Item, index: Index) -> Item:
    """What an index holds of an item; nothing where the item lacks its key."""
    if index.partition not in item or index.sort[0] not in item:
        return {}
    names = {"pk", "sk", index.partition, index.sort[0], *index.projects}
    return {name: value for name, value in item.items() if name in names}


def _key(item: Item, index: Index) -> tuple[object, object]:
    return item[index.partition], item[index.sort[0]]


@dataclass
class Meter:
    """Counts the units of all calls, by function; `watch` is told of each before it is made."""

    deployment: Deployment
    write: Counter[str] = field(default_factory=Counter)
    read: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    requests: Counter[str] = field(default_factory=Counter)
    _pending: list[tuple[str, str, Json, Item, bool]] = field(default_factory=list)

    def watch(self, function: str, operation: str, request: Json) -> None:
        """What has been written since is settled when the next call comes, for then it is there."""
        self.settle()
        if "TableName" not in request and operation != "TransactWriteItems":
            return
        self.requests[function] += 1
        if operation == "TransactWriteItems":
            for part in cast("list[Mapping[str, Json]]", request["TransactItems"]):
                ((kind, write),) = part.items()
                self._await(function, f"{kind}Item", write, in_transaction=True)
        elif operation in WRITES:
            self._await(function, operation, request, in_transaction=False)
        elif operation == "GetItem":
            found = self._item(request, cast(Item, request["Key"]))
            self.read[function] += max(1, ceil(size(found) / 4096))
        else:
            # What a query of one run meets is less than 4 KB; an index is never read consistently.
            self.read[function] += 0.5 if "IndexName" in request else 1

    def settle(self) -> None:
        """Reckon the writes that have been made."""
        pending, self._pending = self._pending, []
        for function, table, request, old, in_transaction in pending:
            new = self._item(request, _key_of(old, request))
            indexes = INDEXES[next(role for role, name in self._names().items() if name == table)]
            self.write[function] += write_units(old, new, indexes, in_transaction=in_transaction).total()

    def _await(self, function: str, operation: str, request: Json, *, in_transaction: bool) -> None:
        key = _key_of(cast(Item, request[WRITES[operation]]), request)
        old = self._item(request, key)
        self._pending.append((function, str(request["TableName"]), request, old or key, in_transaction))

    def _item(self, request: Json, key: Item) -> Item:
        answer = self.deployment.dynamodb.get_item(TableName=str(request["TableName"]), Key=dict(key))
        return cast(Item, answer.get("Item", {}))

    def _names(self) -> dict[str, str]:
        return {role: self.deployment.physical_id(logical_id) for role, logical_id in TABLES.items()}


def _key_of(item: Item, request: Json) -> Item:
    whole = item or cast(Item, request.get("Key") or request["Item"])
    return {"pk": whole["pk"], "sk": whole["sk"]}
