"""The routes of schedules and of what is going to run."""

import pytest

from chalicelib.sync_runner import run_to_end
from jobhook.core.paging import encode_cursor
from tests.api.client import ApiClient
from tests.api.job_bodies import job_body
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"


def test_a_jobs_next_times_are_shown(api: ApiClient, backend: MemoryBackend) -> None:
    run_to_end(flow.put(backend))
    page = api.get(f"{JOB}/upcoming?limit=1").document
    assert page["results"] == [
        {
            "service_name": "reports",
            "job_name": "nightly",
            "schedule": flow.EVERY_MINUTE,
            "scheduled_time": "2026-11-21T08:01:00Z",
            "scheduled_time_ms": 1_795_248_060_000,
            "exact": True,
        }
    ]
    following = api.get(f"{JOB}/upcoming?limit=1&cursor={page['next_cursor']}").document
    assert following["results"][0]["scheduled_time"] == "2026-11-21T08:02:00Z"


def test_all_jobs_next_times_are_shown(api: ApiClient, backend: MemoryBackend) -> None:
    for name in ("a", "b"):
        run_to_end(flow.put(backend, name))
    seen: list[tuple[str, str]] = []
    first = path = "/upcoming?until=2026-11-21T08:02:00Z&limit=1"
    while path:
        page = api.get(path).document
        seen += [(one["scheduled_time"], one["job_name"]) for one in page["results"]]
        path = f"{first}&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert sorted(seen) == [(f"2026-11-21T08:0{minute}:00Z", name) for minute in (1, 2) for name in ("a", "b")]


def test_a_rates_times_are_not_exact_where_its_phase_is_not_known(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body())
    assert api.get("/upcoming?limit=1").document["results"][0]["exact"] is False


def test_schedules_say_what_they_mean_and_when_they_are_due(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body(schedule="cron(0 9 * * ? *)"))
    document = api.get("/schedules").document
    assert document["quota"] == {"used": 1, "limit": None}
    (schedule,) = document["results"]
    assert schedule.pop("description")
    assert schedule == {
        "schedule": "cron(0 9 * * ? *)",
        "state": "active",
        "jobs": 1,
        "next_time": "2026-11-21T09:00:00Z",
        "next_time_ms": 1_795_251_600_000,
        "exact": True,
        "created_at": "2026-11-21T08:00:00Z",
        "created_at_ms": 1_795_248_000_000,
    }


@pytest.mark.parametrize(
    "position", [(), (5,), ("a", 5), (5, "a", "b", "c"), (5, "a", "\ud800"), (5, "\u00e9"), (5, "a", 6)]
)
def test_a_cursor_of_no_such_listing_is_refused(api: ApiClient, position: tuple[str | int, ...]) -> None:
    reply = api.get(f"/upcoming?cursor={encode_cursor(position)}")
    assert (reply.status, reply.document["errors"][0]["field"]) == (400, "cursor")


@pytest.mark.parametrize("position", [(5, "a"), (5, "a", "b"), (5, "a", 2, "b"), (5, "a", 9, "")])
def test_a_cursor_that_looks_like_one_is_taken(
    api: ApiClient, backend: MemoryBackend, position: tuple[str | int, ...]
) -> None:
    run_to_end(flow.put(backend))
    assert api.get(f"/upcoming?cursor={encode_cursor(position)}&limit=1").status == 200


def test_no_job_has_no_times(api: ApiClient) -> None:
    assert api.get(f"{JOB}/upcoming").status == 404
