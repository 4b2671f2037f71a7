"""The start queue on SQS: batches of ten, what was not taken is sent again, and each page arrives as it was sent."""

from collections.abc import Iterator
from typing import cast

import botocore.session
import pytest
from botocore.stub import Stubber
from moto import mock_aws
from mypy_boto3_sqs import SQSClient

from chalicelib.clients import CONFIG
from chalicelib.sqs import Delivery, SqsStartQueue
from chalicelib.sync_runner import run_to_end
from jobhook.adapters.start_messages import from_message, to_message
from jobhook.core.errors import Unavailable
from jobhook.core.schedules.pages import PageKey
from tests.chalicelib.moto_tables import REGION
from tests.contract.values import NIGHTLY, T0

URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/starts"


@pytest.fixture
def client() -> Iterator[SQSClient]:
    with mock_aws():
        session = botocore.session.get_session()
        yield cast(SQSClient, session.create_client("sqs", region_name=REGION, config=CONFIG))


def test_pages_arrive_as_they_were_sent(client: SQSClient) -> None:
    url = client.create_queue(QueueName="starts")["QueueUrl"]
    pages = [PageKey(NIGHTLY, T0, f"{number}-guid") for number in range(23)]
    run_to_end(SqsStartQueue(client, url).send(pages))
    arrived: list[object] = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        arrived.extend(from_message(message["Body"]) for message in messages)
    assert sorted(arrived, key=repr) == sorted(pages, key=repr)


def test_what_was_not_taken_is_sent_again(client: SQSClient) -> None:
    pages = [PageKey(NIGHTLY, T0, f"{number}-guid") for number in range(2)]
    first, second = ({"Id": str(number), "MessageBody": to_message(page)} for number, page in enumerate(pages))
    taken = {"Id": "0", "MessageId": "m", "MD5OfMessageBody": "d"}
    refused = {"Id": "1", "SenderFault": False, "Code": "InternalError"}
    with Stubber(client) as aws:
        aws.add_response(
            "send_message_batch",
            {"Successful": [taken], "Failed": [refused]},
            {"QueueUrl": URL, "Entries": [first, second]},
        )
        aws.add_response("send_message_batch", {"Successful": [], "Failed": []}, {"QueueUrl": URL, "Entries": [second]})
        run_to_end(SqsStartQueue(client, URL).send(pages))
        aws.assert_no_pending_responses()


def test_a_page_that_is_never_taken_is_unavailability(client: SQSClient) -> None:
    refused = {"Id": "0", "SenderFault": False, "Code": "InternalError"}
    with Stubber(client) as aws:
        for _ in range(3):
            aws.add_response("send_message_batch", {"Successful": [], "Failed": [refused]})
        with pytest.raises(Unavailable):
            run_to_end(SqsStartQueue(client, URL).send([PageKey(NIGHTLY, T0, "rest")]))
        aws.add_client_error("send_message_batch", "AWS.SimpleQueueService.NonExistentQueue")
        with pytest.raises(Unavailable):
            run_to_end(SqsStartQueue(client, URL).send([PageKey(NIGHTLY, T0, "rest")]))


def test_what_failed_is_delivered_again_soon_and_then_later_and_later(client: SQSClient) -> None:
    deliveries = [
        Delivery.of_record({"receiptHandle": f"r{count}", "attributes": {"ApproximateReceiveCount": str(count)}})
        for count in (1, 2, 5, 9)
    ]
    entries = [
        {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
        for number, (receipt, seconds) in enumerate([("r1", 30), ("r2", 60), ("r5", 480), ("r9", 600)])
    ]
    with Stubber(client) as aws:
        aws.add_response(
            "change_message_visibility_batch",
            {"Successful": [], "Failed": []},
            {"QueueUrl": URL, "Entries": entries},
        )
        SqsStartQueue(client, URL).retry_soon(deliveries)
        aws.assert_no_pending_responses()
