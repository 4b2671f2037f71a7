"""Commands and methods whose routes are settled and not in this tree's server yet, against canned answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from jobhook import Client
from tests.cli.conftest import Cli, document
from tests.served.fake_api import FakeApi, fake_api

NAMES = ("url_allowed", "resolves", "connects", "answers_in_time", "status_2xx", "response_schema")
CHANGE: dict[str, Any] = {
    "at": "2026-11-21T06:00:00Z",
    "at_ms": 1_795_240_800_000,
    "by": "arn:aws:iam::123456789012:user/ada",
    "action": "pause",
    "version": 3,
    "details": {"reason": "moving house"},
}


@pytest.fixture
def fake() -> Iterator[FakeApi]:
    with fake_api() as api:
        yield api


@pytest.fixture
def run(cli: Cli, fake: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("JOBHOOK_URL", fake.url)
    return cli


def report(*met: bool | None) -> dict[str, Any]:
    criteria = [{"name": name, "met": one, "detail": f"what {name} saw"} for name, one in zip(NAMES, met, strict=True)]
    return {"passed": False not in met, "criteria": criteria, "http_status": 500, "duration_ms": 12}


def test_a_test_that_passes_exits_0(run: Cli, fake: FakeApi) -> None:
    fake.answers["POST /services/reports/jobs/nightly/test"] = report(True, True, True, True, True, None)
    shown = run("job", "test", "reports", "nightly").stdout
    assert "Passed, HTTP 500 after 0.0 s." in shown
    assert shown.splitlines()[6].split() == [
        "response",
        "schema",
        "not",
        "looked",
        "at",
        "what",
        "response_schema",
        "saw",
    ]
    assert fake.last == ("POST", "/services/reports/jobs/nightly/test", "")


def test_a_criterion_that_is_not_met_exits_1(run: Cli, fake: FakeApi) -> None:
    fake.answers["POST /services/reports/jobs/nightly/test"] = report(True, True, True, True, False, None)
    test = ("job", "test", "reports", "nightly", "--payload", "to: me")
    assert "status 2xx       NO" in run(*test, exit_code=1).stdout
    assert document(run(*test, "--json", exit_code=1))["passed"] is False
    assert fake.last[2] == '{"payload": "to: me"}'


def test_changes_are_listed(run: Cli, fake: FakeApi) -> None:
    fake.answers["GET /services/reports/jobs/nightly/changes"] = {"results": [CHANGE], "next_cursor": None}
    shown = run("job", "changes", "reports", "nightly", "--since", "7d").stdout.splitlines()[1]
    assert shown.split("  ")[0] == "2026-11-21 06:00:00"
    assert "user/ada" in shown
    assert '{"reason": "moving house"}' in shown
    assert "since=20" in fake.last[1]
    assert document(run("job", "changes", "reports", "nightly", "--json")) == [CHANGE]


def test_executions_are_counted(run: Cli, fake: FakeApi) -> None:
    results = [{"status": "failed", "day": "2026-11-21", "count": 3}]
    fake.answers["GET /stats"] = {"by": ["status", "day"], "since": None, "until": None, "results": results, "total": 3}
    shown = run("stats", "--by", "day,status", "--service", "reports").stdout.splitlines()
    assert [line.split() for line in shown] == [
        ["STATUS", "DAY", "COUNT"],
        ["failed", "2026-11-21", "3"],
        ["3", "in", "all."],
    ]
    assert fake.last[1] == "/stats?by=status%2Cday&service=reports"
    assert document(run("stats", "--json"))["total"] == 3
    assert "status,service,day" in run("stats", "--by", "color", exit_code=2).stderr


def test_methods_ask_the_same(fake: FakeApi) -> None:
    fake.answers["POST /services/reports/jobs/nightly/test"] = report(True, True, True, True, True, True)
    fake.answers["GET /services/reports/jobs/nightly/changes"] = {"results": [CHANGE], "next_cursor": None}
    fake.answers["GET /stats"] = {"by": ["status"], "since": None, "until": None, "results": [], "total": 0}
    with Client(fake.url) as client:
        assert client.test_job("reports", "nightly", payload=None)["passed"]
        assert fake.last[2] == '{"payload": null}'
        assert next(client.list_changes("reports", "nightly"))["action"] == "pause"
        assert client.stats()["total"] == 0
