"""The command line in this process, against Jobhook behind a socket: on one machine, and on moto."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from jobhook import Client
from jobhook.cli.main import app
from tests.e2e.service import Service, service
from tests.served.backends import Served, served

Cli = Callable[..., Result]


class FakeTime:
    """The clock of a watch: what happens while it waits."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self.sleep = sleep


@pytest.fixture(scope="module", params=["one-machine", "aws"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One backend after the other, each for all tests of a module."""
    with served(request.param, tmp_path_factory.mktemp("data")) as serving:
        yield serving


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    """The server, emptied of jobs."""
    with Client(server.url) as client:
        for job in list(client.list_jobs()):
            client.delete_job(job["service_name"], job["job_name"])
        yield client


@pytest.fixture
def owner() -> Iterator[Service]:
    """A service that takes webhooks."""
    with service() as listening:
        yield listening


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own: no profiles, no AWS credentials."""
    for name in ("JOBHOOK_URL", "JOBHOOK_PROFILE", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JOBHOOK_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def cli() -> Cli:
    """Runs a command and checks its exit code."""

    def run(
        *arguments: str, exit_code: int = 0, stdin: str | None = None, env: Mapping[str, str] | None = None
    ) -> Result:
        result = CliRunner().invoke(app, arguments, input=stdin, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == exit_code, result.output
        return result

    return run


@pytest.fixture
def connected(cli: Cli, client: Client, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The same, with JOBHOOK_URL naming the server."""
    monkeypatch.setenv("JOBHOOK_URL", client.url)
    return cli


def document(result: Result) -> Any:
    """What a command printed with --json."""
    return json.loads(result.stdout)
