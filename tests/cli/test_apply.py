"""`jobhook apply` and `jobhook export`."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobhook import Client, JobSettings
from jobhook.api.bodies.job import JobBody
from jobhook.cli.files.export import writable_fields
from jobhook.cli.files.job_file import JobFileRefused, read_job_file, write_job_file
from jobhook.cli.files.plan import plan
from jobhook.cli.jobs import next_times as coming
from jobhook.client.errors import Unavailable
from tests.cli.conftest import Cli, document

TWO_JOBS = """
service: reports
jobs:
  nightly:
    schedule: cron(0 6 * * ? *)
    invocation_target: http://localhost:9000/
    ttl_seconds: 600
    payload: |
      to: team
      at: 2026-01-01
  hourly:
    schedule: rate(1 hour)
    invocation_target: http://localhost:9000/
    ttl_seconds: 60
    enabled: false
"""
OLD: JobSettings = {"schedule": "rate(1 day)", "invocation_target": "http://localhost:9000/", "ttl_seconds": 60}
NOW_MS = 1_795_249_458_887


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "jobs.yaml"
    path.write_text(TWO_JOBS)
    return str(path)


def names(client: Client) -> list[str]:
    return [job["job_name"] for job in client.list_jobs("reports")]


def test_a_file_is_shown_and_applied_and_then_changes_nothing(connected: Cli, client: Client, file: str) -> None:
    shown = connected("apply", "-f", file).stdout
    assert "+ reports/nightly" in shown
    assert "06:00:00 UTC" in shown
    assert "none while it is disabled" in shown
    assert "Applied: 2 created." in shown
    assert client.get_job("reports", "nightly")["payload"] == "to: team\nat: 2026-01-01\n"
    assert connected("job", "apply", "-f", file).stdout == "Applied: 2 unchanged.\n"
    assert client.get_job("reports", "nightly")["version"] == 1


def test_a_change_shows_old_and_new(connected: Cli, client: Client, file: str) -> None:
    client.put_job("reports", "nightly", {**OLD, "payload": "old"})
    shown = connected("apply", "-f", file).stdout
    assert "~ reports/nightly" in shown
    assert "schedule: rate(1 day) -> cron(0 6 * * ? *)" in shown
    assert r"payload: old -> to: team\nat: 2026-01-01\n" in shown
    assert "Applied: 1 created, 1 changed." in shown


def test_only_prune_removes_what_the_file_does_not_have(connected: Cli, client: Client, file: str) -> None:
    client.put_job("reports", "old", OLD)
    client.put_job("billing", "old", OLD)
    connected("apply", "-f", file)
    assert names(client) == ["hourly", "nightly", "old"]
    shown = connected("apply", "-f", file, "--prune").stdout
    assert "- reports/old" in shown
    assert "Applied: 1 deleted, 2 unchanged." in shown
    assert names(client) == ["hourly", "nightly"]
    assert len(list(client.list_jobs("billing"))) == 1


def test_a_dry_run_sends_nothing(connected: Cli, client: Client, file: str) -> None:
    client.put_job("reports", "old", OLD)
    shown = connected("apply", "-f", file, "--prune", "--dry-run").stdout
    assert "Nothing was sent: 2 to create, 1 to delete." in shown
    assert names(client) == ["old"]


def test_json_has_the_changes(connected: Cli, client: Client, file: str) -> None:
    client.put_job("reports", "nightly", OLD)
    result = document(connected("apply", "-f", file, "--dry-run", "--json"))
    assert result["applied"] is False
    hourly, nightly = result["changes"]
    assert (hourly["change"], nightly["change"]) == ("create", "change")
    assert nightly["fields"]["ttl_seconds"] == {"old": 60, "new": 600}
    assert len(nightly["next"]) == 3
    assert "next" not in hourly


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty"),
        ("a: [", "not YAML"),
        ("- a", "must be a mapping"),
        ("service: a\njobs:\n  b:\n    x: 1\n   y: 2\n", "line 5: is not indented as the lines that it belongs to"),
        ("service: a\njobs:\n\tb: 1\n", "line 3: begins with a tab"),
        ("jobs: {}", "`service` is required"),
        ("service: reports", "`jobs` is required"),
        ("service: reports\njob: {}", "job: did you mean `jobs`?"),
        ("service: reports\njobs: {}\ncolour: red", "colour: only `service`, `defaults`, `jobs` are known"),
        ("service: reports\njobs: {}\ndefaults: 3", "`defaults` must be a mapping"),
        ("service: reports\ndefaults: {ttl: 3}\njobs: {a: {}}", "reports/a: ttl: is not a known field; did you mean"),
        (TWO_JOBS.replace("rate(1 hour)", "0 * * * *"), "as AWS does, and in UTC, it is cron(0 * * * ? *)"),
        ("service: reports\njobs: {a: 3}", "reports/a: must be a mapping"),
        ("service: reports\njobs: {}\n---\nservice: reports\njobs: {}", "there twice"),
        (TWO_JOBS.replace("hourly:", "nightly:"), "line 11: 'nightly' is there twice"),
        (TWO_JOBS.replace("ttl_seconds: 60\n", "ttl_seconds: .nan\n"), "reports/hourly: holds a value"),
        (TWO_JOBS.replace("ttl_seconds: 60\n", "ttl_seconds: sixty\n"), "reports/hourly: ttl_seconds: "),
        (TWO_JOBS.replace("rate(1 hour)", "hourly"), "reports/hourly: schedule: "),
        (TWO_JOBS.replace("cron(0 6 * * ? *)", "cron(0 6 30 2 ? *)"), "never comes due"),
        (TWO_JOBS.replace("hourly:", "Hourly:"), "reports/Hourly: job_name"),
    ],
)
def test_a_file_that_is_wrong_changes_nothing_and_says_all_that_is_wrong(
    connected: Cli, client: Client, text: str, problem: str
) -> None:
    result = connected("apply", "-f", "-", exit_code=2, stdin=text)
    assert problem in result.stderr
    assert "nothing was changed" in result.stderr
    assert names(client) == []


def test_all_problems_are_listed_at_once() -> None:
    with pytest.raises(JobFileRefused) as refused:
        read_job_file("service: reports\njobs: {a: {ttl_seconds: 0}, b: {}}", NOW_MS)
    assert len(refused.value.problems) == 6


def test_what_is_exported_applies_without_a_change(connected: Cli, client: Client, file: str, tmp_path: Path) -> None:
    connected("apply", "-f", file)
    client.put_job("billing", "weekly", {**OLD, "state_schema": {"type": "number"}, "timeout_seconds": 90_000})
    shown = connected("export").stdout
    assert "timeout_seconds: 90000" in shown
    assert "exclusive" not in shown
    connected("export", "-o", str(tmp_path / "all.yaml"))
    assert (tmp_path / "all.yaml").read_text() == shown
    assert connected("apply", "-f", str(tmp_path / "all.yaml"), "--prune").stdout == "Applied: 3 unchanged.\n"


def test_export_can_be_bounded_to_services(connected: Cli, client: Client, file: str) -> None:
    connected("apply", "-f", file)
    client.put_job("billing", "weekly", OLD)
    assert [service["service"] for service in document(connected("export", "billing", "--json"))] == ["billing"]


def test_an_export_that_cannot_be_written_says_so(connected: Cli, tmp_path: Path) -> None:
    assert "cannot be written" in connected("export", "-o", str(tmp_path / "no" / "file"), exit_code=1).stderr


def test_a_field_that_the_server_does_not_know_counts_only_where_the_file_gives_it() -> None:
    file = read_job_file(TWO_JOBS, NOW_MS)
    stored: dict[str, Any] = {
        job.path: {"service_name": job.service, "job_name": job.name, **job.settings} for job in file.jobs
    }
    for fields in stored.values():
        del fields["exclusive"]
    assert {change.kind for change in plan(file, stored, prune=False)} == {"keep"}


@example(payload="\x85", ttl=1, exclusive=False, enabled=True)
@given(
    payload=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
    ttl=st.integers(1, 1_000),
    exclusive=st.booleans(),
    enabled=st.booleans(),
)
def test_a_job_survives_the_way_through_a_file(payload: str | None, ttl: int, exclusive: bool, enabled: bool) -> None:
    body = {**OLD, "payload": payload, "ttl_seconds": ttl, "exclusive": exclusive, "enabled": enabled}
    text = write_job_file({"reports": {"nightly": body}})
    (job,) = read_job_file(text, NOW_MS).jobs
    stored = {"service_name": "reports", "job_name": "nightly", **job.settings}
    assert job.body == body
    again = read_job_file(write_job_file({"reports": {"nightly": writable_fields(stored)}}), NOW_MS)
    assert again.jobs[0].settings == job.settings


EVERY_FIELD: dict[str, Any] = {
    "async": True,
    "description": "what it is for",
    "enabled": False,
    "end_at": "2030-01-01T01:00:00+01:00",
    "exclusive": True,
    "external_id": "17",
    "invocation_target": "http://localhost:9000/?a=b",
    "invocation_type": "http",
    "notify": {"target": "https://pager.example/", "on": ["success", "failed"], "format": "slack"},
    "payload": "to: team\n",
    "response_schema": {"type": "object"},
    "retention_days": 7,
    "schedule": "rate(1 hour)",
    "schedules": ["rate(1 hour)", "cron(0 6 * * ? *)"],
    "start_at": 1_796_083_200_000,
    "state_schema": {"type": "number"},
    "tags": ["team:a", "b"],
    "timeout_seconds": 90_000,
    "ttl_seconds": 60,
}


@pytest.mark.parametrize("among", ["schedule", "schedules"])
def test_every_field_of_a_job_goes_through_a_file_and_back(
    connected: Cli, client: Client, tmp_path: Path, among: str
) -> None:
    known = {field.alias or name for name, field in JobBody.model_fields.items()}
    assert known == EVERY_FIELD.keys()
    body = {name: value for name, value in EVERY_FIELD.items() if name not in {"schedule", "schedules"} - {among}}
    path, exported = tmp_path / "jobs.yaml", tmp_path / "exported.yaml"
    path.write_text(write_job_file({"reports": {"nightly": body}}))
    connected("apply", "-f", str(path))
    stored = client.get_job("reports", "nightly")
    kept = {**stored, "end_at": EVERY_FIELD["end_at"], "start_at": stored["start_at_ms"]}
    assert stored["end_at"] == "2030-01-01T00:00:00Z"
    assert {name: kept[name] for name in body} == body
    connected("export", "reports", "-o", str(exported))
    for file in (path, exported):
        assert connected("apply", "-f", str(file)).stdout == "Applied: 1 unchanged.\n"
    client.delete_job("reports", "nightly")
    connected("apply", "-f", str(exported))
    again = client.get_job("reports", "nightly")
    assert {name: again[name] for name in known} == {name: stored[name] for name in known}  # type: ignore[literal-required]  # each is a field of Job


WITH_DEFAULTS = """
service: reports
defaults:
  schedule: rate(1 day)
  invocation_target: http://localhost:9000/
  ttl_seconds: 600
  tags: [team:data]
  payload: common
