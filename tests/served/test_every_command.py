"""Each command that speaks to the API, over each backend: what it does, what it shows, and that --json is JSON."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from jobhook.cli.main import app
from tests.cli.conftest import Cli, document
from tests.served.world import FIRED, SCHEDULE, World, far_from_now

Case = Callable[[Cli, World], None]
CASES: dict[str, Case] = {}


def case(command: str) -> Callable[[Case], Case]:
    def register(test: Case) -> Case:
        CASES[command] = test
        return test

    return register


@case("job list")
def _(run: Cli, world: World) -> None:
    assert "jobhook job put --help" in run("job", "list").stdout
    world.put()
    assert SCHEDULE in run("job", "list").stdout
    world.client.pause_job("reports", "nightly", "moving")
    assert "paused" in run("job", "list", "reports").stdout
    assert document(run("job", "list", "--json")) == list(world.client.list_jobs())


@case("job get")
def _(run: Cli, world: World) -> None:
    world.put()
    shown = run("job", "get", "reports", "nightly").stdout
    assert "at 06:00 every day, UTC" in shown
    assert shown.count(" 06:00:00") == 3
    assert document(run("job", "get", "reports", "nightly", "--json")) == world.client.get_job("reports", "nightly")


@case("job put")
def _(run: Cli, world: World) -> None:
    put = ("job", "put", "reports", "nightly", "--schedule", SCHEDULE, "--target", world.owner.url, "--ttl", "60")
    planned = run(*put, "--dry-run").stdout
    assert "the job would be created" in planned
    assert planned.count(" 06:00:00") == 10
    assert list(world.client.list_jobs()) == []
    assert "Stored reports/nightly (version 1)." in run(*put).stdout
    assert document(run(*put, "--json"))["version"] == 1
    assert document(run(*put, "--payload", "new", "--if-version", "1", "--json"))["version"] == 2
    assert "at version 2, not 1" in run(*put, "--if-version", "1", exit_code=1).stderr
    notify = ("--notify", "https://pager.example/", "--notify-on", "failed,recovered", "--notify-format", "slack")
    assert "https://pager.example/ of failed, recovered, as slack takes it" in run(*put, *notify).stdout
    assert document(run(*put, "--json"))["notify"] is None


@case("job patch")
def _(run: Cli, world: World) -> None:
    world.put(payload="to: team")
    patch = ("job", "patch", "reports", "nightly")
    assert "the job would be changed" in run(*patch, "--disabled", "--dry-run").stdout
    assert document(run(*patch, "--ttl", "900", "--json"))["payload"] == "to: team"
    assert "(version 3)" in run(*patch, "--disabled", "--exclusive", "--if-version", "2").stdout
    stored = world.client.get_job("reports", "nightly")
    assert (stored["ttl_seconds"], stored["enabled"], stored["exclusive"]) == (900, False, True)
    run(*patch, "--file", "-", stdin="payload: null\nenabled: true\n")
    assert world.client.get_job("reports", "nightly")["payload"] is None
    assert "what to change" in run(*patch, exit_code=2).stderr
    notify = document(run(*patch, "--notify", "https://pager.example/", "--notify-on", "failed", "--json"))["notify"]
    assert notify == {"target": "https://pager.example/", "on": ["failed"], "format": "json"}
    assert document(run(*patch, "--no-notify", "--json"))["notify"] is None


@case("job delete")
def _(run: Cli, world: World) -> None:
    world.put()
    assert "at version 1, not 7" in run("job", "delete", "reports", "nightly", "--if-version", "7", exit_code=1).stderr
    assert document(run("job", "delete", "reports", "nightly", "--if-version", "1", "--json"))["deleted"]
    assert list(world.client.list_jobs()) == []


@case("job apply")
@case("apply")
def _(run: Cli, world: World) -> None:
    jobs = {"service": "reports", "jobs": {"nightly": world.settings(), "hourly": world.settings()}}
    apply = ("apply", "-f", "-")
    assert "Nothing was sent: 2 to create." in run(*apply, "--dry-run", stdin=json.dumps(jobs)).stdout
    assert "Applied: 2 created." in run("job", *apply, stdin=json.dumps(jobs)).stdout
    del jobs["jobs"]["hourly"]  # type: ignore[attr-defined]  # a mapping
    assert document(run(*apply, "--prune", "--yes", "--json", stdin=json.dumps(jobs)))["applied"]
    assert [job["job_name"] for job in world.client.list_jobs()] == ["nightly"]


@case("export")
def _(run: Cli, world: World) -> None:
    world.put(payload="to: team")
    exported = run("export", "reports").stdout
    assert "payload: 'to: team'" in exported
    assert run("apply", "-f", "-", stdin=exported).stdout == "Applied: 1 unchanged.\n"
    assert document(run("export", "--json"))[0]["service"] == "reports"


@case("job run")
def _(run: Cli, world: World) -> None:
    world.put(payload="to: team", enabled=False)
    shown = run("job", "run", "reports", "nightly", "--payload", "to: me").stdout
    webhook = world.webhook()
    assert webhook["payload"] == "to: me"
    assert f"jobhook execution watch {webhook['execution_id']}" in shown
    assert document(run("job", "run", "reports", "nightly", "--json"))["trigger"] == "run"
    assert world.webhook(2)["payload"] == "to: team"


@case("job pause")
def _(run: Cli, world: World) -> None:
    world.put(schedule=FIRED)
    pause = ("job", "pause", "reports", "nightly", "--reason", "moving house")
    assert "Paused reports/nightly until it is resumed: moving house" in run(*pause).stdout
    paused = document(run(*pause, "--until", "2h", "--json"))["pause"]
    assert 7_100_000 < paused["until_ms"] - time.time() * 1_000 < 7_300_000
    assert "moving house" in run("job", "get", "reports", "nightly").stdout
    assert "(paused)" in run("job", "list").stdout
    world.server.fire(FIRED)
    assert "job_paused" in run("job", "history", "reports", "nightly").stdout


@case("job resume")
def _(run: Cli, world: World) -> None:
    world.put()
    world.client.pause_job("reports", "nightly", "moving house")
    assert "reports/nightly is not paused any more." in run("job", "resume", "reports", "nightly").stdout
    assert document(run("job", "resume", "reports", "nightly", "--json"))["pause"] is None


@case("job upcoming")
def _(run: Cli, world: World) -> None:
    assert "Nothing is going to run" in run("job", "upcoming").stdout
    at = far_from_now()
    world.put(schedule=f"cron(0 {int(at[:2])} * * ? *)")
    lines = run("job", "upcoming", "reports", "nightly", "--limit", "4").stdout.splitlines()
    assert len(lines) == 5
    assert all(f"{at}:00" in line and "reports/nightly" in line for line in lines[1:])
    assert len(document(run("job", "upcoming", "--until", "2d", "--json"))) == 2
    assert "give the job too" in run("job", "upcoming", "reports", exit_code=2).stderr


@case("job history")
def _(run: Cli, world: World) -> None:
    failed = world.failed()
    shown = run("job", "history", "reports", "nightly", "--status", "failed").stdout
    assert failed in shown
    assert "no orders.csv" in shown
    assert document(run("job", "history", "reports", "nightly", "--status", "success", "--json")) == []


@case("job why")
def _(run: Cli, world: World) -> None:
    world.put()
    assert "not_yet_made" in run("job", "why", "reports", "nightly", "--at", "2020-01-01T06:00:00Z").stdout
    failed = world.client.get_execution(world.failed())
    shown = run("job", "why", "reports", "nightly", "--at", failed["scheduled_time"]).stdout
    assert "no orders.csv" in shown
    assert failed["id"] in shown
    assert document(run("job", "why", "reports", "nightly", "--json"))["verdict"]


@case("execution list")
def _(run: Cli, world: World) -> None:
    failed = world.failed()
    assert failed in run("execution", "list", "reports", "--since", "1h").stdout
    assert document(run("execution", "list", "reports", "nightly", "--json"))[0]["id"] == failed


@case("execution get")
def _(run: Cli, world: World) -> None:
    failed = world.failed()
    assert "HTTP 202" in run("execution", "get", failed).stdout
    assert document(run("execution", "get", failed, "--json"))["error"] == "no orders.csv"
    assert document(run("execution", "get", failed, "--json"))["notification"] is None
    reported = world.failed_telling()
    assert "notification" in run("execution", "get", reported).stdout
    assert document(run("execution", "get", reported, "--json"))["notification"]["event"] == "failed"


@case("execution watch")
def _(run: Cli, world: World) -> None:
    failed = world.failed()
    assert "no orders.csv" in run("execution", "watch", failed, exit_code=1).stdout
    assert document(run("execution", "watch", failed, "--json", exit_code=1))["status"] == "failed"


@case("execution cancel")
def _(run: Cli, world: World) -> None:
    webhook = world.running()
    assert run("execution", "cancel", webhook["execution_id"]).stdout == f"Cancelled {webhook['execution_id']}.\n"
    assert document(run("execution", "cancel", webhook["execution_id"], "--json"))["status"] == "cancelled"
    assert "jobhook execution list" in run("execution", "cancel", "nothing", exit_code=3).stderr


@case("execution retry")
def _(run: Cli, world: World) -> None:
    failed = world.failed()
    retried = document(run("execution", "retry", failed, "--json"))
    assert retried["retry_of"] == failed
    assert f"retried by       {retried['id']}" in " ".join(run("execution", "get", failed).stdout.splitlines())
    assert "was retried already" in run("execution", "retry", failed, exit_code=1).stderr
    assert world.webhook(2)["retry_of"] == failed


@case("service list")
def _(run: Cli, world: World) -> None:
    assert "No service" in run("service", "list").stdout
    world.put()
    assert run("service", "list").stdout.splitlines()[1].split() == ["reports", "1"]
    assert document(run("service", "list", "--json")) == [{"service_name": "reports", "jobs": 1}]


@case("schedule list")
def _(run: Cli, world: World) -> None:
    assert "There are no schedules yet" in run("schedule", "list").stdout
    world.put()
    assert "at 06:00 every day, UTC" in run("schedule", "list").stdout
    (listed,) = document(run("schedule", "list", "--json"))["results"]
    assert (listed["schedule"], listed["jobs"]) == (SCHEDULE, 1)


@case("health")
def _(run: Cli, world: World) -> None:
    webhook = world.running()
    shown = run("health").stdout
    assert shown.splitlines()[0].split() == ["status", "ok"]
    assert webhook["execution_id"] in shown
    assert document(run("health", "--since", "2h", "--json"))["waiting"]["running"] >= 1


@case("job test")
def _(run: Cli, world: World) -> None:
    world.put(enabled=False)
    shown = run("job", "test", "reports", "nightly", "--payload", "to: me").stdout
    *_, resolves, _, _, _, schema, passed, answer = shown.splitlines()
    assert resolves.split(maxsplit=2) == ["resolves", "yes", "the host has an address"]
    assert schema.split(maxsplit=3) == ["response", "schema", "-", "the job has no response_schema"]
    assert passed.startswith("Passed, HTTP 202 after ")
    assert answer == "The answer: started"
    assert (world.webhook()["test"], world.webhook()["payload"]) == (True, "to: me")
    world.put(response_schema={"type": "object"})
    assert "response schema  NO" in run("job", "test", "reports", "nightly", exit_code=1).stdout
    assert document(run("job", "test", "reports", "nightly", "--json", exit_code=1))["passed"] is False


@case("job changes")
def _(run: Cli, world: World) -> None:
    assert "no job 'unheard-of'" in run("job", "changes", "reports", "unheard-of", exit_code=3).stderr
    world.put()
    world.put(ttl_seconds=900, payload="to: team", tags=["a"])
    world.client.pause_job("reports", "nightly", "moving house")
    started = world.client.run_job("reports", "nightly")["id"]
    world.webhook()
    shown = run("job", "changes", "reports", "nightly", "--since", "1h", "--limit", "3").stdout.splitlines()
    assert [line.split()[3:6] for line in shown[1:]] == [
        ["reports/nightly", "run", "3"],
        ["reports/nightly", "paused", "3"],
        ["reports/nightly", "updated", "2"],
    ]
    assert shown[1].endswith(started)
    assert shown[2].endswith("until it is resumed: moving house")
    assert shown[3].endswith('payload; tags: [] -> ["a"]; ttl_seconds: 600 -> 900')
    newest = document(run("job", "changes", "reports", "nightly", "--limit", "1", "--json"))
    assert newest == document(run("job", "changes", "--limit", "1", "--json"))
    assert newest[0]["execution_id"] == started
    assert "give the job too" in run("job", "changes", "reports", exit_code=2).stderr


@case("stats")
def _(run: Cli, world: World) -> None:
    world.failed()
    shown = run("stats", "--by", "service,status", "--service", "reports").stdout.splitlines()
    assert shown[0].split() == ["STATUS", "SERVICE", "COUNT"]
    assert ["failed", "reports"] in [line.split()[:2] for line in shown[1:-1]]
    assert shown[-1].endswith(" in all.")
    assert "status,service,day" in run("stats", "--by", "color", exit_code=2).stderr
    assert document(run("stats", "--json"))["total"] >= 1


@pytest.mark.parametrize("command", CASES)
def test_it_works_on_every_backend(command: str, connected: Cli, world: World) -> None:
    CASES[command](connected, world)


@pytest.mark.parametrize("command", CASES)
def test_it_says_so_where_nobody_answers(
    command: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda *_: 0.0)  # tries again at once
    arguments = _any_arguments(_commands()[command], tmp_path)
    refused = cli(*command.split(), *arguments, "--url", "http://127.0.0.1:9", "--json", exit_code=4)
    assert json.loads(refused.stderr)["code"] == "Unreachable"


def test_no_command_is_left_out() -> None:
    assert set(CASES) == {name for name, command in _commands().items() if _speaks_to_the_api(command)}


def test_every_command_has_an_example_and_every_option_a_sentence() -> None:
    for name, command in _commands().items():
        assert f"jobhook {name}" in (command.epilog or ""), name
        assert [one.name for one in command.params if not getattr(one, "help", None)] == [], name


def _commands() -> dict[str, Any]:
    """Every command of the tree by its words."""

    def walk(group: Any, words: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, command in group.commands.items():
            here = (*words, name)
            found |= walk(command, here) if hasattr(command, "commands") else {" ".join(here): command}
        return found

    return walk(typer.main.get_command(app), ())


def _speaks_to_the_api(command: Any) -> bool:
    return {"url", "sign", "as_json"} <= {one.name for one in command.params}


def _any_arguments(command: Any, directory: Path) -> list[str]:
    """What a command cannot do without."""
    (directory / "jobs.yaml").write_text("service: reports\njobs: {}\n")
    values = {"service": "reports", "job": "nightly", "execution_id": "id", "file": str(directory / "jobs.yaml")}
    words: list[str] = []
    for one in command.params:
        if one.required:
            words += (
                [values[one.name]] if one.param_type_name == "argument" else [one.opts[0], values.get(one.name, "x")]
            )
    return words + (["--ttl", "60"] if command.name == "patch" else [])
