"""The state machine's runs as rows."""

import sqlite3
from collections.abc import Iterator

from jobhook.server.asl.run import COLUMNS, Phase, Run, from_row, to_row

# The execution's own record outlives its run, so that the same occurrence never runs again. (A record that is open and
# has no run is one that a person asked for.)
_INSERT = (
    f"INSERT OR IGNORE INTO workflows ({', '.join(COLUMNS)}) SELECT {', '.join('?' for _ in COLUMNS)} "
    "WHERE NOT EXISTS (SELECT 1 FROM executions WHERE guid = ? AND incarnation = ? AND scheduled_time_ms = ? "
    "AND ended_at_ms IS NOT NULL)"
)
_UPDATE = f"UPDATE workflows SET {', '.join(f'{column} = ?' for column in COLUMNS[1:])} WHERE name = ?"
_READ = f"SELECT {', '.join(COLUMNS)} FROM workflows WHERE"
_DEADLINE = (
    "min(coalesce(heartbeat_deadline_ms, 9e18), coalesce(timeout_deadline_ms, 9e18), coalesce(retry_at_ms, 9e18))"
)


def insert(connection: sqlite3.Connection, run: Run, key: tuple[str, str, int]) -> bool:
    """Insert a new run, unless it exists or the execution with that key (guid, incarnation, time) has ended."""
    return connection.execute(_INSERT, (*to_row(run), *key)).rowcount == 1


def read(connection: sqlite3.Connection, name: str) -> Run | None:
    """The run of that name."""
    row = connection.execute(f"{_READ} name = ?", (name,)).fetchone()
    return None if row is None else from_row(row)


def update(connection: sqlite3.Connection, run: Run) -> None:
    """Store a run that goes on."""
    cells = to_row(run)
    connection.execute(_UPDATE, (*cells[1:], cells[0]))


def update_heartbeat(connection: sqlite3.Connection, run: Run) -> None:
    """Store a run of which only the heartbeat's deadline has changed, which is what most steps change."""
    connection.execute(
        "UPDATE workflows SET heartbeat_deadline_ms = ? WHERE name = ?", (run.heartbeat_deadline_ms, run.name)
    )


def end(connection: sqlite3.Connection, run: Run, key: tuple[str, str, int]) -> None:
    """Remove a run that has ended; one whose execution's record has not ended stays, for the reconciler to find."""
    gone = connection.execute(
        "DELETE FROM workflows WHERE name = ? AND EXISTS (SELECT 1 FROM executions WHERE guid = ? AND incarnation = ? "
        "AND scheduled_time_ms = ? AND ended_at_ms IS NOT NULL)",
        (run.name, *key),
    )
    if gone.rowcount == 0:
        connection.execute(
            "UPDATE workflows SET phase = ?, status = ?, error = ?, cause = ?, token = NULL, invoking = 0, "
            "heartbeat_deadline_ms = NULL, timeout_deadline_ms = NULL, retry_at_ms = NULL WHERE name = ?",
            (Phase.ENDED, run.status, run.error, run.cause, run.name),
        )


def deadlines(connection: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Every running run's name and earliest deadline (epoch ms)."""
    query = f"SELECT name, CAST({_DEADLINE} AS INTEGER) FROM workflows WHERE status = 'RUNNING'"
    yield from connection.execute(query)


def invoking(connection: sqlite3.Connection) -> list[Run]:
    """Runs whose function has not returned, and that have shown no sign of life."""
    query = f"{_READ} status = 'RUNNING' AND invoking = 1 AND heartbeat_deadline_ms IS NULL"
    return [from_row(row) for row in connection.execute(query)]


def failed(connection: sqlite3.Connection, since_ms: int) -> list[str]:
    """Names of runs that failed since then and whose executions were not recorded as ended when they did."""
    query = "SELECT name FROM workflows WHERE status = 'FAILED' AND entered_ms >= ?"
    return [name for (name,) in connection.execute(query, (since_ms,))]
