"""Reads the Retry and Catch of a task."""

from jobhook.server.asl.definition import Definition
from jobhook.server.asl.error_names import ALL, MATCHABLE, RESERVED
from jobhook.server.asl.states import LONGEST_DELAY_SECONDS, Catcher, Retrier

_MOST = 99_999_999


def retriers(task: Definition) -> tuple[Retrier, ...]:
    """The task's Retry, with the language's defaults filled in."""
    listed = task.listed("Retry")
    return tuple(_retrier(each, is_last=each is listed[-1]) for each in listed)


def catchers(task: Definition) -> tuple[Catcher, ...]:
    """The task's Catch."""
    listed = task.listed("Catch")
    return tuple(_catcher(each, is_last=each is listed[-1]) for each in listed)


def _retrier(each: Definition, *, is_last: bool) -> Retrier:
    retrier = Retrier(
        error_equals=_error_equals(each, is_last),
        interval_seconds=each.whole("IntervalSeconds", 1, _MOST, default=1),
        max_attempts=each.whole("MaxAttempts", 0, _MOST, default=3),
        backoff_rate=_backoff_rate(each),
        max_delay_seconds=each.whole("MaxDelaySeconds", 1, LONGEST_DELAY_SECONDS - 1, default=LONGEST_DELAY_SECONDS),
        full_jitter=_full_jitter(each),
    )
    each.text("Comment", "")
    each.finish()
    return retrier


def _catcher(each: Definition, *, is_last: bool) -> Catcher:
    catcher = Catcher(_error_equals(each, is_last), each.result_path(), each.text("Next"))
    each.text("Comment", "")
    each.finish()
    return catcher


def _error_equals(each: Definition, is_last: bool) -> tuple[str, ...]:
    names = each.take("ErrorEquals")
    if not isinstance(names, list) or not names:
        each.invalid("ErrorEquals", "must be a list of at least one error name")
    texts = tuple(name for name in names if isinstance(name, str))
    if len(texts) < len(names):
        each.invalid("ErrorEquals", "must hold strings only")
    for name in texts:
        if name.startswith(RESERVED) and name not in MATCHABLE:
            each.unsupported("ErrorEquals", f"no state of this engine fails with {name!r}")
    if ALL in texts and (len(texts) > 1 or not is_last):
        each.invalid("ErrorEquals", "States.ALL must stand alone, and last in its list")
    return texts


def _backoff_rate(each: Definition) -> float:
    rate = each.take("BackoffRate") if "BackoffRate" in each else 2.0
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 1.0 <= rate < float("inf"):
        each.invalid("BackoffRate", "must be a number of at least 1.0")
    return float(rate)


def _full_jitter(each: Definition) -> bool:
    strategy = each.text("JitterStrategy", "NONE")
    if strategy not in ("FULL", "NONE"):
        each.invalid("JitterStrategy", "must be FULL or NONE")
    return strategy == "FULL"
