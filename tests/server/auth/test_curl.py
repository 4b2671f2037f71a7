"""Requests signed by the real curl and captured from a real socket."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jobhook.server.auth.sigv4 import Identity, SignatureRefused, SignedRequest, verify
from tests.patience import PATIENCE_SECONDS

from .capture import CaptureServer
from .signing import KEY, SECRET, find_secret

CURL = shutil.which("curl")


def curl_can_sign() -> bool:
    return (
        CURL is not None
        and "--aws-sigv4" in subprocess.run([CURL, "--help", "all"], capture_output=True, text=True).stdout
    )


pytestmark = pytest.mark.skipif(not curl_can_sign(), reason="curl with --aws-sigv4 (7.75 or later) is not installed")


def curl(server: CaptureServer, target: str, *options: str, secret: str = SECRET) -> SignedRequest:
    assert CURL is not None
    signing = ["--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", f"{KEY}:{secret}"]
    url = f"http://127.0.0.1:{server.server_port}{target}"
    subprocess.run(
        [CURL, "-sS", "--globoff", "--noproxy", "*", *signing, *options, url], check=True, timeout=PATIENCE_SECONDS
    )
    return server.captured.pop()


def verified(request: SignedRequest) -> Identity:
    return verify(request, find_secret, datetime.now(UTC))


BODY = '{"payload": "Grüße, 世界"}'


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "POST"])
@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/services/a/jobs/b",
        "/services/a/jobs/b?limit=5&cursor=a%2Bb%3D%3D&status=failed",
        "/jobs?status=running&status=failed&since=2026-11-21T09:00:00Z",
        "/jobs?since=&until=&flag",
        "/jobs?z=a%20b&r=a+b&s=a%2Fb&t=%E4%B8%96",
        "/executions/a%20b%2Fc/世?q=世",
    ],
)
def test_what_curl_signs_is_admitted(server: CaptureServer, method: str, target: str) -> None:
    body = [] if method in ("GET", "DELETE") else ["--data-binary", BODY, "-H", "Content-Type: application/json"]
    request = curl(server, target, "-X", method, *body)
    assert request.method == method
    assert request.body == (BODY.encode() if body else b"")
    assert verified(request) == Identity(KEY, "us-east-1")


@pytest.mark.parametrize(
    "headers",
    [
        ["X-Amz-Meta:    much   inner    space   "],
        ["X-Multi: b", "x-multi: a"],
        ["X-Amz-Meta-Long: 1", "X-Amz-Meta: 2"],
        ["X-Unicode: Grüße"],
        ["User-Agent: other"],
    ],
)
def test_every_way_to_give_curl_headers_is_admitted(server: CaptureServer, headers: list[str]) -> None:
    options = [option for header in headers for option in ("-H", header)]
    assert verified(curl(server, "/jobs", *options)).access_key_id == KEY


def test_what_curl_signed_is_refused_once_altered(server: CaptureServer) -> None:
    request = curl(server, "/jobs?limit=5&cursor=b", "--data-binary", BODY)
    assert verified(request).access_key_id == KEY
    for altered in (
        replace(request, method="PUT"),
        replace(request, path="/services"),
        replace(request, query="limit=6&cursor=b"),
        replace(request, body=request.body + b" "),
    ):
        with pytest.raises(SignatureRefused):
            verified(altered)


def test_curl_with_the_wrong_secret_is_refused(server: CaptureServer) -> None:
    with pytest.raises(SignatureRefused):
        verified(curl(server, "/jobs", secret="wrong"))
