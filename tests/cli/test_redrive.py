"""`jobhook redrive`: what it says, its exit codes, and that it says nothing of what is in the letters."""

import json
from collections.abc import Iterator
from typing import cast

import botocore.session
import pytest
from moto import mock_aws
from mypy_boto3_sqs import SQSClient

from jobhook.cli.tools.dead_letters import aws
from jobhook.cli.tools.dead_letters.names import DeadQueue, name_of
from tests.cli.conftest import Cli, document
from tests.cli.tools.dead_letters import letters

REGION = "eu-west-1"


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[SQSClient]:
    """The queues of a stage, with a page and something unknown."""
    monkeypatch.setattr(aws, "WAIT_SECONDS", 0)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        made = cast(SQSClient, botocore.session.get_session().create_client("sqs", region_name=REGION))
        for role in ("starts", *DeadQueue):
            made.create_queue(QueueName=name_of("prod", role))
        url = made.get_queue_url(QueueName="jobhook-prod-starts-dead")["QueueUrl"]
        for body in (letters.PAGE, letters.SECRET):
            made.send_message(QueueUrl=url, MessageBody=body)
        yield made


def test_it_shows_what_is_there_and_sends_it_back(cli: Cli, sqs: SQSClient) -> None:
    command = ("redrive", "--stage", "prod", "--region", REGION)
    dry = cli(*command, "--dry-run")
    assert [line.split() for line in dry.stdout.splitlines()[1:3]] == [
        ["starts-dead", "page", "1", "0"],
        ["starts-dead", "unknown", "1", "0"],
    ]
    assert "Nothing was sent back" in dry.stdout
    sent = cli(*command, "--queue", "starts-dead", exit_code=1)
    assert ["starts-dead", "page", "1", "1"] in [line.split() for line in sent.stdout.splitlines()]
    assert "1 failed again or are unknown" in sent.stdout
    again = cli(*command, "--json", exit_code=1)
    (starts, *others) = document(again)["queues"]
    assert starts == {
        "queue": "starts-dead",
        "left": 1,
        "more": False,
        "kinds": {"unknown": {"found": 1, "sent_back": 0}},
    }
    assert all(not other["kinds"] for other in others)
    assert letters.SECRET not in dry.output + sent.output + again.output
    assert "no dead letters" in cli(*command, "--queue", "rules-dead").stdout


def test_it_says_why_it_cannot(cli: Cli, sqs: SQSClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stage is named" in cli("redrive", "--stage", "eu-west", exit_code=2).stderr
    missing = cli("redrive", "--stage", "beta", "--region", REGION, "--json", exit_code=3)
    assert json.loads(missing.stderr)["code"] == "NoSuchStage"
    assert "NoRegionError" in cli("redrive", "--stage", "prod", exit_code=4).stderr


def test_it_asks_for_credentials(cli: Cli) -> None:
    said = cli("redrive", "--stage", "prod", "--region", REGION, exit_code=5).stderr
    assert "no AWS credentials" in said
