"""HTTP on the event loop: callbacks are answered here, everything else by the app's gateway in threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp import web

from jobhook.api.rendering import resources as views
from jobhook.api.responses import error_answer
from jobhook.core import limits
from jobhook.core.errors import DocumentTooLarge, JobhookError, Problem, Unavailable
from jobhook.core.json_text import compact
from jobhook.ports import Backend
from jobhook.server.gateway import Answered, Gateway
from jobhook.server.protocol import ContractServer, plain_error, response
from jobhook.use_cases.record_callback import record_callback

_THREADS = 8
_TESTS_AT_ONCE = 4  # in threads of their own: each waits for a service, up to 10 s
_BODY_WITHIN_SECONDS = 30
_JSON = {"Content-Type": "application/json"}

Admit = Callable[[web.BaseRequest, bytes], str | Answered]
"""Whether a request may come in: the caller's name if so, otherwise the refusal."""


class HttpServer:
    """Listens on one address. The callback route is open, its URL being the credential; all others ask `admit`."""

    def __init__(self, backend: Backend, gateway: Gateway, admit: Admit) -> None:
        self._backend = backend
        self._gateway = gateway
        self._admit = admit
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="api")
        self._test_threads = ThreadPoolExecutor(_TESTS_AT_ONCE, thread_name_prefix="test-call")
        self._tests = 0
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
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._test_threads.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        try:
            async with asyncio.timeout(_BODY_WITHIN_SECONDS):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            too_large = DocumentTooLarge([Problem("body", f"must be at most {limits.BODY} bytes")])
            return _response(error_answer(too_large).to_dict())
        except TimeoutError:
            return plain_error(408)
        parts = request.rel_url.raw_path.split("/")
        if request.method == "POST" and len(parts) == 4 and parts[1] == "callback":
            return await self._callback(parts[2], parts[3], request, body)
        return await self._call(request, body)

    async def _callback(self, guid: str, token: str, request: web.BaseRequest, body: bytes) -> web.Response:
        media_type = request.headers.get("Content-Type", "")
        try:
            execution = await record_callback(self._backend, guid, token, media_type, body)
        except JobhookError as error:
            return _response(error_answer(error).to_dict())
        document = compact(views.callback_document(execution))
        return response(200, _JSON, document.encode())

    async def _call(self, request: web.BaseRequest, body: bytes) -> web.Response:
        admitted = self._admit(request, body)
        if not isinstance(admitted, str):
            return response(admitted.status, admitted.headers, admitted.body)
        if request.method == "POST" and request.rel_url.raw_path.endswith("/test"):
            return await self._test(request, body, admitted)
        return await self._call_in(self._threads, request, body, admitted)

    async def _test(self, request: web.BaseRequest, body: bytes, caller: str) -> web.Response:
        """A test call waits for a service: too many are refused at once, and the others hold up no other request."""
        if self._tests >= _TESTS_AT_ONCE:
            busy = Unavailable(f"{_TESTS_AT_ONCE} test calls are under way, and no more at once; try again")
            return _response(error_answer(busy).to_dict())
        self._tests += 1
        try:
            return await self._call_in(self._test_threads, request, body, caller)
        finally:
            self._tests -= 1

    async def _call_in(
        self, threads: ThreadPoolExecutor, request: web.BaseRequest, body: bytes, caller: str
    ) -> web.Response:
        answered = await asyncio.get_running_loop().run_in_executor(
            threads, self._gateway.answer, request.method, request.raw_path, request.headers, body, caller
        )
        return response(answered.status, answered.headers, answered.body)


def _response(answer: dict[str, object]) -> web.Response:
    status, headers, body = answer["statusCode"], answer["headers"], answer["body"]
    assert isinstance(status, int)
    assert isinstance(headers, dict)
    assert isinstance(body, str)
    return response(status, headers, body.encode())
