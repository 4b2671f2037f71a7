"""The JSON data that state machines are made of and work on."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from jobhook.core.json_text import compact

# Data is shared between runs and steps and therefore never changed in place.
JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"


def to_text(value: JSON) -> str:
    """The value as compact JSON text."""
    return compact(value)
