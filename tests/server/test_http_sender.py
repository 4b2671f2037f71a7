"""Webhooks against services that misbehave: always an answer, always in time, and never an exception."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from jobhook.core.targets.answer import ANSWER_READ_BYTES, ANSWER_WITHIN_SECONDS
from jobhook.core.targets.http import HttpMessage
from jobhook.server.http_sender import PooledHttpSender
from jobhook.server.server import THIS_MACHINES
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SECRET_PATH = "/hook?key=canary"


@asynccontextmanager
async def service(serve: Serve) -> AsyncIterator[str]:
    """The URL of a server that treats each connection so."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{SECRET_PATH}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def webhooks() -> AsyncIterator[PooledHttpSender]:
    """With the deadline of real webhooks, which no answer of these tests needs."""
    made = PooledHttpSender(THIS_MACHINES)
    yield made
    await made.close()


@pytest.fixture
async def hasty_webhooks() -> AsyncIterator[PooledHttpSender]:
    """For services that would never end."""
    made = PooledHttpSender(THIS_MACHINES, within_seconds=1)
    yield made
    await made.close()


async def request_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next request's head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    return head, await reader.readexactly(length)


def answering(answer: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)
        await writer.drain()

    return serve


async def test_the_request_is_a_json_post_of_exactly_the_body(webhooks: PooledHttpSender) -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_of(reader))
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\n\r\nokay")

    async with service(serve) as url:
        answer = await webhooks.send(HttpMessage(url, '{"é": 1}'.encode()))
    assert (answer.http_status, answer.body, answer.error) == (202, b"okay", None)
    ((head, body),) = seen
    assert body == '{"é": 1}'.encode()
    assert head.startswith(b"POST /hook?key=canary HTTP/1.1\r\n")
    assert b"content-type: application/json\r\n" in head.lower()
    assert b"user-agent: jobhook\r\n" in head.lower()
    assert b"cookie" not in head.lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(webhooks: PooledHttpSender, status: int) -> None:
    followed: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _ = await request_of(reader)
        followed.append(head)
        writer.write(f"HTTP/1.1 {status} Gone\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".encode())

    async with service(serve) as url:
        assert (await webhooks.send(HttpMessage(url, b"{}"))).http_status == status
    assert len(followed) == 1


async def test_connections_are_used_again(webhooks: PooledHttpSender) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await request_of(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with service(serve) as url:
        assert [(await webhooks.send(HttpMessage(url, b"{}"))).http_status for _ in range(5)] == [200] * 5
    assert connections == 1


async def test_a_connection_that_was_closed_while_idle_costs_no_attempt(webhooks: PooledHttpSender) -> None:
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    async with service(serve) as url:
        assert (await webhooks.send(HttpMessage(url, b"{}"))).http_status == 200
        await closed.wait()
        await asyncio.sleep(0.01)  # the other end's close has to travel through the socket
        assert (await webhooks.send(HttpMessage(url, b"{}"))).http_status == 200


async def test_an_endless_body_is_read_to_the_limit_only(webhooks: PooledHttpSender) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()

    async with service(serve) as url:
        answer = await webhooks.send(HttpMessage(url, b"{}"))
    assert (answer.http_status, len(answer.body)) == (200, ANSWER_READ_BYTES)


async def test_a_compressed_body_is_not_blown_up(webhooks: PooledHttpSender) -> None:
    body = b"\x1f\x8b" + b"\0" * 100
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with service(answering(head + body)) as url:
        answer = await webhooks.send(HttpMessage(url, b"{}"))
    assert (answer.http_status, answer.body) == (200, body)


def dripping(head: bytes, drop: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(head)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return serve


@pytest.mark.parametrize(
    "serve",
    [
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        dripping(b"", b""),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
    ids=["headers drip", "body drips", "chunks drip", "silent", "interim answers only"],
)
async def test_no_whole_answer_in_time_is_a_failed_attempt(hasty_webhooks: PooledHttpSender, serve: Serve) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), service(serve) as url:
        answer = await hasty_webhooks.send(HttpMessage(url, b"{}"))
    assert (answer.http_status, answer.error) == (None, "no whole answer within 1 s")


def resetting(before: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(before)
        await writer.drain()
        writer.transport.abort()

    return serve


@pytest.mark.parametrize(
    "serve",
    [
        resetting(b""),
        resetting(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx"),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nxxx"),
        answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nxxx"),
        answering(b"SSH-2.0-OpenSSH_9.6\r\n"),
        answering(b"HTTP/1.1 twohundred OK\r\n\r\n"),
        answering(b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n"),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        answering(b""),
        answering(b"\xff" * 100),
    ],
    ids=[
        "reset at once",
        "reset in the body",
        "closed in the body",
        "bad chunk",
        "not HTTP",
        "no status",
        "long header",
        "negative length",
        "closed at once",
        "garbage",
    ],
)
async def test_a_broken_answer_is_a_failed_attempt_that_says_nothing_of_the_url(
    webhooks: PooledHttpSender, serve: Serve
) -> None:
    async with service(serve) as url:
        answer = await webhooks.send(HttpMessage(url, b"{}"))
    assert answer.http_status is None
    assert answer.error == "the connection broke before a whole answer"


async def test_nobody_listening(webhooks: PooledHttpSender) -> None:
    answer = await webhooks.send(HttpMessage(f"http://127.0.0.1:{own_port()}{SECRET_PATH}", b"{}"))
    assert (answer.http_status, answer.error) == (None, "could not connect")


async def test_a_name_that_does_not_resolve() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    webhooks = PooledHttpSender(THIS_MACHINES, lookup=unknown)
    answer = await webhooks.send(HttpMessage("http://no-such-host.invalid/", b"{}"))
    await webhooks.close()
    assert (answer.http_status, answer.error) == (None, "the host name does not resolve")


async def test_tls_with_a_server_that_has_none(webhooks: PooledHttpSender) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with service(serve) as url:
        answer = await webhooks.send(HttpMessage(url.replace("http:", "https:"), b"{}"))
    assert (answer.http_status, answer.error) == (None, "TLS failed")


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "http://exa mple/", "http://127.0.0.1:99999/", "http://a..b/"]
)
async def test_urls_that_no_request_can_be_sent_to(webhooks: PooledHttpSender, url: str) -> None:
    answer = await webhooks.send(HttpMessage(url, b"{}"))
    assert answer.http_status is None
    assert answer.error


async def test_a_hostile_service_does_not_slow_down_others() -> None:
    webhooks = PooledHttpSender(THIS_MACHINES, within_seconds=60)
    async with (
        service(dripping(b"", b"")) as silent,
        service(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as good,
    ):
        stuck = [asyncio.ensure_future(webhooks.send(HttpMessage(silent, b"{}"))) for _ in range(50)]
        assert (await webhooks.send(HttpMessage(good, b"{}"))).http_status == 200
        assert not any(post.done() for post in stuck)
        for post in stuck:
            post.cancel()
        await asyncio.wait(stuck)
    await webhooks.close()


async def test_the_deadline_is_the_contracts_by_default() -> None:
    webhooks = PooledHttpSender(THIS_MACHINES)
    assert webhooks._session.timeout.total == ANSWER_WITHIN_SECONDS
    await webhooks.close()
