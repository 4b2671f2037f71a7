"""Query parameters of listings: what is refused, and how."""

import pytest

from jobhook.core.paging import encode_cursor
from tests.api.client import ApiClient
from tests.api.job_bodies import job_body
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"
LISTINGS = ["/jobs", "/services", "/services/reports/jobs", "/services/reports/executions", "/executions"]


@pytest.mark.parametrize("path", LISTINGS)
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=1.0", "limit"),
        ("limit=%D9%A1", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=", "cursor"),
        ("cursor=%%%", "cursor"),
        ("cursor=abc", "cursor"),
        ("cursor=" + "A" * 5_000, "cursor"),
        (f"cursor={encode_cursor(('No--Name', 'No--Name'))}", "cursor"),
        ("page=2", "page"),
        ("Limit=5", "Limit"),
    ],
)
def test_a_bad_parameter_is_named(api: ApiClient, path: str, query: str, field: str) -> None:
    reply = api.get(f"{path}?{query}")
    assert (reply.status, reply.document["code"]) == (400, "InvalidQuery")
    assert [problem["field"] for problem in reply.document["errors"]] == [field]


@pytest.mark.parametrize("path", ["/executions", "/services/reports/executions"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("status=SUCCESS", "status"),
        ("since=yesterday", "since"),
        ("since=2026-11-21T08:00:00", "since"),
        ("until=-5", "until"),
        ("until=99999999999999999999", "until"),
        ("since=2000&until=1000", "until"),
    ],
)
def test_a_bad_filter_is_named(api: ApiClient, path: str, query: str, field: str) -> None:
    reply = api.get(f"{path}?{query}")
    assert (reply.status, reply.document["code"]) == (400, "InvalidQuery")
    assert [problem["field"] for problem in reply.document["errors"]] == [field]


def test_all_problems_are_listed_at_once(api: ApiClient) -> None:
    reply = api.get("/executions?limit=0&status=x&since=x&until=x&cursor=x&more=1")
    fields = [problem["field"] for problem in reply.document["errors"]]
    assert fields == ["limit", "cursor", "status", "since", "until", "more"]


def test_a_listing_of_jobs_knows_no_filters(api: ApiClient) -> None:
    assert api.get("/jobs?status=success").status == 400


def test_a_cursor_of_another_service_is_refused(api: ApiClient) -> None:
    cursor = encode_cursor(("billing", "nightly"))
    assert api.get(f"/services/billing/jobs?cursor={cursor}").status == 200
    assert api.get(f"/services/reports/jobs?cursor={cursor}").status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", JOB),
        ("DELETE", JOB),
        ("POST", f"{JOB}/run"),
        ("POST", f"{JOB}/pause"),
        ("POST", f"{JOB}/resume"),
        ("GET", "/executions/unknown"),
        ("POST", "/executions/unknown/cancel"),
        ("POST", "/executions/unknown/retry"),
    ],
)
def test_a_route_without_parameters_does_nothing_where_one_is_given(
    api: ApiClient, backend: MemoryBackend, method: str, path: str
) -> None:
    api.send_json("PUT", JOB, job_body())
    reply = api.send(method, f"{path}?dry_run=true", media_type=None)
    assert (reply.status, [problem["field"] for problem in reply.document["errors"]]) == (400, ["dry_run"])
    assert api.get(JOB).document["version"] == 1
    assert not backend.memory.rows.executions


def test_the_largest_page_is_200(api: ApiClient) -> None:
    assert api.get("/executions?limit=200").status == 200
    assert api.get("/executions?limit=1").status == 200
