"""One SQLite file with a single writer: units of work are gathered and committed together.

Statements run on the event loop's thread, where they take microseconds; only the COMMIT, which waits for the disk,
runs in a thread of its own. (A writer thread that runs the statements as well would fight the loop for the interpreter
lock at each of them.) While one commit waits, the next units gather: the busier the server, the larger the groups.
Units of which nobody outside hears before a later one need not wait: the file's log is in order.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from jobhook.core.errors import Unavailable
from jobhook.server.sqlite.schema import prepare

Result = TypeVar("Result")
Unit = Callable[[sqlite3.Connection], Result]

_LARGEST_GROUP = 200  # the loop serves others between two groups
_CHECKPOINT_PAGES = 1_000  # as SQLite has it by default
_LEVELS = ("OFF", "NORMAL", "FULL", "EXTRA")  # of SQLite's synchronous; in WAL mode FULL waits for the disk


class Database:
    """A file's connections. To be made, used and closed on one event loop's thread."""

    def __init__(self, path: Path | str, *, synchronous: str = "FULL") -> None:
        """Open or create the file at `path` (":memory:" for tests). `synchronous` is SQLite's, for durable units."""
        self._writing = _connect(path, synchronous)
        prepare(self._writing)
        # An in-memory database exists in one connection only.
        self._reading = self._writing if str(path) == ":memory:" else _connect(path, synchronous)
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="listing")
        self._listing = self._reading if str(path) == ":memory:" else _connect(path, synchronous)
        self._synchronous = self._synchronous_now = synchronous
        self._waiting: deque[tuple[Unit[Any], asyncio.Future[Any], bool]] = deque()
        self._flushing: asyncio.Task[None] | None = None
        self._after_rollback: list[Callable[[], None]] = []

    @property
    def reader(self) -> sqlite3.Connection:
        """For reads by key on the loop's thread: what has been committed."""
        return self._reading

    def read(self, read: Unit[Result]) -> Result:
        """Run a read of few rows at once, on the loop. Raises Unavailable where the file cannot be read."""
        try:
            return read(self._reading)
        except sqlite3.Error as error:
            raise unreadable(error) from error

    async def list(self, read: Unit[Result]) -> Result:
        """Run a read of many rows beside the loop. Raises Unavailable where the file cannot be read."""
        try:
            if self._listing is self._writing:
                return read(self._listing)
            return await asyncio.get_running_loop().run_in_executor(self._readers, read, self._listing)
        except sqlite3.Error as error:
            raise unreadable(error) from error

    def write(self, unit: Unit[Result], *, durable: bool = True) -> "asyncio.Future[Result]":
        """Queue a unit of work; its result once it is durable, or, if it need not be `durable`, once it is committed.

        Such a unit survives the death of the process, and a power cut once a later durable one is done: the disk has
        no unit without all that were before it. It is for what nobody outside hears of before that later one, and
        what the next start does again by itself.

        A unit that raises must have written nothing by then (`savepoint` helps), and its exception is the future's.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((unit, future, durable))
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())
        return future

    def on_rollback(self, forget: Callable[[], None]) -> None:
        """Call `forget` whenever a group is undone: what its units remembered of their rows is wrong then."""
        self._after_rollback.append(forget)

    async def close(self) -> None:
        """Finish what was queued, and close the file."""
        while self._flushing is not None:
            await self._flushing
        for pool in (self._committer, self._readers):
            pool.shutdown()
        for connection in {self._writing, self._reading, self._listing}:
            connection.close()

    async def _flush(self) -> None:
        try:
            while self._waiting:
                await self._commit_group()
        finally:
            self._flushing = None

    async def _commit_group(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _LARGEST_GROUP))]
        done: list[Callable[[], None]] = []
        try:
            durable = any(durable for _, _, durable in group)
            self._wait_for_disk(durable)
            self._writing.execute("BEGIN IMMEDIATE")
            done.extend(_outcome(unit, future, self._writing) for unit, future, _ in group)
            await self._commit(durable)
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._writing.rollback()  # where this fails too, so does the next group, and tries it again
            for forget in self._after_rollback:
                forget()
            problem = Unavailable(f"the database cannot be written: {error}")
            done = [partial(_fail, future, problem) for _, future, _ in group]
        for settle in done:
            settle()

    async def _commit(self, durable: bool) -> None:
        if durable:
            await asyncio.get_running_loop().run_in_executor(self._committer, self._writing.commit)
        else:
            self._writing.commit()  # it waits for nothing, and takes less than the way to a thread and back

    def _wait_for_disk(self, durable: bool) -> None:
        """Say whether the next commit waits for the disk; one that does not leaves the checkpoint to one that does."""
        synchronous = self._synchronous if durable else min(self._synchronous, "NORMAL", key=_LEVELS.index)
        if synchronous != self._synchronous_now:
            self._writing.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES if durable else 0}")
            self._writing.execute(f"PRAGMA synchronous = {synchronous}")
            self._synchronous_now = synchronous


def unreadable(error: sqlite3.Error) -> Unavailable:
    """What a caller is told of a read that failed."""
    return Unavailable(f"the database cannot be read: {error}")


def savepoint(connection: sqlite3.Connection, work: Callable[[], None]) -> None:
    """Run `work` so that all that it wrote is undone if it raises."""
    connection.execute("SAVEPOINT unit")
    try:
        work()
    except BaseException:
        connection.execute("ROLLBACK TO unit")
        connection.execute("RELEASE unit")
        raise
    connection.execute("RELEASE unit")


def _connect(path: Path | str, synchronous: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def _outcome(unit: Unit[Any], future: "asyncio.Future[Any]", connection: sqlite3.Connection) -> Callable[[], None]:
    """Run the unit now; what is returned settles its future after the commit."""
    try:
        result = unit(connection)
    except sqlite3.Error:
        raise
    except Exception as error:
        return partial(_fail, future, error)
    return partial(_succeed, future, result)


def _succeed(future: "asyncio.Future[Result]", result: Result) -> None:
    if not future.cancelled():
        future.set_result(result)


def _fail(future: "asyncio.Future[Any]", error: Exception) -> None:
    if not future.cancelled():
        future.set_exception(error)
