"""Which expressions are refused, with which field, and how fast."""

import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.schedules.expression import ScheduleError, parse
from tests.core.schedules.expression.expressions import many

REFUSED = [
    ("", "expression"),
    ("cron", "expression"),
    ("every 5 minutes", "expression"),
    ("0 9 * * ? *", "expression"),
    ("Cron(0 9 * * ? *)", "expression"),
    (" cron(0 9 * * ? *)", "expression"),
    ("cron(0 9 * * ? *) ", "expression"),
    ("cron (0 9 * * ? *)", "expression"),
    ("cron(0 9 * * ? *", "expression"),
    ("cron(0 9 * * ?)", "expression"),
    ("cron(0 0 9 * * ? *)", "expression"),
    ("cron( 0 9 * * ? *)", "expression"),
    ("cron(0  9 * * ? *)", "expression"),
    ("cron(0\t9 * * ? *)", "expression"),
    ("cron(0\u00a09 * * ? *)", "expression"),
    ("cron()", "expression"),
    ("cron(60 9 * * ? *)", "minutes"),
    ("cron(-1 9 * * ? *)", "minutes"),
    ("cron(? 9 * * ? *)", "minutes"),
    ("cron(L 9 * * ? *)", "minutes"),
    ("cron(0/0 9 * * ? *)", "minutes"),
    ("cron(*/0 9 * * ? *)", "minutes"),
    ("cron(0/61 9 * * ? *)", "minutes"),
    ("cron(0/ 9 * * ? *)", "minutes"),
    ("cron(/5 9 * * ? *)", "minutes"),
    ("cron(0/5/5 9 * * ? *)", "minutes"),
    ("cron(5- 9 * * ? *)", "minutes"),
    ("cron(1-2-3 9 * * ? *)", "minutes"),
    ("cron(*-5 9 * * ? *)", "minutes"),
    ("cron(*,5 9 * * ? *)", "minutes"),
    ("cron(1,,2 9 * * ? *)", "minutes"),
    ("cron(1, 9 * * ? *)", "minutes"),
    ("cron(000 9 * * ? *)", "minutes"),
    ("cron(\u0665 9 * * ? *)", "minutes"),
    ("cron(0/\u0665 9 * * ? *)", "minutes"),
    ("cron(99999999999999999999999999 9 * * ? *)", "minutes"),
    ("cron(0/99999999999999999999999999 9 * * ? *)", "minutes"),
    ("cron(0 24 * * ? *)", "hours"),
    ("cron(0 9am * * ? *)", "hours"),
    ("cron(0 9 0 * ? *)", "day-of-month"),
    ("cron(0 9 32 * ? *)", "day-of-month"),
    ("cron(0 9 L-3 * ? *)", "day-of-month"),
    ("cron(0 9 1,L * ? *)", "day-of-month"),
    ("cron(0 9 15W,20 * ? *)", "day-of-month"),
    ("cron(0 9 1-5W * ? *)", "day-of-month"),
    ("cron(0 9 32W * ? *)", "day-of-month"),
    ("cron(0 9 0W * ? *)", "day-of-month"),
    ("cron(0 9 W * ? *)", "day-of-month"),
    ("cron(0 9 WL * ? *)", "day-of-month"),
    ("cron(0 9 5L * ? *)", "day-of-month"),
    ("cron(0 9 1#2 * ? *)", "day-of-month"),
    ("cron(0 9 ? * ? *)", "day-of-month"),
    ("cron(0 9 * * MON *)", "day-of-month"),
    ("cron(0 9 * * * *)", "day-of-week"),
    ("cron(0 9 1 * MON *)", "day-of-week"),
    ("cron(0 9 1 * * *)", "day-of-week"),
    ("cron(0 9 * 0 ? *)", "month"),
    ("cron(0 9 * 13 ? *)", "month"),
    ("cron(0 9 * ? ? *)", "month"),
    ("cron(0 9 * JANUARY ? *)", "month"),
    ("cron(0 9 * MON ? *)", "month"),
    ("cron(0 9 * \u017fEP ? *)", "month"),
    ("cron(0 9 ? * 0 *)", "day-of-week"),
    ("cron(0 9 ? * 8 *)", "day-of-week"),
    ("cron(0 9 ? * MONDAY *)", "day-of-week"),
    ("cron(0 9 ? * 2/2 *)", "day-of-week"),
    ("cron(0 9 ? * 3#6 *)", "day-of-week"),
    ("cron(0 9 ? * 3#0 *)", "day-of-week"),
    ("cron(0 9 ? * 8#1 *)", "day-of-week"),
    ("cron(0 9 ? * 8L *)", "day-of-week"),
    ("cron(0 9 ? * 3#1,6#3 *)", "day-of-week"),
    ("cron(0 9 ? * MON,6L *)", "day-of-week"),
    ("cron(0 9 ? * L-2 *)", "day-of-week"),
    ("cron(0 9 ? * 2W *)", "day-of-week"),
    ("cron(0 9 * * ? 1969)", "year"),
    ("cron(0 9 * * ? 2200)", "year"),
    ("cron(0 9 * * ? 26)", "year"),
    ("cron(0 9 * * ? 2030-2026)", "year"),
    ("cron(0 9 * * ? ?)", "year"),
    ("rate()", "expression"),
    ("rate(5)", "expression"),
    ("rate(5  minutes)", "expression"),
    ("rate(5\tminutes)", "expression"),
    ("rate(5 minutes )", "expression"),
    ("rate(5 10 minutes)", "expression"),
    ("rate(0 minutes)", "value"),
    ("rate(-5 minutes)", "value"),
    ("rate(+5 minutes)", "value"),
    ("rate(1.5 hours)", "value"),
    ("rate(05 minutes)", "value"),
    ("rate(\u0665 minutes)", "value"),
    ("rate(five minutes)", "value"),
    ("rate(84006 days)", "value"),
    (f"rate({'9' * 200} minutes)", "value"),
    ("rate(1 minutes)", "unit"),
    ("rate(5 minute)", "unit"),
    ("rate(1 hours)", "unit"),
    ("rate(2 day)", "unit"),
    ("rate(5 Minutes)", "unit"),
    ("rate(30 seconds)", "unit"),
    ("rate(2 weeks)", "unit"),
    ("rate(5 minutess)", "unit"),
    ("at()", "time"),
    ("at(2026-11-30)", "time"),
    ("at(2026-11-30 09:00:00)", "time"),
    ("at(2026-11-30T09:00:00Z)", "time"),
    ("at(2026-11-30T09:00)", "time"),
    ("at(2026-02-30T09:00:00)", "time"),
    ("at(2026-11-30T24:00:00)", "time"),
    ("at(\u0662\u0660\u0662\u0666-11-30T09:00:00)", "time"),
    ("at(1969-12-31T23:59:59)", "time"),
    ("at(2200-01-01T00:00:00)", "time"),
]


