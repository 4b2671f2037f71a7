"""What somebody may have meant who wrote a field that there is not."""

import json
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from jobhook.api.bodies.callback import parse_callback
from jobhook.api.bodies.job import JobBody, parse_job
from jobhook.api.bodies.suggestions import meant_fields
from jobhook.core.errors import InvalidDocument


class Inner(BaseModel):
    """What stands within."""

    colour: str = ""


class Outer(BaseModel):
    """A body with a body in it."""

    inner: Annotated[Inner | None, Field(alias="within")] = None
    text: str = ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("shedule", ["schedule"]),
        ("Schedule", ["schedule"]),
        ("ttl", ["ttl_seconds"]),
        ("ttlSeconds", ["ttl_seconds"]),
        ("target", ["invocation_target"]),
        ("timeout", ["timeout_seconds"]),
        ("seconds", ["ttl_seconds", "timeout_seconds"]),
        ("is_async", ["async"]),
        ("retries", []),
        ("", []),
        ("schedule" * 1_000, []),
    ],
)
def test_a_mistyped_field_of_a_job_brings_up_the_one_like_it(written: str, meant: list[str]) -> None:
    assert meant_fields(JobBody, (written,)) == meant


def test_a_field_within_another_is_compared_with_those_that_stand_there() -> None:
    assert meant_fields(Outer, ("within", "color")) == ["colour"]
    assert meant_fields(Outer, ("within", "texts")) == []
    assert meant_fields(Outer, ("text", "texts")) == []
    assert meant_fields(Outer, ("within", 1)) == []


def test_the_problem_says_it() -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_job("reports", "nightly", "application/json", b'{"shedule": "rate(1 day)", "retries": 3}', 0)
    said = {problem.field: problem.message for problem in refused.value.problems}
    assert said["shedule"] == "is not a known field; did you mean `schedule`?"
    assert said["retries"] == "is not a known field; leave it out or correct its name"
    with pytest.raises(InvalidDocument, match="did you mean `progress`"):
        parse_callback("application/json", b'{"status": "heartbeat", "progres": 10}')


def test_of_a_body_of_nothing_but_mistakes_only_the_first_are_compared() -> None:
    body = json.dumps({f"schedule{number}": 1 for number in range(100)}).encode()
    with pytest.raises(InvalidDocument) as refused:
        parse_job("reports", "nightly", "application/json", body, 0)
    said = [problem.message for problem in refused.value.problems]
    assert 10 < sum("did you mean" in message for message in said) <= 20
    assert sum("leave it out" in message for message in said) >= 80
