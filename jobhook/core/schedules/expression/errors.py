"""The one error of the schedule package: an expression that is refused, with the field and the reason."""

from typing import Final, Literal

FieldName = Literal[
    "expression",
    "minutes",
    "hours",
    "day-of-month",
    "month",
    "day-of-week",
    "year",
    "value",
    "unit",
    "time",
]

_SUBJECTS: Final[dict[FieldName, str]] = {
    "expression": "The schedule expression",
    "value": "The rate's value",
    "unit": "The rate's unit",
    "time": "The time of at(...)",
}
_SHOWN_CHARACTERS: Final = 40


class ScheduleError(Exception):
    """A schedule expression is not one that AWS documents.

    `field` names the part that is wrong; `reason` says why and what would be right, and reads on from the field's
    name ("must be 0 to 59, not '60'"); `str()` is the whole sentence.
    """

    def __init__(self, field: FieldName, reason: str) -> None:
        super().__init__(field, reason)
        self.field: FieldName = field
        self.reason = reason

    def __str__(self) -> str:
        subject = _SUBJECTS.get(self.field, f"The {self.field} field")
        return f"{subject} {self.reason}."


def quoted(text: str) -> str:
    """`text` as an error may show it: quoted, on one line, cut when long."""
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "...")
