"""From when until when a job has occurrences."""

from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.jobs.active_window import ALWAYS, Span

TIMES = st.integers(0, 20)


@given(start_ms=st.none() | TIMES, end_ms=st.none() | TIMES, time_ms=TIMES)
def test_a_span_holds_its_ends_and_what_lies_between(start_ms: int | None, end_ms: int | None, time_ms: int) -> None:
    span = Span(start_ms, end_ms)
    first, last = 0 if start_ms is None else start_ms, 20 if end_ms is None else end_ms
    assert span.holds(time_ms) == (first <= time_ms <= last)
    assert span.holds(time_ms) != (span.before(time_ms) or span.over(time_ms))
    assert ALWAYS.holds(time_ms)
