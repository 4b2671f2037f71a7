"""The id of the Lambda invocation that is under way, for the log."""

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
