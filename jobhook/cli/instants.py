"""Times on the command line: RFC 3339, epoch milliseconds, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

import typer

_AGO = re.compile(r"([0-9]{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def instant(text: str | None) -> str | None:
    """What the API takes for `text`; a length such as `2h` is that long ago. Raises typer.BadParameter."""
    if text is None:
        return None
    if ago := _AGO.fullmatch(text):
        return _rfc3339(datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
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
