"""Instants on the wire."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.times import MINUTE_MS, floor_to_minute, parse_instant, to_rfc3339

INSTANTS = st.integers(min_value=0, max_value=253_402_300_799_999)


@given(INSTANTS)
def test_an_instant_survives_the_way_round(instant_ms: int) -> None:
    assert parse_instant(to_rfc3339(instant_ms)) == instant_ms
    assert parse_instant(str(instant_ms)) == instant_ms


@pytest.mark.parametrize(
    ("text", "instant_ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-30T09:00:00Z", 1_796_029_200_000),
        ("2026-11-30T10:00:00+01:00", 1_796_029_200_000),
        ("2026-11-30T09:00:00.123Z", 1_796_029_200_123),
        ("2026-11-30T09:00:00.123999Z", 1_796_029_200_123),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ],
)
def test_rfc_3339_is_read(text: str, instant_ms: int) -> None:
    assert parse_instant(text) == instant_ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-30",
        "2026-11-30T09:00:00",
        "-1",
        "1e3",
        "+5",
        "٣",
        "253402300800000",
        "9" * 40,
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-13-01T00:00:00Z",
        "2026-W47-5T12:00:00Z",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_instant(text)


@given(st.text(max_size=60))
def test_no_text_does_worse_than_a_refusal(text: str) -> None:
    with suppress(ValueError):
        assert parse_instant(text) >= 0


@pytest.mark.parametrize(
    ("text", "instant_ms"),
    [
        ("2026-11-30", 1_795_996_800_000),
        ("2026-11-30T09:00:00", 1_796_029_200_000),
        ("2026-11-30T10:00:00+01:00", 1_796_029_200_000),
        ("1796029200000", 1_796_029_200_000),
    ],
)
def test_a_time_without_an_offset_is_utc_where_that_is_assumed(text: str, instant_ms: int) -> None:
    assert parse_instant(text, assume_utc=True) == instant_ms


def test_milliseconds_are_written_only_where_there_are_any() -> None:
    assert to_rfc3339(1_796_029_200_000) == "2026-11-30T09:00:00Z"
    assert to_rfc3339(1_796_029_200_007) == "2026-11-30T09:00:00.007Z"


@given(INSTANTS)
def test_a_minute_starts_at_most_a_minute_before(instant_ms: int) -> None:
    floor_ms = floor_to_minute(instant_ms)
    assert floor_ms % MINUTE_MS == 0
    assert 0 <= instant_ms - floor_ms < MINUTE_MS
