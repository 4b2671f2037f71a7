"""What is accepted and refused, compared with the aws-cron-expression-validator library."""

import re

import pytest
from aws_cron_expression_validator.validator import AWSCronExpressionError, AWSCronExpressionValidator
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.schedules.expression import ScheduleError, parse
from tests.core.schedules.expression.expressions import Made, cron_expressions, many

Validator = AWSCronExpressionValidator


def _theirs(body: str) -> bool:
    try:
        Validator.validate(body)
    except AWSCronExpressionError:
        return False
    return True


def _ours(body: str) -> bool:
    try:
        parse(f"cron({body})")
    except ScheduleError:
        return False
    return True


@many
@given(made=cron_expressions())
def test_every_generated_expression_is_valid_to_both(made: Made) -> None:
    body = made.text.removeprefix("cron(").removesuffix(")")
    assert _ours(body)
    assert _theirs(body)


_token = st.lists(
    st.sampled_from(["0", "1", "5", "07", "31", "2026", "*", "/", ",", "-", "?", "L", "W", "#", "LW", "FRI", "Mar"]),
    min_size=1,
    max_size=3,
).map("".join)


@many
@given(fields=st.lists(_token, min_size=6, max_size=6), question=st.sampled_from([2, 4]))
def test_what_ours_accepts_theirs_accepts(fields: list[str], question: int) -> None:
    body = " ".join([*fields[:question], "?", *fields[question + 1 :]])
    assert _theirs(body) or not _ours(body)


NEUTRAL = ["0", "9", "1", "*", "?", "*"]


def _accepted_by_theirs(pattern: str) -> st.SearchStrategy[str]:
    return (
        st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True).map(str.strip).filter(lambda text: len(text) < 60)
    )


@many
@given(
    field=st.one_of(
        st.tuples(st.just(0), _accepted_by_theirs(Validator.minute_regex())),
        st.tuples(st.just(1), _accepted_by_theirs(Validator.hour_regex())),
        st.tuples(st.just(2), _accepted_by_theirs(Validator.day_of_month_regex())),
        st.tuples(st.just(3), _accepted_by_theirs(Validator.month_regex())),
        st.tuples(st.just(4), _accepted_by_theirs(Validator.day_of_week_regex())),
        st.tuples(st.just(5), _accepted_by_theirs(Validator.year_regex())),
    )
)
def test_what_theirs_accepts_ours_accepts_but_for_forms_that_aws_does_not_document(field: tuple[int, str]) -> None:
    index, text = field
    fields = list(NEUTRAL)
    fields[index] = text
    if index == 4 and text != "?":
        fields[2] = "?"
    if index == 2 and text == "?":
        fields[4] = "*"
    body = " ".join(fields)
    if _theirs(body) and not _is_undocumented(index, text):
        assert _ours(body)


def _is_undocumented(index: int, text: str) -> bool:
    """Ranges with *, L-n for weekdays, a step longer than its field, and years that run backwards."""
    sizes = (60, 24, 31, 12, 7, 230)
    steps = [int(step) for step in re.findall(r"/([0-9]+)", text)]
    padded_steps = any(len(step) > 4 for step in re.findall(r"/([0-9]+)", text))
    backwards = index == 5 and any(first > last for first, last in re.findall(r"([0-9]{4})-([0-9]{4})", text))
    open_ended = "*-" in text or "-*" in text
    return open_ended or text.startswith("L-") or padded_steps or max(steps, default=1) > sizes[index] or backwards


@pytest.mark.parametrize(
    "body",
    ["*-5 9 * * ? *", "5-* 9 * * ? *", "0 9 ? * L-2 *", "0/61 9 * * ? *", "0 9 * * ? 2030-2026"],
)
def test_the_forms_on_which_ours_is_the_stricter(body: str) -> None:
    assert _theirs(body)
    assert not _ours(body)
