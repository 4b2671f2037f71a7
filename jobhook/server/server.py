"""The one-machine server: what it is made of, in which order it starts, and in which it stops."""

import asyncio
import json
import logging
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from jobhook.adapters.clock import SystemClock
from jobhook.adapters.ids import RandomIds
from jobhook.core.schedules.rows import ScheduleRow
from jobhook.core.targets.http import HttpTarget
from jobhook.core.targets.networks import TargetNetworks, parse_networks
from jobhook.core.times import DAY_MS
from jobhook.ports import Settings
from jobhook.server.asl.machine import load
from jobhook.server.asl.states import Machine
from jobhook.server.auth.credentials import CredentialsFile
from jobhook.server.authentication import SignedOnly, admit_all
from jobhook.server.backend import SUBSTITUTIONS, OneMachine, functions, target_hosts
from jobhook.server.clock import ScheduleClock
from jobhook.server.effects import OneTransactionEffects
from jobhook.server.engine import Engine
from jobhook.server.http import Admit, HttpServer
from jobhook.server.http_sender import PooledHttpSender
from jobhook.server.notifier import Notifier
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.retention import forget
from jobhook.server.sqlite.schema import UnknownSchema
from jobhook.server.sqlite.store import SqliteStore
from jobhook.server.starter import Starter

log = logging.getLogger(__name__)

THIS_MACHINES = TargetNetworks(parse_networks("loopback,private"))
"""What webhooks may reach unless told otherwise: the services of one machine and of its network."""

_RECONCILE_EVERY_SECONDS = 60
_SETTLE_SECONDS = 60
_PREPARED_JOBS = 20  # more need no preparation: the first ones prepare the others
_FORGOTTEN_AT_ONCE = 500  # rows in a unit of work: the others' commits wait for it
_RETRY_LIMIT = 64  # of so many writers of one record each gets its turn; trying again costs next to nothing here
_STOP_WITHIN_SECONDS = 12  # a webhook's answer takes 10 s at most


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How to serve. `base_url` None: the address that is listened on. `signed`: only SigV4-signed requests come in.

    History older than `retention_days` is forgotten. Webhooks reach public addresses and `target_networks`.
    """

    host: str
    port: int
    data: Path
    base_url: str | None = None
    signed: bool = False
    synchronous: str = "FULL"
    retention_days: int = 90
    target_networks: TargetNetworks = THIS_MACHINES


class CannotStart(Exception):
    """The server cannot serve as it was asked to; the text says why."""


class Server:
    """Everything of one machine, in one process."""

    def __init__(self, options: ServerOptions) -> None:
        self._options = options
        self._background: list[asyncio.Task[None]] = []

    async def start(self) -> str:
        """Take up what an earlier process left, and begin to serve; the URL of the API.

        Raises CannotStart. The order matters: the address is taken before a webhook is sent; waiting runs have their
        deadlines before callbacks come in; what was due while no server ran is accounted for before the clock goes on.
        """
        options = self._options
        self._database = _open_database(options)
        clock = SystemClock()
        self._http_sender = PooledHttpSender(options.target_networks)
        engine = Engine(_machine(), self._database, clock)
        self._notifier = Notifier(self._database, clock)
        settings = Settings(
            base_url=options.base_url or f"http://{_in_url(options.host)}:{options.port}",
            heartbeat_grace_seconds=0,
            page_size=200,
            retry_limit=_RETRY_LIMIT,
            settle_seconds=_SETTLE_SECONDS,
            rates_keep_phase=True,
            target_networks=options.target_networks,
        )
        self.backend = OneMachine(
            store=SqliteStore(self._database, self._notifier.committed),
            rules=ScheduleClock(clock),
            workflows=engine,
            effects=OneTransactionEffects(self._database, engine, self._notifier.committed),
            senders={HttpTarget.kind: self._http_sender},
            clock=clock,
            ids=RandomIds(),
            settings=settings,
            start_queue=Starter(),
        )
        starter = self.backend.start_queue
        starter.run_on(self.backend)
        self._http = HttpServer(self.backend, _admission(options))
        await self._listen(options)
        engine.run_functions(functions(self.backend), target_hosts(self._database))
        await self._http.serve()
        await self._notifier.start(self.backend)
        await starter.reconcile(settle_seconds=0)
        rows = await self.backend.store.list_schedules()
        self.backend.rules.start(rows, starter.dispatch, starter.catch_up, self._prepare)
        self._background.append(asyncio.get_running_loop().create_task(self._keep_house()))
        return settings.base_url

    async def stop(self) -> None:
        """Fire nothing more, let what is under way finish, and close the data; the next start takes up the rest."""
        for task in self._background:
            task.cancel()
        await self.backend.rules.stop()
        await self.backend.start_queue.stop()
        await self._http.close(_STOP_WITHIN_SECONDS)
        await self.backend.workflows.stop(_STOP_WITHIN_SECONDS)
        await self._notifier.stop(_STOP_WITHIN_SECONDS)
        await self._http_sender.close()
        await self._database.close()

    async def _listen(self, options: ServerOptions) -> None:
        try:
            await self._http.listen(options.host, options.port)
        except OSError as error:
            await self._http_sender.close()
            await self._database.close()
            reason = (error.strerror or str(error)).rpartition(": ")[2]  # asyncio says the address again before it
            raise CannotStart(f"cannot listen on {options.host}:{options.port}: {reason}") from error

    async def _prepare(self, row: ScheduleRow) -> None:
        """Read what the fire is about to read, and throw it away: after idle time the first of everything is slow."""
        jobs = await self.backend.store.list_scheduled_jobs(row.expression, None, _PREPARED_JOBS)
        for job in jobs.items:
            await self.backend.store.read_job_state(job.guid)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(_RECONCILE_EVERY_SECONDS)
            try:
                await self.backend.start_queue.reconcile()
                await self._notifier.take_up_forgotten()
                await self.forget()
            except Exception:
                log.exception("keeping house failed; it is tried again in %d s", _RECONCILE_EVERY_SECONDS)

    async def forget(self) -> None:
        """Remove the history that is older than it is to be kept."""
        now_ms = self.backend.clock.now_ms()
        before_ms = now_ms - self._options.retention_days * DAY_MS
        while await self._database.write(lambda connection: forget(connection, before_ms, now_ms, _FORGOTTEN_AT_ONCE)):
            pass  # each piece waits for its commit, so others get their turn


def _open_database(options: ServerOptions) -> Database:
    file = options.data / "jobhook.db"
    try:
        return Database(file, synchronous=options.synchronous)
    except UnknownSchema as unknown:
        raise CannotStart(f"cannot use {file}: {unknown}") from unknown
    except sqlite3.Error as error:
        raise CannotStart(f"cannot use {file}: {error}") from error


def _admission(options: ServerOptions) -> Admit:
    return SignedOnly(CredentialsFile.in_directory(options.data)) if options.signed else admit_all


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _machine() -> Machine:
    """The state machine, from the installed package or from the source tree."""
    here = Path(__file__).resolve()
    places = [here.parents[1] / "statemachines", here.parents[2] / "statemachines"]
    file = next(place / "execution.asl.json" for place in places if place.is_dir())
    return load(json.loads(file.read_text(encoding="utf-8")), SUBSTITUTIONS)
