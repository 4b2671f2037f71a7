"""The whole flow with real processes on both sides: PUT, webhook, callbacks, history, DELETE."""

import json
import re
import time
from pathlib import Path
from typing import Any

from jobhook.core.identities import job_guid
from tests.e2e.client import call, curl, until, until_status
from tests.e2e.seed import DAILY, make_due, put_jobs, rows, settings
from tests.e2e.server import serving
from tests.e2e.service import Service

PAYLOAD = 'opaque "text", not JSON: ünï☃'
TTL_SECONDS = 4


def call_back(webhook: dict[str, Any], status: str, **fields: object) -> int:
    return call("POST", webhook["callback_url"], {"status": status, **fields}).status


def test_put_webhook_heartbeats_success_history_and_delete(data: Path, port: int, owner: Service) -> None:
    body = {
        "async": True,
        "invocation_target": owner.url,
        "payload": PAYLOAD,
        "schedule": DAILY,
        "ttl_seconds": TTL_SECONDS,
        "state_schema": {"type": "object", "required": ["rows"]},
    }
    with serving(data, port=port) as server:
        json_type = ["-H", "Content-Type: application/json"]
        put = curl("-X", "PUT", *json_type, "-d", json.dumps(body), f"{server.url}/services/reports/jobs/nightly")
        assert put.status == 201
        assert put.document["guid"] == job_guid("reports", "nightly")
        assert server.stop() == 0
    make_due(data)
    with serving(data, port=port) as server:
        (webhook,) = owner.wait_for(1)
        check_fields(webhook, server.url)
        assert owner.headers[0]["content-type"] == "application/json"

        past_the_ttl = time.monotonic() + TTL_SECONDS + 0.5
        while time.monotonic() < past_the_ttl:  # each extends it, and is in time though the machine may stall
            assert call_back(webhook, "heartbeat", progress=60) == 200
            time.sleep(0.1)
        assert call_back(webhook, "success", state="[]") == 400
        assert call_back(webhook, "success", state='{"rows": 3}', summary="three rows", correlation_id="c-1") == 200
        assert call_back(webhook, "success", state='{"rows": 3}') == 200
        assert call_back(webhook, "fail") == 410

        execution = call("GET", f"{server.url}/executions/{webhook['execution_id']}").document
        assert execution["status"] == "success"
        assert execution["duration_ms"] > TTL_SECONDS * 1_000
        assert (execution["progress"], execution["state"], execution["summary"]) == (60, '{"rows": 3}', "three rows")
        assert (execution["payload"], execution["correlation_id"]) == (PAYLOAD, "c-1")
        (attempt,) = execution["attempts"]
        assert (attempt["n"], attempt["http_status"], attempt["response"]) == (1, 202, "started")
        listing = curl(f"{server.url}/services/reports/jobs/nightly/executions").document
        assert [item["id"] for item in listing["results"]] == [webhook["execution_id"]]
        assert server.stop() == 0
    make_due(data)
    with serving(data, port=port) as server:
        last = owner.wait_for(2)[1]["last_successful_execution"]
        assert (last["name"], last["state"], last["summary"]) == (webhook["execution_id"], '{"rows": 3}', "three rows")
        assert (last["status"], last["scheduled_time_ms"]) == ("success", webhook["scheduled_time_ms"])

        assert rows(data, "SELECT expression, jobs FROM schedules") == [(DAILY, 1)]
        assert curl("-X", "DELETE", f"{server.url}/services/reports/jobs/nightly").status == 204
        assert rows(data, "SELECT expression FROM schedules") == []
        assert call_back(owner.webhooks[1], "success", state='{"rows": 0}') == 200  # what runs, runs on
        assert server.stop() == 0
        for webhook in owner.webhooks:
            assert webhook["callback_url"].rsplit(".", 1)[1] not in server.said
        assert "opaque" not in server.said


