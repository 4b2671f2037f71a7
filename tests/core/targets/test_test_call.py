"""What a test call's answer shows, criterion by criterion."""

import json

import pytest

from jobhook.adapters.work_limit import within
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.executions.tokens import parse_token
from jobhook.core.jobs.job import JobSettings, new_job
from jobhook.core.targets.answer import ANSWER_READ_BYTES, Answer, Failure, not_allowed
from jobhook.core.targets.http import HttpTarget
from jobhook.core.targets.test_call import TestCall, criteria, webhook_for_test
from jobhook.core.targets.webhook import webhook_body
from tests.contract.values import PLAIN, an_execution

SECRET = "s" * 43
NAMES = ["url_allowed", "resolves", "connects", "answers_in_time", "status_2xx", "response_schema"]
OBJECT: dict[str, object] = {"type": "object", "required": ["ok"], "properties": {"ok": {"const": True}}}


def met(answer: Answer, schema: dict[str, object] | None = None) -> list[bool | None]:
    found = list(criteria(HttpTarget("https://x"), answer, schema, within))
    assert [criterion.name for criterion in found] == NAMES
    assert all(criterion.detail for criterion in found)
    return [criterion.met for criterion in found]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (not_allowed("private"), [False, None, None, None, None, None]),
        (Answer(None, error="?", failure=Failure.NOT_RESOLVED), [True, False, None, None, None, None]),
        (Answer(None, error="?", failure=Failure.NOT_CONNECTED), [True, True, False, None, None, None]),
        (Answer(None, error="?", failure=Failure.NO_ANSWER), [True, True, True, False, None, None]),
        (Answer(None), [True, True, True, False, None, None]),
        (Answer(302), [True, True, True, True, False, None]),
        (Answer(500, b'{"ok": true}'), [True, True, True, True, False, None]),
        (Answer(204), [True, True, True, True, True, None]),
    ],
)
def test_the_first_criterion_that_is_not_met_ends_the_looking(answer: Answer, expected: list[bool | None]) -> None:
    assert met(answer) == expected
    assert met(answer, OBJECT)[:5] == expected[:5]


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        (b'{"ok": true}', True),
        (b'{"ok": false}', False),
        (b"{}", False),
        (b"", False),
        (b"taken", False),
        (b"\xff\xfe", False),
        (b'{"ok": true, "more": "' + b"x" * ANSWER_READ_BYTES + b'"}', False),
        (b"[" * 60_000, False),
    ],
)
def test_the_response_must_satisfy_the_schema_whole(body: bytes, holds: bool) -> None:
    assert met(Answer(200, body[:ANSWER_READ_BYTES]), OBJECT) == [True, True, True, True, True, holds]


def test_the_detail_says_where_the_response_violates_it() -> None:
    *_, schema = criteria(HttpTarget("https://x"), Answer(200, b'{"ok": 1}'), OBJECT, within)
    assert schema.detail == "response.ok: True was expected"


def test_a_call_passes_where_nothing_that_is_asked_for_fails() -> None:
    def passed(settings: JobSettings, answer: Answer) -> object:
        return TestCall(new_job("reports", "nightly", settings, "one", 0), answer, 3, within).document["passed"]

    assert passed(PLAIN, Answer(200, b"anything")) is True
    assert passed(PLAIN, Answer(404)) is False
    assert passed(PLAIN, not_allowed("loopback")) is False


def test_the_webhook_has_the_form_of_others_and_says_that_it_is_a_test() -> None:
    job = new_job("reports", "nightly", PLAIN, "one", 0)
    document = webhook_for_test(
        job, RunRequest("p", replaces_payload=True), "https://jobs.example.com/api", SECRET, 5_001
    )
    assert document["test"] is True
    assert document["payload"] == "p"
    assert set(document) == {"test", *webhook_body(an_execution(), None, "", 0)}
    prefix, guid, token = str(document["callback_url"]).rsplit("/", 2)
    assert prefix == "https://jobs.example.com/api/callback"
    assert parse_token(guid, token) is not None
    assert json.dumps(document)
