"""HTTP of one machine: the route table of the API, bound to aiohttp on the event loop."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from jobhook.api.errors import REQUEST_TIMEOUT, MalformedRequest
from jobhook.api.request import Request, parse_target
from jobhook.api.responses import Response, error_answer
from jobhook.api.routes import ROUTES, Route, Router
from jobhook.core import limits
from jobhook.core.errors import DocumentTooLarge, Problem, Unavailable
from jobhook.ports import Backend
from jobhook.server.protocol import ContractServer, last_answer, to_aiohttp

_AT_ONCE = 4
"""How many requests may wait for a service, each for up to 10 s."""
_BODY_WITHIN_SECONDS = 30

Admit = Callable[[web.BaseRequest, bytes], str | Response]
"""Whether a request may come in: the caller's name if so, otherwise the refusal."""


class HttpServer:
    """Listens on one address. The callback route is open, its URL being the credential; all others ask `admit`."""

    def __init__(self, backend: Backend, admit: Admit) -> None:
        self._backend = backend
        self._admit = admit
        self._router = Router(ROUTES)
        self._waiting = 0
        self._protocols = ContractServer(self._answer, access_log=None, auto_decompress=False)
        self._listening: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Take the address, but answer nobody before `serve`; the port, which the system chooses where 0 is given."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._protocols, host, port, backlog=1024, start_serving=False)
        bound: int = self._listening.sockets[0].getsockname()[1]
        return bound

    async def serve(self) -> None:
        """Begin to answer."""
        assert self._listening is not None
        await self._listening.start_serving()

    async def close(self, grace_seconds: float) -> None:
        """Accept nothing more, and give what is being answered so long to finish."""
        if self._listening is not None:
            self._listening.close()
        self._protocols.pre_shutdown()  # idle connections end at once
        await self._protocols.shutdown(grace_seconds)

    async def _answer(self, received: web.BaseRequest) -> web.Response:
        try:
            async with asyncio.timeout(_BODY_WITHIN_SECONDS):
                body = await received.read()
        except web.HTTPRequestEntityTooLarge:
            return to_aiohttp(error_answer(DocumentTooLarge([Problem("body", f"must be at most {limits.BODY} bytes")])))
        except TimeoutError:
            return last_answer(REQUEST_TIMEOUT)
        try:
            return to_aiohttp(await self._answer_target(received, body))
        except MalformedRequest as error:
            return to_aiohttp(error_answer(error))

    async def _answer_target(self, received: web.BaseRequest, body: bytes) -> Response:
        """The answer of the route. A signature is checked before anything is said of a path or a method."""
        target = parse_target(received.raw_path)
        match = self._router.find(target.segments)
        route = match.route(received.method)
        caller = ""
        if route is None or route.signed:
            admitted = self._admit(received, body)
            if isinstance(admitted, Response):
                return admitted
            caller = admitted
        if route is None:
            return match.without_route(received.method)
        request = Request(match.names, target.query, received.headers, body, caller)
        return await self._limited(route, request)

    async def _limited(self, route: Route, request: Request) -> Response:
        """Too many requests that wait for a service are refused at once."""
        if not route.waits_for_service:
            return await route.answer(self._backend, request)
        if self._waiting >= _AT_ONCE:
            return error_answer(Unavailable(f"{_AT_ONCE} test calls are under way, and no more at once; try again"))
        self._waiting += 1
        try:
            return await route.answer(self._backend, request)
        finally:
            self._waiting -= 1
