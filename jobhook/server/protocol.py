"""HTTP's own errors in the contract's form: what no handler gets to see, and what a handler did not expect."""

import logging
from collections.abc import Mapping

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from jobhook.core.json_text import compact

log = logging.getLogger(__name__)

_SERVER = "Jobhook"
_CODES = {400: "BadRequest", 408: "RequestTimeout"}
_MESSAGES = {400: "this is no HTTP request that can be answered", 408: "the request did not arrive in time"}


def response(status: int, headers: Mapping[str, str], body: bytes) -> web.Response:
    """An answer. Its `Server` names no library and no version, as aiohttp's own would."""
    return web.Response(status=status, headers={**headers, "Server": _SERVER}, body=body)


def plain_error(status: int) -> web.Response:
    """The answer to what is wrong below the API; the connection ends with it."""
    code = _CODES.get(status, "InternalError")
    message = _MESSAGES.get(status, "something went wrong here; trying again may help")
    body = compact({"code": code, "message": message})
    last = response(status, {"Content-Type": "application/json"}, body.encode())
    last.force_close()
    return last


class ContractProtocol(RequestHandler):
    """aiohttp's protocol, but for its error pages, and for its log, which would quote the request line."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's words, which quote what was sent
    ) -> web.StreamResponse:
        """The answer to a malformed request (400) or to a handler that failed (500)."""
        if status < 500:
            log.debug("a malformed request came from %s: %s", request.remote, type(exc).__name__)
        else:
            log.error("a request could not be answered", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer has been sent already")
        return plain_error(status if status in _CODES else 500)


class ContractServer(web.Server):
    """Makes a protocol for each connection."""

    def __call__(self) -> RequestHandler:
        """As aiohttp's, with errors in the contract's form."""
        return ContractProtocol(self, loop=self._loop, **self._kwargs)
