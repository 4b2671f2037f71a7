"""What a view reads of a request beside its path."""

from chalice.app import Request

from jobhook.core.jobs.preconditions import ANY, Precondition

UNKNOWN = "unknown"
"""Whose request came through no gateway that says who the caller is."""


def caller(request: Request) -> str:
    """Who sent a signed request: the ARN by which IAM knows the caller, or what one machine's server has put there."""
    identity = request.context.get("identity") or {}
    return str(identity.get("userArn") or UNKNOWN)


def media_type(request: Request) -> str:
    """The declared type of the body; empty where none is."""
    return str(request.headers.get("content-type", ""))


def precondition(request: Request) -> Precondition:
    """What If-Match and If-None-Match say. The latter compares weakly: `W/` makes no difference (RFC 9110, 13.1.2)."""
    unlike = tuple(tag.removeprefix("W/") for tag in _tags(request, "if-none-match"))
    return Precondition(_tags(request, "if-match"), absent=ANY in unlike, unlike=unlike)


def _tags(request: Request, header: str) -> tuple[str, ...]:
    listed = str(request.headers.get(header, ""))
    return tuple(tag.strip() for tag in listed.split(",") if tag.strip())


def address_of(request: Request) -> str:
    """The API's own address, as API Gateway names it; not in the function's settings, where it would be a cycle."""
    context = request.context
    return f"https://{context.get('domainName', 'localhost')}/{context.get('stage', '')}".rstrip("/")


def raw_body(request: Request) -> bytes:
    """The body's bytes as they were sent, however the gateway wrapped them."""
    body = request.raw_body
    return body if isinstance(body, bytes) else body.encode("utf-8")
