"""Sends dead letters back, by SQS and Lambda, with the credentials of the person who asks for it.

A letter is deleted only after it was taken: the queue has it again, or its function has returned without an error.
Whatever happens in between, the letter is taken again, and that starts nothing twice: executions are named by job and
nominal time, and a fire whose row is done or missed is left alone.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from botocore.session import Session

from jobhook.cli.tools.dead_letters.letters import Kind, Letter, read_letter
from jobhook.cli.tools.dead_letters.names import STARTS, DeadQueue, name_of

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_BATCH = 10  # SQS hands out no more at once
WAIT_SECONDS = 1
"""How long SQS may look for letters: with a wait it asks all of its servers, without one only some."""
_HELD_SECONDS = 900
"""How long a letter that was looked at is hidden from others, unless it is given back before."""
_LONGEST_FUNCTION_SECONDS = 300
_DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
_MISSING = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException")


class RedriveFailed(Exception):
    """AWS did not do what was asked; what was not taken is still in its queue. The text holds nothing that was sent."""


class NoSuchStage(RedriveFailed):
    """The stage's queue or function is not there."""


class NotAllowed(RedriveFailed):
    """There are no credentials, or they do not allow it."""


@dataclass(slots=True)
class Report:
    """What was in a queue and how many of it were sent back, by kind; `more` is whether the limit left some unseen."""

    queue: DeadQueue
    found: Counter[Kind] = field(default_factory=Counter)
    sent: Counter[Kind] = field(default_factory=Counter)
    more: bool = False

    @property
    def left(self) -> int:
        """How many of those that were seen are still there."""
        return self.found.total() - self.sent.total()


class DeadLetters:
    """The dead letters of one stage."""

    def __init__(self, stage: str, sqs: "SQSClient", lambdas: "LambdaClient") -> None:
        self._stage = stage
        self._sqs = sqs
        self._lambdas = lambdas

    def redrive(self, queue: DeadQueue, limit: int, *, dry_run: bool = False) -> Report:
        """Look at up to `limit` letters, each once, and unless it is a dry run send back those that are known.

        Raises RedriveFailed.
        """
        report = Report(queue)
        left: list[str] = []
        with _told_apart():
            url = self._url(queue)
            try:
                for message in self._messages(url, limit):
                    letter = read_letter(self._stage, queue, message["Body"])
                    report.found[letter.kind] += 1
                    left.append(message["ReceiptHandle"])
                    if not dry_run and self._taken(letter):
                        self._sqs.delete_message(QueueUrl=url, ReceiptHandle=left.pop())
                        report.sent[letter.kind] += 1
            finally:
                self._give_back(url, left)
        report.more = report.found.total() == limit
        return report

    def _messages(self, url: str, limit: int) -> "Iterator[MessageTypeDef]":
        """Each message once, until the queue shows none that is new."""
        seen: set[str] = set()
        while len(seen) < limit:
            answer = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(_BATCH, limit - len(seen)),
                VisibilityTimeout=_HELD_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
            )
            new = [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]
            if not new:
                return
            seen.update(message["MessageId"] for message in new)
            yield from new

    def _taken(self, letter: Letter) -> bool:
        if letter.to is None:
            return False
        if letter.to == STARTS:
            self._sqs.send_message(QueueUrl=self._url(STARTS), MessageBody=letter.body)
            return True
        answer = self._lambdas.invoke(FunctionName=name_of(self._stage, letter.to), Payload=letter.body.encode())
        return "FunctionError" not in answer

    def _give_back(self, url: str, receipts: list[str]) -> None:
        """Show others what is left, now and not only when its time is over; where that fails, it is over some day."""
        with suppress(ClientError, BotoCoreError):
            for receipt in receipts:
                self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def _url(self, role: str) -> str:
        return self._sqs.get_queue_url(QueueName=name_of(self._stage, role))["QueueUrl"]


def connect(stage: str, profile: str | None = None, region: str | None = None) -> DeadLetters:
    """The stage's dead letters, by the usual chain of credentials. Raises NotAllowed, RedriveFailed."""
    # A function that was invoked is not asked again because its answer is late: it has its own time, and may be at it.
    patient = Config(read_timeout=_LONGEST_FUNCTION_SECONDS + 10, retries={"mode": "standard", "total_max_attempts": 1})
    with _told_apart():
        session = Session(profile=profile)
        sqs = cast("SQSClient", session.create_client("sqs", region_name=region))
        return DeadLetters(
            stage, sqs, cast("LambdaClient", session.create_client("lambda", region_name=region, config=patient))
        )


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        kind = NoSuchStage if code in _MISSING else NotAllowed if code in _DENIED else RedriveFailed
        raise kind(f"AWS did not carry out {error.operation_name} ({code})") from None
    except (NoCredentialsError, PartialCredentialsError):
        raise NotAllowed("no AWS credentials were found in the environment, in profiles or from a role") from None
    except BotoCoreError as error:
        raise RedriveFailed(f"AWS could not be asked ({type(error).__name__})") from None
