"""What the shell offers for names and ids, asked for as a shell asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobhook import Client
from jobhook.cli.main import app
from jobhook.cli.output import completion
from jobhook.client.callbacks import say
from jobhook.client.transport import RetryPolicy
from tests.e2e.service import Service
from tests.patience import PATIENCE_SECONDS
from tests.served.backends import Served

pytestmark = pytest.mark.usefixtures("connected")
SCHEDULE = "rate(1 day)"
SECONDS = completion._TIMEOUT_SECONDS
PATIENT_COMMAND = f"""#!{sys.executable}
from jobhook.cli.output import completion
from jobhook.cli.main import app

completion._TIMEOUT_SECONDS = {PATIENCE_SECONDS}
app(prog_name="jobhook")
"""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether something is offered depends on how quick the server is, which is no matter of these tests."""
    monkeypatch.setattr(completion, "_TIMEOUT_SECONDS", PATIENCE_SECONDS)


def offered(line: str) -> list[str]:
    """What bash is told for the last word of the line."""
    words = line.split(" ")
    env = {"_JOBHOOK_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return CliRunner().invoke(app, [], prog_name="jobhook", env=env).stdout.split()


@pytest.fixture(autouse=True)
def jobs(client: Client, owner: Service) -> None:
    for service, job in (("reports", "nightly"), ("reports", "nights"), ("reports", "weekly"), ("billing", "invoices")):
        client.put_job(service, job, {"schedule": SCHEDULE, "invocation_target": owner.url, "ttl_seconds": 60})


def test_names_of_services_and_of_their_jobs_are_offered() -> None:
    assert offered("jobhook job get ") == ["billing", "reports"]
    assert offered("jobhook job get re") == ["reports"]
    assert offered("jobhook job get reports night") == ["nightly", "nights"]
    assert offered("jobhook execution list billing ") == ["invoices"]
    assert offered("jobhook execution watch --service bil") == ["billing"]
    assert offered("jobhook job get nothing ") == []


def test_ids_are_offered_of_what_can_be_done_with_them(client: Client, server: Served, owner: Service) -> None:
    client.run_job("reports", "nightly")
    (failing,) = owner.wait_for(1)
    client.run_job("reports", "weekly")
    running = owner.wait_for(2)[1]["execution_id"]
    server.settle()
    say(failing["callback_url"], {"status": "fail"})
    failed = failing["execution_id"]
    assert {running, failed} <= set(offered("jobhook execution get "))
    assert offered(f"jobhook execution get {failed}") == [failed]
    assert running in offered("jobhook execution cancel ")
    assert failed not in offered("jobhook execution cancel ")
    assert failed in offered("jobhook execution retry ")
    assert running not in offered("jobhook execution retry ")


@pytest.mark.parametrize("flags", ["--url http://127.0.0.1:9", "--url nonsense", "--profile missing", "--sign"])
def test_nothing_is_offered_and_nothing_is_said_where_jobhook_cannot_be_asked(
    monkeypatch: pytest.MonkeyPatch, flags: str
) -> None:
    tries: list[int] = []

    def pause_seconds(_patience: RetryPolicy, number: int, _retry_after: str | None) -> float:
        tries.append(number)
        return 0.0

    monkeypatch.setattr(RetryPolicy, "pause_seconds", pause_seconds)
    assert offered(f"jobhook job get {flags} ") == []
    assert tries == []  # nobody at a prompt waits for a second one


def test_nobody_at_a_prompt_waits_long() -> None:
    assert SECONDS == 1.0


def test_bash_completes_the_command(tmp_path: Path) -> None:
    command = tmp_path / "jobhook"
    command.write_text(PATIENT_COMMAND)
    command.chmod(0o755)
    script = """
        source <(jobhook --show-completion bash)
        COMP_WORDS=(jobhook job get reports week) COMP_CWORD=4
        "$(complete -p jobhook | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" jobhook week reports
        echo "${COMPREPLY[@]}"
    """
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    shown = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert shown.stdout == "weekly\n", shown.stderr


def test_zsh_is_told_what_an_id_is_of() -> None:
    env = {"_JOBHOOK_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "jobhook job get reports w"}
    shown = CliRunner().invoke(app, [], prog_name="jobhook", env=env).stdout
    assert '"weekly":"rate(1 day)"' in shown
