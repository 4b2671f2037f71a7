"""The routes of the audit trail."""

import pytest

from tests.api.client import ANN, ApiClient
from tests.api.job_bodies import job_body
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"
BOB = "arn:aws:iam::123456789012:user/bob"


def test_a_jobs_changes_say_who_did_what_and_when(api: ApiClient, backend: MemoryBackend) -> None:
    api.send_json("PUT", JOB, job_body())
    backend.clock.advance(60)
    api.act_as(BOB)
    api.send_json("PATCH", JOB, {"ttl_seconds": 90, "payload": "other"})
    newest, oldest = api.get(f"{JOB}/changes").document["results"]
    assert newest == {
        "service_name": "reports",
        "job_name": "nightly",
        "action": "updated",
        "at": "2026-11-21T08:01:00Z",
        "at_ms": 1_795_248_060_000,
        "by": BOB,
        "version": 2,
        "execution_id": None,
        "details": {"changed": [{"field": "payload"}, {"field": "ttl_seconds", "old": 60, "new": 90}]},
    }
    assert (oldest["action"], oldest["by"], oldest["details"]) == ("created", ANN, {})


def test_every_action_is_by_its_caller(api: ApiClient, backend: MemoryBackend) -> None:
    api.send_json("PUT", JOB, job_body())
    api.act_as(BOB)
    backend.clock.advance(1)
    api.send_json("POST", f"{JOB}/pause", {"reason": "holiday"})
    backend.clock.advance(1)
    api.send_json("POST", f"{JOB}/resume", {})
    backend.clock.advance(1)
    run = api.send_json("POST", f"{JOB}/run", {}).document["id"]
    backend.clock.advance(1)
    api.send_json("POST", f"/executions/{run}/cancel", {})
    backend.clock.advance(1)
    api.send_json("POST", f"/executions/{run}/retry", {})
    backend.clock.advance(1)
    api.send("DELETE", JOB, media_type=None)
    changes = api.get(f"{JOB}/changes").document["results"]
    assert [(change["action"], change["by"]) for change in changes] == [
        ("deleted", BOB),
        ("retried", BOB),
        ("cancelled", BOB),
        ("run", BOB),
        ("resumed", BOB),
        ("paused", BOB),
        ("created", ANN),
    ]


@pytest.mark.parametrize("path", [f"{JOB}/changes", "/changes"])
def test_changes_come_page_by_page(api: ApiClient, backend: MemoryBackend, path: str) -> None:
    for ttl_seconds in range(60, 65):
        api.send_json("PUT", JOB, job_body(ttl_seconds=ttl_seconds))
        backend.clock.advance(1)
    versions, more = [], ""
    for _ in range(3):
        page = api.get(f"{path}?limit=2{more}").document
        versions.append([change["version"] for change in page["results"]])
        more = f"&cursor={page['next_cursor']}"
    assert versions == [[5, 4], [3, 2], [1]]
    assert page["next_cursor"] is None


def test_nothing_is_known_of_a_name_that_no_job_ever_had(api: ApiClient) -> None:
    reply = api.get(f"{JOB}/changes")
    assert (reply.status, reply.document["code"]) == (404, "JobNotFound")
    assert api.get("/changes").document == {"results": [], "next_cursor": None}


def test_what_is_wrong_with_a_query_is_said_at_once(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body())
    api.send_json("PUT", "/services/reports/jobs/other", job_body())
    others = api.get("/changes?limit=1").document["next_cursor"]
    reply = api.get("/changes?limit=0&since=2026-11-22T00:00:00Z&until=2026-11-21T00:00:00Z&cursor=x&by=ann")
    assert reply.status == 400
    assert sorted(problem["field"] for problem in reply.document["errors"]) == ["by", "cursor", "limit", "until"]
    both = [api.get(f"{path}/changes?cursor={others}").status for path in (JOB, "/services/reports/jobs/other")]
    assert sorted(both) == [200, 400]  # a cursor is of the job that it was given for
