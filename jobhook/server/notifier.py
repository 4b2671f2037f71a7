"""Tells targets of the ends of executions as soon as an attempt is due; a target that hangs holds up no other.

What is to be told is on the executions' records. A timer stands for each notification that is pending: set by the
commit that made it so, and at the start for all that an earlier process left.
"""

import asyncio
import logging
from collections.abc import Sequence

from jobhook.core.executions.writes import PutExecution, Write
from jobhook.core.identities import ExecutionKey
from jobhook.core.notifications.policy import LEASE_MS
from jobhook.core.targets.http import host_of
from jobhook.core.times import LATEST_MS
from jobhook.ports import Backend, Clock
from jobhook.server.per_host_limiter import PerHostLimiter
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.job_rows import read_notify_targets
from jobhook.server.timers import Timers
from jobhook.use_cases.send_notifications import send_notification

log = logging.getLogger(__name__)

_AT_ONCE = 32
_OF_ONE_HOST = 4
_TAKEN_UP = 10_000_000  # more than a machine holds
_FORGOTTEN_AT_ONCE = 1_000


class Notifier:
    """Sends on the running event loop. `committed` may be told of writes before `start`, and after `stop`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._timers = Timers(clock, self._due)
        self._lanes: PerHostLimiter[str] = PerHostLimiter(_AT_ONCE, _OF_ONE_HOST)
        self._waiting: set[str] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._backend: Backend | None = None

    def committed(self, writes: Sequence[Write]) -> None:
        """These are durable: a timer for each notification among them that is pending, none for one that is not."""
        for write in writes:
            if isinstance(write, PutExecution) and write.execution.notification is not None:
                self._set(write.execution.id, write.execution.notification.next_at_ms)

    async def start(self, backend: Backend) -> None:
        """Begin to send, and take up what is pending."""
        for due in await backend.store.list_due_notifications(LATEST_MS, _TAKEN_UP):
            self._set(due.key.id, due.at_ms)
        self._backend = backend
        self._timers.start()

    async def take_up_forgotten(self) -> None:
        """Send what has been due for a while and waits for no turn: who committed it was cancelled before saying so."""
        if self._backend is None:
            return
        before_ms = self._clock.now_ms() - LEASE_MS
        for due in await self._backend.store.list_due_notifications(before_ms, _FORGOTTEN_AT_ONCE + len(self._waiting)):
            if due.key.id not in self._waiting:
                self._set(due.key.id, due.at_ms)

    async def stop(self, within_seconds: float) -> None:
        """Begin nothing more, and let what is under way finish; the next start takes up the rest."""
        self._backend = None
        self._timers.stop()
        if self._sending:
            await asyncio.wait(self._sending, timeout=within_seconds)
        for task in self._sending:
            task.cancel()

    def fire_timers(self) -> None:
        """Send what is due by the clock now; for clocks that do not go by themselves."""
        self._timers.fire()

    async def idle(self) -> None:
        """Wait until nothing is being sent."""
        while self._sending:
            await asyncio.wait(self._sending)

    def _set(self, execution_id: str, at_ms: int | None) -> None:
        self._timers.drop(execution_id)  # else an earlier time would stand
        if at_ms is not None:
            self._timers.set(execution_id, at_ms)

    def _due(self, execution_ids: Sequence[str]) -> None:
        keys = [key for key in map(ExecutionKey.parse, execution_ids) if key is not None]
        targets = read_notify_targets(self._database.reader, [key.guid for key in keys])
        self._waiting.update(execution_ids)
        for key in keys:
            self._lanes.add(host_of(targets.get(key.guid, "")), key.id)
        self._send_more()

    def _send_more(self) -> None:
        while self._backend is not None and (taken := self._lanes.take()) is not None:
            task = asyncio.get_running_loop().create_task(self._send(self._backend, *taken))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, backend: Backend, lane: str | None, execution_id: str) -> None:
        key = ExecutionKey.parse(execution_id)
        assert key is not None
        try:
            await send_notification(backend, key)
        except Exception:  # whatever it is, the notification is still pending, and must not be forgotten
            log.exception("the notification of execution %s was not sent; it is tried again", execution_id)
            self._set(execution_id, self._clock.now_ms() + LEASE_MS)
        finally:
            self._waiting.discard(execution_id)
            self._lanes.done(lane)
            self._send_more()
