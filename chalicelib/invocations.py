"""Notes which invocation of a Lambda function is under way, so that its log lines can name it."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.invocation import request_id

Event = TypeVar("Event")
Answer = TypeVar("Answer")


def named(event: Event, get_response: Callable[[Event], Answer]) -> Answer:
    """Chalice's middleware. Its HTTP requests and its plain events name Lambda's context differently."""
    context: object = getattr(event, "lambda_context", None) or getattr(event, "context", None)
    known = getattr(context, "aws_request_id", None)
    token = request_id.set(known if isinstance(known, str) else None)
    try:
        return get_response(event)
    finally:
        request_id.reset(token)