def check_fields(webhook: dict[str, Any], server_url: str) -> None:
    """Every field of the wire contract."""
    guid = job_guid("reports", "nightly")
    assert set(webhook) == {
        "attempt",
        "callback_url",
        "execution_id",
        "invocation_latency_ms",
        "invocation_latency_pct",
        "job_name",
        "last_successful_execution",
        "payload",
        "schedule",
        "scheduled_time",
        "scheduled_time_ms",
        "service_name",
        "ttl_seconds",
    }
    assert re.fullmatch(rf"{server_url}/callback/{guid}/[A-Za-z0-9_.-]{{43,}}", webhook["callback_url"])
    assert webhook["execution_id"].startswith(guid)
    assert (webhook["service_name"], webhook["job_name"], webhook["attempt"]) == ("reports", "nightly", 1)
    assert (webhook["payload"], webhook["schedule"], webhook["ttl_seconds"]) == (PAYLOAD, DAILY, TTL_SECONDS)
    assert webhook["last_successful_execution"] is None
    assert 0 < webhook["invocation_latency_ms"] < 60_000
    assert webhook["invocation_latency_pct"] == round(webhook["invocation_latency_ms"] / (TTL_SECONDS * 1_000) * 100, 1)
    scheduled = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(webhook["scheduled_time_ms"] / 1_000))
    assert webhook["scheduled_time"] == scheduled
    assert webhook["scheduled_time_ms"] % 1_000 == 0


def test_a_silent_job_times_out_and_an_exclusive_jobs_second_run_is_refused(
    data: Path, port: int, owner: Service
) -> None:
    put_jobs(data, [("silent", settings(owner.url, ttl_seconds=1)), ("alone", settings(owner.url, exclusive=True))])
    make_due(data)
    with serving(data, port=port) as server:
        silent, alone = owner.wait_for(1, "silent")[0], owner.wait_for(1, "alone")[0]
        execution = until_status(server.url, silent["execution_id"], "timed_out")
        assert execution["reason"] == "ttl_expired"
        assert execution["ended_at_ms"] - execution["service_invoked_at_ms"] >= 1_000
        late = call("POST", silent["callback_url"], {"status": "success"})
        assert (late.status, late.document["code"], late.document["status"]) == (410, "ExecutionEnded", "timed_out")
        server.kill()
    make_due(data)
    with serving(data, port=port) as server:
        owner.wait_for(2, "silent")
        listing = f"{server.url}/services/reports/jobs/alone/executions?status=failed"
        refused = until(lambda: call("GET", listing).document["results"] or None)
        assert [execution["reason"] for execution in refused] == ["exclusive_run_in_progress"]
        assert len(owner.of("alone")) == 1
        assert call_back(alone, "success") == 200
        assert server.stop() == 0
    make_due(data)
    with serving(data, port=port) as server:
        owner.wait_for(2, "alone")
        assert server.stop() == 0


def test_the_clock_fires_when_a_schedule_comes_due(tmp_path: Path, port: int, owner: Service) -> None:
    for in_seconds in (4, 16, 64):  # a slow machine's server may be up only when it was due already
        data = tmp_path / f"data-{in_seconds}"
        put_jobs(data, [(f"job-{number}", settings(owner.url)) for number in range(5)])
        due_ms = make_due(data, in_seconds=in_seconds)
        with serving(data, port=port) as server:
            if time.time() * 1_000 >= due_ms:
                continue
            webhooks = until(lambda due_ms=due_ms: all_five(owner, due_ms))  # type: ignore[misc]  # a bound default
            latencies_ms = [webhook["invocation_latency_ms"] for webhook in webhooks]
            assert all(0 <= latency_ms < 30_000 for latency_ms in latencies_ms)  # the reconciler looks every 60 s
            assert server.stop() == 0
            assert rows(data, "SELECT state, count FROM fires") == [("done", 5)]
            return
    raise AssertionError("the server never served before the schedule came due")


def all_five(owner: Service, due_ms: int) -> list[dict[str, Any]] | None:
    """The webhooks of that time, once there are five."""
    found = [webhook for webhook in owner.webhooks if webhook["scheduled_time_ms"] == due_ms]
    return found if len(found) == 5 else None
