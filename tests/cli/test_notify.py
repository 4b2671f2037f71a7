"""Notifications on the command line: whom a job tells of its ends, and what became of that."""

import json
from typing import Any, cast, get_args

import pytest

from jobhook import Client, JobSettings
from jobhook.cli.files.yaml_text import read_yaml
from jobhook.cli.jobs.notify import notification_text, policy_text
from jobhook.core.notifications.policy import DEFAULT_EVENTS, Delivery, Event, Format
from jobhook.documents.executions import Notification
from jobhook.documents.kinds import Event as EventName
from jobhook.documents.kinds import Format as FormatName
from tests.cli.conftest import Cli, document

HOOK = "https://hooks.slack.example/services/T0/B0/secret"
USUAL = [event.value for event in DEFAULT_EVENTS]
JOB: JobSettings = {"schedule": "rate(1 day)", "invocation_target": "http://localhost:9000/", "ttl_seconds": 60}
PUT = ("job", "put", "reports", "nightly", "--schedule", "rate(1 day)", "--target", "http://x.test/", "--ttl", "60")
PATCH = ("job", "patch", "reports", "nightly")
FILE = """
service: reports
defaults:
  invocation_target: http://localhost:9000/
  ttl_seconds: 60
  schedule: rate(1 day)
  notify:
    target: https://hooks.slack.example/services/T0/B0/secret
    on: [recovered, failed]
    format: slack
jobs:
  loud: {}
  silent:
    notify: null
"""


def test_the_words_are_the_domains() -> None:
    assert get_args(EventName) == tuple(event.value for event in Event)
    assert get_args(FormatName) == tuple(form.value for form in Format)
    assert get_args(Notification.__annotations__["status"]) == tuple(delivery.value for delivery in Delivery)


def test_put_says_whom_to_tell_of_what(connected: Cli, client: Client) -> None:
    shown = connected(*PUT, "--notify", HOOK, "--notify-on", "recovered,failed", "--notify-format", "slack").stdout
    assert "https://hooks.slack.example/... of failed, recovered, as slack takes it" in shown
    assert "secret" not in shown
    stored = client.get_job("reports", "nightly")["notify"]
    assert stored == {"target": HOOK, "on": ["failed", "recovered"], "format": "slack"}
    connected(*PUT, "--notify", HOOK, "--notify-on", "missed", "--notify-on", "success, failed")
    stored = client.get_job("reports", "nightly")["notify"]
    assert stored == {"target": HOOK, "on": ["success", "failed", "missed"], "format": "json"}
    connected(*PUT)
    assert client.get_job("reports", "nightly")["notify"] is None


def test_patch_changes_what_is_named_and_clears_it(connected: Cli, client: Client) -> None:
    connected(*PUT)
    refused = connected(*PATCH, "--notify-on", "failed", exit_code=1).stderr
    assert "notify.target: is required" in refused
    assert "says what --notify, --notify-on and --notify-format take" in refused
    connected(*PATCH, "--notify", HOOK)
    assert client.get_job("reports", "nightly")["notify"] == {"target": HOOK, "on": USUAL, "format": "json"}
    connected(*PATCH, "--notify-on", "failed")
    assert client.get_job("reports", "nightly")["notify"] == {"target": HOOK, "on": ["failed"], "format": "json"}
    assert "not both" in connected(*PATCH, "--no-notify", "--notify", HOOK, exit_code=2).stderr
    assert "notifies" not in connected(*PATCH, "--no-notify").stdout
    assert client.get_job("reports", "nightly")["notify"] is None


def test_options_go_over_a_files_policy(connected: Cli) -> None:
    body = json.dumps({**JOB, "notify": {"target": HOOK, "on": ["failed"]}})
    put = ("job", "put", "reports", "nightly", "--file", "-", "--dry-run", "--json")
    planned = document(connected(*put, "--notify-format", "slack", stdin=body))
    assert planned["job"]["notify"] == {"target": HOOK, "on": ["failed"], "format": "slack"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--notify-on", "failed,never"), "notify.on.1: must be 'success', 'failed'"),
        (("--notify-on", "failed,failed"), "notify.on: must be distinct"),
        (("--notify", "nowhere"), "notify.target: must be an absolute http or https URL"),
    ],
)
def test_a_wrong_policy_is_refused_by_field(connected: Cli, options: tuple[str, ...], said: str) -> None:
    assert said in connected(*PUT, "--notify", HOOK, *options, exit_code=1).stderr


