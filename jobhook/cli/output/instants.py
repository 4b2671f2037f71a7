"""Times on the command line: RFC 3339, epoch milliseconds, or how far from now."""

import re

import typer

from jobhook.adapters.clock import SystemClock
from jobhook.core.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, parse_instant, to_rfc3339

_LENGTH = re.compile(r"([0-9]{1,6})(s|m|h|d)")
_UNITS_MS = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


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
        return to_rfc3339(SystemClock().now_ms() + sign * int(length[1]) * _UNITS_MS[length[2]])
    try:
        return to_rfc3339(parse_instant(text, assume_utc=True))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time; give one such as 2026-11-30T09:00:00Z, epoch milliseconds, or 30m, 2h, 7d"
        ) from None
