"""Times on the command line: RFC 3339, epoch milliseconds, or how far from now."""

import re
from datetime import UTC, datetime, timedelta

import typer

_LENGTH = re.compile(r"([0-9]{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def instant(text: str | None) -> str | None:
    """What the API takes for `text`; a length such as `2h` is that long ago. Raises typer.BadParameter."""
    return _instant(text, sign=-1)


def later(text: str | None) -> str | None:
    """The same, but a length is that long from now."""
    return _instant(text, sign=1)


def _instant(text: str | None, *, sign: int) -> str | None:
    if text is None:
        return None
    if length := _LENGTH.fullmatch(text):
        return _rfc3339(datetime.now(UTC) + sign * timedelta(**{_UNITS[length[2]]: int(length[1])}))
    if text.isascii() and text.isdigit():
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time; give one such as 2026-11-30T09:00:00Z, epoch milliseconds, or 30m, 2h, 7d"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _rfc3339(moment.astimezone(UTC))


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
