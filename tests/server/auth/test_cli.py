"""`jobhook credentials` as a person or a script uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobhook.cli.settings.credentials import app
from jobhook.server.auth.credentials import CredentialsFile

RUN = CliRunner()


def run(*arguments: str, exit_code: int = 0) -> str:
    result = RUN.invoke(app, arguments)
    assert result.exit_code == exit_code, result.output
    return result.output


def test_add_prints_the_secret_once_and_how_to_use_it(tmp_path: Path) -> None:
    shown = run("add", "--data", str(tmp_path), "--name", "reports")
    file = CredentialsFile.in_directory(tmp_path)
    [key] = file.list()
    secret = file.find(key.access_key_id)
    assert secret is not None
    assert f'curl --aws-sigv4 "aws:amz:us-east-1:execute-api" --user {key.access_key_id}:{secret} ' in shown
    listed = run("list", "--data", str(tmp_path))
    assert key.access_key_id in listed
    assert "reports" in listed
    assert secret not in listed + run("list", "--data", str(tmp_path), "--json")


def test_json_is_for_scripts(tmp_path: Path) -> None:
    added = json.loads(run("add", "--data", str(tmp_path), "--json"))
    assert CredentialsFile.in_directory(tmp_path).find(added["access_key_id"]) == added["secret_key"]
    assert json.loads(run("list", "--data", str(tmp_path), "--json")) == [
        {"access_key_id": added["access_key_id"], "name": "", "created_at": added["created_at"]}
    ]
    assert added["created_at"].endswith("Z")


def test_remove_removes_and_says_where_there_is_nothing(tmp_path: Path) -> None:
    added = json.loads(run("add", "--data", str(tmp_path), "--json"))
    assert added["access_key_id"] in run("remove", added["access_key_id"], "--data", str(tmp_path))
    assert "no access key" in run("remove", added["access_key_id"], "--data", str(tmp_path), exit_code=1)
    assert f"`jobhook credentials add --data {tmp_path}`" in run("list", "--data", str(tmp_path))


def test_the_default_data_directory_is_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("add")
    assert (tmp_path / ".jobhook" / "credentials.json").exists()


@pytest.mark.parametrize("command", [["add"], ["list"], ["remove", "JHANY"]])
def test_a_file_that_is_open_to_others_is_explained(tmp_path: Path, command: list[str]) -> None:
    run("add", "--data", str(tmp_path))
    (tmp_path / "credentials.json").chmod(0o644)
    shown = run(*command, "--data", str(tmp_path), exit_code=1)
    assert "chmod 600" in shown
    assert "Traceback" not in shown
