"""The routes of jobs and services."""

import pytest

from jobhook.core.identities import job_guid
from tests.api.client import ApiClient
from tests.api.job_bodies import job_body
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"


def test_a_job_is_created_and_shown_whole(api: ApiClient) -> None:
    reply = api.send_json("PUT", JOB, job_body())
    assert reply.status == 201
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.document == {
        "service_name": "reports",
        "job_name": "nightly",
        "guid": job_guid("reports", "nightly"),
        "description": None,
        "tags": [],
        "external_id": None,
        "async": True,
        "enabled": True,
        "exclusive": False,
        "invocation_target": "https://reports.example.com/hooks/nightly",
        "invocation_type": "http",
        "payload": '{"report": "sales"}',
        "schedule": "rate(5 minutes)",
        "schedules": ["rate(5 minutes)"],
        "state_schema": None,
        "response_schema": None,
        "start_at": None,
        "start_at_ms": None,
        "end_at": None,
        "end_at_ms": None,
        "retention_days": None,
        "notify": None,
        "pause": None,
        "ttl_seconds": 60,
        "timeout_seconds": 86_400,
        "version": 1,
        "created_at": "2026-11-21T08:00:00Z",
        "created_at_ms": 1_795_248_000_000,
        "created_by": "arn:aws:iam::123456789012:user/ann",
        "updated_at": "2026-11-21T08:00:00Z",
        "updated_at_ms": 1_795_248_000_000,
        "updated_by": "arn:aws:iam::123456789012:user/ann",
    }
    assert api.get(JOB).document == reply.document


def test_the_same_body_again_changes_nothing(api: ApiClient, backend: MemoryBackend) -> None:
    first = api.send_json("PUT", JOB, job_body())
    backend.clock.advance(60)
    again = api.send_json("PUT", JOB, job_body())
    assert again.status == 200
    assert again.document == first.document


def test_a_changed_body_makes_the_next_version(api: ApiClient, backend: MemoryBackend) -> None:
    api.send_json("PUT", JOB, job_body())
    backend.clock.advance(60)
    changed = api.send_json("PUT", JOB, job_body(ttl_seconds=120))
    assert (changed.status, changed.document["version"], changed.document["ttl_seconds"]) == (200, 2, 120)
    assert changed.document["updated_at_ms"] - changed.document["created_at_ms"] == 60_000


def test_who_made_a_job_and_who_changed_it_last_are_shown(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body())
    api.act_as("arn:aws:iam::123456789012:user/bob")
    same = api.send_json("PUT", JOB, job_body())
    assert same.document["updated_by"] == "arn:aws:iam::123456789012:user/ann"
    api.send_json("PATCH", JOB, {"ttl_seconds": 90})
    (listed,) = api.get("/jobs").document["results"]
    for shown in (listed, api.get(JOB).document):
        assert shown["created_by"] == "arn:aws:iam::123456789012:user/ann"
        assert shown["updated_by"] == "arn:aws:iam::123456789012:user/bob"


@pytest.mark.parametrize(("action", "body"), [("pause", {"reason": "holiday"}), ("resume", {})])
def test_a_pause_is_a_change_by_whoever_asked_for_it(api: ApiClient, action: str, body: object) -> None:
    api.send_json("PUT", JOB, job_body())
    api.send_json("POST", f"{JOB}/pause", {"reason": "work"})
    api.act_as("arn:aws:iam::123456789012:user/bob")
    reply = api.send_json("POST", f"{JOB}/{action}", body)
    assert reply.document["updated_by"] == "arn:aws:iam::123456789012:user/bob"


@pytest.mark.parametrize("name", ["created_by", "updated_by"])
def test_nobody_can_say_that_it_was_another(api: ApiClient, name: str) -> None:
    reply = api.send_json("PUT", JOB, job_body(**{name: "somebody else"}))
    assert (reply.status, reply.document["errors"][0]["field"]) == (400, name)


def test_a_request_without_an_identity_is_by_nobody_known(api: ApiClient) -> None:
    api.act_as(None)
    assert api.send_json("PUT", JOB, job_body()).document["created_by"] == "unknown"


def test_a_deleted_job_is_gone(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body())
    deleted = api.send("DELETE", JOB, media_type=None)
    assert (deleted.status, deleted.body) == (204, "")
    assert api.get(JOB).status == 404
    again = api.send("DELETE", JOB, media_type=None)
    assert (again.status, again.document["code"]) == (404, "JobNotFound")


def test_an_unknown_job_is_not_found(api: ApiClient) -> None:
    reply = api.get(JOB)
    assert reply.status == 404
    assert reply.document == {"code": "JobNotFound", "message": "service 'reports' has no job 'nightly'"}


@pytest.mark.parametrize("spelled", ["re%70orts", "re%2570orts"])
def test_a_name_is_not_decoded(api: ApiClient, spelled: str) -> None:
    api.send_json("PUT", JOB, job_body())
    reply = api.get(f"/services/{spelled}/jobs/nightly")
    assert (reply.status, reply.document["code"]) == (400, "BadRequest")


def test_jobs_are_listed_by_name_and_page_by_page(api: ApiClient) -> None:
    for service, job in [("b", "two"), ("a", "one"), ("b", "one")]:
        api.send_json("PUT", f"/services/{service}/jobs/{job}", job_body())
    first = api.get("/jobs?limit=2").document
    assert [(job["service_name"], job["job_name"]) for job in first["results"]] == [("a", "one"), ("b", "one")]
    second = api.get(f"/jobs?limit=2&cursor={first['next_cursor']}").document
    assert [job["job_name"] for job in second["results"]] == ["two"]
    assert second["next_cursor"] is None
    assert [job["job_name"] for job in api.get("/services/b/jobs").document["results"]] == ["one", "two"]


def test_listings_leave_out_the_payload(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body())
    (job,) = api.get("/jobs").document["results"]
    assert "payload" not in job


def test_services_are_listed_with_their_number_of_jobs(api: ApiClient) -> None:
    for service, job in [("b", "two"), ("a", "one"), ("b", "one")]:
        api.send_json("PUT", f"/services/{service}/jobs/{job}", job_body())
    assert api.get("/services").document == {
        "results": [{"service_name": "a", "jobs": 1}, {"service_name": "b", "jobs": 2}],
        "next_cursor": None,
    }
    api.send("DELETE", "/services/a/jobs/one")
    page = api.get("/services?limit=1").document
    assert page["results"] == [{"service_name": "b", "jobs": 2}]


def test_a_service_without_jobs_lists_none(api: ApiClient) -> None:
    assert api.get("/services/nobody/jobs").document == {"results": [], "next_cursor": None}


@pytest.mark.parametrize("listing", ["jobs", "executions"])
@pytest.mark.parametrize("name", ["No--Name", "~", "a" * 65])
def test_a_name_that_no_service_can_have_has_no_listings(api: ApiClient, listing: str, name: str) -> None:
    reply = api.get(f"/services/{name}/{listing}")
    assert (reply.status, reply.document["code"]) == (404, "NotFound")
