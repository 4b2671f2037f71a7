"""Lengths of time as people read them."""

import pytest

from jobhook.cli.output.printing import duration


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (None, None),
        (0, "0 ms"),
        (99, "99 ms"),
        (100, "0.1 s"),
        (9_940, "9.9 s"),
        (59_400, "59 s"),
        (61_000, "1 min 1 s"),
        (3_720_000, "1 h 2 min"),
        (180_000_000, "2 d 2 h"),
    ],
)
def test_a_length_is_shown_in_the_units_that_tell_most(milliseconds: int | None, shown: str | None) -> None:
    assert duration(milliseconds) == shown
