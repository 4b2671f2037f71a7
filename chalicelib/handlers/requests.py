"""What a view reads of a request beside its path."""

from chalice.app import Request


def media_type(request: Request) -> str:
    """The declared type of the body; empty where none is."""
    return str(request.headers.get("content-type", ""))


def raw_body(request: Request) -> bytes:
    """The body's bytes as they were sent, however the gateway wrapped them."""
    body = request.raw_body
    return body if isinstance(body, bytes) else body.encode("utf-8")
