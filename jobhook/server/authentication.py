"""Who may call the API of one machine: everybody on the loopback address, or who signs with a known key."""

import logging
from datetime import UTC, datetime

from aiohttp import web

from jobhook.api.responses import Response, answer
from jobhook.server.auth.credentials import CredentialsFile, CredentialsRefused
from jobhook.server.auth.sigv4 import SignatureRefused, SignedRequest, verify

LOCAL = "local"
"""Who calls where signatures are not asked for."""

log = logging.getLogger(__name__)


def admit_all(_request: web.BaseRequest, _body: bytes) -> str | Response:
    """Everybody is `local`. No signature is asked for; the server then listens on the loopback address only."""
    return LOCAL


class SignedOnly:
    """Admits requests with a valid SigV4 signature of a key in the credentials file."""

    def __init__(self, credentials: CredentialsFile) -> None:
        self._credentials = credentials

    def __call__(self, request: web.BaseRequest, body: bytes) -> str | Response:
        """The name of the key of a valid signature; otherwise 403 with the reason."""
        signed = SignedRequest.of_target(request.method, request.raw_path, list(request.headers.items()), body)
        try:
            identity = verify(signed, self._credentials.find, datetime.now(UTC))
            return self._credentials.name_of(identity.access_key_id)
        except SignatureRefused as refused:
            return _forbidden(refused.code, refused.message)
        except (CredentialsRefused, OSError) as unreadable:
            log.error("the credentials file cannot be used: %s", unreadable)
            return _forbidden("InvalidSignature", "the server cannot check signatures now; its log says why")


def _forbidden(code: str, message: str) -> Response:
    return answer({"code": code, "message": message}, 403)
