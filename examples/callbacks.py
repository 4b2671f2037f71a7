"""One run of a job as the service sees it: what the webhook said, and the ways to answer it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

Document = Mapping[str, Any]

TRIES = 5
FIRST_PAUSE_SECONDS = 1.0  # doubled with each try: 1, 2, 4 and 8 s


class RunEnded(Exception):
    """Jobhook waits for this run no more (it timed out, or another answer came first): stop working on it."""


class JobhookUnreachable(Exception):
    """No callback came through. There is nothing left to do: Jobhook ends the run when its ttl is over."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a run, in words. `ended`: nothing more will happen in it."""

    job_name: str
    execution_id: str
    what: str
    ended: bool = False


@dataclass(frozen=True)
class Run:
    """A webhook that was taken. `pace` stretches all waiting: 1 is real time, tests use less."""

    webhook: Document
    session: aiohttp.ClientSession = field(repr=False)
    report: Callable[[Event], None]
    pace: float = 1.0

    @property
    def job_name(self) -> str:
        """Which job it is."""
        return str(self.webhook["job_name"])

    @property
    def execution_id(self) -> str:
        """The same for every attempt to deliver this run, and for no other run."""
        return str(self.webhook["execution_id"])

    @property
    def last_state(self) -> str | None:
        """The `state` of the job's last success, as it was called back; None before the first."""
        last = self.webhook["last_successful_execution"]
        return None if last is None else last["state"]

    async def sleep(self, seconds: float) -> None:
        """Stands for work that takes so long."""
        await asyncio.sleep(seconds * self.pace)

    async def heartbeat(self, progress: int) -> None:
        """Say that the work goes on (`progress` in percent): Jobhook then waits another ttl_seconds from now."""
        answer = await self._call_back({"status": "heartbeat", "progress": progress})
        self.tell(f"heartbeat {progress}%; Jobhook waits until {str(answer['expires_at'])[11:19]}")

    async def succeed(self, summary: str, state: str | None = None) -> None:
        """End the run. The next webhook of this job brings `state` and `summary` along."""
        await self._call_back({"status": "success", "summary": summary, "state": state})
        self.tell(f"success: {summary}", ended=True)

    async def fail(self, error: str) -> None:
        """End the run as failed."""
        await self._call_back({"status": "fail", "error": error})
        self.tell(f"failed: {error}", ended=True)

    def tell(self, what: str, *, ended: bool = False) -> None:
        """Report what happened."""
        self.report(Event(self.job_name, self.execution_id, what, ended))

    async def _call_back(self, document: Document) -> Document:
        """POST until it gets through. That is safe: Jobhook takes the same answer twice without harm."""
        pause = FIRST_PAUSE_SECONDS
        for _ in range(TRIES - 1):
            answer = await self._post(document)
            if answer is not None:
                return answer
            await self.sleep(pause)
            pause *= 2
        answer = await self._post(document)
        if answer is None:
            raise JobhookUnreachable
        return answer

    async def _post(self, document: Document) -> Document | None:
        """The answer; None where trying again may help. The URL is a secret: it belongs in no log."""
        try:
            async with self.session.post(self.webhook["callback_url"], json=document) as response:
                if response.status in (404, 410):
                    raise RunEnded
                if response.status == 429 or response.status >= 500:
                    return None
                response.raise_for_status()
                answer: Document = await response.json()
                return answer
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError):
            return None
