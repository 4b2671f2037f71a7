"""The state machine's runs as the writer has them: what it wrote lately it need not read again."""

import sqlite3

from jobhook.server.asl.run import Run
from jobhook.server.sqlite import runs
from jobhook.server.sqlite.database import Database

_MOST_KNOWN = 5_000


class RecentRuns:
    """Runs, for use inside units of work. One process writes them, so what it wrote is what stands.

    A group of units that cannot be committed takes all that is remembered with it.
    """

    def __init__(self, database: Database, most_known: int = _MOST_KNOWN) -> None:
        self._most_known = most_known
        self._known: dict[str, Run] = {}
        database.on_rollback(self._known.clear)

    def read(self, connection: sqlite3.Connection, name: str) -> Run | None:
        """The run of that name."""
        run = self._known.get(name)
        if run is None:
            run = runs.read(connection, name)
            if run is not None:
                self._remember(run)
        return run

    def insert(self, connection: sqlite3.Connection, run: Run, key: tuple[str, str, int]) -> bool:
        """Insert a new run; as `runs.insert`."""
        inserted = runs.insert(connection, run, key)
        if inserted:
            self._remember(run)
        return inserted

    def update(self, connection: sqlite3.Connection, run: Run) -> None:
        """Store a run that goes on."""
        runs.update(connection, run)
        self._remember(run)

    def update_heartbeat(self, connection: sqlite3.Connection, run: Run) -> None:
        """Store a run of which only the heartbeat's deadline has changed."""
        runs.update_heartbeat(connection, run)
        self._remember(run)

    def end(self, connection: sqlite3.Connection, run: Run, key: tuple[str, str, int]) -> None:
        """Store the end of a run; as `runs.end`."""
        self._known.pop(run.name, None)
        runs.end(connection, run, key)

    def _remember(self, run: Run) -> None:
        if len(self._known) >= self._most_known and run.name not in self._known:
            del self._known[next(iter(self._known))]
        self._known[run.name] = run
