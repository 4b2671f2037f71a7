"""What the deployment does beside CloudFormation: the bundle, the sleeping rules, the tables."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_events import EventBridgeClient
from mypy_boto3_s3 import S3Client

from chalicelib.dynamodb.tables import Tables, definitions
from infra.build import BUNDLE, TEMPLATE
from infra.deploy.destroy import delete_tables
from infra.deploy.upload import Bucket, BucketRefused, upload
from infra.template import rules
from infra.template.names import Names

REGION = "eu-west-1"
ACCOUNT = "123456789012"
NAMES = Names("prod")


def client(service: str) -> object:
    return botocore.session.get_session().create_client(service, region_name=REGION)


@pytest.fixture
def events() -> Iterator[EventBridgeClient]:
    """Two rules of schedules, and one that is the stack's own."""
    with mock_aws():
        made = cast(EventBridgeClient, client("events"))
        for name in (f"{NAMES.rule_prefix}a-1", f"{NAMES.rule_prefix}b-2", NAMES.of("reconcile")):
            made.put_rule(Name=name, ScheduleExpression="rate(1 hour)", State="ENABLED")
            made.put_targets(Rule=name, Targets=[{"Id": "dispatch", "Arn": "arn:aws:lambda:eu-west-1:1:function:f"}])
        yield made


def states(events: EventBridgeClient) -> list[str | None]:
    return [rule.get("State") for rule in events.list_rules()["Rules"]]


def test_rules_of_schedules_sleep_and_wake_with_their_targets(events: EventBridgeClient) -> None:
    assert rules.put_to_sleep(events, NAMES) == 2
    assert sorted(str(state) for state in states(events)) == ["DISABLED", "DISABLED", "ENABLED"]
    assert rules.wake(events, NAMES) == 2
    assert states(events) == ["ENABLED"] * 3
    assert rules.wake(events, NAMES) == 0
    assert len(events.list_targets_by_rule(Rule=f"{NAMES.rule_prefix}a-1")["Targets"]) == 1


def test_only_rules_of_schedules_are_removed(events: EventBridgeClient) -> None:
    assert rules.remove(events, NAMES) == 2
    assert [rule["Name"] for rule in events.list_rules()["Rules"]] == [NAMES.of("reconcile")]


def test_tables_are_deleted_when_that_is_asked_for() -> None:
    with mock_aws():
        made = cast(DynamoDBClient, client("dynamodb"))
        named = Tables(jobs=NAMES.of("jobs"), executions=NAMES.of("executions"), schedules=NAMES.of("schedules"))
        for definition in definitions(named):
            definition["DeletionProtectionEnabled"] = True
            made.create_table(**definition)
        with pytest.raises(ClientError):
            made.delete_table(TableName=NAMES.of("jobs"))
        delete_tables(made, NAMES)
        assert made.list_tables()["TableNames"] == []


def test_the_template_in_the_bucket_names_the_bundle_in_the_bucket(tmp_path: Path) -> None:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}}
    (tmp_path / TEMPLATE).write_text(
        json.dumps({"Resources": {"Dispatch": function, "Q": {"Type": "AWS::SQS::Queue"}}})
    )
    (tmp_path / BUNDLE).write_bytes(b"bundle")
    with mock_aws():
        made = cast(S3Client, client("s3"))
        # One without our policy, of which moto overlooks the condition.
        made.create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        bucket = Bucket(made, "packages", ACCOUNT)
        bucket.ensure(REGION, is_ours=False)
        url = upload(bucket, tmp_path, "jobhook-prod")
        assert "?" not in url
        key = url[url.index("jobhook-prod/") :]
        template = json.loads(made.get_object(Bucket="packages", Key=key)["Body"].read())
        address = template["Resources"]["Dispatch"]["Properties"]["CodeUri"]
        assert address.startswith("s3://packages/jobhook-prod/")
        bundle_key = address.removeprefix("s3://packages/")
        assert made.get_object(Bucket="packages", Key=bundle_key)["Body"].read() == b"bundle"


def test_a_bucket_of_our_making_is_private_and_takes_tls_alone_also_where_it_is_older() -> None:
    with mock_aws():
        made = cast(S3Client, client("s3"))
        made.create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        Bucket(made, "packages", ACCOUNT).ensure(REGION, is_ours=True)
        blocked = made.get_public_access_block(Bucket="packages")["PublicAccessBlockConfiguration"]
        assert all(blocked.values())
        (statement,) = json.loads(made.get_bucket_policy(Bucket="packages")["Policy"])["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert statement["Resource"] == ["arn:aws:s3:::packages", "arn:aws:s3:::packages/*"]


def test_a_bucket_that_a_person_names_is_used_as_it_is() -> None:
    with mock_aws():
        made = cast(S3Client, client("s3"))
        made.create_bucket(Bucket="mine", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        Bucket(made, "mine", ACCOUNT).ensure(REGION, is_ours=False)
        with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
            made.get_bucket_policy(Bucket="mine")


def test_nothing_is_sent_to_a_bucket_of_another_account() -> None:
    session = botocore.session.get_session()
    session.set_credentials("none", "none")
    made = cast(S3Client, session.create_client("s3", region_name=REGION))
    bucket = Bucket(made, "jobhook-deploy-1-eu-west-1", ACCOUNT)
    named = {"Bucket": bucket.name, "ExpectedBucketOwner": ACCOUNT}
    with Stubber(made) as stub:
        stub.add_client_error("head_bucket", "403", "Forbidden", 403, expected_params=named)
        with pytest.raises(BucketRefused, match="BUCKET="):
            bucket.ensure(REGION, is_ours=True)
        stub.add_response("put_object", {}, {**named, "Key": "k", "Body": b"content"})
        bucket.put("k", b"content")
        stub.assert_no_pending_responses()
