"""Who comes in where signatures are asked for: nobody without one, on any route but the callback's."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from jobhook.api.routes import ROUTES
from jobhook.server.auth.credentials import CredentialsFile
from jobhook.server.authentication import SignedOnly
from tests.api.job_bodies import job_body
from tests.server.http_client import Api, serving
from tests.server.one_machine import World

METHODS_AND_PATHS = [(route.method, route.path) for route in ROUTES]


@pytest.fixture
def credentials(tmp_path: Path) -> CredentialsFile:
    return CredentialsFile.in_directory(tmp_path)


@pytest.fixture
async def api(world: World, credentials: CredentialsFile) -> AsyncIterator[Api]:
    credentials.add("test")
    async with serving(world, SignedOnly(credentials)) as (_, client):
        yield client


def test_the_callback_is_the_only_route_below_its_path() -> None:
    assert len(METHODS_AND_PATHS) >= 14
    assert [path for _, path in METHODS_AND_PATHS if path.startswith("/callback")] == ["/callback/{guid}/{token}"]


@pytest.mark.parametrize(("method", "path"), METHODS_AND_PATHS)
async def test_unsigned_requests_reach_no_route_but_the_callback(api: Api, method: str, path: str) -> None:
    reply = await api.send(method, path.format(service="a", job="b", execution_id="c", guid="d", token="e"), b"{}")
    if path.startswith("/callback/"):
        assert (reply.status, reply.document["code"]) == (404, "CallbackNotFound")
    else:
        assert reply.status == 403
        assert set(reply.document) == {"code", "message"}


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 403),
        ("/nothing", 403),
        ("/callback/a", 403),
        ("/callback/a/b/c", 403),
        ("//callback/a/b", 400),
        ("/callback/a/b;c", 400),
        ("/callback/../jobs", 400),
        ("/jobs?x=/callback/a/b", 403),
    ],
)
async def test_what_only_looks_like_the_callback_is_refused_too(api: Api, target: str, status: int) -> None:
    assert (await api.send("POST", target, b"{}")).status == status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_the_callbacks_path_is_open_to_no_other_method(api: Api, method: str) -> None:
    assert (await api.send(method, "/callback/a/b")).status == 403


async def test_a_signature_admits_what_it_was_made_for_and_nothing_else(
    world: World, credentials: CredentialsFile
) -> None:
    made = credentials.add("mine")
    async with serving(world, SignedOnly(credentials)) as (_, api):
        request = AWSRequest("GET", f"http://127.0.0.1:{api.port}/jobs?limit=5")
        SigV4Auth(Credentials(made.access_key_id, made.secret_key), "execute-api", "eu-west-1").add_auth(request)
        headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items()) + "Connection: close\r\n"

        async def status(line: str, body: str = "") -> int:
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            head = f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\n{length}{headers}\r\n"
            return int((await api.raw((head + body).encode())).split()[1])

        assert await status("GET /jobs?limit=5") == 200
        assert await status("GET /jobs?limit=6") == 403
        assert await status("GET /services?limit=5") == 403
        assert await status("DELETE /jobs?limit=5") == 403
        assert await status("GET /jobs?limit=5", "more") == 403
        assert credentials.remove(made.access_key_id)
        assert await status("GET /jobs?limit=5") == 403


@pytest.mark.parametrize("name", ["deploy", ""])
async def test_what_a_key_changes_is_by_its_name_or_else_its_id(
    world: World, credentials: CredentialsFile, name: str
) -> None:
    made = credentials.add(name)
    body = json.dumps(job_body())
    async with serving(world, SignedOnly(credentials)) as (_, api):
        request = AWSRequest("PUT", f"http://127.0.0.1:{api.port}/services/reports/jobs/nightly", data=body)
        request.headers["Content-Type"] = "application/json"
        SigV4Auth(Credentials(made.access_key_id, made.secret_key), "execute-api", "eu-west-1").add_auth(request)
        headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        head = f"PUT /services/reports/jobs/nightly HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\n"
        answer = await api.raw(f"{head}Content-Length: {len(body)}\r\n{headers}\r\n{body}".encode())
    stored = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert stored["created_by"] == (name or made.access_key_id)
    assert made.secret_key.encode() not in answer


async def test_credentials_that_cannot_be_used_admit_nobody(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    credentials = CredentialsFile.in_directory(tmp_path)
    made = credentials.add("mine")
    (tmp_path / "credentials.json").write_text("{")
    request = AWSRequest("GET", "http://127.0.0.1/jobs")
    SigV4Auth(Credentials(made.access_key_id, made.secret_key), "execute-api", "eu-west-1").add_auth(request)
    headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    caplog.set_level(logging.DEBUG)
    async with serving(world, SignedOnly(credentials)) as (_, api):
        answer = await api.raw(f"GET /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert "credentials file cannot be used" in caplog.text
    assert made.secret_key not in caplog.text
