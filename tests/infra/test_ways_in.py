"""Every asynchronous way in has retries, a dead-letter queue, and an alarm on that queue."""

import json
from typing import cast

from chalicelib.backend import AwsBackend
from infra.template.functions import API, FUNCTIONS
from infra.template.intrinsics import Json, arn, get_att
from infra.template.policies import VPC_ACCESS, function_policy
from infra.template.queues import DEAD_LETTERS, RULE_DEAD_LETTERS, START_DEAD_LETTERS, START_QUEUE, VISIBILITY_SECONDS
from tests.infra.reading import NAMES, items, part, properties, resources

ASYNCHRONOUS = {"Dispatch", "Reconcile"}


def test_every_queue_of_dead_letters_has_an_alarm() -> None:
    watched = []
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        metric = cast(Json, alarm["Properties"])
        if metric.get("MetricName") == "ApproximateNumberOfMessagesVisible":
            watched.append(items(metric, "Dimensions")[0]["Value"])
    assert watched == [get_att(queue.logical_id, "QueueName") for queue in DEAD_LETTERS]


def test_an_invocation_that_lambda_drops_as_recursive_rings_for_every_function() -> None:
    alarm = properties("RecursiveInvocationsAlarm")
    metrics = [part(query, "MetricStat", "Metric") for query in items(alarm, "Metrics") if "MetricStat" in query]
    assert {str(metric["MetricName"]) for metric in metrics} == {"RecursiveInvocationsDropped"}
    watched = [items(metric, "Dimensions")[0] for metric in metrics]
    assert watched == [{"Name": "FunctionName", "Value": {"Ref": function.logical_id}} for function in FUNCTIONS]


def test_every_function_that_a_rule_calls_is_tried_again_and_has_dead_letters() -> None:
    permitted = {
        json.dumps(part(permission, "Properties")["FunctionName"])
        for permission in resources("AWS::Lambda::Permission").values()
    }
    assert permitted == {json.dumps({"Ref": name}) for name in ASYNCHRONOUS}
    dead = {arn(queue.logical_id)["Fn::GetAtt"][0] for queue in DEAD_LETTERS}  # type: ignore[index]  # a list
    for name in ASYNCHRONOUS:
        configured = properties(f"{name}Retries")
        assert configured["FunctionName"] == {"Ref": name}
        assert configured["MaximumRetryAttempts"] == 2
        destination = cast(list[str], part(configured, "DestinationConfig", "OnFailure", "Destination")["Fn::GetAtt"])
        assert destination[0] in dead


def test_every_target_of_a_rule_has_retries_and_dead_letters() -> None:
    for rule in resources("AWS::Events::Rule").values():
        (target,) = items(cast(Json, rule["Properties"]), "Targets")
        assert target["DeadLetterConfig"] == {"Arn": arn(RULE_DEAD_LETTERS.logical_id)}
        assert "RetryPolicy" in target
    variables = part(properties(API.logical_id), "Environment", "Variables")
    assert variables["JOBHOOK_RULE_DEAD_LETTER_ARN"] == arn(RULE_DEAD_LETTERS.logical_id)


def test_eventbridge_may_send_dead_letters_of_our_rules_alone() -> None:
    _, allow = items(part(properties("RuleDeadLettersPolicy"), "PolicyDocument"), "Statement")
    assert (allow["Effect"], allow["Principal"]) == ("Allow", {"Service": "events.amazonaws.com"})
    source = part(allow, "Condition", "ArnLike", "aws:SourceArn")["Fn::Sub"]
    assert str(source).endswith(":rule/jobhook-prod-*")


def test_the_start_queue_gives_single_pages_back_and_is_bounded() -> None:
    mapping = properties("StartPages")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "StartConcurrency"}}
    queue = properties(START_QUEUE.logical_id)
    assert part(queue, "RedrivePolicy")["deadLetterTargetArn"] == arn(START_DEAD_LETTERS.logical_id)
    assert queue["VisibilityTimeout"] == VISIBILITY_SECONDS


def test_rules_made_at_run_time_may_call_dispatch_by_their_prefix_alone() -> None:
    permission = properties("DispatchFromRules")
    assert permission["SourceArn"] == NAMES.rules_arn
    assert str(NAMES.rules_arn["Fn::Sub"]).endswith(":rule/jobhook-prod-rule-*")


def test_no_role_is_passed_and_only_what_aws_cannot_narrow_is_granted_on_everything() -> None:
    unbounded = {"events:ListRules", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    unbounded |= {f"ec2:{operation}" for operation in VPC_ACCESS}
    for function in FUNCTIONS:
        for conditional in items(function_policy(NAMES, function), "Statement"):
            statement = cast("list[Json]", conditional.get("Fn::If", [None, conditional]))[1]
            actions = cast(list[str], statement["Action"])
            assert not any(action.startswith("iam:") or "*" in action for action in actions)
            assert statement["Resource"] != "*" or unbounded.issuperset(actions)


def test_every_setting_is_one_that_the_backend_reads() -> None:
    import inspect

    read = inspect.getsource(AwsBackend)
    for function in FUNCTIONS:
        assert all(f'"{name}"' in read for name in function.settings)
