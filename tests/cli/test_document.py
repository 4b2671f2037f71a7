"""The commands and the Python of docs/cli.md are run, in order, as a reader would paste them."""

import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import jobhook.cli.executions.watch
from jobhook import Client, ExecutionEnded
from jobhook.cli.jobs.notify import notification_text
from jobhook.cli.output.exits import ExitCode
from jobhook.client.callbacks import say
from tests.cli.conftest import Cli, FakeTime
from tests.e2e.service import Service
from tests.examples.documents import ROOT, Block, blocks
from tests.served.backends import Served

GUIDE = ROOT / "docs" / "cli.md"
STAYS = ("serve", "mock")  # these go on until they are stopped, and are tried elsewhere


@pytest.fixture
def reader(connected: Cli, client: Client, server: Served, owner: Service, tmp_path: Path) -> "Reader":
    return Reader(connected, client, server, owner, tmp_path)


class Reader:
    """Pastes blocks in an empty directory, with this test's server and service in the places of the documented ones."""

    def __init__(self, cli: Cli, client: Client, server: Served, owner: Service, directory: Path) -> None:
        self._cli = cli
        self._client = client
        self._server = server
        self._owner = owner
        self._directory = directory
        self.said: dict[str, str] = {}
        self._id = self._ended = ""

    def paste(self, block: Block) -> None:
        if block.language == "yaml":
            (self._directory / "jobs.yaml").write_text(self._here(block.text))
        elif block.language == "python":
            exec(compile(self._here(block.text), "docs/cli.md", "exec"), {})
        elif block.language == "sh":
            for line in block.text.splitlines():
                self._run(line)

    def _run(self, line: str) -> None:
        program, *words = shlex.split(self._here(self._with_ids(line)), comments=True)
        assert program == "jobhook"
        if words[0] in STAYS:
            return
        *words, to = [*words, ""] if ">" not in words else [*words[:-2], words[-1]]
        shown = self._cli(*words).stdout
        self.said[line] = shown
        if to:
            (self._directory / to).write_text(shown)

    def _with_ids(self, line: str) -> str:
        """The line with the executions that it is about; those of the documented job are at hand."""
        if '"$RUNNING_ID"' in line:
            self._ended = self._client.run_job("demo", "steady")["id"]
            self._server.settle()
        if '"$ID"' in line:
            line = line.replace('"$ID"', self._execution())
        return line.replace('"$RUNNING_ID"', self._ended).replace('"$FAILED_ID"', self._ended)

    def end_runs(self, _: float) -> None:
        """What the service does while a run is watched."""
        self._server.settle()
        for webhook in self._owner.webhooks:
            with suppress(ExecutionEnded):
                say(webhook["callback_url"], {"status": "success"})

    def _execution(self) -> str:
        """An execution of the documented job, which has succeeded."""
        if self._id:
            return self._id
        self._server.fire("rate(1 minute)")
        webhook: dict[str, Any] = self._owner.wait_for(1, "steady")[-1]
        self.end_runs(0)
        self._id = webhook["execution_id"]
        return self._id

    def _here(self, text: str) -> str:
        text = text.replace("http://localhost:9000/...", self._owner.url.removesuffix("hook") + "...")
        return text.replace("http://localhost:8080", self._server.url).replace("http://localhost:9000", self._owner.url)


def test_the_guide_can_be_pasted(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(jobhook.cli.executions.watch, "time", FakeTime(reader.end_runs))
    crontab = tmp_path / "crontab"
    crontab.write_text("17 * * * * root cd / && run-parts --report /etc/cron.hourly\n")
    found = list(blocks(GUIDE))
    for block in found:
        reader.paste(Block(block.language, block.text.replace("/etc/crontab", str(crontab)), block.line))
    pasted = sum(block.text.count("jobhook ") for block in found if block.language == "sh")
    assert len(reader.said) >= pasted - len(STAYS) > 20
    assert (tmp_path / "exported.yaml").exists()


def test_the_readmes_tour_can_be_pasted(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(jobhook.cli.executions.watch, "time", FakeTime(reader.end_runs))
    (tour,) = [block for block in blocks(ROOT / "README.md") if block.text.startswith("jobhook job put")]
    reader.paste(tour)
    assert "not paused" in reader.said["jobhook job resume reports nightly"]
    assert "Nothing was sent: 1 unchanged." in reader.said["jobhook apply -f jobs.yaml --dry-run"]


def test_the_documented_diff_is_what_apply_shows(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = list(blocks(GUIDE))
    for block in found:
        if block.language == "yaml" or "job put reports" in block.text or "apply -f jobs.yaml" in block.text:
            reader.paste(Block(block.language, _puts_and_dry_runs(block.text), block.line))
    (documented,) = [block.text for block in found if block.text.startswith("+ reports/hourly")]
    shown = reader.said["jobhook apply -f jobs.yaml --dry-run"]
    assert _without_times(shown, reader) == _without_times(documented, reader)


def test_it_shows_what_the_commands_say_of_notifications(reader: Reader) -> None:
    found = list(blocks(GUIDE))
    put = "jobhook job put reports nightly --schedule 'rate(1 day)' --target http://localhost:9000/ --ttl 60"
    (patches,) = [block for block in found if "--no-notify" in block.text]
    reader.paste(Block("sh", f"{put}\n{patches.text}", patches.line))
    (notifies,) = [block.text for block in found if block.text.startswith("notifies ")]
    reported, slack, nobody = (" ".join(reader.said[line].split()) for line in patches.text.splitlines())
    documented = " ".join(reader._here(notifies).split())
    assert f"{documented} version" in reported
    assert f"{documented}, as slack takes it version" in slack
    assert "notifies" not in nobody
    (fate,) = [block.text for block in found if block.text.startswith("notification ")]
    delivered = notification_text(
        {
            "event": "failed",
            "status": "delivered",
            "attempts": 1,
            "next_attempt_at": None,
            "next_attempt_at_ms": None,
            "delivered_at": "2026-11-21T06:00:02Z",
            "delivered_at_ms": 1_795_240_802_000,
            "http_status": 202,
            "error": None,
        }
    )
    assert fate.split(maxsplit=1)[1] == f"{delivered}\n"


def _puts_and_dry_runs(text: str) -> str:
    if "jobhook" not in text:
        return text
    return "\n".join(line for line in text.splitlines() if "job put reports" in line or "--dry-run" in line)


def _without_times(text: str, reader: Reader) -> list[str]:
    lines = reader._here(text).splitlines()
    return [line.partition(" 20")[0] if "next: 20" in line else line for line in lines]


def test_every_exit_code_is_documented() -> None:
    text = GUIDE.read_text()
    assert all(f"\n| {code.value} | " in text for code in ExitCode)


def test_every_command_is_documented(cli: Cli) -> None:
    commands = [
        line.split()[0] for line in cli("--help").stdout.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    ]
    assert len(commands) > 8
    text = GUIDE.read_text()
    assert [command for command in commands if f"`jobhook {command}" not in text and f"`{command}`" not in text] == []


def test_nothing_of_the_machine_is_used(tmp_path: Path) -> None:
    assert os.environ["JOBHOOK_CONFIG"].startswith(str(tmp_path))
