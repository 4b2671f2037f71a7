"""Signed requests, taken by a real server that takes no others."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from jobhook import AccessKey, AwsCredentials, Client, Denied, NoCredentials
from jobhook.client.credentials import region_of
from jobhook.server.auth.credentials import CredentialsFile
from tests.client.live import Live, live
from tests.client.test_client import NIGHTLY


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("signed"), signed=True) as serving:
        yield serving


@pytest.fixture(scope="module")
def key(server: Live) -> AccessKey:
    made = CredentialsFile.in_directory(server.data).add("tests")
    return AccessKey(made.access_key_id, made.secret_key)


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials but those that a test sets."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def use_all(client: Client) -> None:
    """Every kind of request: with a body, with a query that needs escaping, and with neither."""
    client.put_job("reports", "nightly", {**NIGHTLY, "payload": "a b+c&d=ü"})
    assert client.get_job("reports", "nightly")["payload"] == "a b+c&d=ü"
    client.put_job("reports", "weekly", NIGHTLY)
    assert len(list(client.list_jobs("reports", page_size=1))) == 2
    assert list(client.list_executions("reports", since="2026-11-20T14:30:00+02:30")) == []
    client.delete_job("reports", "weekly")


def test_an_access_key_signs_every_request(server: Live, key: AccessKey) -> None:
    with Client(server.url, key) as client:
        use_all(client)


def test_the_environment_signs(server: Live, key: AccessKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key.secret)
    with Client(server.url, AwsCredentials()) as client:
        use_all(client)


def test_a_profile_signs(server: Live, key: AccessKey, tmp_path: Path) -> None:
    profile = f"[ops]\naws_access_key_id={key.id}\naws_secret_access_key={key.secret}\n"
    (tmp_path / "credentials").write_text(profile)
    with Client(server.url, AwsCredentials("ops", "eu-west-1")) as client:
        use_all(client)


def test_unsigned_and_wrongly_signed_requests_are_denied(server: Live, key: AccessKey) -> None:
    with Client(server.url) as client, pytest.raises(Denied, match="MissingAuthenticationToken"):
        list(client.list_jobs())
    with Client(server.url, AccessKey(key.id, "wrong")) as client, pytest.raises(Denied, match="InvalidSignature"):
        list(client.list_jobs())


def test_no_credentials_and_no_such_profile_say_so(server: Live) -> None:
    with pytest.raises(NoCredentials, match="were found"):
        Client(server.url, AwsCredentials())
    with pytest.raises(NoCredentials, match="nobody"):
        Client(server.url, AwsCredentials("nobody"))


def test_a_secret_is_in_no_repr(key: AccessKey) -> None:
    assert key.secret not in repr(key)


def test_the_region_of_an_api_gateway_is_in_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"results": [], "next_cursor": None})

    url = "https://abc123.execute-api.eu-central-1.amazonaws.com/api"
    with Client(url, AwsCredentials(), transport=httpx2.MockTransport(handle)) as client:
        list(client.list_jobs())
    assert "/eu-central-1/execute-api/aws4_request" in seen[0].headers["authorization"]
    assert region_of("jobs.example.com") is None
