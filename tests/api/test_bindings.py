"""The route table answers alike behind Chalice's local gateway and behind aiohttp."""

import asyncio
import json
from collections.abc import Sequence

import aiohttp
from yarl import URL

from jobhook.server.http import HttpServer
from tests.api.job_bodies import job_body
from tests.api.openapi.described import assert_described
from tests.chalicelib.local_gateway import ChaliceGateway
from tests.fakes.backend import MemoryBackend

Sent = tuple[str, str, bytes, dict[str, str]]
Answered = tuple[int, bytes]

JSON = {"Content-Type": "application/json"}
JOB = "/services/reports/jobs/nightly"
PUT = json.dumps(job_body(payload="Grüße 🎉 \u2028")).encode()
REQUESTS: Sequence[Sent] = (
    ("GET", JOB, b"", {}),
    ("PUT", JOB, b"{", JSON),
    ("PUT", JOB, PUT, {"Content-Type": "text/plain"}),
    ("PUT", f"{JOB}?dry_run=true", PUT, JSON),
    ("PUT", JOB, PUT, JSON | {"If-None-Match": "*"}),
    ("PUT", JOB, PUT, JSON | {"if-none-match": "*"}),
    ("PUT", JOB, PUT, {"content-type": "Application/JSON; charset=utf-8"}),
    ("PATCH", JOB, b'{"ttl_seconds": 61}', {"Content-Type": "application/merge-patch+json"}),
    ("PATCH", JOB, b'{"ttl": 61}', JSON),
    ("PUT", "/services/Reports/jobs/nightly", PUT, JSON),
    ("GET", "/services/%72eports/jobs/nightly", b"", {}),
    ("GET", "/services/reports/jobs/nightly;v", b"", {}),
    ("GET", JOB, b"", {}),
    ("GET", "/jobs?limit=1&limit=2", b"", {}),
    ("GET", "/jobs?limit=1&unknown=%C3%BC&empty=", b"", {}),
    ("GET", "/services", b"", {}),
    ("GET", "/schedules", b"", {}),
    ("GET", f"{JOB}/upcoming?limit=3", b"", {}),
    ("GET", f"{JOB}/changes", b"", {}),
    ("GET", "/why?job=reports%2Fnightly&at=2026-11-21T08:00:00Z", b"", {}),
    ("GET", "/stats?by=status,day", b"", {}),
    ("GET", "/health", b"", {}),
    ("GET", "/openapi.json", b"", {}),
    ("POST", f"{JOB}/pause", b'{"reason": "holiday"}', JSON),
    ("POST", f"{JOB}/resume", b"", {}),
    ("POST", f"{JOB}/run", b'{"payload": "try"}', JSON),
    ("POST", f"{JOB}/test", b"", {}),
    ("GET", "/executions?status=running", b"", {}),
    ("GET", "/executions/none", b"", {}),
    ("POST", "/executions/none/cancel", b"", {}),
    ("POST", "/callback/a/b", b'{"status": "success"}', JSON),
    ("DELETE", f"{JOB}?dry_run=true", b"", {}),
    ("DELETE", JOB, b"", {"If-Match": '"other"'}),
    ("DELETE", JOB, b"", {}),
    ("DELETE", JOB, b"", {}),
    ("POST", JOB, b"", {}),
    ("GET", "/nothing", b"", {}),
)


def behind_chalice() -> list[Answered]:
    backend = MemoryBackend()
    gateway = ChaliceGateway(lambda: backend)
    answers = [gateway.answer(method, path, headers, body, "local") for method, path, body, headers in REQUESTS]
    return [(answer.status, answer.body) for answer in answers]


async def behind_aiohttp() -> list[Answered]:
    server = HttpServer(MemoryBackend(), lambda *_: "local")
    port = await server.listen("127.0.0.1", 0)
    await server.serve()
    answers = []
    async with aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session:
        for method, path, body, headers in REQUESTS:
            url = URL(f"http://127.0.0.1:{port}{path}", encoded=True)
            async with session.request(method, url, data=body or None, headers=headers) as response:
                answers.append((response.status, await response.read()))
                assert_described(method, path, response.status, dict(response.headers), answers[-1][1].decode())
    await server.close(grace_seconds=1)
    return answers


def test_both_bindings_answer_alike() -> None:
    chalice, aiohttp_answers = behind_chalice(), asyncio.run(behind_aiohttp())
    for sent, one, other in zip(REQUESTS, chalice, aiohttp_answers, strict=True):
        assert one == other, sent[:2]
    assert {status for status, _ in chalice} >= {200, 201, 202, 204, 400, 404, 405, 412, 415}
