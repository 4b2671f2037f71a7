"""`jobhook execution` and `jobhook job history`."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import jobhook.cli.executions.watch
from jobhook import Client
from jobhook.cli.jobs import next_times as coming
from jobhook.client.callbacks import say
from tests.cli.conftest import Cli, FakeTime, document
from tests.e2e.service import Service
from tests.patience import PATIENCE_SECONDS
from tests.served.backends import Served

SCHEDULE = "rate(1 day)"


@pytest.fixture
def webhook(client: Client, server: Served, owner: Service) -> dict[str, Any]:
    """A webhook that the service has taken and not yet answered."""
    settings = {"schedule": SCHEDULE, "invocation_target": owner.url, "ttl_seconds": 600, "payload": "to: team"}
    client.put_job("reports", "nightly", settings)  # type: ignore[arg-type]  # a dict of what JobSettings has
    server.fire(SCHEDULE)
    return owner.wait_for(1)[0]


def test_a_listing_shows_what_became_of_each_run(connected: Cli, webhook: dict[str, Any]) -> None:
    say(webhook["callback_url"], {"status": "success", "summary": "412 rows"})
    for command in (("job", "history", "reports", "nightly"), ("execution", "list", "reports", "nightly")):
        heading, row = connected(*command).stdout.splitlines()
        assert heading.startswith("SCHEDULED (UTC)")
        assert "reports/nightly  success" in row
        assert "412 rows" in row
        assert webhook["execution_id"] in row


def test_filters_reach_the_api(connected: Cli, webhook: dict[str, Any]) -> None:
    say(webhook["callback_url"], {"status": "fail", "error": "no orders.csv"})
    history = ("job", "history", "reports", "nightly", "--json")
    assert len(document(connected(*history, "--status", "failed", "--since", "1h"))) == 1
    assert document(connected(*history, "--status", "success")) == []
    assert document(connected(*history, "--until", "1h")) == []
    assert document(connected(*history, "--since", "2100-01-01T00:00:00Z")) == []


def test_limit_bounds_a_listing(connected: Cli, server: Served, webhook: dict[str, Any]) -> None:
    server.fire(SCHEDULE)
    assert len(document(connected("job", "history", "reports", "nightly", "--json"))) == 2
    assert len(document(connected("job", "history", "reports", "nightly", "--limit", "1", "--json"))) == 1


@pytest.mark.parametrize("command", ["job history", "job changes", "execution list", "job upcoming --until 9d"])
def test_a_listing_says_when_it_is_not_all(
    connected: Cli, client: Client, server: Served, webhook: dict[str, Any], command: str
) -> None:
    server.fire(SCHEDULE)
    client.pause_job("reports", "nightly", "moving house", until=coming.now_ms() + 60_000)
    name, action, *options = command.split()
    cut = connected(name, action, "reports", "nightly", *options, "--limit", "1")
    assert cut.stderr == "These are the first 1; --limit shows more.\n"
    assert len(cut.stdout.splitlines()) == 2
    assert connected(name, action, "reports", "nightly", *options, "--limit", "1", "--json").stderr == ""
    assert connected(name, action, "reports", "nightly", *options, "--limit", "200").stderr == ""


@pytest.mark.parametrize("options", [["--status", "well"], ["--since", "yesterday"], ["--limit", "0"]])
def test_a_wrong_filter_exits_2_and_names_itself(connected: Cli, options: list[str]) -> None:
    assert options[0] in connected("execution", "list", *options, exit_code=2).stderr


def test_get_shows_all_of_an_execution(connected: Cli, webhook: dict[str, Any]) -> None:
    say(webhook["callback_url"], {"status": "heartbeat", "progress": 40})
    shown = connected("execution", "get", webhook["execution_id"]).stdout
    for text in ("reports/nightly", "running", "40%", "to: team", "HTTP 202"):
        assert text in shown
    assert webhook["callback_url"].rpartition("/")[2] not in shown
    assert document(connected("execution", "get", webhook["execution_id"], "--json"))["payload"] == "to: team"


def test_an_unknown_execution_exits_3(connected: Cli) -> None:
    assert "jobhook execution list" in connected("execution", "get", "nothing", exit_code=3).stderr


def test_what_a_service_says_cannot_move_the_cursor(connected: Cli, webhook: dict[str, Any]) -> None:
    say(webhook["callback_url"], {"status": "success", "summary": "\x1b[2J[bold]\u202e\r"})
    for command in (("execution", "list", "reports", "nightly"), ("execution", "get", webhook["execution_id"])):
        shown = connected(*command).stdout
        assert r"\x1b[2J[bold]\u202e\r" in shown
        assert not {"\x1b", "\u202e", "\r"} & set(shown)


@pytest.mark.parametrize(("status", "exit_code"), [("success", 0), ("fail", 1)])
def test_watch_follows_one_execution_until_it_ends(
    connected: Cli, webhook: dict[str, Any], monkeypatch: pytest.MonkeyPatch, status: str, exit_code: int
) -> None:
    say(webhook["callback_url"], {"status": "heartbeat", "progress": 40})

    def end_meanwhile(_: float) -> None:
        say(webhook["callback_url"], {"status": status, "summary": "over"})

    monkeypatch.setattr(jobhook.cli.executions.watch, "time", FakeTime(end_meanwhile))
    lines = connected("execution", "watch", webhook["execution_id"], exit_code=exit_code).stdout.splitlines()
    assert "running  40%" in lines[0]
    assert "over" in lines[-1]
    assert "%" not in lines[-1]
    assert len(lines) == 2


def test_watch_prints_each_change_as_a_json_line_until_it_is_interrupted(
    server: Served, webhook: dict[str, Any]
) -> None:
    command = [sys.executable, "-m", "jobhook.cli.main", "execution", "watch", "--json", "--interval", "0.1"]
    options = ("--url", server.url, "--service", "reports", "--job", "nightly")
    watching = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    try:
        assert watching.stdout is not None
        assert json.loads(watching.stdout.readline())["status"] == "running"
        say(webhook["callback_url"], {"status": "heartbeat", "progress": 40})
        assert json.loads(watching.stdout.readline())["progress"] == 40
        say(webhook["callback_url"], {"status": "success"})
        assert json.loads(watching.stdout.readline())["status"] == "success"
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE_SECONDS) == 0
    finally:
        watching.kill()
        watching.communicate()


@pytest.mark.parametrize(("status", "exit_code"), [("success", 0), ("fail", 1)])
def test_a_run_is_watched_to_its_end(
    connected: Cli,
    client: Client,
    server: Served,
    owner: Service,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    exit_code: int,
) -> None:
    def end_meanwhile(_: float) -> None:
        (webhook,) = owner.wait_for(1)
        server.settle()
        say(webhook["callback_url"], {"status": status, "summary": "over"})

    client.put_job("reports", "nightly", {"schedule": SCHEDULE, "invocation_target": owner.url, "ttl_seconds": 600})
    monkeypatch.setattr(jobhook.cli.executions.watch, "time", FakeTime(end_meanwhile))
    lines = connected("job", "run", "reports", "nightly", "--watch", exit_code=exit_code).stdout.splitlines()
    assert "over" in lines[-1]


def test_a_watch_of_a_run_that_is_interrupted_says_that_the_run_goes_on(
    connected: Cli, webhook: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobhook.cli.executions.watch, "time", FakeTime(interrupt))
    said = connected("execution", "watch", webhook["execution_id"], exit_code=1).stderr
    assert f"jobhook execution cancel {webhook['execution_id']}" in said


def test_watching_a_job_needs_its_service(connected: Cli) -> None:
    assert "--service" in connected("execution", "watch", "--job", "nightly", exit_code=2).stderr


def test_on_a_terminal_there_are_colours_and_ids_are_whole(server: Served, webhook: dict[str, Any]) -> None:
    say(webhook["callback_url"], {"status": "success", "summary": "long " * 100})
    shown = on_a_terminal("execution", "list", "reports", "nightly", "--url", server.url)
    assert "\x1b[32msuccess" in shown
    assert webhook["execution_id"] in shown
    assert "…" in shown
    assert "\x1b" not in on_a_terminal("job", "list", "--url", server.url, NO_COLOR="1", TERM="dumb")


def test_on_a_terminal_watch_draws_a_table(server: Served, webhook: dict[str, Any]) -> None:
    def end_once_it_is_seen(shown: str) -> None:
        if "running" in shown and "over" not in shown:
            say(webhook["callback_url"], {"status": "success", "summary": "over"})

    watch = ("execution", "watch", webhook["execution_id"], "--interval", "0.1", "--url", server.url)
    shown = on_a_terminal(*watch, meanwhile=end_once_it_is_seen)
    assert "PROGRESS" in shown
    assert shown.index("running") < shown.index("over")


def on_a_terminal(*arguments: str, meanwhile: Callable[[str], object] = len, **environment: str) -> str:
    """What the command writes to a terminal of 80 columns; `meanwhile` is shown all of it each time that it grows."""
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "jobhook.cli.main", *arguments]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **environment}
    with subprocess.Popen(command, stdin=end, stdout=end, stderr=end, env=env) as running:
        os.close(end)
        shown = b""
        with contextlib.suppress(OSError):  # a terminal whose other side is closed
            while read := os.read(terminal, 65_536):
                shown += read
                meanwhile(shown.decode(errors="ignore"))
        assert running.wait(PATIENCE_SECONDS) == 0
    os.close(terminal)
    return shown.decode()
