"""`jobhook config`, and which Jobhook a command speaks to."""

import stat
from pathlib import Path

import pytest

from jobhook.cli.settings.profiles import Profile, Profiles
from jobhook.cli.settings.target import DEFAULT_URL, Flags, NoSuchProfile, resolve
from jobhook.server.auth.credentials import CredentialsFile
from tests.cli.conftest import Cli, document
from tests.client.live import Live, live

PROD = Profile("https://jobs.example.com", "eu-west-1", "ops")
TWO = Profiles("prod", {"prod": PROD, "local": Profile("http://localhost:8081")})


@pytest.mark.parametrize(
    ("flags", "environment", "profiles", "url"),
    [
        (Flags(), {}, Profiles(), DEFAULT_URL),
        (Flags(), {}, TWO, PROD.url),
        (Flags(), {"JOBHOOK_URL": "http://env"}, TWO, "http://env"),
        (Flags(), {"JOBHOOK_PROFILE": "local"}, TWO, "http://localhost:8081"),
        (
            Flags(profile="local"),
            {"JOBHOOK_URL": "http://env", "JOBHOOK_PROFILE": "prod"},
            TWO,
            "http://localhost:8081",
        ),
        (Flags(profile="local", url="http://flag"), {"JOBHOOK_URL": "http://env"}, TWO, "http://flag"),
    ],
)
def test_flags_go_before_the_environment_and_that_before_profiles(
    flags: Flags, environment: dict[str, str], profiles: Profiles, url: str
) -> None:
    assert resolve(flags, environment, profiles).url == url


@pytest.mark.parametrize(
    ("flags", "profile", "signed"),
    [
        (Flags(url="http://localhost:8080"), Profile(), False),
        (Flags(url="http://127.0.0.1:8080"), Profile(), False),
        (Flags(url="http://[::1]:8080"), Profile(), False),
        (Flags(url="https://jobs.example.com"), Profile(), True),
        (Flags(url="https://localhost.example.com"), Profile(), True),
        (Flags(url="https://jobs.example.com"), Profile(sign=False), False),
        (Flags(url="https://jobs.example.com", sign=True), Profile(sign=False), True),
        (Flags(url="http://localhost:8080", sign=False), Profile(sign=True), False),
        (Flags(url="http://localhost:8080", aws_profile="ops"), Profile(), True),
        (Flags(url="http://localhost:8080"), Profile(aws_profile="ops"), False),
    ],
)
def test_requests_are_signed_wherever_the_network_is_between(flags: Flags, profile: Profile, signed: bool) -> None:
    assert resolve(flags, {}, Profiles("default", {"default": profile})).signed is signed


def test_a_profile_that_is_not_there_is_named() -> None:
    with pytest.raises(NoSuchProfile, match="'test'; profiles: local, prod"):
        resolve(Flags(profile="test"), {}, TWO)


def test_profiles_are_set_listed_used_and_deleted(cli: Cli) -> None:
    assert "is the current one" in cli("config", "set", "local", "--url", "http://localhost:8080/").stdout
    cli("config", "set", "prod", "--url", "https://jobs.example.com", "--aws-profile", "ops")
    cli("config", "set", "prod", "--region", "eu-west-1")
    assert document(cli("config", "list", "--json")) == {
        "current": "local",
        "profiles": {
            "local": {"url": "http://localhost:8080"},
            "prod": {"url": "https://jobs.example.com", "region": "eu-west-1", "aws_profile": "ops"},
        },
    }
    cli("config", "use", "prod")
    assert "(from profile prod)" in cli("config", "show").stdout
    assert "*  prod" in cli("config", "list").stdout
    assert "http://x (from JOBHOOK_URL)" in cli("config", "show", env={"JOBHOOK_URL": "http://x"}).stdout
    cli("config", "delete", "prod")
    assert "prod" not in cli("config", "list").stdout


def test_without_profiles_it_says_how_to_make_one(cli: Cli) -> None:
    assert "jobhook config set NAME" in cli("config", "list").stdout
    assert cli("config", "use", "prod", exit_code=3).stderr
    assert "jobhook config set prod" in cli("job", "list", "--profile", "prod", exit_code=2).stderr


@pytest.mark.parametrize(
    "text", ["a: [", "- a", "profiles: 3", "profiles: {a: {url: 3}}", "profiles: {a: {secret: x}}"]
)
def test_a_broken_file_is_explained(cli: Cli, tmp_path: Path, text: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    for command in (("config", "list"), ("job", "list"), ("config", "set", "a", "--url", "http://x")):
        assert str(tmp_path / "config.yaml") in cli(*command, exit_code=2).stderr


def test_a_file_that_cannot_be_written_is_explained(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {"JOBHOOK_CONFIG": str(tmp_path / "directory")}
    (tmp_path / "directory.new").mkdir()
    assert "cannot be written" in cli("config", "set", "a", "--url", "http://x", exit_code=1, env=env).stderr


def test_a_url_must_be_one(cli: Cli) -> None:
    assert "--url" in cli("config", "set", "a", "--url", "localhost", exit_code=2).stderr
    assert "http://localhost:8080" in cli("job", "list", "--url", "localhost:8080", "--no-sign", exit_code=2).stderr


def test_a_profile_is_what_commands_use(cli: Cli, server: Live) -> None:
    cli("config", "set", "here", "--url", server.url)
    assert cli("job", "list").stdout
    assert stat.S_ISREG(Path(document(cli("config", "show", "--json"))["file"]).stat().st_mode)


def test_a_signed_server_is_reached_with_a_key_and_says_what_to_do_without(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "signed").mkdir()
    with live(tmp_path / "signed", signed=True) as server:
        monkeypatch.setenv("JOBHOOK_URL", server.url)
        assert "jobhook credentials add" in cli("job", "list", exit_code=5).stderr
        assert "AWS_PROFILE" in cli("job", "list", "--sign", exit_code=5).stderr
        key = CredentialsFile.in_directory(server.data).add("tests")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.access_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        assert "jobhook credentials list" in cli("job", "list", "--sign", exit_code=5).stderr
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret_key)
        assert document(cli("job", "list", "--sign", "--json")) == []


def test_shells_are_completed(cli: Cli) -> None:
    shown = cli(env={"_JOBHOOK_COMPLETE": "complete_bash", "COMP_WORDS": "jobhook jo", "COMP_CWORD": "1"})
    assert shown.stdout.split() == ["job"]
