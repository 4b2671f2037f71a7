"""The route of the counts."""

from typing import Any

import pytest

from chalicelib.sync_runner import run_to_end
from tests.api.client import ApiClient
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend


def _ran(backend: MemoryBackend, days: int, service: str, status: str, count: int) -> None:
    day = f"2026-11-{21 + days}"
    backend.memory.rows.tallies[day, service, status] += count


@pytest.fixture
def filled(backend: MemoryBackend) -> MemoryBackend:
    for days, service, status, count in (
        (0, "reports", "success", 5),
        (0, "billing", "failed", 1),
        (-6, "reports", "success", 2),
        (-7, "reports", "success", 40),
        (1, "reports", "missed", 80),
    ):
        _ran(backend, days, service, status, count)
    return backend


def test_the_last_seven_days_by_status_unless_more_is_said(api: ApiClient, filled: MemoryBackend) -> None:
    reply = api.get("/stats")
    assert (reply.status, reply.document) == (
        200,
        {
            "by": ["status"],
            "since": "2026-11-15",
            "until": "2026-11-21",
            "service_name": None,
            "results": [{"status": "failed", "count": 1}, {"status": "success", "count": 7}],
            "total": 8,
            "open_complete": True,
        },
    )


def test_by_all_of_it(api: ApiClient, filled: MemoryBackend) -> None:
    results = api.get("/stats?by=day,service,status&since=2026-11-21").document["results"]
    assert results == [
        {"day": "2026-11-21", "service_name": "billing", "status": "failed", "count": 1},
        {"day": "2026-11-21", "service_name": "reports", "status": "success", "count": 5},
    ]


def test_of_one_service(api: ApiClient, filled: MemoryBackend) -> None:
    document = api.get("/stats?by=service&service=reports").document
    assert document["results"] == [{"service_name": "reports", "count": 7}]
    assert document["service_name"] == "reports"
    assert api.get("/stats?service=nobody").document["total"] == 0


@pytest.mark.parametrize(
    "since", ["2026-11-14", "2026-11-14T23:59:59.999Z", "1794700799999", "2026-11-15T01:00:00%2B02:00"]
)
def test_an_instant_stands_for_its_utc_day(api: ApiClient, filled: MemoryBackend, since: str) -> None:
    document = api.get(f"/stats?since={since}&until=2026-11-14").document
    assert (document["since"], document["until"], document["total"]) == ("2026-11-14", "2026-11-14", 40)


def test_what_is_under_way_is_shown_by_its_status(api: ApiClient, backend: MemoryBackend) -> None:
    run_to_end(flow.started(backend))
    assert api.get("/stats").document["results"] == [{"status": "running", "count": 1}]
    assert api.get("/stats?until=2026-11-20").document["results"] == []
    run_to_end(flow.call_back(backend, status="success"))
    assert api.get("/stats").document["results"] == [{"status": "success", "count": 1}]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=", "by"),
        ("by=status,status", "by"),
        ("by=job", "by"),
        ("by=status&by=day", "by"),
        ("since=yesterday", "since"),
        ("since=2026-02-30", "since"),
        ("until=1969-12-31", "until"),
        ("since=2026-11-22", "until"),
        ("since=2026-11-21&until=2026-11-20", "until"),
        ("since=2025-10-17&until=2026-11-21", "since"),
        ("limit=5", "limit"),
    ],
)
def test_what_is_wrong_with_a_query_is_said(api: ApiClient, query: str, field: str) -> None:
    reply = api.get(f"/stats?{query}")
    assert (reply.status, reply.document["code"]) == (400, "InvalidQuery")
    assert [problem["field"] for problem in reply.document["errors"]] == [field]


@pytest.mark.parametrize(("since", "until"), [("2025-10-18", "2026-11-21"), ("1970-01-01", "1970-01-01")])
def test_400_days_are_taken(api: ApiClient, since: str, until: str) -> None:
    document: dict[str, Any] = api.get(f"/stats?since={since}&until={until}").document
    assert (document["since"], document["until"]) == (since, until)
