"""Items as the version before the records wrote them: `old_items.json` was made by that version.

They are read as what they were, and runs that wait since before the upgrade end as they would have ended.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from chalicelib.dynamodb.store import DynamoStore
from jobhook.core.executions.callbacks import Callback, Signal, authenticated, decide_callback
from jobhook.core.executions.execution import Attempt, Execution, ExecutionInput, Status, Trigger
from jobhook.core.executions.tokens import parse_token
from jobhook.core.executions.writes import CountSchedule, MarkReported, PutExecution, PutJob, TakeLock
from jobhook.core.jobs.audit import created, updated
from jobhook.core.jobs.job import Job
from jobhook.core.jobs.pause import Pause
from jobhook.core.notifications.policy import DueNotification, Event
from jobhook.core.paging import Between, ExecutionFilter, OfJob, OfService, Scope
from jobhook.core.schedules.rows import FireState, RuleState
from jobhook.core.targets.answer import Answer
from jobhook.use_cases.invoke_webhook import invoke_webhook
from jobhook.use_cases.record_failure import record_failure
from tests.chalicelib.moto_tables import TABLES
from tests.contract.values import (
    MINUTE,
    NIGHTLY,
    RICH,
    T0,
    a_fire,
    a_job,
    a_key,
    a_row,
    a_success,
    an_execution,
    listed,
    to_notify,
    whole_execution,
)
from tests.fakes.backend import MemoryBackend

OLD = json.loads(Path(__file__).with_name("old_items.json").read_text())
GUID = a_key().guid
PLACES: list[Scope] = [None, OfService("reports"), OfJob(GUID, "one")]


def tried(http_status: int) -> Execution:
    answered = f"the service answered {http_status}"
    attempt = Attempt(1, T0, "a" * 64, http_status, answered, 3, "no", refused=http_status == 404)
    return replace(an_execution(status=Status.PENDING), attempts=(attempt,))


EXECUTIONS = {
    "running": an_execution(),
    "holding": replace(an_execution(), holds_lock=True, trigger=Trigger.RUN),
    "whole": whole_execution(),
    "refused": tried(404),
    "unavailable": tried(503),
    "to_notify": to_notify(0, T0 + 9),
}
JOBS = {
    "plain_job": a_job(),
    "rich_job": replace(a_job(settings=RICH), more_from_ms=(T0 + 1, T0 + 2), pause=Pause("repair", T0, T0 + 1)),
    "paused_job": replace(a_job(), pause=Pause("repair", T0)),
}


def put(client: DynamoDBClient, table: str, *names: str) -> None:
    for name in names:
        for item in OLD["items"][name]:
            client.put_item(TableName=table, Item=item)


@pytest.mark.parametrize("name", EXECUTIONS)
async def test_an_old_execution_is_read_and_listed(client: DynamoDBClient, store: DynamoStore, name: str) -> None:
    put(client, TABLES.executions, name)
    execution = EXECUTIONS[name]
    assert await store.read_execution(execution.key) == execution
    for place in PLACES:
        (found,) = (await store.list_executions(place, ExecutionFilter(), None, 5)).items
        assert found == listed(execution)


async def test_the_reconciler_finds_what_is_old(client: DynamoDBClient, store: DynamoStore) -> None:
    put(client, TABLES.executions, "running")
    put(client, TABLES.jobs, "lock")
    put(client, TABLES.schedules, "open_fire")
    assert list(await store.list_overdue(T0 + 9 * MINUTE, 5)) == [listed(an_execution())]
    assert list(await store.list_locks(T0 + MINUTE, 5)) == [a_key()]
    assert list(await store.list_open_fires(T0 + MINUTE, 5)) == [a_fire()]
    put(client, TABLES.executions, "to_notify")
    assert list(await store.list_unreported(T0 + 9 * MINUTE, 5)) == [a_key()]
    assert list(await store.list_due_notifications(T0 + MINUTE, 5)) == [DueNotification(a_key(), T0 + 9)]
    await store.commit((MarkReported(a_key()),))
    assert await store.read_execution(a_key()) == replace(to_notify(0, T0 + 9), workflow_reported=True)


@pytest.mark.parametrize("name", JOBS)
async def test_an_old_job_is_read_listed_and_dispatched(client: DynamoDBClient, store: DynamoStore, name: str) -> None:
    put(client, TABLES.jobs, name)
    job = JOBS[name]
    assert await store.read_job(GUID) == job
    (found,) = (await store.list_jobs("reports", None, 5)).items
    assert found == replace(job, settings=replace(job.settings, payload=None))
    for expression in job.settings.schedules:
        assert (await store.list_scheduled_jobs(expression, None, 5)).items == [job.scheduled(expression)]


async def test_the_old_state_of_a_job_is_read(client: DynamoDBClient, store: DynamoStore) -> None:
    put(client, TABLES.jobs, "plain_job")
    state = await store.read_job_state(GUID)
    assert state is not None
    assert (state.job, state.lock_holder, state.last_success) == (a_job(), None, None)
    put(client, TABLES.jobs, "lock", "last_success")
    state = await store.read_job_state(GUID)
    assert state is not None
    assert (state.lock_holder, state.last_success) == (a_key().id, a_success(state='{"n":1}'))


async def test_old_rows_and_changes_are_read(client: DynamoDBClient, store: DynamoStore) -> None:
    put(client, TABLES.schedules, "schedule", "missed_fire")
    put(client, TABLES.jobs, "created", "updated")
    row = a_row(state=RuleState.ACTIVE, jobs=3)
    assert await store.read_schedule(NIGHTLY) == row
    await store.commit((CountSchedule(NIGHTLY, "g1", 1),))
    assert list(await store.list_schedules()) == [replace(row, jobs=4)]
    missed = replace(a_fire(1, FireState.MISSED), count=3, reason="late")
    assert await store.read_fire(NIGHTLY, T0 + MINUTE) == missed
    changes = [updated(a_job(), replace(a_job(settings=RICH), version=2)), created(a_job())]
    assert (await store.list_changes(GUID, Between(), None, 5)).items == changes
    assert (await store.list_changes(None, Between(), None, 5)).items == changes


@pytest.mark.parametrize("name", EXECUTIONS)
async def test_an_old_execution_is_rewritten_in_the_new_form(
    client: DynamoDBClient, store: DynamoStore, name: str
) -> None:
    put(client, TABLES.executions, name)
    execution = EXECUTIONS[name]
    again = replace(execution, revision=execution.revision + 1)
    await store.commit((PutExecution(again, execution.revision),))
    item = stored(client, TABLES.executions, {"pk": {"S": f"{GUID}#one"}, "sk": {"N": str(T0)}})
    assert not {"task_token", "state_schema", "notify_on", "notification"} & set(item)
    assert "token_hash" not in str(item["listing"])
    assert await store.read_execution(execution.key) == again


@pytest.mark.parametrize("name", JOBS)
async def test_an_old_job_is_rewritten_in_the_new_form(client: DynamoDBClient, store: DynamoStore, name: str) -> None:
    put(client, TABLES.jobs, name)
    again: Job = replace(JOBS[name], version=2)
    await store.commit((PutJob(again, 1),))
    item = stored(client, TABLES.jobs, {"pk": {"S": GUID}, "sk": {"S": "CONFIG"}})
    assert "settings" in json.loads(item["listing"]["S"])
    assert await store.read_job(GUID) == again


async def test_an_old_callback_url_ends_a_run_that_waits_since_before(
    client: DynamoDBClient, store: DynamoStore
) -> None:
    put(client, TABLES.executions, "waiting")
    put(client, TABLES.jobs, "plain_job", "lock")
    token = parse_token(*OLD["callback_path"].split("/"))
    assert token is not None
    execution = authenticated(await store.read_execution(token.key), token)
    decision = decide_callback(execution, Callback(Signal.SUCCESS, summary="done"), T0 + 5, recovers=False)
    await store.commit(decision.writes)
    ended = await store.read_execution(token.key)
    assert ended is not None
    assert (ended.status, ended.summary, ended.attempts[0].response) == (Status.SUCCESS, "done", "taken")
    assert ended.notification is not None
    assert ended.notification.event is Event.SUCCESS
    state = await store.read_job_state(GUID)
    assert state is not None
    assert state.lock_holder is None
    assert state.last_success is not None
    assert state.last_success.summary == "done"


async def test_the_next_attempt_of_an_old_run_is_sent_with_its_old_input(
    client: DynamoDBClient, store: DynamoStore
) -> None:
    put(client, TABLES.executions, "unavailable")
    put(client, TABLES.jobs, "plain_job")
    backend = MemoryBackend()
    backend.store = store
    backend.webhooks.answers.append(Answer(202))
    await invoke_webhook(backend, ExecutionInput.from_json(OLD["input"]), "task-token-2")
    execution = await store.read_execution(a_key())
    assert execution is not None
    assert (execution.status, execution.task_token) == (Status.RUNNING, "task-token-2")
    first, second = execution.attempts
    assert (first, second.number, second.http_status) == (tried(503).attempts[0], 2, 202)


async def test_an_old_input_ends_a_run_whose_time_is_over(client: DynamoDBClient, store: DynamoStore) -> None:
    put(client, TABLES.executions, "waiting")
    put(client, TABLES.jobs, "plain_job", "lock")
    backend = MemoryBackend()
    backend.store = store
    backend.clock.advance(100)
    await record_failure(backend, ExecutionInput.from_json(OLD["input"]), "States.HeartbeatTimeout", None)
    ended = await store.read_execution(a_key())
    assert ended is not None
    assert ended.status is Status.TIMED_OUT
    await store.commit((TakeLock(a_key(minute=1), T0),))


def stored(client: DynamoDBClient, table: str, key: Mapping[str, object]) -> dict[str, dict[str, str]]:
    found = client.get_item(TableName=table, Key=cast("dict[str, dict[str, str]]", key))["Item"]
    return cast("dict[str, dict[str, str]]", found)
