"""Dead letters on moto's SQS, with functions that record what they are called with."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws
from mypy_boto3_lambda import LambdaClient
from mypy_boto3_sqs import SQSClient

from jobhook.cli.tools.dead_letters import aws
from jobhook.cli.tools.dead_letters.aws import DeadLetters, NoSuchStage, NotAllowed, RedriveFailed
from jobhook.cli.tools.dead_letters.letters import Kind
from jobhook.cli.tools.dead_letters.names import DeadQueue, name_of
from tests.cli.tools.dead_letters import letters

REGION = "eu-west-1"


@dataclass
class Functions:
    """Answers for Lambda: `failing` is how many calls end in an error, `refusal` AWS's own answer to all."""

    calls: list[tuple[str, object]] = field(default_factory=list)
    failing: int = 0
    refusal: str | None = None

    def invoke(self, params: dict[str, object], **_: object) -> tuple[AWSResponse, dict[str, object]]:
        if self.refusal is not None:
            answer: dict[str, object] = {"Error": {"Code": self.refusal, "Message": letters.SECRET}}
            return AWSResponse("", 403, HTTPHeaders(), None), answer
        name = str(params["url_path"]).split("/")[-2]
        self.calls.append((name, json.loads(cast(bytes, params["body"]))))
        if self.failing:
            self.failing -= 1
            return AWSResponse("", 200, HTTPHeaders(), None), {"StatusCode": 200, "FunctionError": "Unhandled"}
        return AWSResponse("", 200, HTTPHeaders(), None), {"StatusCode": 200}


@dataclass
class Stage:
    """The queues of a stage."""

    sqs: SQSClient
    functions: Functions
    letters: DeadLetters

    def put(self, queue: DeadQueue, *bodies: str) -> None:
        url = self.url(queue)
        for body in bodies:
            self.sqs.send_message(QueueUrl=url, MessageBody=body)

    def url(self, role: str) -> str:
        return self.sqs.get_queue_url(QueueName=name_of("prod", role))["QueueUrl"]

    def waiting(self, role: str) -> list[str]:
        """What a reader of the queue gets."""
        bodies: list[str] = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.url(role), MaxNumberOfMessages=10, VisibilityTimeout=600)
            if not answer.get("Messages"):
                return bodies
            bodies += [message["Body"] for message in answer["Messages"]]


def answer_instead(client: LambdaClient | SQSClient, event: str, answer: Callable[..., object]) -> None:
    """botocore takes what a handler of `before-call` returns for AWS's answer; its types do not know of that."""
    client.meta.events.register(event, cast(Callable[..., None], answer))


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(aws, "WAIT_SECONDS", 0)
    with mock_aws():
        session = botocore.session.get_session()
        sqs = cast(SQSClient, session.create_client("sqs", region_name=REGION))
        for role in ("starts", *DeadQueue):
            sqs.create_queue(QueueName=name_of("prod", role))
        lambdas = cast(LambdaClient, session.create_client("lambda", region_name=REGION))
        functions = Functions()
        answer_instead(lambdas, "before-call.lambda.Invoke", functions.invoke)
        yield Stage(sqs, functions, DeadLetters("prod", sqs, lambdas))


def test_pages_go_back_to_the_starters_queue(stage: Stage) -> None:
    stage.put(DeadQueue.STARTS, *[letters.PAGE] * 12)
    report = stage.letters.redrive(DeadQueue.STARTS, 100)
    assert (dict(report.sent), report.left, report.more) == ({Kind.PAGE: 12}, 0, False)
    assert stage.waiting("starts") == [letters.PAGE] * 12
    assert stage.waiting(DeadQueue.STARTS) == []


