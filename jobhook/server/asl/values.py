"""The JSON data that state machines are made of and work on."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

# Data is shared between runs and steps and therefore never changed in place.
JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def to_text(value: JSON) -> str:
    """The value as compact JSON text."""
    return _ENCODER.encode(value)
