"""Kinds of targets: the registry, and what every kind does."""

import json
from typing import get_args

import pytest

from jobhook.api.bodies.job import JobBody
from jobhook.core.targets.answer import Answer, Verdict
from jobhook.core.targets.http import HttpMessage, HttpTarget, TargetTooLong
from jobhook.core.targets.target import KINDS, stored_target

URL = "https://reports.example.com/hooks?token=abc"


def test_a_job_may_choose_every_kind_of_target_and_no_other() -> None:
    assert get_args(JobBody.model_fields["invocation_type"].annotation) == tuple(KINDS)


def test_the_type_chooses_the_target() -> None:
    assert stored_target("http", URL) == HttpTarget(URL)
    with pytest.raises(KeyError):
        stored_target("fax", URL)


def test_an_http_target_is_parsed() -> None:
    assert HttpTarget.parse(URL) == HttpTarget(URL)
    with pytest.raises(ValueError, match="must be an absolute http or https URL"):
        HttpTarget.parse("ftp://reports.example.com/")
    with pytest.raises(TargetTooLong, match="must be at most 2048 bytes"):
        HttpTarget.parse("https://reports.example.com/" + "x" * 2_048)


def test_an_http_target_renders_a_post_of_json() -> None:
    message = HttpTarget(URL).render({"name": "Straße"})
    assert (message.url, json.loads(message.body)) == (URL, {"name": "Straße"})


def test_neither_target_nor_message_shows_a_secret() -> None:
    assert "abc" not in repr(HttpTarget(URL)) + repr(HttpMessage(URL, b"abc"))


def test_an_http_target_judges_answers() -> None:
    assert HttpTarget(URL).judge(Answer(202)) is Verdict.STARTED
    assert HttpTarget(URL).failure_text(Answer(503)) == "the service answered 503"
