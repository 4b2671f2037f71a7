"""Least privilege, both ways: what each function asks of AWS is allowed to it, and what is allowed it asks for."""

import json
from collections import Counter
from fnmatch import fnmatchcase
from typing import cast

import pytest
from botocore.exceptions import EndpointConnectionError

from infra.template.functions import FUNCTIONS
from infra.template.intrinsics import Json
from jobhook.core.times import HOUR_MS
from tests.chalicelib.moto_stack import Webhook
from tests.infra.stack.adapted import of_kind
from tests.infra.stack.calls import Need, arn
from tests.infra.stack.deployment import Deployment
from tests.infra.stack.edges import fire, reconcile, run_ended
from tests.infra.stack.jobs import Jobs

HOURLY = "rate(1 hour)"


def test_what_is_asked_is_allowed_and_what_is_allowed_is_asked(jobs: Jobs) -> None:
    run_every_path(jobs)
    problems: list[str] = []
    for function in FUNCTIONS:
        allowed = granted(jobs.deployment, function.logical_id)
        served = serving(jobs.deployment, function.logical_id)
        asked = jobs.deployment.world.needed[function.logical_id]
        for need in sorted(asked):
            if not any(covers(one, need) for one in allowed):
                problems.append(f"{function.logical_id} asks for {need}, which its policy does not allow")
        for one in sorted(allowed - served):
            if not any(covers(one, need) for need in asked):
                problems.append(f"{function.logical_id} is allowed {one}, which it never asks for")
        problems.extend(
            f"Lambda needs {one} to serve {function.logical_id}, which its policy does not allow"
            for one in sorted(served - allowed)
        )
    assert not problems, "\n".join(problems)


def granted(deployment: Deployment, logical_id: str) -> set[Need]:
    statements = deployment.policy(logical_id)
    assert all(statement["Effect"] == "Allow" for statement in statements)
    return {
        Need(action, str(statement["Resource"]))
        for statement in statements
        for action in cast("list[str]", statement["Action"])
    }


def covers(grant: Need, need: Need) -> bool:
    return grant.action == need.action and fnmatchcase(need.resource, grant.resource)


