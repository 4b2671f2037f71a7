"""Why a request was not admitted: the one error of authentication, and its codes."""

from enum import StrEnum


class RefusalCode(StrEnum):
    """The `code` of a 403's body, in AWS's own words for the same cases."""

    UNSIGNED = "MissingAuthenticationToken"
    INCOMPLETE = "IncompleteSignature"
    EXPIRED = "RequestExpired"
    MISMATCH = "InvalidSignature"


class SignatureRefused(Exception):
    """The request is not admitted; answer 403 with `code` and `message`, which hold nothing secret."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def incomplete(message: str) -> SignatureRefused:
    """The request is signed in a form that cannot be verified, whatever the key."""
    return SignatureRefused(RefusalCode.INCOMPLETE, message)


def mismatch() -> SignatureRefused:
    """One answer for an unknown key and for an altered request, so that neither can be told from the other."""
    return SignatureRefused(
        RefusalCode.MISMATCH, "The signature does not match this request and a known access key. Check both."
    )
