"""The API over a real socket: every route, every malformed request, and nothing secret in any log."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from jobhook.core.errors import Unavailable
from jobhook.core.executions.execution import Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.targets.answer import Answer
from jobhook.server import http
from tests.api.job_bodies import job_body
from tests.api.test_malformed_callbacks import NO_OBJECTS as NO_CALLBACKS
from tests.api.test_malformed_callbacks import WRONG_FIELDS as WRONG_CALLBACKS
from tests.api.test_malformed_jobs import NO_OBJECTS as NO_JOBS
from tests.api.test_malformed_jobs import WRONG_FIELDS as WRONG_JOBS
from tests.api.test_request import MALFORMED
from tests.patience import PATIENCE_SECONDS
from tests.server.http_client import Api, Reply, serving
from tests.server.one_machine import EVERY_MINUTE, PLAIN, World

JOB = "/services/reports/jobs/nightly"


@pytest.fixture
async def api(world: World) -> AsyncIterator[Api]:
    async with serving(world) as (_, client):
        yield client


def is_contract_error(reply: Reply) -> bool:
    document = reply.document
    return (
        400 <= reply.status < 500
        and reply.headers["Content-Type"] == "application/json"
        and isinstance(document["code"], str)
        and isinstance(document["message"], str)
        and set(document) <= {"code", "message", "errors", "status"}
    )


def callback_path(world: World, key: ExecutionKey) -> str:
    return "/callback/" + "/".join(world.callback_of(key))


# --- routes ---------------------------------------------------------------------------------------------------------


async def test_every_route_answers(world: World, api: Api) -> None:
    created = await api.send_json("PUT", JOB, job_body(schedule=EVERY_MINUTE))
    assert (created.status, created.document["version"], created.document["created_by"]) == (201, 1, "local")
    assert (await api.send_json("PUT", JOB, job_body(schedule=EVERY_MINUTE))).status == 200
    job = await world.store.read_job(created.document["guid"])
    assert job is not None
    key = ExecutionKey(job.guid, job.incarnation, await world.fire())
    beaten = await api.send_json("POST", callback_path(world, key), {"status": "heartbeat", "progress": 40})
    assert (beaten.status, beaten.document["status"]) == (200, "running")
    assert (await api.send("GET", JOB)).document["job_name"] == "nightly"
    for listing, names in {
        "/services/reports/jobs": ["nightly"],
        "/jobs": ["nightly"],
        f"{JOB}/executions": ["nightly"],
        "/services/reports/executions": ["nightly"],
        "/executions?status=running&limit=1": ["nightly"],
        "/executions?status=failed": [],
    }.items():
        reply = await api.send("GET", listing)
        assert (reply.status, [item["job_name"] for item in reply.document["results"]]) == (200, names), listing
    assert (await api.send("GET", "/services")).document["results"] == [{"service_name": "reports", "jobs": 1}]
    ended = await api.send_json("POST", callback_path(world, key), {"status": "success", "summary": "ok"})
    assert (ended.status, ended.document["status"]) == (200, "success")
    assert (await api.send("GET", f"/executions/{key.id}")).document["progress"] == 40
    deleted = await api.send("DELETE", JOB)
    assert (deleted.status, deleted.body) == (204, b"")
    assert (await api.send("GET", JOB)).status == 404
    assert await world.store.list_schedules() == []


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/services/reports/jobs/nightly/", 400),
        ("GET", "//jobs/x/y/z", 400),
        ("GET", "/jobs/../../etc/passwd", 400),
        ("GET", "/services/a%2Fb/jobs/c", 400),
        ("GET", "/services/%00/jobs/%ff", 400),
        ("GET", "/services/%zz/jobs/c", 400),
        ("GET", "/executions/nonsense", 404),
        ("GET", "/executions/" + "x" * 3_000, 404),
        ("POST", "/jobs", 405),
        ("TRACE", JOB, 405),
        ("HEAD", JOB, 404),
        ("HEAD", f"{JOB}/run", 405),
        ("OPTIONS", "/nothing", 404),
        ("BREW", JOB, 400),
        ("DELETE", JOB, 404),
        ("GET", "/callback/a/b", 405),
        ("PUT", "/callback/a/b", 405),
        ("POST", "/callback/a/b", 404),
        ("POST", "/callback/a", 404),
        ("POST", "/callback//", 400),
        ("POST", "/callback/a/b/c", 404),
        ("GET", "/jobs?limit=0", 400),
        ("GET", "/jobs?limit=x&cursor=y", 400),
        ("GET", "/executions?status=nonsense&since=yesterday", 400),
        ("GET", "/executions?limit=1&limit=2", 400),
        ("GET", "/jobs?%ff=%ff&&&=", 400),
    ],
)
async def test_odd_requests_get_their_status_in_the_contracts_form(
    api: Api, method: str, target: str, status: int
) -> None:
    reply = await api.send(method, target)
    assert reply.status == status, reply.body
    if method == "HEAD":
        assert reply.body == b""
    else:
        assert is_contract_error(reply), reply


async def test_head_is_get_without_the_body(api: Api) -> None:
    await api.send_json("PUT", JOB, job_body())
    got, head = await api.send("GET", JOB), await api.send("HEAD", JOB)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.body))
    assert head.headers["Etag"] == got.headers["Etag"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [(JOB, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"), (f"{JOB}/run", "OPTIONS, POST"), ("/jobs", "GET, HEAD, OPTIONS")],
)
async def test_a_path_tells_its_methods(api: Api, path: str, methods: str) -> None:
    asked, refused = await api.send("OPTIONS", path), await api.send("TRACE", path)
    assert (asked.status, asked.body, asked.headers["Allow"]) == (204, b"", methods)
    assert (refused.status, refused.headers["Allow"]) == (405, methods)


async def test_no_answer_names_a_library_or_its_version(world: World, api: Api) -> None:
    key = await world.started()
    replies = [
        await api.send("GET", "/jobs"),
        await api.send("GET", "/nothing"),
        await api.send_json("POST", callback_path(world, key), {"status": "heartbeat"}),
        await api.send_json("POST", callback_path(world, key), {"status": "nonsense"}),
    ]
    assert {reply.headers["Server"] for reply in replies} == {"Jobhook"}
    assert b"\r\nServer: Jobhook\r\n" in await api.raw(b"nonsense\r\n\r\n")


@pytest.mark.parametrize("target", MALFORMED)
async def test_a_path_has_one_spelling(api: Api, target: str) -> None:
    answered = await api.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = answered.partition(b"\r\n\r\n")
    assert (head.split()[1], json.loads(body)["code"]) == (b"400", "BadRequest")


async def test_a_percent_encoded_name_stores_nothing(api: Api) -> None:
    assert (await api.send_json("PUT", "/services/rep%6Frts/jobs/nightly", job_body())).status == 400
    assert (await api.send("GET", "/jobs")).document["results"] == []


# --- malformed bodies -----------------------------------------------------------------------------------------------


async def test_malformed_jobs_are_refused_and_nothing_is_stored(world: World, api: Api) -> None:
    for changes, status, code, field in WRONG_JOBS:
        reply = await api.send_json("PUT", JOB, job_body(**changes))
        assert (reply.status, reply.document["code"]) == (status, code), changes
        assert field in [problem["field"] for problem in reply.document["errors"]]
        assert is_contract_error(reply)
    for body in NO_JOBS:
        reply = await api.send("PUT", JOB, body)
        assert (reply.status, is_contract_error(reply)) == (400, True), body[:50]
    assert len(WRONG_JOBS) + len(NO_JOBS) > 30
    assert (await api.send("GET", "/jobs")).document["results"] == []
    assert await world.store.list_schedules() == []


async def test_malformed_callbacks_are_refused_and_the_execution_waits_on(world: World, api: Api) -> None:
    key = await world.started()
    before = await world.execution(key)
    path = callback_path(world, key)
    for document, status, code, _ in WRONG_CALLBACKS:
        reply = await api.send_json("POST", path, document)
        assert (reply.status, reply.document["code"]) == (status, code), document
        assert is_contract_error(reply)
    for body in NO_CALLBACKS:
        reply = await api.send("POST", path, body)
        assert (reply.status, is_contract_error(reply)) == (400, True), body
    assert len(WRONG_CALLBACKS) + len(NO_CALLBACKS) > 20
    assert await world.execution(key) == before
    assert (await api.send_json("POST", path, {"status": "success"})).status == 200


@pytest.mark.parametrize("path", [JOB, "/callback/guid/token"])
async def test_a_body_beyond_all_limits_is_413(world: World, api: Api, path: str) -> None:
    method = "PUT" if path == JOB else "POST"
    reply = await api.send(method, path, b'{"payload": "' + b"x" * 2_000_000 + b'"}')
    assert (reply.status, reply.document["code"]) == (413, "PayloadTooLarge")
    assert "1048576" in reply.document["errors"][0]["message"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
async def test_what_is_not_declared_as_json_is_415(world: World, api: Api, media_type: str | None) -> None:
    key = await world.started()
    put = await api.send("PUT", JOB, json.dumps(job_body()).encode(), media_type)
    called = await api.send("POST", callback_path(world, key), b'{"status": "success"}', media_type)
    for reply in (put, called):
        assert (reply.status, reply.document["code"]) == (415, "UnsupportedMediaType")
    assert (await world.execution(key)).status is Status.RUNNING


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
async def test_json_may_be_declared_with_parameters_and_in_any_case(world: World, api: Api, media_type: str) -> None:
    key = await world.started()
    reply = await api.send("POST", callback_path(world, key), b'{"status": "success"}', media_type)
    assert reply.status == 200


async def test_unknown_and_altered_tokens_all_get_the_same_404(world: World, api: Api) -> None:
    key = await world.started()
    guid, token = world.callback_of(key)
    altered = [
        (guid, token[:-1] + ("A" if token[-1] != "A" else "B")),
        (guid, token.replace(".1.", ".2.")),
        (guid, token[:-1]),
        (guid, token + "A"),
        (guid[:-1] + ("0" if guid[-1] != "0" else "1"), token),
        (guid.upper(), token),
    ]
    replies = [await api.send_json("POST", "/callback/" + "/".join(pair), {"status": "success"}) for pair in altered]
    assert {reply.status for reply in replies} == {404}
    assert len({reply.body for reply in replies}) == 1
    assert (await world.execution(key)).status is Status.RUNNING


# --- below the API --------------------------------------------------------------------------------------------------

HEAD = b"Host: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense canary\r\n\r\n",
        b"GET /canary HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00canary",
        b"POST /canary HTTP/1.1\r\nContent-Length: minus\r\n\r\n",
        b"POST /canary HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /canary HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /canary HTTP/1.1\r\nBad Header: canary\r\n\r\n",
        b"GET /canary HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"GET /" + b"canary" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"canary" * 20_000 + b"\r\n\r\n",
        b"PUT /services/a/jobs/b HTTP/1.1\r\n" + HEAD + b"Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\ncanary",
    ],
    ids=lambda request: repr(request[:24]),
)
async def test_what_is_no_http_is_refused_in_the_contracts_form_and_logged_nowhere(
    world: World, api: Api, caplog: pytest.LogCaptureFixture, request_bytes: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await api.raw(request_bytes)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), answer[:300]
    assert b"application/json" in head
    assert set(json.loads(body)) <= {"code", "message", "errors"}
    assert "canary" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_targets_that_are_no_path_are_answered(api: Api) -> None:
    for line in (b"OPTIONS * HTTP/1.1", b"GET http://other/jobs HTTP/1.1", b"CONNECT other:443 HTTP/1.1"):
        answer = await api.raw(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert int(answer.split()[1]) < 500, answer[:300]


async def test_a_body_that_does_not_arrive_is_408(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_BODY_WITHIN_SECONDS", 0.05)
    answer = await api.raw(b"PUT " + JOB.encode() + b" HTTP/1.1\r\n" + HEAD + b"Content-Length: 100\r\n\r\n{")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["code"] == "RequestTimeout"


async def test_a_database_that_cannot_be_written_is_503_and_nothing_is_lost(world: World, api: Api) -> None:
    key = await world.started()
    world.database._writing.execute("PRAGMA query_only = 1")
    put = await api.send_json("PUT", JOB, job_body())
    called = await api.send_json("POST", callback_path(world, key), {"status": "success"})
    for reply in (put, called):
        assert (reply.status, reply.document["code"]) == (503, Unavailable.code)
        assert int(reply.headers["Retry-After"]) > 0
    world.database._writing.execute("PRAGMA query_only = 0")
    assert (await api.send_json("POST", callback_path(world, key), {"status": "success"})).status == 200


async def test_a_fault_of_ours_is_500_in_the_contracts_form(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> str:
        raise LookupError("on purpose")

    async with serving(world, broken) as (_, api):
        reply = await api.send("GET", "/jobs")
    assert (reply.status, reply.document["code"]) == (500, "InternalError")
    assert b"LookupError" not in reply.body
    assert "LookupError" in caplog.text


async def test_close_does_not_wait_for_idle_connections(world: World) -> None:
    async with serving(world) as (server, api):
        assert (await api.send("GET", "/jobs")).status == 200  # the client keeps the connection
        began = asyncio.get_running_loop().time()
        await server.close(grace_seconds=5)
        assert asyncio.get_running_loop().time() - began < 1


# --- secrets --------------------------------------------------------------------------------------------------------


async def test_no_secret_is_logged_at_any_level(world: World, api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "canary-in-the-payload"
    await api.send_json("PUT", JOB, job_body(schedule=EVERY_MINUTE, payload=canary))
    job = (await world.store.list_jobs(None, None, 1)).items[0]
    key = ExecutionKey(job.guid, job.incarnation, await world.fire())
    path = callback_path(world, key)
    task_token = (await world.execution(key)).task_token
    await api.send_json("POST", path, {"status": "nonsense"})
    await api.send("POST", path, b"canary-in-the-payload", "text/plain")
    await api.send("GET", path)
    await api.raw(b"POST " + path.encode() + b" HTTP/1.1\r\nBroken\r\n\r\n")
    world.database._writing.execute("PRAGMA query_only = 1")
    await api.send_json("POST", path, {"status": "success", "state": canary})
    world.database._writing.execute("PRAGMA query_only = 0")
    await api.send_json("POST", path, {"status": "heartbeat", "state": canary, "summary": canary})
    await world.pass_time(61)
    await api.send_json("POST", path, {"status": "success", "state": canary})
    execution = await world.execution(key)
    assert execution.status is Status.TIMED_OUT
    assert task_token is not None
    for secret in (canary, path.rsplit(".", 1)[1], task_token, execution.attempts[0].token_hash):
        assert secret not in caplog.text
    listing = (await api.send("GET", "/executions")).body + (await api.send("GET", f"/executions/{key.id}")).body
    for secret in (path.rsplit(".", 1)[1], task_token, execution.attempts[0].token_hash):
        assert secret.encode() not in listing


# --- races ----------------------------------------------------------------------------------------------------------


async def test_many_puts_and_deletes_at_once_leave_the_right_counts(world: World, api: Api) -> None:
    async def put(number: int) -> int:
        reply = await api.send_json("PUT", f"/services/reports/jobs/job-{number % 100}", job_body(payload=str(number)))
        return reply.status

    async def delete(number: int) -> int:
        return (await api.send("DELETE", f"/services/reports/jobs/job-{number}")).status

    statuses = await asyncio.gather(
        *(put(number) for number in range(200)), *(delete(number) for number in range(0, 100, 2))
    )
    assert set(statuses) <= {200, 201, 204, 404, 409}
    jobs = (await api.send("GET", "/jobs?limit=200")).document["results"]
    (row,) = await world.store.list_schedules()
    assert row.jobs == len(jobs) >= 50
    assert (await api.send("GET", "/services")).document["results"] == [{"service_name": "reports", "jobs": len(jobs)}]
    await asyncio.gather(*(delete(number) for number in range(100)))
    assert await world.store.list_schedules() == []
    assert (await api.send("GET", "/services")).document["results"] == []


async def test_requests_that_are_answered_at_once_each_get_their_own_answer(world: World, api: Api) -> None:
    for number in range(20):
        await world.put(f"job-{number:02d}")
    limits = list(range(1, 21)) * 15
    replies = await asyncio.gather(*(api.send("GET", f"/jobs?limit={limit}") for limit in limits))
    assert [len(reply.document["results"]) for reply in replies] == limits


async def test_the_last_delete_and_the_next_put_race_without_losing_the_rule(world: World, api: Api) -> None:
    for _ in range(10):
        await api.send_json("PUT", "/services/a/jobs/old", job_body())
        deleted, put = await asyncio.gather(
            api.send("DELETE", "/services/a/jobs/old"), api.send_json("PUT", "/services/a/jobs/new", job_body())
        )
        assert (deleted.status, put.status) == (204, 201)
        (row,) = await world.store.list_schedules()
        assert row.jobs == 1
        assert [s.row.generation for s in world.backend.rules._standing.values()] == [row.generation]
        assert (await api.send("DELETE", "/services/a/jobs/new")).status == 204
    assert world.backend.rules._standing == {}


async def test_doubled_terminal_callbacks_all_get_200_and_one_outcome(world: World, api: Api) -> None:
    key = await world.started()
    path = callback_path(world, key)
    replies = await asyncio.gather(*(api.send_json("POST", path, {"status": "success"}) for _ in range(50)))
    assert {reply.status for reply in replies} == {200}
    execution = await world.execution(key)
    assert (execution.status, execution.revision) == (Status.SUCCESS, 3)
    assert not world.run_is_there(key)


async def test_of_success_and_fail_at_once_one_wins_and_the_other_is_told_so(world: World, api: Api) -> None:
    for name in ("a", "b", "c", "d"):
        key = await world.started(name, replace(PLAIN, schedule=f"cron(* * * * ? 20{10 + ord(name) % 10}-2099)"))
        path = callback_path(world, key)
        statuses = ["success", "fail"] if name < "c" else ["fail", "success"]
        replies = await asyncio.gather(*(api.send_json("POST", path, {"status": status}) for status in statuses))
        assert sorted(reply.status for reply in replies) == [200, 410]
        (winner,) = (reply.document for reply in replies if reply.status == 200)
        (loser,) = (reply.document for reply in replies if reply.status == 410)
        assert (loser["code"], loser["status"]) == ("ExecutionEnded", winner["status"])
        assert (await world.execution(key)).status == winner["status"]


async def test_heartbeats_and_the_end_at_once_leave_the_end(world: World, api: Api) -> None:
    key = await world.started()
    path = callback_path(world, key)
    bodies: list[dict[str, Any]] = [{"status": "heartbeat", "progress": number} for number in range(20)]
    bodies.insert(10, {"status": "success"})
    replies = await asyncio.gather(*(api.send_json("POST", path, body) for body in bodies))
    assert replies[10].status == 200
    assert {reply.status for reply in replies} <= {200, 409, 410}
    assert (await world.execution(key)).status is Status.SUCCESS
    assert not world.run_is_there(key)


# --- test calls -----------------------------------------------------------------------------------------------------


async def test_tests_that_hang_are_few_and_hold_up_no_other_request(world: World, api: Api) -> None:
    asked, released = 0, asyncio.Event()
    all_asked = asyncio.Event()

    async def hang(_url: str, _body: bytes) -> Answer:
        nonlocal asked
        asked += 1
        if asked == http._AT_ONCE:
            all_asked.set()
        await released.wait()
        return Answer(200)

    await world.put()
    world.webhooks.answers.extend([hang] * 10)
    tests = [asyncio.create_task(api.send("POST", f"{JOB}/test", b"")) for _ in range(http._AT_ONCE)]
    await asyncio.wait_for(all_asked.wait(), PATIENCE_SECONDS)
    refused = await api.send("POST", f"{JOB}/test", b"")
    assert (refused.status, refused.document["code"], refused.headers["Retry-After"]) == (
        503,
        "ServiceUnavailable",
        "5",
    )
    others = [await api.send("POST", f"{JOB}{spelled}", b"") for spelled in ("/test;", "/test/", "//test", "/%74est")]
    assert {reply.status for reply in others} == {400}
    reads = await asyncio.gather(*(api.send("GET", JOB) for _ in range(20)))
    assert {reply.status for reply in reads} == {200}
    assert asked == http._AT_ONCE
    released.set()
    assert {(await test).document["passed"] for test in tests} == {True}
    world.webhooks.answers.clear()
    assert (await api.send("POST", f"{JOB}/test", b"")).status == 200
