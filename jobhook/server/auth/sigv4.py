"""Verifies AWS Signature Version 4 over a request, as API Gateway does for IAM-signed calls."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from jobhook.server.auth.authorization import SERVICE, Authorization, read_authorization
from jobhook.server.auth.canonical import canonical_requests
from jobhook.server.auth.refusal import RefusalCode, SignatureRefused, incomplete, mismatch
from jobhook.server.auth.request import SignedRequest

__all__ = ["MAX_SKEW", "FindSecret", "Identity", "RefusalCode", "SignatureRefused", "SignedRequest", "verify"]

MAX_SKEW = timedelta(minutes=15)
"""How far the client's clock may be from ours, either way (the limit that AWS documents)."""

FindSecret = Callable[[str], str | None]
"""The secret key of an access key id, or None where it is unknown."""

# Signed with where the key is unknown, so that the answer takes as long as it does for a known one.
_NO_SECRET = "0" * 40


@dataclass(frozen=True)
class Identity:
    """Who signed the request, and for which region."""

    access_key_id: str
    region: str


def verify(request: SignedRequest, find_secret: FindSecret, now: datetime, region: str | None = None) -> Identity:
    """The signer of `request` at `now` (aware), or SignatureRefused, which is all that any input can raise.

    `region` None accepts every region. What `find_secret` itself raises (a credentials file gone bad) is passed on.
    A signature can be replayed until it expires, and the order of query parameters is not covered, as with AWS.
    """
    claim = read_authorization(request)
    signed_at = _signed_at(request)
    _check_scope(claim, signed_at, region)
    _check_time(signed_at, now)
    _check_signed_headers(request, claim.signed_headers)
    payload_hash = _payload_hash(request)
    secret = find_secret(claim.access_key_id)
    matches = _signature_matches(request, claim, signed_at, payload_hash, secret or _NO_SECRET)
    if not secret or not matches:
        raise mismatch()
    return Identity(claim.access_key_id, claim.region)


def _signed_at(request: SignedRequest) -> datetime:
    name = "x-amz-date" if "x-amz-date" in request.values else "date"
    text = _only(request, name)
    if text is None:
        raise incomplete("The request has no x-amz-date header.")
    try:
        return _basic_format(text) if name == "x-amz-date" else _http_date(text)
    except (ValueError, TypeError, IndexError, OverflowError) as malformed:
        raise incomplete(f"The {name} header is no valid time.") from malformed


def _basic_format(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if not text.isascii() or moment.strftime(SIGV4_TIMESTAMP) != text:
        raise ValueError(text)
    return moment


def _http_date(text: str) -> datetime:
    moment = parsedate_to_datetime(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    # botocore writes the obsolete zone -0000 where HTTP says GMT.
    if text not in (format_datetime(moment, usegmt=True), format_datetime(moment.replace(tzinfo=None))):
        raise ValueError(text)
    return moment


def _only(request: SignedRequest, name: str) -> str | None:
    values = request.values.get(name, [])
    if len(values) > 1:
        raise incomplete(f"The request has more than one {name} header.")
    return values[0].strip() if values else None


def _check_scope(claim: Authorization, signed_at: datetime, region: str | None) -> None:
    if claim.day != signed_at.strftime("%Y%m%d"):
        raise incomplete("The credential scope's day is not the day of the request's date.")
    if region is not None and claim.region != region:
        raise incomplete(f"The credential scope's region must be {region}.")


def _check_time(signed_at: datetime, now: datetime) -> None:
    if abs(now - signed_at) > MAX_SKEW:
        raise SignatureRefused(
            RefusalCode.EXPIRED, "The request's date is more than 15 minutes from this server's time."
        )


def _check_signed_headers(request: SignedRequest, signed: tuple[str, ...]) -> None:
    if _only(request, "host") is None:
        raise incomplete("The request has no host header.")
    present = request.values.keys()
    needed = {"host"} | {name for name in present if name.startswith("x-amz-")}
    if "x-amz-date" not in present:
        needed.add("date")
    if missing := sorted(needed.difference(signed)):
        raise incomplete(f"These headers must be signed: {', '.join(missing)}.")


def _payload_hash(request: SignedRequest) -> str:
    actual = sha256(request.body).hexdigest()
    declared = _only(request, "x-amz-content-sha256")
    if declared is not None and declared != actual:
        raise incomplete("The x-amz-content-sha256 header is not the SHA-256 of the body.")
    return actual


def _signature_matches(
    request: SignedRequest, claim: Authorization, signed_at: datetime, payload_hash: str, secret: str
) -> bool:
    signer = SigV4Auth(ReadOnlyCredentials(claim.access_key_id, secret, None), SERVICE, claim.region)
    context = AWSRequest()
    context.context["timestamp"] = signed_at.strftime(SIGV4_TIMESTAMP)
    matches = False
    for canonical in canonical_requests(signer, request, claim.signed_headers, payload_hash):
        try:
            expected = signer.signature(signer.string_to_sign(context, canonical), context)
        except UnicodeEncodeError as not_utf8:
            raise mismatch() from not_utf8
        matches |= hmac.compare_digest(expected, claim.signature)
    return matches
