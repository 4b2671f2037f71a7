"""Dead letters in the forms in which AWS leaves them; `SECRET` is in each, and must be in nothing that is printed."""

import json

from jobhook.adapters.start_messages import to_message
from jobhook.core.schedules.pages import PageKey

SECRET = "canary-of-a-payload"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/"
FIRE: dict[str, object] = {
    "id": SECRET,
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "2026-11-21T09:00:00Z",
    "resources": [f"{RULE}jobhook-prod-rule-0123456789-i00000000001"],
    "detail": {},
}
RECONCILE: dict[str, object] = {**FIRE, "resources": [f"{RULE}jobhook-prod-reconcile"]}
RUN_ENDED: dict[str, object] = {
    "detail-type": "Step Functions Execution Status Change",
    "source": "aws.states",
    "resources": ["arn:aws:states:eu-west-1:123456789012:execution:jobhook-prod-execution:x"],
    "detail": {"name": "x", "status": "FAILED", "input": SECRET},
}
PAGE = to_message(PageKey("rate(5 minutes)", 1_000, SECRET))


def failed(event: object) -> str:
    """The record of an asynchronous invocation that failed on every try."""
    return json.dumps(
        {
            "version": "1.0",
            "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
            "requestPayload": event,
            "responsePayload": {"errorMessage": SECRET},
        }
    )
