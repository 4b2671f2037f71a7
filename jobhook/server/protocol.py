"""HTTP's own errors in the contract's form: what no handler gets to see, and what a handler did not expect."""

import logging

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from jobhook.api.errors import BAD_REQUEST, INTERNAL_ERROR, Fault
from jobhook.api.responses import Response, fault_answer

log = logging.getLogger(__name__)

_SERVER = "Jobhook"
_MESSAGES = {
    BAD_REQUEST: "this is no HTTP request that can be answered",
    INTERNAL_ERROR: "something went wrong here; trying again may help",
}


def to_aiohttp(response: Response) -> web.Response:
    """An answer as aiohttp sends it. Its `Server` names no library and no version, as aiohttp's own would."""
    return web.Response(status=response.status, headers={**response.headers, "Server": _SERVER}, body=response.body)


def last_answer(fault: Fault) -> web.Response:
    """The answer to what is wrong below the API; the connection ends with it."""
    last = to_aiohttp(fault_answer(fault, _MESSAGES.get(fault)))
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
        return last_answer(BAD_REQUEST if status == BAD_REQUEST.status else INTERNAL_ERROR)


class ContractServer(web.Server):
    """Makes a protocol for each connection."""

    def __call__(self) -> RequestHandler:
        """As aiohttp's, with errors in the contract's form."""
        return ContractProtocol(self, loop=self._loop, **self._kwargs)