def serving(deployment: Deployment, logical_id: str) -> set[Need]:
    """What Lambda does in the function's name: its log, its traces, the queue it is fed by, the dead letters."""
    needed = {Need("xray:PutTraceSegments", "*"), Need("xray:PutTelemetryRecords", "*")}
    (function,) = (
        one for name, one in of_kind(deployment.template, "AWS::Lambda::Function").items() if name == logical_id
    )
    configured = cast(Json, cast(Json, function["Properties"])["LoggingConfig"])
    log = cast(Json, configured["LogGroup"])["Ref"]
    stream = arn("logs", f"log-group:{deployment.physical_id(str(log))}")  # AWS's own ends in `:*`, moto's does not
    needed |= {Need("logs:CreateLogStream", stream), Need("logs:PutLogEvents", stream)}
    for one in of_kind(deployment.template, "AWS::Lambda::EventSourceMapping").values():
        properties = cast(Json, one["Properties"])
        if properties["FunctionName"] == {"Ref": logical_id}:
            queue = _queue(deployment, properties["EventSourceArn"])
            needed |= {Need(f"sqs:{name}", queue) for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    for one in of_kind(deployment.template, "AWS::Lambda::EventInvokeConfig").values():
        properties = cast(Json, one["Properties"])
        if properties["FunctionName"] == {"Ref": logical_id}:
            on_failure = cast(dict[str, Json], properties["DestinationConfig"])["OnFailure"]
            needed.add(Need("sqs:SendMessage", _queue(deployment, on_failure["Destination"])))
    return needed


def _queue(deployment: Deployment, reference: object) -> str:
    logical_id = cast(dict[str, list[str]], reference)["Fn::GetAtt"][0]
    return arn("sqs", deployment.physical_id(logical_id).rpartition("/")[2])


def run_every_path(jobs: Jobs) -> None:
    """Every use of AWS that there is: the ordinary, the failing, and what only the reconciler meets."""
    _ordinary(jobs)
    _exclusive(jobs)
    _many(jobs)
    _by_hand(jobs)
    _ended_before_invoked(jobs)
    _told_by_the_reconciler(jobs)
    _ended_without_a_record(jobs)
    _half_done_dispatch(jobs)
    _undivided_dispatch(jobs)
    _half_removed_rule(jobs)
    _deleted_rule(jobs)
    _missed_fires(jobs)


def _ordinary(jobs: Jobs) -> None:
    jobs.put()
    jobs.put(ttl_seconds=700)
    jobs.fire()
    webhook = jobs.webhook()
    jobs.call_back(webhook, status="heartbeat")
    jobs.call_back(webhook, status="success")
    jobs.until_ended(str(webhook["execution_id"]))
    for path in (
        "/jobs",
        "/services",
        "/services/reports/jobs",
        "/services/reports/jobs/nightly",
        "/services/reports/jobs/nightly/executions",
        "/services/reports/executions",
        "/executions",
        "/executions?status=failed",
        f"/executions/{webhook['execution_id']}",
        "/services/reports/jobs/nightly/upcoming",
        "/upcoming",
        "/schedules",
        "/services/reports/jobs/nightly/changes",
        "/changes",
        "/stats",
        "/why?job=reports/nightly&at=2026-11-21T09:00:00Z",
        "/health",
    ):
        assert jobs.api.ask("GET", path).status == 200, path
    jobs.fire()
    failing = jobs.webhook(number=1)
    jobs.call_back(failing, status="fail", error="disk full")
    jobs.until_ended(str(failing["execution_id"]))
    assert jobs.delete().status == 204


def _exclusive(jobs: Jobs) -> None:
    """Success and failure free the lock; a second run is refused; a lock whose holder's record is gone is freed."""
    jobs.put("alone", exclusive=True)
    jobs.fire()
    first = jobs.webhook("alone")
    refused = jobs.fire()
    jobs.deployment.until(lambda: _status(jobs, first, refused) == "failed", "the refused run's record")
    jobs.call_back(first, status="success")
    jobs.fire()
    second = jobs.webhook("alone", 1)
    _forget(jobs, second)
    jobs.fire()
    third = jobs.webhook("alone", 2)
    jobs.service.statuses = [404]
    jobs.call_back(third, status="success")
    jobs.fire()
    fourth = jobs.webhook("alone", 3)
    jobs.until_ended(str(fourth["execution_id"]))
    jobs.service.statuses = [202]
    jobs.fire()
    fifth = jobs.webhook("alone", 4)
    _forget(jobs, fifth)
    _later(jobs)
    assert cast(Json, reconcile(jobs.deployment)["mended"])["free_locks"] == 1
    jobs.delete("alone")


def _many(jobs: Jobs) -> None:
    """Several pages. One run cannot be started at first, and the event that comes again finds its page."""
    names = [f"job-{number}" for number in range(12)]
    for name in names:
        jobs.put(name)
    jobs.deployment.world.broken["StartPage", "StartExecution"] = 1
    fire(jobs.deployment, jobs.fire())
    for name in names:
        jobs.call_back(jobs.webhook(name), status="success")
        assert jobs.api.ask("POST", f"/services/reports/jobs/{name}/pause", {"reason": "enough"}).status == 200
    jobs.fire()
    for name in names:
        jobs.deployment.until(lambda one=name: _skipped(jobs, one), f"the skipped occurrence of {name}")  # type: ignore[misc]
    for name in names:
        jobs.delete(name)


def _skipped(jobs: Jobs, name: str) -> bool:
    """Whether the pause skipped an occurrence; a run whose job is gone is skipped too, for another reason."""
    listed = jobs.api.ask("GET", f"/services/reports/jobs/{name}/executions").document["results"]
    return any(one["reason"] == "job_paused" for one in cast("list[Json]", listed))


def _by_hand(jobs: Jobs) -> None:
    """A run that a person asks for is cancelled, and retried."""
    jobs.put("by-hand", exclusive=True)
    asked = jobs.api.ask("POST", "/services/reports/jobs/by-hand/run")
    assert asked.status == 202
    jobs.webhook("by-hand")
    assert jobs.api.ask("POST", f"/executions/{asked.document['id']}/cancel").status == 200
    jobs.until_ended(str(asked.document["id"]))
    assert jobs.api.ask("POST", f"/executions/{asked.document['id']}/retry").status == 202
    jobs.call_back(jobs.webhook("by-hand", 1), status="success")
    jobs.delete("by-hand")


def _ended_before_invoked(jobs: Jobs) -> None:
    """A task is tried again although its execution has ended: it is ended on its own token."""
    jobs.put("late")
    for number, document in enumerate(({"status": "success"}, {"status": "fail"})):
        jobs.fire()
        webhook = jobs.webhook("late", number)
        run = json.loads(str(jobs.describe(str(webhook["execution_id"]))["input"]))
        jobs.call_back(webhook, **document)
        jobs.until_ended(str(webhook["execution_id"]))
        jobs.deployment.invoke(jobs.deployment.physical_id("Invoke"), {"execution": run, "task_token": "gone"})
    jobs.delete("late")


def _told_by_the_reconciler(jobs: Jobs) -> None:
    """Step Functions cannot be reached while the outcome is stored, so it is told later."""
    jobs.put("untold")
    for number, (status, operation) in enumerate((("success", "SendTaskSuccess"), ("fail", "SendTaskFailure"))):
        jobs.fire()
        webhook = jobs.webhook("untold", number)
        jobs.deployment.world.broken["APIHandler", operation] = 1
        answer = jobs.call_back(webhook, status=status)
        assert answer.status == 503, json.dumps(jobs.execution(webhook))
        _later(jobs)
        assert cast(Json, reconcile(jobs.deployment)["mended"])["report_unreported"] == 1
        jobs.until_ended(str(webhook["execution_id"]))
    jobs.delete("untold")


def _ended_without_a_record(jobs: Jobs) -> None:
    """The function that records failures cannot, and Step Functions reports the run's end."""
    jobs.put("unseen")
    record_failure = jobs.deployment.functions[jobs.deployment.physical_id("RecordFailure")]
    handler = record_failure.handler
    record_failure.handler = lambda event, context: None
    jobs.service.statuses = [404]
    jobs.fire()
    webhook = jobs.webhook("unseen")
    jobs.until_ended(str(webhook["execution_id"]))
    assert jobs.execution(webhook)["status"] == "pending"
    assert run_ended(jobs.deployment, str(webhook["execution_id"])) == {"mended": True, "notified": False}
    assert jobs.execution(webhook)["status"] == "failed"
    jobs.fire()
    nameless = jobs.webhook("unseen", 1)
    jobs.until_ended(str(nameless["execution_id"]))
    _forget(jobs, nameless)
    assert run_ended(jobs.deployment, str(nameless["execution_id"])) == {"mended": True, "notified": False}
    record_failure.handler = handler
    jobs.service.statuses = [202]
    jobs.delete("unseen")


def _half_done_dispatch(jobs: Jobs) -> None:
    """A dispatch dies after its fire was written; the reconciler goes on, page by page."""
    names = ("half-a", "half-b", "half-c", "half-d", "half-e")
    for name in names:
        jobs.put(name)
    jobs.deployment.world.broken["Dispatch", "Query"] = 1
    with pytest.raises(Exception, match="AWS could not be asked"):
        jobs.fire()
    _later(jobs)
    assert cast(Json, reconcile(jobs.deployment)["mended"])["finish_fires"] == 1
    for name in names:
        jobs.call_back(jobs.webhook(name), status="success")
        jobs.delete(name)


def _undivided_dispatch(jobs: Jobs) -> None:
    """A dispatch dies before it has divided the jobs into pages; the starter divides them."""
    names = [f"undivided-{number}" for number in range(12)]
    for name in names:
        jobs.put(name)
    commits = Counter[str]()

    def break_division(function: str, operation: str, _: Json) -> None:
        commits[function] += operation == "TransactWriteItems"
        if function == "Dispatch" and operation == "TransactWriteItems" and commits[function] == 2:
            raise EndpointConnectionError(endpoint_url="dynamodb")

    jobs.deployment.world.watchers.append(break_division)
    with pytest.raises(Exception, match="AWS could not be asked"):
        jobs.fire()
    jobs.deployment.world.watchers.remove(break_division)
    _later(jobs)
    assert cast(Json, reconcile(jobs.deployment)["mended"])["finish_fires"] == 1
    for name in names:
        jobs.call_back(jobs.webhook(name), status="success")
        jobs.delete(name)


def _deleted_rule(jobs: Jobs) -> None:
    """Somebody deletes a rule in the console, then its target alone; the reconciler makes it whole again."""
    jobs.put("stays", schedule=HOURLY)
    events, prefix = jobs.deployment.events, jobs.deployment.names.rule_prefix
    (rule,) = [rule["Name"] for rule in events.list_rules(NamePrefix=prefix)["Rules"]]
    (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    events.remove_targets(Rule=rule, Ids=[target["Id"]])
    events.delete_rule(Name=rule)
    _later(jobs)
    assert cast(Json, reconcile(jobs.deployment)["mended"])["repair_rules"] == 1
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == [target]
    events.remove_targets(Rule=rule, Ids=[target["Id"]])
    _later(jobs)
    assert cast(Json, reconcile(jobs.deployment)["mended"])["repair_rules"] == 1
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == [target]
    jobs.delete("stays")


def _half_removed_rule(jobs: Jobs) -> None:
    jobs.put("leaver", schedule=HOURLY)
    jobs.deployment.world.broken["APIHandler", "DeleteRule"] = 1
    assert jobs.delete("leaver").status == 204
    _later(jobs)
    assert cast(Json, reconcile(jobs.deployment)["mended"])["retire_schedules"] == 1


def _missed_fires(jobs: Jobs) -> None:
    """Nothing fired for an hour: the latest fire runs, the others are recorded."""
    jobs.put("missed")
    _later(jobs)
    before = len(jobs.service.webhooks)
    assert cast(int, cast(Json, reconcile(jobs.deployment)["mended"])["find_missed_fires"]) >= 59
    jobs.deployment.until(lambda: len(jobs.service.webhooks) > before, "the latest missed fire's webhook")
    jobs.call_back(jobs.webhook("missed"), status="success")
    jobs.delete("missed")


def _later(jobs: Jobs) -> None:
    """An hour passes for the functions, and none for moto."""
    jobs.deployment.world.offset_ms += HOUR_MS
    jobs.due_ms += HOUR_MS


def _status(jobs: Jobs, sibling: Webhook, scheduled_time_ms: int) -> str | None:
    job, _, _ = str(sibling["execution_id"]).rpartition("_")
    return cast("str | None", jobs.api.ask("GET", f"/executions/{job}_{scheduled_time_ms}").document.get("status"))


def _forget(jobs: Jobs, webhook: Webhook) -> None:
    """Remove an execution's record, as its time to live would."""
    guid, incarnation, time_ms = str(webhook["execution_id"]).split("_")
    jobs.deployment.dynamodb.delete_item(
        TableName=jobs.deployment.physical_id("ExecutionsTable"),
        Key={"pk": {"S": f"{guid}#{incarnation}"}, "sk": {"N": time_ms}},
    )
