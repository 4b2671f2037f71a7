"""Sends one callback. The URL is its credential, so no error or log has it.

The standard library is used because general HTTP clients write the URLs of their requests to the log.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any, Final

from jobhook.client.errors import ExecutionEnded, Refused, Unreachable

Said = Mapping[str, str | int]

_TIMEOUT_SECONDS: Final = 10
_LONGEST_ANSWER: Final = 65_536


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other: the secret is not sent on to another address."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        """Follow nothing."""


_OPENER: Final = urllib.request.build_opener(_NoRedirects)


def say(url: str, said: Said) -> None:
    """POST a callback; returns when Jobhook has stored it.

    Raises ExecutionEnded (404, 410), Refused (Jobhook does not take this document) or Unreachable (try again).
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError("this is not a callback URL of Jobhook")
    status, body = _post(url, json.dumps(said).encode())
    if 200 <= status < 300:
        return
    document = _document(body)
    if status in (HTTPStatus.GONE, HTTPStatus.NOT_FOUND):
        raise ExecutionEnded(document.get("status"))
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE):
        code, message = document.get("code", f"Http{status}"), document.get("message", "the callback was refused")
        raise Refused(status, str(code), str(message))
    raise Unreachable(f"the callback was answered HTTP {status}")


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310 - http
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            return answer.status, answer.read(_LONGEST_ANSWER)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read(error)
    except (OSError, http.client.HTTPException, ValueError) as error:
        kind = type(getattr(error, "reason", error)).__name__
    raise Unreachable(f"the callback could not be sent: {kind}")  # outside: what was raised may hold the URL


def _read(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read(_LONGEST_ANSWER)
    except (OSError, http.client.HTTPException):
        return b""


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
