"""What is said of a type or a field beyond its Python type."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A description in words, and the keywords of JSON Schema that hold for the value."""

    description: str = ""
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None
    default: object = None
    example: object = None
