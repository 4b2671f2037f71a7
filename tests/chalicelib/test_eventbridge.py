"""Rules on EventBridge: the raw event to one target, refusals in words, and nothing of anybody else touched."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any, cast

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from moto import mock_aws
from mypy_boto3_events import EventBridgeClient
from urllib3 import HTTPResponse

from chalicelib.clients import CONFIG
from chalicelib.eventbridge import MAX_NAME_LENGTH, EventBridgeRules, answer_a_full_quota_at_once
from chalicelib.rule_repair import ListedRule
from chalicelib.sync_runner import run_to_end
from jobhook.core.errors import Unavailable
from jobhook.ports import RuleRefused
from tests.chalicelib.moto_tables import REGION
from tests.contract.values import HOURLY, NIGHTLY, a_row

PREFIX = "jobhook-test-"
TARGET = f"arn:aws:lambda:{REGION}:123456789012:function:dispatch"
DEAD_LETTERS = f"arn:aws:sqs:{REGION}:123456789012:dead"


@pytest.fixture
def client() -> Iterator[EventBridgeClient]:
    with mock_aws():
        session = botocore.session.get_session()
        yield cast(EventBridgeClient, session.create_client("events", region_name=REGION, config=CONFIG))


@pytest.fixture
def rules(client: EventBridgeClient) -> EventBridgeRules:
    return EventBridgeRules(client, PREFIX, TARGET, DEAD_LETTERS)


def failing(client: EventBridgeClient, operation: str, code: str, message: str = "why") -> None:
    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": message}}, operation)

    client.meta.events.register(f"before-call.events.{operation}", fail)


def test_a_rule_sends_its_own_event_to_one_target(client: EventBridgeClient, rules: EventBridgeRules) -> None:
    row = a_row()
    for _ in range(2):
        run_to_end(rules.put(row))
    (rule,) = client.list_rules()["Rules"]
    assert (rule["Name"], rule["ScheduleExpression"], rule["State"]) == (PREFIX + row.rule_suffix, NIGHTLY, "ENABLED")
    assert NIGHTLY in rule["Description"]
    assert client.list_targets_by_rule(Rule=rule["Name"])["Targets"] == [
        {"Id": "dispatch", "Arn": TARGET, "DeadLetterConfig": {"Arn": DEAD_LETTERS}}
    ]


def test_a_rule_is_removed_with_its_target_and_again_without_error(
    client: EventBridgeClient, rules: EventBridgeRules
) -> None:
    row, other = a_row(), a_row(HOURLY)
    for each in (row, other):
        run_to_end(rules.put(each))
    for _ in range(2):
        run_to_end(rules.remove(row.rule_suffix))
    assert run_to_end(rules.list_rules()) == [ListedRule(other.rule_suffix, enabled=True)]


def test_a_rule_without_its_target_is_removed_too(client: EventBridgeClient, rules: EventBridgeRules) -> None:
    """A put that died between its two steps leaves one."""
    row = a_row()
    client.put_rule(Name=PREFIX + row.rule_suffix, ScheduleExpression=NIGHTLY)
    run_to_end(rules.remove(row.rule_suffix))
    assert client.list_rules()["Rules"] == []


def test_only_rules_of_this_installation_are_listed(client: EventBridgeClient, rules: EventBridgeRules) -> None:
    client.put_rule(Name="somebody-elses", ScheduleExpression=NIGHTLY)
    rows = [a_row(f"rate({number} minutes)") for number in range(2, 122)]
    for row in rows:
        run_to_end(rules.put(row))
    listed = run_to_end(rules.list_rules())
    assert sorted(rule.suffix for rule in listed) == sorted(row.rule_suffix for row in rows)
    assert all(rule.enabled for rule in listed)


def test_a_rule_that_was_disabled_is_listed_as_such_until_it_is_put(
    client: EventBridgeClient, rules: EventBridgeRules
) -> None:
    row = a_row()
    run_to_end(rules.put(row))
    client.disable_rule(Name=PREFIX + row.rule_suffix)
    assert run_to_end(rules.list_rules()) == [ListedRule(row.rule_suffix, enabled=False)]
    run_to_end(rules.put(row))
    assert run_to_end(rules.list_rules()) == [ListedRule(row.rule_suffix, enabled=True)]


def test_a_rule_has_its_target_only_as_it_is_put(client: EventBridgeClient, rules: EventBridgeRules) -> None:
    row = a_row()
    assert not run_to_end(rules.has_target(row.rule_suffix))
    run_to_end(rules.put(row))
    assert run_to_end(rules.has_target(row.rule_suffix))
    name = PREFIX + row.rule_suffix
    client.put_targets(Rule=name, Targets=[{"Id": "dispatch", "Arn": TARGET + "-other"}])
    assert not run_to_end(rules.has_target(row.rule_suffix))
    client.remove_targets(Rule=name, Ids=["dispatch"])
    assert not run_to_end(rules.has_target(row.rule_suffix))
    run_to_end(rules.put(row))
    assert run_to_end(rules.has_target(row.rule_suffix))


def test_a_listing_that_does_not_end_is_no_listing(client: EventBridgeClient, rules: EventBridgeRules) -> None:
    """A rule that it leaves out would pass for deleted."""

    def never_ending(parsed: dict[str, object], **_: object) -> None:
        parsed["NextToken"] = "more"

    client.meta.events.register("after-call.events.ListRules", never_ending)
    client.meta.events.register("before-parameter-build.events.ListRules", _without_token)
    with pytest.raises(Unavailable, match="more rules"):
        run_to_end(rules.list_rules())


def _without_token(params: dict[str, object], **_: object) -> None:
    params.pop("NextToken", None)


@pytest.mark.parametrize(
    ("code", "words"), [("ValidationException", "ScheduleExpression is not valid"), ("LimitExceededException", "room")]
)
def test_what_eventbridge_refuses_is_said_in_words(
    client: EventBridgeClient, rules: EventBridgeRules, code: str, words: str
) -> None:
    failing(client, "PutRule", code, "Parameter ScheduleExpression is not valid.")
    with pytest.raises(RuleRefused, match=words):
        run_to_end(rules.put(a_row()))


@pytest.mark.parametrize(("code", "sent"), [("LimitExceededException", 1), ("ThrottlingException", 5)])
def test_a_full_quota_is_answered_at_once_and_a_throttle_is_retried(
    client: EventBridgeClient, rules: EventBridgeRules, monkeypatch: pytest.MonkeyPatch, code: str, sent: int
) -> None:
    answer_a_full_quota_at_once(client)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    requests: list[object] = []

    def answered(request: AWSPreparedRequest, **_: object) -> Any:  # botocore takes the answer of the first hook
        requests.append(request)
        body = json.dumps({"__type": code, "message": "why"}).encode()
        return AWSResponse(request.url, 400, HTTPHeaders(), HTTPResponse(body=BytesIO(body), preload_content=False))

    client.meta.events.register_first("before-send.events.PutRule", answered)
    with pytest.raises(RuleRefused if sent == 1 else Unavailable):
        run_to_end(rules.put(a_row()))
    assert len(requests) == sent


Use = Callable[[EventBridgeRules], None]


@pytest.mark.parametrize(
    ("operation", "use"),
    [
        ("PutRule", lambda rules: run_to_end(rules.put(a_row()))),
        ("PutTargets", lambda rules: run_to_end(rules.put(a_row()))),
        ("RemoveTargets", lambda rules: run_to_end(rules.remove("x-y"))),
        ("DeleteRule", lambda rules: run_to_end(rules.remove(a_row().rule_suffix))),
        ("ListTargetsByRule", lambda rules: run_to_end(rules.has_target(a_row().rule_suffix))),
        ("ListRules", lambda rules: run_to_end(rules.list_rules())),
    ],
)
def test_all_else_is_unavailability(
    client: EventBridgeClient, rules: EventBridgeRules, operation: str, use: Use
) -> None:
    if operation == "DeleteRule":
        run_to_end(rules.put(a_row()))
    failing(client, operation, "InternalException")
    with pytest.raises(Unavailable, match="InternalException"):
        use(rules)


def test_a_name_has_room_for_a_prefix_of_31_characters(client: EventBridgeClient) -> None:
    row = replace(a_row(), generation="g" * 12)
    fits, too_long = "p" * (MAX_NAME_LENGTH - len(row.rule_suffix)), "p" * 32
    run_to_end(EventBridgeRules(client, fits, TARGET).put(row))
    assert len(fits) == 31
    with pytest.raises(RuleRefused):
        run_to_end(EventBridgeRules(client, too_long, TARGET).put(row))
