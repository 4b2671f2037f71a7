"""Jobhook as the example service sees it: it takes PUTs and callbacks, and can be told to misbehave."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Document = dict[str, Any]


class FakeJobhook:
    """Records jobs and callbacks; `misbehave` has what to do with the next callbacks: a status, or 0 to hang up."""

    def __init__(self) -> None:
        self.jobs: dict[str, Document] = {}
        self.callbacks: asyncio.Queue[Document] = asyncio.Queue()
        self.misbehave: list[int] = []
        app = web.Application()
        app.router.add_put("/services/{service}/jobs/{job}", self._put)
        app.router.add_post("/callback/{run}", self._callback)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def webhook(self, job: str, *, execution_id: str = "run-1", attempt: int = 1, state: str | None = None) -> Document:
        last = None if state is None else {"state": state, "status": "success"}
        return {
            "callback_url": f"{self.url}/callback/{execution_id}",
            "job_name": job,
            "execution_id": execution_id,
            "attempt": attempt,
            "invocation_latency_ms": 3,
            "last_successful_execution": last,
        }

    async def _put(self, request: web.Request) -> web.Response:
        self.jobs[f"{request.match_info['service']}/{request.match_info['job']}"] = await request.json()
        return web.json_response({}, status=201)

    async def _callback(self, request: web.Request) -> web.Response:
        status = self.misbehave.pop(0) if self.misbehave else 200
        if status == 0:
            assert request.transport is not None
            request.transport.abort()
        elif status == 200:
            self.callbacks.put_nowait(await request.json())
        return web.json_response({"status": "running", "expires_at": "2026-11-30T09:00:05Z"}, status=status or 200)
