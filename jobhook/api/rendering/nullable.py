"""Values that a document may lack; None stays None."""

from collections.abc import Mapping
from typing import Any

from jobhook.core.times import to_rfc3339


def nullable_rfc3339(instant_ms: int | None) -> str | None:
    """RFC 3339 in UTC of epoch milliseconds."""
    return None if instant_ms is None else to_rfc3339(instant_ms)


def nullable_dict(mapping: Mapping[str, object] | None) -> dict[str, Any] | None:
    """A JSON object as a dictionary of its own."""
    return None if mapping is None else dict(mapping)
