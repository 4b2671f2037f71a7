"""Changes as DynamoDB items in the table of jobs, and back."""

from typing import TYPE_CHECKING, cast

from chalicelib.dynamodb import keys
from chalicelib.dynamodb.attributes import attributes, text
from chalicelib.dynamodb.documents import from_text, to_text, whole, whole_or_none, word, word_or_none
from chalicelib.dynamodb.operations import Operation, Put
from chalicelib.dynamodb.tables import EXPIRES
from jobhook.core.jobs.audit import Action, Change
from jobhook.core.times import DAY_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.dynamodb.attributes import Item


def put_change(change: Change, table: str, retention_days: int) -> list[Operation]:
    """An item of its own: what is changed is changed by other operations of the same transaction."""
    item = attributes(
        {
            "pk": keys.changes_partition(change.guid),
            "sk": keys.listing_place(change.at_ms, change.id),
            "change_pk": keys.sharded("CHANGES", change.guid),
            "change": _change_text(change),
            EXPIRES: (change.at_ms + retention_days * DAY_MS) // SECOND_MS,
        }
    )
    return [Put(table, item, None, {})]


def change_of(item: "Item") -> Change:
    """The change of an item, wherever the item comes from."""
    document = from_text(text(item, "change"))
    return Change(
        service_name=word(document, "service_name"),
        job_name=word(document, "job_name"),
        guid=word(document, "guid"),
        incarnation=word(document, "incarnation"),
        at_ms=whole(document, "at_ms"),
        by=word_or_none(document, "by"),
        action=Action(word(document, "action")),
        version=whole_or_none(document, "version"),
        execution_id=word_or_none(document, "execution_id"),
        details=cast("Mapping[str, object]", document["details"]),
    )


def _change_text(change: Change) -> str:
    return to_text(
        {
            "service_name": change.service_name,
            "job_name": change.job_name,
            "guid": change.guid,
            "incarnation": change.incarnation,
            "at_ms": change.at_ms,
            "by": change.by,
            "action": change.action.value,
            "version": change.version,
            "execution_id": change.execution_id,
            "details": change.details,
        }
    )
