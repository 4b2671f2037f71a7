"""The state machine's runs as rows: they come back as they were, and only what must be found is found."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

import pytest

from jobhook.core.executions.execution import Status as ExecutionStatus
from jobhook.core.executions.writes import PutExecution
from jobhook.server.asl.run import Run, Status
from jobhook.server.sqlite import runs
from jobhook.server.sqlite.apply import apply
from jobhook.server.sqlite.database import _connect
from jobhook.server.sqlite.schema import prepare
from tests.contract.values import T0, a_key, an_execution

KEY = (a_key().guid, a_key().incarnation, a_key().scheduled_time_ms)
WAITING = Run(
    name=a_key().id,
    state="Invoke",
    input={"execution_id": a_key().id, "quote": '"é☃\u0000'},
    entered_ms=T0,
    retries=(1, 0),
    token="token-1",
    heartbeat_deadline_ms=T0 + 60_000,
    timeout_deadline_ms=T0 + 300_000,
)
INVOKING = replace(WAITING, invoking=True, heartbeat_deadline_ms=None)
BACKING_OFF = replace(WAITING, token=None, heartbeat_deadline_ms=None, timeout_deadline_ms=None, retry_at_ms=T0 + 2_000)
FAILED = replace(
    WAITING,
    status=Status.FAILED,
    token=None,
    heartbeat_deadline_ms=None,
    timeout_deadline_ms=None,
    error="ExecutionFailed",
    cause="why",
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    opened = _connect(tmp_path / "jobhook.db", "OFF")
    prepare(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("run", [WAITING, INVOKING, BACKING_OFF])
def test_a_run_comes_back_as_it_was(connection: Connection, run: Run) -> None:
    assert runs.insert(connection, run, KEY)
    assert runs.read(connection, run.name) == run
    for changed in (WAITING, INVOKING, BACKING_OFF):
        runs.update(connection, changed)
        assert runs.read(connection, run.name) == changed
    assert runs.read(connection, "nobody") is None


def test_a_run_is_inserted_once_and_not_where_its_execution_has_a_record(connection: Connection) -> None:
    assert runs.insert(connection, INVOKING, KEY)
    assert not runs.insert(connection, WAITING, KEY)
    assert runs.read(connection, INVOKING.name) == INVOKING
    other = a_key(minute=1)
    apply(connection, [PutExecution(an_execution(minute=1, status=ExecutionStatus.SUCCESS), None)])
    late = replace(INVOKING, name=other.id)
    assert not runs.insert(connection, late, (other.guid, other.incarnation, other.scheduled_time_ms))
    assert runs.read(connection, other.id) is None


def test_an_ended_run_goes_once_its_execution_has_ended(connection: Connection) -> None:
    runs.insert(connection, WAITING, KEY)
    apply(connection, [PutExecution(an_execution(status=ExecutionStatus.FAILED), None)])
    runs.end(connection, FAILED, KEY)
    assert runs.read(connection, WAITING.name) is None


def test_an_ended_run_whose_execution_has_not_ended_stays_to_be_found(connection: Connection) -> None:
    runs.insert(connection, WAITING, KEY)
    apply(connection, [PutExecution(an_execution(), None)])
    runs.end(connection, FAILED, KEY)
    left = runs.read(connection, WAITING.name)
    assert left is not None
    assert (left.status, left.error, left.cause, left.input) == (Status.FAILED, "ExecutionFailed", "why", WAITING.input)
    assert runs.failed(connection, T0) == [WAITING.name]
    assert runs.failed(connection, T0 + 1) == []
    assert list(runs.deadlines(connection)) == []


def test_the_earliest_deadline_of_each_running_run_is_found(connection: Connection) -> None:
    named = {"a": WAITING, "b": INVOKING, "c": BACKING_OFF}
    for name, run in named.items():
        runs.insert(connection, replace(run, name=name), KEY)
    assert dict(runs.deadlines(connection)) == {"a": T0 + 60_000, "b": T0 + 300_000, "c": T0 + 2_000}


def test_only_functions_without_a_sign_of_life_count_as_lost(connection: Connection) -> None:
    alive = replace(INVOKING, name="alive", heartbeat_deadline_ms=T0 + 60_000)
    for run in (INVOKING, alive, replace(WAITING, name="waits"), replace(BACKING_OFF, name="backs off")):
        runs.insert(connection, run, KEY)
    assert [run.name for run in runs.invoking(connection)] == [INVOKING.name]
