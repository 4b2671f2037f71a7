"""Starts what is due on one machine: fires, the pages of large ones, what an outage missed, and what died.

Pages run in this process, one at a time and the fires in turn, so that a large fire holds up no small one.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from jobhook.core.schedules.pages import PageKey
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.ports import Backend
from jobhook.use_cases.catch_up import catch_up
from jobhook.use_cases.dispatch_schedule import dispatch_schedule, start_page
from jobhook.use_cases.reconcile import Report, Step, reconcile

log = logging.getLogger(__name__)


class Starter:
    """The `StartQueue` port of one machine, and what calls the use cases that fill it."""

    def __init__(self, retry_seconds: float = 1.0) -> None:
        """A page that could not be started is tried again after `retry_seconds`."""
        self._retry_seconds = retry_seconds
        self._backend: Backend | None = None
        self._fires: deque[deque[PageKey]] = deque()
        self._known: set[PageKey] = set()
        self._running: asyncio.Task[None] | None = None
        self._retries: set[asyncio.TimerHandle] = set()
        self._stopping = False

    def run_on(self, backend: Backend) -> None:
        """Begin: `backend` is what the use cases are given."""
        self._backend = backend

    async def stop(self) -> None:
        """Start no further page, and wait for the one that runs; the rows of the others keep them."""
        self._stopping = True
        for retry in self._retries:
            retry.cancel()
        if self._running is not None:
            await self._running

    async def idle(self) -> None:
        """Wait until no page runs or waits for its turn (for tests)."""
        while self._running is not None:
            await self._running

    async def send(self, pages: Sequence[PageKey]) -> None:
        """Take the pages that are not waiting already."""
        new = [page for page in pages if page not in self._known]
        if new:
            self._known.update(new)
            self._take(new)

    async def dispatch(self, row: ScheduleRow, due_ms: int) -> None:
        """A schedule is due. Returns when its first page is started."""
        await dispatch_schedule(self._started, row, due_ms)

    async def catch_up(self, row: ScheduleRow, until_ms: int) -> None:
        """The clock has passed several due times of a schedule, whose row may have changed since it was read."""
        known = await self._started.store.read_schedule(row.expression)
        if known is not None:
            await catch_up(self._started, known, until_ms)

    async def reconcile(self, settle_seconds: int | None = None, more: Sequence[Step] = ()) -> Report:
        """Close what no other path closed."""
        report = await reconcile(self._started, settle_seconds, more)
        for step, reason in report.unfinished.items():
            log.warning("reconcile: %s could not finish: %s", step, reason)
        return report

    @property
    def _started(self) -> Backend:
        assert self._backend is not None, "run_on was not called"
        return self._backend

    def _take(self, pages: Sequence[PageKey]) -> None:
        self._fires.append(deque(pages))
        if self._running is None and not self._stopping:
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._fires and not self._stopping:
                fire = self._fires.popleft()
                page = fire.popleft()
                if fire:
                    self._fires.append(fire)
                await self._start(page)
        finally:
            self._running = None

    async def _start(self, page: PageKey) -> None:
        try:
            await start_page(self._started, page)
        except Exception:
            log.exception(
                "a page of %s at %d was not started; it is tried again", page.expression, page.scheduled_time_ms
            )
            self._retry_later(page)
        else:
            self._known.discard(page)
        await asyncio.sleep(0)  # timers and callbacks get their turn

    def _retry_later(self, page: PageKey) -> None:
        def again() -> None:
            self._retries.discard(retry)
            self._take([page])

        retry = asyncio.get_running_loop().call_later(self._retry_seconds, again)
        self._retries.add(retry)
