"""What Jobhook sends has the fields of its documents, the required ones always, and no others."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from jobhook.api.openapi.examples import examples
from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.jobs.job import new_job
from jobhook.core.targets.test_call import webhook_for_test
from jobhook.core.targets.webhook import webhook_body
from jobhook.documents.webhooks import LastSuccess, NotificationMessage, SlackMessage, Webhook
from tests.contract.values import PLAIN, an_execution

EXAMPLES = examples()
JOB = new_job("reports", "nightly", PLAIN, "i1", 0)
A_RETRY = replace(an_execution(), retry_of=an_execution().id)
RETRY_FIELDS = {"retry_of", "retry_of_scheduled_time", "retry_of_scheduled_time_ms"}
TEST_CALL = webhook_for_test(JOB, RunRequest(), "https://jobs.example.com", "s" * 43, 0)


@pytest.mark.parametrize(
    ("document", "sent", "optional"),
    [
        (Webhook, EXAMPLES["Webhook"], set()),
        (Webhook, webhook_body(A_RETRY, None, "https://x", 0), RETRY_FIELDS),
        (Webhook, TEST_CALL, {"test"}),
        (LastSuccess, EXAMPLES["Webhook"]["last_successful_execution"], set()),
        (NotificationMessage, EXAMPLES["NotificationMessage"], set()),
        (SlackMessage, EXAMPLES["SlackMessage"], set()),
    ],
)
def test_a_request_has_the_fields_of_its_document(
    document: type, sent: Mapping[str, object], optional: set[str]
) -> None:
    assert sent.keys() == document.__required_keys__ | optional  # type: ignore[attr-defined]  # of a TypedDict
    assert optional <= document.__optional_keys__  # type: ignore[attr-defined]
