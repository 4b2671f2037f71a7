"""Reads the Authorization header of Signature Version 4.

Its form is AWS's: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import re
from dataclasses import dataclass

from jobhook.server.auth.refusal import RefusalCode, SignatureRefused, incomplete
from jobhook.server.auth.request import SignedRequest

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "execute-api"
TERMINATOR = "aws4_request"

_SCOPE = re.compile(r"([!-.0-~]{1,128})/([0-9]{8})/([A-Za-z0-9-]{1,64})/([^/]*)/([^/]*)")
_HEADER_NAMES = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+(;[a-z0-9!#$%&'*+.^_`|~-]+)*")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_PRESIGNED = re.compile(r"(^|&)x-amz-(signature|credential|algorithm)(=|&|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Authorization:
    """Who claims to have signed (`access_key_id`), for which `day` (YYYYMMDD) and `region`, which headers, and how."""

    access_key_id: str
    day: str
    region: str
    signed_headers: tuple[str, ...]
    signature: str


def read_authorization(request: SignedRequest) -> Authorization:
    """The request's parsed Authorization header, or SignatureRefused where it is absent, foreign or malformed."""
    if _PRESIGNED.search(request.query):
        raise incomplete("Presigned URLs are not supported: sign the Authorization header.")
    if "x-amz-security-token" in request.values:
        raise incomplete("Session tokens are not supported: sign with an access key of this server.")
    return _parsed(_only_authorization(request))


def _only_authorization(request: SignedRequest) -> str:
    found = request.values.get("authorization", [])
    if not found:
        raise SignatureRefused(RefusalCode.UNSIGNED, "The request is not signed: sign it with AWS Signature Version 4.")
    if len(found) > 1:
        raise incomplete("The request has more than one Authorization header.")
    return found[0]


def _parsed(header: str) -> Authorization:
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != ALGORITHM:
        raise SignatureRefused(RefusalCode.UNSIGNED, f"The Authorization header must be {ALGORITHM}.")
    parts = _parameters(rest)
    access_key_id, day, region = _scope(parts["Credential"])
    if not _HEADER_NAMES.fullmatch(parts["SignedHeaders"]):
        raise incomplete("SignedHeaders must be lower-case header names with ';' between them.")
    if not _SIGNATURE.fullmatch(parts["Signature"]):
        raise incomplete("Signature must be 64 lower-case hexadecimal digits.")
    return Authorization(access_key_id, day, region, tuple(parts["SignedHeaders"].split(";")), parts["Signature"])


def _parameters(text: str) -> dict[str, str]:
    pairs = [part.strip().partition("=") for part in text.split(",")]
    if sorted(name for name, _, _ in pairs) != ["Credential", "Signature", "SignedHeaders"]:
        raise incomplete("The Authorization header must hold Credential, SignedHeaders and Signature, each once.")
    return {name: value for name, _, value in pairs}


def _scope(credential: str) -> tuple[str, str, str]:
    matched = _SCOPE.fullmatch(credential)
    if matched is None:
        raise incomplete(f"Credential must be KEY/YYYYMMDD/REGION/{SERVICE}/{TERMINATOR}.")
    access_key_id, day, region, service, terminator = matched.groups()
    if service != SERVICE or terminator != TERMINATOR:
        raise incomplete(f"The credential scope must end in {SERVICE}/{TERMINATOR}.")
    return access_key_id, day, region
