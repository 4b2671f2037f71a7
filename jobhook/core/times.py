"""Instants: epoch milliseconds inside, RFC 3339 in UTC on the wire."""

from datetime import UTC, datetime, timedelta

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

LATEST_MS = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z, the last that RFC 3339 can write."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_rfc3339(instant_ms: int) -> str:
    """`2026-11-30T09:00:00Z`; milliseconds are written only where there are any."""
    moment = _EPOCH + timedelta(milliseconds=instant_ms)
    text = moment.isoformat()[:19]
    millis = instant_ms % SECOND_MS
    return f"{text}.{millis:03d}Z" if millis else f"{text}Z"


def epoch_ms(moment: datetime) -> int:
    """Epoch milliseconds of a datetime that has a time zone; parts of a millisecond are dropped."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def parse_instant(text: str, *, assume_utc: bool = False) -> int:
    """Epoch milliseconds of `text`: RFC 3339 with an offset, or epoch milliseconds in digits.

    `assume_utc` takes a time without an offset, and a date for its midnight. Raises ValueError that says what is wrong.
    """
    if text.isascii() and text.isdigit():
        instant_ms = int(text) if len(text) <= 15 else LATEST_MS + 1
    else:
        instant_ms = _parse_rfc3339(text, assume_utc)
    if not 0 <= instant_ms <= LATEST_MS:
        raise ValueError("must lie between 1970 and the year 9999")
    return instant_ms


def _parse_rfc3339(text: str, assume_utc: bool) -> int:
    expected = "must be RFC 3339 with an offset (2026-11-30T09:00:00Z) or epoch milliseconds"
    if len(text) > 40 or "W" in text:  # Python also reads ISO 8601's week dates, which RFC 3339 has not
        raise ValueError(expected)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(expected) from None
    if moment.tzinfo is None:
        if not assume_utc:
            raise ValueError(expected)
        moment = moment.replace(tzinfo=UTC)
    return epoch_ms(moment)


def floor_to_minute(instant_ms: int) -> int:
    """The start of the minute that `instant_ms` lies in."""
    return instant_ms - instant_ms % MINUTE_MS


def floor_to_second(instant_ms: int) -> int:
    """The start of the second that `instant_ms` lies in."""
    return instant_ms - instant_ms % SECOND_MS
