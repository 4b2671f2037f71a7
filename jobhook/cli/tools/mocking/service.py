"""The mock service: takes webhooks at any path, and behaves as told."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from jobhook.cli.tools.mocking.behaviour import Behaviour, BehaviourRefused
from jobhook.client.receiver import is_test

CompleteTask = Callable[[str, str], None]
"""What happened, of which run: its job and execution id in a word, and a sentence. Never a callback URL."""

_REMEMBERED = 10_000
_CALLBACK_SECONDS = 10


class MockService:
    """Call `listen`; `close` drops what is under way."""

    def __init__(self, behaviour: Behaviour, tell: CompleteTask, chance: Callable[[], float]) -> None:
        self._behaviour = behaviour
        self._tell = tell
        self._chance = chance
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._working: set[asyncio.Task[None]] = set()
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_CALLBACK_SECONDS))
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)

    async def listen(self, host: str, port: int) -> None:
        """Take webhooks there. Raises OSError."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def close(self) -> None:
        """Take nothing more, and call nothing back."""
        await self._runner.cleanup()
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await self._session.close()

    async def _take(self, request: web.Request) -> web.Response:
        try:
            webhook = await request.json()
            if _is_notification(webhook):
                return self._hear(request, str(webhook["text"]))
            run = f"{webhook['service_name']}/{webhook['job_name']}"
            execution_id, attempt, url = str(webhook["execution_id"]), webhook["attempt"], str(webhook["callback_url"])
            behaviour = self._behaviour.of_query(request.query)
        except (json.JSONDecodeError, UnicodeDecodeError, TypeError, KeyError):
            return web.Response(status=400, text="not a webhook of Jobhook")
        except BehaviourRefused as refused:
            self._tell("mock", f"a webhook's URL asks for what is not there: {refused}")
            return web.Response(status=400, text=str(refused))
        await asyncio.sleep(behaviour.answer_after)
        if is_test(webhook):
            self._tell(run, f"test call answered {behaviour.answer}")
            return web.Response(status=behaviour.answer)
        if not 200 <= behaviour.answer < 300:
            self._tell(run, f"webhook (attempt {attempt}) answered {behaviour.answer}")
        elif self._is_double(execution_id):
            self._tell(run, f"webhook (attempt {attempt}) came again and is dropped")
        else:
            self._tell(run, f"webhook (attempt {attempt}) taken, {execution_id}")
            self._begin(self._work(run, url, behaviour))
        return web.Response(status=behaviour.answer)

    def _hear(self, request: web.Request, text: str) -> web.Response:
        answer = self._behaviour.of_query(request.query).answer
        self._tell("notification", f"answered {answer}: {text}")
        return web.Response(status=answer)

    def _is_double(self, execution_id: str) -> bool:
        double = execution_id in self._seen
        self._seen[execution_id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return double

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, run: str, url: str, behaviour: Behaviour) -> None:
        for pause, progress in behaviour.pauses:
            await asyncio.sleep(pause)
            status = await self._call_back(url, {"status": "heartbeat", "progress": progress})
            self._tell(run, f"heartbeat {progress}%: {_status_text(status)}")
            if status == 410:
                return
        await asyncio.sleep(behaviour.last_pause)
        end = behaviour.end(self._chance())
        if end == "lose":
            self._tell(run, "callback lost, as was asked for: Jobhook will end the run when its ttl is over")
            return
        callback = {"fail": {"status": "fail", "error": "failed, as was asked for"}, "success": {"status": "success"}}
        self._tell(run, f"{end}: {_status_text(await self._call_back(url, callback[end]))}")

    async def _call_back(self, url: str, callback: Mapping[str, object]) -> int | None:
        """The answer's status; None where there is none."""
        try:
            async with self._session.post(url, json=callback, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None


def _is_notification(document: object) -> bool:
    """Whether it tells of an end, in whichever form, and is no webhook."""
    return isinstance(document, dict) and "text" in document and "callback_url" not in document


def _status_text(status: int | None) -> str:
    if status is None:
        return "Jobhook could not be reached"
    return {200: "taken", 410: "Jobhook waits no more"}.get(status, f"answered {status}")