jobs:
  daily: {}
  nightly:
    schedules:
    - cron(0 6 * * ? *)
    - cron(0 12 * * ? *)
    ttl_seconds: 60
    tags: []
    payload: null
"""


def test_defaults_are_under_each_job_of_their_service(connected: Cli, client: Client) -> None:
    other = write_job_file({"billing": {"weekly": OLD}})
    shown = connected("apply", "-f", "-", stdin=f"{WITH_DEFAULTS}---\n{other}").stdout
    assert shown.count("    tags: ") == 2
    daily, nightly = client.get_job("reports", "daily"), client.get_job("reports", "nightly")
    assert (daily["schedule"], daily["ttl_seconds"], daily["tags"], daily["payload"]) == (
        "rate(1 day)",
        600,
        ["team:data"],
        "common",
    )
    assert (len(nightly["schedules"]), nightly["ttl_seconds"], nightly["tags"], nightly["payload"]) == (2, 60, [], None)
    assert client.get_job("billing", "weekly")["tags"] == []
    assert connected("apply", "-f", "-", stdin=WITH_DEFAULTS).stdout == "Applied: 2 unchanged.\n"
    exported = connected("export", "reports").stdout
    assert "defaults" not in exported
    assert connected("apply", "-f", "-", stdin=exported).stdout == "Applied: 2 unchanged.\n"


def test_several_schedules_go_through_a_file_and_back(connected: Cli, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "jobs.yaml"
    several = TWO_JOBS.replace(
        "    schedule: rate(1 hour)", "    schedules:\n    - rate(1 hour)\n    - cron(0 6 * * ? *)"
    )
    path.write_text(several)
    shown = connected("apply", "-f", str(path)).stdout
    assert "schedules: [" in shown
    assert client.get_job("reports", "hourly")["schedules"] == ["rate(1 hour)", "cron(0 6 * * ? *)"]
    exported = tmp_path / "exported.yaml"
    connected("export", "reports", "-o", str(exported))
    assert "schedules:\n" in exported.read_text()
    for file in (path, exported):
        assert "2 unchanged" in connected("apply", "-f", str(file)).stdout
    path.write_text(TWO_JOBS)
    change = connected("apply", "-f", str(path), "--dry-run").stdout
    assert 'schedules: ["rate(1 hour)", "cron(0 6 * * ? *)"] -> ["rate(1 hour)"]' in change
    connected("apply", "-f", str(path))
    assert client.get_job("reports", "hourly")["schedules"] == ["rate(1 hour)"]
    assert "cron(0 6 * * ? *)" in connected("job", "get", "reports", "nightly").stdout


def test_next_times_are_those_of_all_schedules_unless_one_is_a_rate() -> None:
    job = {"schedules": ["cron(0 6 * * ? *)", "cron(0 0/6 * * ? *)"]}
    hours = [time_ms // 3_600_000 % 24 for time_ms in coming.job_times(job, NOW_MS, 5)]
    assert hours == [12, 18, 0, 6, 12]
    bounded = {**job, "start_at": "2026-11-22T12:00:00Z", "end_at": "2026-11-23T00:00:00Z"}
    assert [time_ms // 3_600_000 % 24 for time_ms in coming.job_times(bounded, NOW_MS, 5)] == [12, 18, 0]
    assert coming.job_times({"schedule": "rate(1 day)"}, NOW_MS, 5) == []
    assert coming.job_times({"schedules": ["cron(0 6 * * ? *)", "rate(1 day)"]}, NOW_MS, 5) == []


def test_an_apply_that_stops_halfway_says_where(
    connected: Cli, client: Client, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Client.put_job

    def refuse_nightly(self: Client, service: str, job: str, settings: JobSettings) -> object:
        if job == "nightly":
            raise Unavailable(503, "ServiceUnavailable", "not now")
        return put(self, service, job, settings)

    monkeypatch.setattr(Client, "put_job", refuse_nightly)
    result = connected("apply", "-f", file, exit_code=4)
    assert "Stopped at reports/nightly: 1 of 2 changes were made" in result.stderr
    assert "not now" in result.stderr
    assert names(client) == ["hourly"]
