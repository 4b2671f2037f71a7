"""What the engine remembers of its runs is what the writer's connection would read."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest

from jobhook.core.errors import Unavailable
from jobhook.server.asl.run import Run
from jobhook.server.recent_runs import RecentRuns
from jobhook.server.sqlite import runs
from jobhook.server.sqlite.database import Database

KEY = ("g", "i", 0)


def a_run(name: str = "one") -> Run:
    return Run(name, "Invoke", {"a": 1}, 5, retries=(0,), token=f"{name}~t", timeout_deadline_ms=9)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    opened = Database(":memory:")
    yield opened
    await opened.close()


async def test_what_was_written_is_read_without_the_database(database: Database) -> None:
    known = RecentRuns(database)
    run = a_run()
    await database.write(lambda connection: known.insert(connection, run, KEY))
    changed = replace(run, heartbeat_deadline_ms=7)
    await database.write(lambda connection: known.update_heartbeat(connection, changed))
    no_rows = sqlite3.connect(":memory:")
    assert known.read(no_rows, run.name) == changed
    no_rows.close()
    assert runs.read(database.reader, run.name) == changed


async def test_a_run_that_has_ended_is_read_as_it_was_stored(database: Database) -> None:
    known = RecentRuns(database)
    run = a_run()
    await database.write(lambda connection: known.insert(connection, run, KEY))
    await database.write(lambda connection: known.end(connection, run, KEY))
    assert known.read(database.reader, run.name) == runs.read(database.reader, run.name) != run


async def test_what_was_undone_is_forgotten(database: Database) -> None:
    known = RecentRuns(database)
    run = a_run()
    await database.write(lambda connection: known.insert(connection, run, KEY))

    def fail_after_update(connection: sqlite3.Connection) -> None:
        known.update(connection, replace(run, state="Other"))
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(Unavailable):
        await database.write(fail_after_update)
    assert known.read(database.reader, run.name) == run


async def test_an_occurrence_that_was_started_before_changes_nothing_that_is_known(database: Database) -> None:
    known = RecentRuns(database)
    run = a_run()
    await database.write(lambda connection: known.insert(connection, run, KEY))
    await database.write(lambda connection: known.insert(connection, replace(run, token="other"), KEY))
    assert known.read(database.reader, run.name) == run


async def test_only_so_many_are_remembered(database: Database) -> None:
    known = RecentRuns(database, most_known=2)
    for name in ("one", "two", "three"):
        await database.write(partial(known.insert, run=a_run(name), key=KEY))
    assert list(known._known) == ["two", "three"]
    assert known.read(database.reader, "one") == a_run("one")
