"""A service in a Lambda function, behind a function URL or API Gateway.

A Lambda function stops when it has answered. So the first call, with the webhook, only starts a second one of the same
function, which works for up to 15 minutes and calls back. The function may invoke itself (lambda:InvokeFunction);
`jobhook.callback` needs nothing beside the standard library. Lambda, too, may call twice: work that must not be done
twice notes the execution id in a table first.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import jobhook


class Context(Protocol):
    """What is used of Lambda's context."""

    @property
    def invoked_function_arn(self) -> str:
        """This function."""


Start = Callable[[str, str], None]
"""Call a function (its ARN) with a JSON document, without waiting for it."""

Handler = Callable[[Mapping[str, Any], Context], dict[str, Any] | None]


def make_handler(start: Start) -> Handler:
    """The function's handler; `start` is replaced in tests."""

    def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any] | None:
        if "callback_url" in event:
            work(event)
            return None
        body = event["body"]
        webhook = base64.b64decode(body).decode() if event.get("isBase64Encoded") else body
        if not jobhook.is_test(json.loads(webhook)):
            start(context.invoked_function_arn, webhook)
        return {"statusCode": 202}

    return handle


def invoke(function: str, document: str) -> None:
    """Start a function on AWS."""
    import boto3

    boto3.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=document.encode())


def work(webhook: Mapping[str, Any]) -> None:
    """Heartbeats go out by themselves; what is raised here is the error in the history."""
    with jobhook.callback(webhook) as run:
        asked = json.loads(run.payload or "{}")
        run.summary = f"3 rows for {asked.get('region', 'all')}"
        run.state = "third"


handler = make_handler(invoke)