def test_a_wrong_format_exits_2(cli: Cli) -> None:
    assert "--notify-format" in cli(*PUT, "--notify", HOOK, "--notify-format", "morse", exit_code=2).stderr


def test_a_file_has_it_for_all_its_jobs(connected: Cli, client: Client) -> None:
    shown = connected("apply", "-f", "-", stdin=FILE).stdout
    assert "    notify: https://hooks.slack.example/... of recovered, failed, as slack takes it\n" in shown
    assert client.get_job("reports", "loud")["notify"] == {
        "target": HOOK,
        "on": ["failed", "recovered"],
        "format": "slack",
    }
    assert "    notify: null\n" in shown
    assert client.get_job("reports", "silent")["notify"] is None
    assert connected("apply", "-f", "-", stdin=FILE).stdout == "Applied: 2 unchanged.\n"
    exported = connected("export", "reports").stdout
    assert HOOK in exported
    assert connected("apply", "-f", "-", stdin=exported).stdout == "Applied: 2 unchanged.\n"


def test_the_diff_tells_a_change_and_no_secret(connected: Cli) -> None:
    connected("apply", "-f", "-", stdin=FILE)
    apply = ("apply", "-f", "-", "--dry-run")
    other = connected(*apply, stdin=FILE.replace("failed]", "missed]")).stdout
    assert "notify: https://hooks.slack.example/... of failed, recovered, as slack takes it -> https://hooks" in other
    moved = connected(*apply, stdin=FILE.replace("secret", "renewed")).stdout
    assert "notify: another URL at https://hooks.slack.example/... of failed, recovered, as slack" in moved
    assert not {"secret", "renewed"} & set(f"{other}{moved}".replace("/", " ").split())
    assert "notify.onn: is not a known field; did you mean `on`?" in connected(
        *apply, exit_code=2, stdin=FILE.replace("on: [", "onn: [")
    ).stderr  # fmt: skip


def test_the_audit_trail_tells_it_too(connected: Cli) -> None:
    connected(*PUT, "--notify", HOOK)
    connected(*PATCH, "--notify", f"{HOOK}2")
    connected(*PATCH, "--no-notify")
    cleared, moved, _ = connected("job", "changes", "reports", "nightly").stdout.splitlines()[1:4]
    assert cleared.endswith("notify: https://hooks.slack.example/... of " + ", ".join(USUAL) + " -> null")
    assert "notify: another URL at https://hooks.slack.example/... of " in moved


def test_export_leaves_out_the_usual(connected: Cli, client: Client) -> None:
    client.put_job("reports", "nightly", {**JOB, "notify": {"target": HOOK}})
    (exported,) = read_yaml(connected("export", "reports").stdout)
    assert exported["jobs"]["nightly"]["notify"] == {"target": HOOK}


def test_names_in_yaml_are_texts_even_those_that_yaml_takes_for_truths() -> None:
    assert read_yaml("on: [on]\nyes: 1\nnested: {off: no}\n") == [{"on": [True], "yes": 1, "nested": {"off": False}}]


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("http://localhost:9000/", "http://localhost:9000/"),
        ("http://localhost:9000/hook", "http://localhost:9000/..."),
        ("https://pager.example/?key=1", "https://pager.example/..."),
    ],
)
def test_of_a_url_that_may_hold_a_secret_the_host_is_shown(target: str, shown: str) -> None:
    assert policy_text({"target": target, "on": ["failed"], "format": "json"}) == f"{shown} of failed"
    assert policy_text({"target": target}) == f"{shown} of {', '.join(USUAL)}"


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"next_attempt_at_ms": 0}, "of failed: pending, next attempt 1970-01-01 00:00:00 UTC (0 attempts)"),
        (
            {"next_attempt_at_ms": 0, "attempts": 2, "http_status": 503},
            "of failed: pending, next attempt 1970-01-01 00:00:00 UTC (2 attempts: HTTP 503)",
        ),
        (
            {"status": "delivered", "delivered_at_ms": 0, "attempts": 1, "http_status": 200},
            "of failed: delivered 1970-01-01 00:00:00 UTC (1 attempt: HTTP 200)",
        ),
        (
            {"status": "failed", "attempts": 6, "error": "no answer in time"},
            "of failed: given up (6 attempts: no answer in time)",
        ),
    ],
)
def test_the_fate_of_a_notification_is_told_in_a_line(found: dict[str, Any], text: str) -> None:
    whole = {**dict.fromkeys(Notification.__annotations__), "event": "failed", "status": "pending", "attempts": 0}
    assert notification_text(cast(Notification, {**whole, **found})) == text
