"""An HTTP service named `example`: it registers its jobs with Jobhook, takes their webhooks, works, and calls back.

Run it by itself against a server that runs already:

    jobhook serve                   # in one terminal
    python -m examples.service      # in another
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping

import aiohttp
from aiohttp import web

from examples.callbacks import Event, JobhookUnreachable, Run, RunEnded
from examples.jobs import JOBS, Job

SERVICE = "example"
REMEMBERED = 1_000


class ExampleService:
    """Call `listen`, then `register`; `close` ends both. `jobhook_url` has no trailing slash."""

    def __init__(
        self,
        jobhook_url: str,
        report: Callable[[Event], None],
        *,
        jobs: Mapping[str, Job] = JOBS,
        pace: float = 1.0,
    ) -> None:
        """`pace` stretches all waiting: 1 is real time, tests use less."""
        self._jobhook_url = jobhook_url
        self._report = report
        self._jobs = jobs
        self._pace = pace
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._working: set[asyncio.Task[None]] = set()
        app = web.Application()
        app.router.add_post("/hooks/{job}", self._take_webhook)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)

    async def listen(self, port: int, host: str = "127.0.0.1") -> None:
        """Take webhooks on that port. Raises OSError where it is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def register(self, own_url: str) -> None:
        """PUT every job, at each start: the same settings again change nothing, new ones are taken over."""
        for name, job in self._jobs.items():
            settings = {**job.settings, "invocation_target": f"{own_url}/hooks/{name}"}
            async with self._session.put(f"{self._jobhook_url}/services/{SERVICE}/jobs/{name}", json=settings) as put:
                put.raise_for_status()

    async def close(self) -> None:
        """Take nothing more and drop what is under way: Jobhook ends those runs when their ttl is over."""
        await self._runner.cleanup()
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await self._session.close()

    async def _take_webhook(self, request: web.Request) -> web.Response:
        """Answer at once, and work in the background: Jobhook waits 10 s for this answer, but days for a callback."""
        job = self._jobs.get(request.match_info["job"])
        if job is None:
            return web.Response(status=404)
        try:
            run = Run(await request.json(), self._session, self._report, self._pace)
            attempt = run.webhook["attempt"]
            test = run.webhook.get("test") is True
            double = not test and self._is_double(run.execution_id)
        except (json.JSONDecodeError, TypeError, KeyError):
            return web.Response(status=400, text="not a webhook of Jobhook")
        if test:
            run.tell("test call taken: nothing is done, nothing called back", ended=True)
        elif double:
            run.tell(f"webhook received again (attempt {attempt}), dropped")
        else:
            run.tell(f"webhook received (attempt {attempt}, {run.webhook['invocation_latency_ms']} ms after its time)")
            self._begin(job, run)
        return web.Response(status=202)

    def _is_double(self, execution_id: str) -> bool:
        """Webhooks come at least once. (A service of several processes keeps these ids where all can see them.)"""
        if execution_id in self._seen:
            return True
        self._seen[execution_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    def _begin(self, job: Job, run: Run) -> None:
        task = asyncio.create_task(_work(job, run))
        self._working.add(task)
        task.add_done_callback(self._working.discard)


async def _work(job: Job, run: Run) -> None:
    try:
        await _answered(job, run)
    except RunEnded:
        run.tell("stopped: Jobhook waits for this run no more", ended=True)
    except JobhookUnreachable:
        run.tell("gave up calling back: Jobhook cannot be reached")


async def _answered(job: Job, run: Run) -> None:
    try:
        done = await job.work(run)
    except (RunEnded, JobhookUnreachable):
        raise
    except Exception as error:  # whatever went wrong: Jobhook should hear of it now, not when the ttl is over
        await run.fail(f"{type(error).__name__}: {error}")
    else:
        await run.succeed(done.summary, done.state)


async def main(jobhook_url: str = "http://127.0.0.1:8080", port: int = 8090) -> None:
    """Serve until interrupted."""
    service = ExampleService(jobhook_url, lambda event: print(event.job_name, event.what, flush=True))
    try:
        await service.listen(port)
        await service.register(f"http://127.0.0.1:{port}")
        await asyncio.Event().wait()
    finally:
        await service.close()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
