"""Requests signed by botocore, as they would stand on the wire."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch

import botocore.auth
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from jobhook.server.auth.sigv4 import SignedRequest

KEY = "JHABCDEFGHIJKLMNOPQR"
SECRET = "a-secret-of-forty-characters-0123456789a"
HOST = "jobs.example.org:8080"
NOW = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)


def find_secret(access_key_id: str) -> str | None:
    return SECRET if access_key_id == KEY else None


def signed(
    method: str = "GET",
    target: str = "/services/a/jobs/b",
    body: bytes = b"",
    headers: Sequence[tuple[str, str]] = (),
    *,
    at: datetime = NOW,
    region: str = "eu-west-1",
    service: str = "execute-api",
    token: str | None = None,
    key: str = KEY,
    secret: str = SECRET,
) -> SignedRequest:
    aws = AWSRequest(method=method, url=f"http://{HOST}{target}", data=body)
    for name, value in (("Host", HOST), *headers):
        aws.headers.add_header(name, value)
    # botocore takes the time of signing from nowhere else.
    with patch.object(botocore.auth, "get_current_datetime", lambda: at):
        SigV4Auth(Credentials(key, secret, token), service, region).add_auth(aws)
    return SignedRequest.of_target(method, target, [(n, str(v)) for n, v in aws.headers.items()], body)


def with_header(request: SignedRequest, name: str, value: str) -> SignedRequest:
    """The request with `name`'s value replaced, or added where it has none."""
    others = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=(*others, (name, value)))


def without_header(request: SignedRequest, name: str) -> SignedRequest:
    return replace(request, headers=tuple(pair for pair in request.headers if pair[0].lower() != name.lower()))


def header(request: SignedRequest, name: str) -> str:
    return request.values[name.lower()][0]