def test_events_go_to_their_functions_as_they_were(stage: Stage) -> None:
    stage.put(DeadQueue.DISPATCH, letters.failed(letters.FIRE))
    stage.put(DeadQueue.RECONCILE, letters.failed(letters.RUN_ENDED))
    stage.put(DeadQueue.RULES, json.dumps(letters.FIRE), json.dumps(letters.RECONCILE))
    for queue in DeadQueue:
        assert stage.letters.redrive(queue, 100).left == 0
        assert stage.waiting(queue) == []
    dispatch, reconcile = "jobhook-prod-dispatch", "jobhook-prod-reconcile"
    assert stage.functions.calls[:2] == [(dispatch, letters.FIRE), (reconcile, letters.RUN_ENDED)]
    assert sorted(name for name, _ in stage.functions.calls[2:]) == [dispatch, reconcile]


def test_a_letter_that_fails_again_stays_and_can_be_sent_again_at_once(stage: Stage) -> None:
    stage.put(DeadQueue.DISPATCH, letters.failed(letters.FIRE), letters.failed(letters.FIRE))
    stage.functions.failing = 1
    report = stage.letters.redrive(DeadQueue.DISPATCH, 100)
    assert (report.found[Kind.FIRE], report.sent[Kind.FIRE], report.left) == (2, 1, 1)
    assert len(stage.functions.calls) == 2
    assert stage.letters.redrive(DeadQueue.DISPATCH, 100).sent == {Kind.FIRE: 1}
    assert stage.waiting(DeadQueue.DISPATCH) == []


def test_what_is_not_ours_stays(stage: Stage) -> None:
    stage.put(DeadQueue.RULES, "somebody else's", json.dumps(letters.FIRE))
    report = stage.letters.redrive(DeadQueue.RULES, 100)
    assert (dict(report.found), report.left) == ({Kind.UNKNOWN: 1, Kind.FIRE: 1}, 1)
    assert stage.waiting(DeadQueue.RULES) == ["somebody else's"]


def test_a_dry_run_sends_nothing_and_hides_nothing(stage: Stage) -> None:
    stage.put(DeadQueue.STARTS, *[letters.PAGE] * 12)
    for _ in range(2):
        report = stage.letters.redrive(DeadQueue.STARTS, 100, dry_run=True)
        assert (dict(report.found), dict(report.sent)) == ({Kind.PAGE: 12}, {})
    assert stage.waiting("starts") == []
    assert len(stage.waiting(DeadQueue.STARTS)) == 12


def test_no_more_than_the_limit_is_taken(stage: Stage) -> None:
    stage.put(DeadQueue.STARTS, *[letters.PAGE] * 14)
    report = stage.letters.redrive(DeadQueue.STARTS, 12)
    assert (report.sent.total(), report.more) == (12, True)
    assert len(stage.waiting(DeadQueue.STARTS)) == 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", NotAllowed),
        ("ResourceNotFoundException", NoSuchStage),
        ("TooManyRequestsException", RedriveFailed),
    ],
)
def test_a_refusal_ends_it_and_leaves_the_letter(stage: Stage, code: str, kind: type[RedriveFailed]) -> None:
    stage.put(DeadQueue.DISPATCH, letters.failed(letters.FIRE))
    stage.functions.refusal = code
    with pytest.raises(RedriveFailed) as raised:
        stage.letters.redrive(DeadQueue.DISPATCH, 100)
    assert type(raised.value) is kind
    assert letters.SECRET not in str(raised.value)
    assert len(stage.waiting(DeadQueue.DISPATCH)) == 1


def test_a_letter_that_could_not_be_deleted_is_taken_again(stage: Stage) -> None:
    """The page is in the queue twice then; its executions are started once."""
    stage.put(DeadQueue.STARTS, letters.PAGE)

    def lost(**_: object) -> tuple[AWSResponse, dict[str, object]]:
        return AWSResponse("", 400, HTTPHeaders(), None), {"Error": {"Code": "RequestThrottled", "Message": ""}}

    answer_instead(stage.sqs, "before-call.sqs.DeleteMessage", lost)
    with pytest.raises(RedriveFailed):
        stage.letters.redrive(DeadQueue.STARTS, 100)
    assert stage.waiting("starts") == [letters.PAGE]
