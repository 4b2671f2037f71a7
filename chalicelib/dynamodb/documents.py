"""Small fields of a record kept together as one text of JSON, so that an index projects them as one attribute."""

import json
from collections.abc import Mapping

from jobhook.core.json_text import compact

Document = dict[str, object]


def to_text(document: Mapping[str, object]) -> str:
    """Compact JSON without the fields that are None."""
    present = {name: value for name, value in document.items() if value is not None}
    return compact(present)


def from_text(text: str) -> Document:
    """The document of such a text."""
    document: Document = json.loads(text)
    return document


def word(document: Document, name: str) -> str:
    """A text that the document always has."""
    value = document[name]
    assert isinstance(value, str)
    return value


def word_or_none(document: Document, name: str) -> str | None:
    """A text that the document may have."""
    return word(document, name) if name in document else None


def whole(document: Document, name: str) -> int:
    """A whole number that the document always has."""
    value = document[name]
    assert isinstance(value, int)
    return value


def whole_or_none(document: Document, name: str) -> int | None:
    """A whole number that the document may have."""
    return whole(document, name) if name in document else None