@pytest.mark.parametrize(("expression", "field"), REFUSED)
def test_what_aws_does_not_document_is_refused_by_field(expression: str, field: str) -> None:
    with pytest.raises(ScheduleError) as refusal:
        parse(expression)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("cron(60 9 * * ? *)", "The minutes field must be 0 to 59, not '60'."),
        ("cron(0 9 * 13 ? *)", "The month field must be 1 to 12 or JAN to DEC, not '13'."),
        (
            "cron(0 9 * * MON *)",
            "The day-of-month field must be ? because day-of-week is 'MON': one of the two must be ?.",
        ),
        ("rate(5 minute)", "The rate's unit must be 'minutes' with a value of 5, not 'minute'."),
        ("5 minutes", "The schedule expression must be rate(...) or cron(...), not '5 minutes'."),
        ("cron(0/0 9 * * ? *)", "The minutes field must have a step of 1 to 60 after the /, not '0'."),
    ],
)
def test_a_refusal_is_one_sentence_with_the_field_the_reason_and_what_is_right(expression: str, sentence: str) -> None:
    with pytest.raises(ScheduleError) as refusal:
        parse(expression)
    assert str(refusal.value) == sentence
    assert refusal.value.reason in sentence


def test_a_refusal_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(ScheduleError("hours", "must be 0 to 23")))
    assert (error.field, error.reason, str(error)) == (
        "hours",
        "must be 0 to 23",
        "The hours field must be 0 to 23.",
    )


@pytest.mark.parametrize(
    "garbage",
    [
        "x" * 10_000,
        "(" * 10_000,
        "cron(" + "0," * 5_000 + " 0 * * ? *)",
        "cron(" + "*/1," * 60 + "0 * * ? *)",
        "cron(" + "9" * 240 + " * * * ? *)",
        "cron(" + " " * 240 + ")",
        "rate(" + "9" * 10_000 + " days)",
        "at(" + "2" * 10_000 + ")",
        "\ud800" * 10_000,
    ],
)
def test_garbage_is_refused_within_five_milliseconds(garbage: str) -> None:
    assert min(_seconds_to_refuse(garbage) for _ in range(20)) < 0.005


def _seconds_to_refuse(expression: str) -> float:
    started = time.perf_counter()
    with pytest.raises(ScheduleError) as refusal:
        parse(expression)
    taken = time.perf_counter() - started
    assert len(str(refusal.value)) < 400
    return taken


_pieces = st.sampled_from([*"0123456789*/,-?LW# ()TZ:", "JAN", "MON", "cron(", "rate(", "at(", "minutes", "\u0665"])


@many
@given(expression=st.one_of(st.text(max_size=300), st.lists(_pieces, max_size=40).map("".join)))
def test_any_text_is_parsed_or_refused_with_a_schedule_error(expression: str) -> None:
    _parse_or_refuse(expression)


@many
@given(
    fields=st.lists(st.lists(_pieces, min_size=1, max_size=4).map("".join), min_size=6, max_size=6),
    kind=st.sampled_from(["cron", "rate", "at"]),
)
def test_six_fields_of_nonsense_are_parsed_or_refused_with_a_schedule_error(fields: list[str], kind: str) -> None:
    _parse_or_refuse(f"{kind}({' '.join(fields)})")


def _parse_or_refuse(expression: str) -> None:
    try:
        schedule = parse(expression)
    except ScheduleError:
        return
    assert schedule.expression == expression
    assert schedule.describe()
    schedule.next_after(0)
