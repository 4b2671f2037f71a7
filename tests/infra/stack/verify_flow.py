"""The whole main job over the deployed stack."""

from typing import cast

import pytest

from infra.template.intrinsics import Json
from tests.infra.stack.deployment import Deployment
from tests.infra.stack.edges import listening_service, reconcile, run_ended
from tests.infra.stack.jobs import Jobs


def rules(deployment: Deployment) -> list[str]:
    return [rule["Name"] for rule in deployment.events.list_rules(NamePrefix="jobhook-prod-rule-")["Rules"]]


def results(document: Json) -> list[Json]:
    found = document["results"]
    assert isinstance(found, list)
    return found


def test_a_job_is_put_runs_beats_succeeds_is_in_the_history_and_is_deleted(jobs: Jobs) -> None:
    assert jobs.put(payload='{"n": 1}').status == 201
    (rule,) = rules(jobs.deployment)

    due_ms = jobs.fire()
    webhook = jobs.webhook()
    assert (webhook["scheduled_time_ms"], webhook["payload"]) == (due_ms, '{"n": 1}')
    assert str(webhook["callback_url"]).startswith(f"{jobs.base_url}/callback/")

    beating = jobs.call_back(webhook, status="heartbeat", progress=50)
    assert (beating.status, beating.document["status"]) == (200, "running")
    assert jobs.call_back(webhook, status="success", state="42", summary="done").status == 200
    jobs.until_ended(str(webhook["execution_id"]))
    assert jobs.describe(str(webhook["execution_id"]))["status"] == "SUCCEEDED"
    assert jobs.call_back(webhook, status="fail").status == 410

    record = jobs.execution(webhook)
    assert (record["status"], record["state"], record["summary"]) == ("success", "42", "done")
    history = jobs.api.ask("GET", "/services/reports/jobs/nightly/executions")
    assert [one["id"] for one in results(history.document)] == [webhook["execution_id"]]

    assert jobs.delete().status == 204
    assert rule not in rules(jobs.deployment)
    assert rules(jobs.deployment) == []


def test_a_failure_is_told_when_step_functions_reports_it_and_again_by_the_sweep_until_it_is_taken(jobs: Jobs) -> None:
    with listening_service() as chat:
        jobs.put(notify={"target": chat.url, "on": ["failed", "recovered"]})
        jobs.fire()
        webhook = jobs.webhook()
        chat.statuses = [503, 200]
        jobs.call_back(webhook, status="fail", error="no room")
        jobs.until_ended(str(webhook["execution_id"]))
        assert cast(Json, jobs.execution(webhook)["notification"])["status"] == "pending"
        assert run_ended(jobs.deployment, str(webhook["execution_id"])) == {"mended": False, "notified": True}
        refused = cast(Json, jobs.execution(webhook)["notification"])
        assert (refused["status"], refused["http_status"]) == ("pending", 503)
        jobs.deployment.world.offset_ms += 15_000  # beyond the first backoff
        assert cast(Json, reconcile(jobs.deployment)["mended"])["send_due_notifications"] == 1
        assert cast(Json, jobs.execution(webhook)["notification"])["status"] == "delivered"
        jobs.fire()
        jobs.call_back(jobs.webhook(number=1), status="success")
        assert cast(Json, reconcile(jobs.deployment)["mended"])["send_due_notifications"] == 1
        assert [message["event"] for message in chat.webhooks] == ["failed", "failed", "recovered"]
        assert chat.webhooks[0] == chat.webhooks[1]
        jobs.delete()


def test_every_route_but_the_callbacks_asks_for_a_signature_as_it_is_described(jobs: Jobs, expanded: Json) -> None:
    from tests.infra.stack.adapted import of_kind

    (api,) = of_kind(expanded, "AWS::ApiGateway::RestApi").values()
    open_routes, routes = [], set()
    paths = api["Properties"]["Body"]["paths"]  # type: ignore[index]  # a document
    for path, methods in paths.items():
        for method, operation in methods.items():
            routes.add((method, path))
            if operation.get("security") != [{"sigv4": []}]:
                open_routes.append((method, path))
    assert open_routes == [("post", "/callback/{guid}/{token}")]
    described = cast(dict[str, dict[str, Json]], jobs.api.ask("GET", "/openapi.json").document["paths"])
    assert routes == {(method, path) for path, methods in described.items() for method in methods}
    unsigned = [(m, path) for path, methods in described.items() for m in methods if methods[m].get("security") == []]
    assert unsigned == open_routes


def test_no_log_line_holds_a_token_a_payload_or_a_header(
    jobs: Jobs, caplog: object, capsys: pytest.CaptureFixture[str]
) -> None:
    import logging
    from typing import cast

    logs = cast(pytest.LogCaptureFixture, caplog)
    logs.set_level(logging.DEBUG, logger="chalicelib")
    logs.set_level(logging.INFO)
    reported = {"target": f"{jobs.service.url}?key=canary-chat"}
    jobs.put(payload="canary-payload", invocation_target=f"{jobs.service.url}?key=canary-target", notify=reported)
    run_into_errors(jobs)
    jobs.fire()
    webhook = jobs.webhook()
    jobs.call_back(webhook, status="heartbeat", summary="canary-summary", correlation_id="canary-id")
    jobs.call_back(webhook, status="fail", error="canary-error", state="canary-state")
    jobs.until_ended(str(webhook["execution_id"]))
    jobs.service.statuses = [500, 200]
    assert run_ended(jobs.deployment, str(webhook["execution_id"]))["notified"]
    jobs.deployment.world.offset_ms += 15_000  # beyond the first backoff
    assert cast(Json, reconcile(jobs.deployment)["mended"])["send_due_notifications"] == 1
    token = str(webhook["callback_url"]).rpartition("/")[2]
    secret = token.rpartition(".")[2]
    ours = [record for record in logs.records if not record.name.startswith(("moto", "botocore"))]
    printed = capsys.readouterr().out
    assert all(f'"execution {moment}"' in printed for moment in ("began", "beat", "ended", "notified"))
    assert str(webhook["execution_id"]) in printed
    assert '"Namespace":"Jobhook"' in printed
    written = "\n".join(record.getMessage() for record in ours) + printed
    assert not any(canary in written for canary in (secret, "canary-"))


def run_into_errors(jobs: Jobs) -> None:
    """What is refused, and what fails, with a canary in each."""
    refused = jobs.put("refused", schedule="cron(canary-schedule)", payload=["canary-payload"])
    assert refused.status == 400
    assert jobs.api.ask("POST", "/callback/3f39591f-af52-52cc-b0f3-a10137f4268f/1.1.canary-token").status in (400, 404)
    closed = jobs.put("closed", invocation_target="http://127.0.0.1:9/?key=canary-target", payload="canary-payload")
    assert closed.status == 201
    tested = jobs.api.ask("POST", "/services/reports/jobs/closed/test", {"payload": "canary-payload"})
    assert (tested.status, tested.document["passed"]) == (200, False)
    jobs.deployment.world.broken["APIHandler", "GetItem"] = 1
    assert jobs.put("broken", payload="canary-payload").status == 503
    assert jobs.delete("closed").status == 204
    refused = jobs.put("refused", notify={"target": "ftp://canary-chat", "on": []})
    assert refused.status == 400
    assert jobs.put("refused", notify={"target": "http://169.254.169.254/canary-chat"}).status == 422
