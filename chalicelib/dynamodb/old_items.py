"""The form that items had before the records of `jobhook.core.record`. It is read until an item is written again."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from chalicelib.dynamodb.attributes import number, text, text_or_none
from jobhook.core.json_text import compact
from jobhook.core.record import ExecutionParts

if TYPE_CHECKING:
    from chalicelib.dynamodb.attributes import Item

Document = dict[str, object]

_SETTINGS = frozenset(
    {
        "invocation_target",
        "invocation_type",
        "schedule",
        "ttl_seconds",
        "timeout_seconds",
        "enabled",
        "exclusive",
        "state_schema",
        "response_schema",
        "description",
        "tags",
        "external_id",
        "retention_days",
        "notify",
    }
)
_OLD_SCHEDULED = re.compile(r'"(start_at_ms|end_at_ms)":|"pause":\[|"notify_on":"')
"""Found only in an old text of a scheduled job: inside a JSON string quotation marks are escaped and do not match."""
_OLD_LISTING = '"holds_lock":'


def job_record(listing: str) -> str:
    """The record of an old job's `listing`, whose settings stood among the other fields."""
    old = _object(listing)
    more = cast("list[tuple[str, int]]", old.pop("more_schedules", []))
    settings: Document = {name: old.pop(name) for name in _SETTINGS & old.keys()}
    settings["more_schedules"] = [expression for expression, _ in more]
    settings["span"] = _span(old)
    record = {**old, "settings": settings, "more_from_ms": [from_ms for _, from_ms in more], "pause": _pause(old)}
    return compact(record)


def scheduled_record(scheduled: str) -> str:
    """The record of a scheduled job's text, old or new: an old one with default values alone equals its record."""
    if not _OLD_SCHEDULED.search(scheduled):
        return scheduled
    old = _object(scheduled)
    if isinstance(old.get("notify_on"), str):
        old["notify_on"] = str(old["notify_on"]).split(",")
    return compact({**old, "span": _span(old), "pause": _pause(old)})


def last_success_record(item: "Item") -> str:
    """The record of an old LAST item, whose fields were attributes."""
    invoked_at_ms = number(item, "service_invoked_at_ms") if "service_invoked_at_ms" in item else None
    return compact({"service_invoked_at_ms": invoked_at_ms, "summary": text_or_none(item, "summary")})


def is_old_listing(listing: str) -> bool:
    """Whether an execution's `listing` is of the old form, which says of every execution whether it holds a lock."""
    return _OLD_LISTING in listing


def execution_parts(item: "Item") -> ExecutionParts:
    """The parts of an old execution without responses; from an index, only what the index projects."""
    listing = _object(text(item, "listing"))
    attempts = [_attempt(attempt) for attempt in cast("list[Document]", listing["attempts"])]
    notify_on = text_or_none(item, "notify_on")
    work = {
        "token_hashes": [attempt.pop("token_hash") for attempt in attempts],
        "task_token": text_or_none(item, "task_token"),
        "holds_lock": listing.pop("holds_lock"),
        "notify_on": notify_on.split(",") if notify_on else [],
        "notification": _object_or_none(item, "notification"),
    }
    details = {"state_schema": _object_or_none(item, "state_schema")}
    return ExecutionParts(
        listing=compact({**listing, "attempts": attempts}),
        work=compact(work),
        details=compact(details),
        state=text_or_none(item, "state"),
        payload=text_or_none(item, "payload"),
    )


def _object(text: str) -> Document:
    return cast(Document, json.loads(text))


def _attempt(old: Document) -> Document:
    """An old attempt's status alone said whether another attempt follows."""
    status = cast("int | None", old.get("http_status"))
    refused = "error" in old and status is not None and status != 429 and status < 500
    return {**old, "refused": True} if refused else old


def _object_or_none(item: "Item", name: str) -> Mapping[str, object] | None:
    found = text_or_none(item, name)
    return None if found is None else _object(found)


def _span(old: Document) -> Document:
    return {"start_ms": old.pop("start_at_ms", None), "end_ms": old.pop("end_at_ms", None)}


def _pause(old: Document) -> object:
    """The pause of a document; an old one is a list of its three values."""
    pause = old.get("pause")
    return dict(zip(("reason", "from_ms", "until_ms"), pause, strict=True)) if isinstance(pause, list) else pause
