import re

from jobhook.adapters.clock import SystemClock
from jobhook.adapters.ids import RandomIds


def test_ids_are_random_and_have_the_documented_shape() -> None:
    ids = RandomIds()
    assert re.fullmatch(r"[a-z0-9]{12}", ids.incarnation())
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", ids.secret())
    assert len({ids.secret() for _ in range(100)}) == 100
    assert len({ids.incarnation() for _ in range(100)}) == 100


def test_the_system_clock_counts_milliseconds() -> None:
    assert 1_700_000_000_000 < SystemClock().now_ms() < 253_402_300_799_999
