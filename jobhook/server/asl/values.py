"""The JSON data that state machines are made of and work on."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

# Data is shared between runs and steps and therefore never changed in place.
JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"
