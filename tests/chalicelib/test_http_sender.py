"""Webhooks against services that are slow, broken or hostile: an answer or its absence, in time, and no exception."""

import json
import socket
import struct
from collections.abc import Iterator

import pytest

from chalicelib.http_sender import DirectHttpSender
from chalicelib.sync_runner import run_to_end
from jobhook.core.targets.answer import ANSWER_READ_BYTES, Answer, Failure, Verdict
from jobhook.core.targets.http import HttpMessage, judge
from jobhook.server.server import THIS_MACHINES
from tests.chalicelib.hostile import Behaviour, hostile_server
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port

WITHIN_SECONDS = 1.0
"""For services that never end: enough to connect on a machine that stalls, since what is not reached yet is told."""
DRIPS = 1_000  # for ten seconds and more
OK = b"HTTP/1.1 200 OK\r\n"
TOO_LATE = "no whole answer within 1 s"
CLOSED = "the connection was closed before the answer was whole"


def post(url: str, body: bytes = b"{}", within_seconds: float = PATIENCE_SECONDS) -> Answer:
    return run_to_end(DirectHttpSender(THIS_MACHINES, within_seconds).send(HttpMessage(url, body)))


def hung_up(connection: socket.socket) -> bool:
    """Whether the client has, after 10 ms in which it could."""
    connection.settimeout(0.01)
    try:
        return not connection.recv(65_536)
    except TimeoutError:
        return False


def answering(raw: bytes) -> Behaviour:
    return lambda connection: connection.sendall(raw)


def dripping(start: bytes, piece: bytes) -> Behaviour:
    """Sends a piece every 10 ms, always in time for a timeout that begins anew with each, and hangs up in the end."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(DRIPS):
            if hung_up(connection):
                break
            connection.sendall(piece)

    return behave


def test_the_request_is_a_post_of_json_to_the_very_url() -> None:
    with hostile_server(answering(OK + b"Content-Length: 5\r\n\r\nhello")) as server:
        answer = post(server.url, json.dumps({"é": 1}, ensure_ascii=False).encode())
    assert answer == Answer(200, b"hello")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?token=canary HTTP/1.1\r\n")
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body) == {"é": 1}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204)),
        (OK + b"\r\nuntil the end", Answer(200, b"until the end")),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", Answer(200, b"abc")),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno", Answer(500, b"no")),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", Answer(200, b"abc")),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n", Answer(200)),
    ],
)
def test_answers_are_read_whole_and_never_decoded(raw: bytes, expected: Answer) -> None:
    with hostile_server(answering(raw)) as server:
        assert post(server.url) == expected


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with hostile_server(answering(OK + b"\r\n")) as elsewhere:
        raw = f"HTTP/1.1 {status} Go\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode()
        with hostile_server(answering(raw)) as server:
            answer = post(server.url)
            assert len(server.requests) == 1
        assert elsewhere.requests == []
    assert answer == Answer(status)
    assert judge(answer) is Verdict.REFUSED


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile_server(answering(OK + b"\r\n")) as proxy, hostile_server(answering(OK + b"\r\nhere")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(server.url).body == b"here"
        assert proxy.requests == []


def test_an_endless_body_is_read_up_to_the_limit() -> None:
    with hostile_server(dripping(OK + b"\r\n", b"x" * 100_000)) as server:
        answer = post(server.url)
    assert answer == Answer(200, b"x" * ANSWER_READ_BYTES)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b""),
        (b"HTTP/1.1 2", b"0"),
        (OK, b"X-More: yes\r\n"),
        (OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silence", "status", "headers", "body", "chunks", "continue"],
)
def test_a_dripping_answer_does_not_outlast_the_deadline(start: bytes, piece: bytes) -> None:
    with hostile_server(dripping(start, piece)) as server:
        answer = post(server.url, within_seconds=WITHIN_SECONDS)
    if answer.error != "no valid HTTP answer":  # more than a hundred headers are none
        assert answer == Answer(None, error=TOO_LATE, failure=Failure.NO_ANSWER)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_within_the_body(connection: socket.socket) -> None:
    connection.sendall(OK + b"Content-Length: 10\r\n\r\nabc")
    reset(connection)


INVALID = "no valid HTTP answer"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (lambda connection: None, CLOSED),
        (reset, CLOSED),
        (reset_within_the_body, CLOSED),
        (answering(OK + b"Content-Length: 10\r\n\r\nabc"), CLOSED),
        (answering(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), None),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), INVALID),
        (answering(b"HTTP/1.1 abc\r\n\r\n"), INVALID),
        (answering(OK + b"X-Large: " + b"x" * 70_000 + b"\r\n\r\n"), INVALID),
        (answering(OK + b"X-Many: x\r\n" * 200 + b"\r\n"), INVALID),
        (answering(b"\x00" * 100_000), INVALID),
    ],
)
def test_a_broken_answer_is_none(behaviour: Behaviour, error: str | None) -> None:
    with hostile_server(behaviour) as server:
        answer = post(server.url)
    assert (answer.http_status, answer.body) == (None, b"")
    assert answer.error
    assert error in (None, answer.error)
    assert judge(answer) is Verdict.UNAVAILABLE


def test_a_closed_port_refuses() -> None:
    assert post(f"http://127.0.0.1:{own_port()}/secret-path") == Answer(
        None, error="connection refused", failure=Failure.NOT_CONNECTED
    )


def test_what_speaks_no_tls_is_a_tls_error() -> None:
    with hostile_server(answering(b"HTTP/1.1 400 Bad\r\n\r\n"), listens=False) as server:
        answer = post(server.url.replace("http:", "https:"))
    assert answer == Answer(None, error="TLS error", failure=Failure.NOT_CONNECTED)


def test_a_handshake_that_never_ends_is_ended() -> None:
    with hostile_server(dripping(b"", b""), listens=False) as server:
        answer = post(server.url.replace("http:", "https:"), within_seconds=WITHIN_SECONDS)
    assert answer.error == TOO_LATE


def test_a_name_that_is_not_known_says_so() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    answer = run_to_end(
        DirectHttpSender(THIS_MACHINES, lookup=unknown).send(HttpMessage("http://nowhere.example/secret", b"{}"))
    )
    assert answer == Answer(None, error="the host's name was not found", failure=Failure.NOT_RESOLVED)


@pytest.mark.parametrize("url", ["", "http://", "http://[::1", "http://a:port/", "/relative", "http://a b/", "ftp:"])
def test_what_is_no_url_is_an_answer_too(url: str) -> None:
    assert post(url, within_seconds=WITHIN_SECONDS).http_status is None


def test_an_address_of_version_6_is_reached() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with hostile_server(answering(OK + b"\r\nsix"), listener) as server:
        answer = post(server.url)
    assert answer == Answer(200, b"six")
    assert b"host: [::1]:" in server.requests[0].lower()


def test_no_error_holds_anything_of_the_url() -> None:
    errors: Iterator[str | None] = (
        post(url, within_seconds=WITHIN_SECONDS).error
        for url in ("http://127.0.0.1:1/canary", "https://127.0.0.1:1/canary", "http://canary:x/", "http://[canary]/")
    )
    assert all(error and "canary" not in error for error in errors)
