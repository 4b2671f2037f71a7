"""The optional fields of a job."""

import pytest

from tests.api.client import ApiClient
from tests.api.job_bodies import job_body
from tests.fakes.backend import START_MS

JOB = "/services/reports/jobs/nightly"
OPTIONAL = {
    "description": "What it is for ☃",
    "tags": ["team:a", "b/c=d", "a"],
    "external_id": "17",
    "start_at": "2026-12-01T00:00:00Z",
    "end_at": "2026-12-24T18:00:00Z",
    "retention_days": 7,
}
DEFAULTS: dict[str, object] = {
    "description": None,
    "tags": [],
    "external_id": None,
    "start_at": None,
    "start_at_ms": None,
    "end_at": None,
    "end_at_ms": None,
    "retention_days": None,
}


def test_they_are_shown_as_they_were_put(api: ApiClient) -> None:
    document = api.send_json("PUT", JOB, job_body(**OPTIONAL)).document
    assert {name: document[name] for name in OPTIONAL} == OPTIONAL
    assert (document["start_at_ms"], document["end_at_ms"]) == (1_796_083_200_000, 1_798_135_200_000)
    listed = api.get("/jobs").document["results"][0]
    assert {name: listed[name] for name in OPTIONAL} == OPTIONAL
    assert api.send_json("PUT", JOB, job_body(**OPTIONAL)).document["version"] == 1


def test_a_time_is_taken_as_milliseconds_too(api: ApiClient) -> None:
    document = api.send_json("PUT", JOB, job_body(start_at=1_796_083_200_000, end_at="1796083200001")).document
    assert (document["start_at"], document["end_at_ms"]) == ("2026-12-01T00:00:00Z", 1_796_083_200_001)


def test_a_patch_keeps_them_and_null_takes_them_away(api: ApiClient) -> None:
    put = api.send_json("PUT", JOB, job_body(**OPTIONAL)).document
    kept = api.send_json("PATCH", JOB, {"ttl_seconds": 90}).document
    assert kept == {**put, "ttl_seconds": 90, "version": 2}
    reset = api.send_json("PATCH", JOB, dict.fromkeys(OPTIONAL)).document
    assert {name: reset[name] for name in DEFAULTS} == DEFAULTS


def test_a_dry_run_shows_them_and_only_times_between(api: ApiClient) -> None:
    asked = job_body(schedule="cron(0 12 * * ? *)", start_at="2026-12-01T00:00:00Z", end_at="2026-12-02T12:00:00Z")
    planned = api.send_json("PUT", f"{JOB}?dry_run=true", asked).document
    assert planned["job"]["end_at"] == "2026-12-02T12:00:00Z"
    times = [one["scheduled_time"] for one in planned["upcoming"]]
    assert times == ["2026-12-01T12:00:00Z", "2026-12-02T12:00:00Z"]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"description": 1, "external_id": 2, "tags": "a"}, ["description", "external_id", "tags"]),
        ({"tags": ["a", "", "with space", "x" * 65, 5]}, ["tags.1", "tags.2", "tags.3", "tags.4"]),
        ({"tags": ["a", "b", "a"]}, ["tags"]),
        ({"tags": ["a\n"]}, ["tags.0"]),
        ({"tags": [str(number) for number in range(21)]}, ["tags"]),
        ({"retention_days": 0}, ["retention_days"]),
        ({"retention_days": 3_651}, ["retention_days"]),
        ({"retention_days": True}, ["retention_days"]),
        ({"start_at": "2026-12-01"}, ["start_at"]),
        ({"start_at": "tomorrow", "end_at": -1}, ["start_at", "end_at"]),
        ({"start_at": "2026-12-01T00:00:00Z", "end_at": "2026-12-01T00:00:00Z"}, ["end_at"]),
        ({"end_at": START_MS}, ["end_at"]),
    ],
)
def test_what_they_may_not_be_is_named(api: ApiClient, fields: dict[str, object], names: list[str]) -> None:
    reply = api.send_json("PUT", JOB, job_body(**fields))
    assert (reply.status, reply.document["code"]) == (400, "InvalidJob")
    assert sorted(problem["field"] for problem in reply.document["errors"]) == sorted(names)


@pytest.mark.parametrize(("name", "limit"), [("description", 1_024), ("external_id", 256)])
def test_a_text_that_is_too_long_is_too_large(api: ApiClient, name: str, limit: int) -> None:
    assert api.send_json("PUT", JOB, job_body(**{name: "é" * (limit // 2)})).status == 201
    reply = api.send_json("PUT", JOB, job_body(**{name: "é" * (limit // 2) + "e"}))
    assert (reply.status, reply.document["code"]) == (413, "PayloadTooLarge")


def test_a_schedule_without_a_time_after_the_start_is_refused(api: ApiClient) -> None:
    asked = job_body(schedule="cron(0 12 1 12 ? 2026)", start_at="2026-12-02T00:00:00Z")
    reply = api.send_json("PUT", JOB, asked)
    assert (reply.status, reply.document["code"]) == (422, "InvalidSchedule")
