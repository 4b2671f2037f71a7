"""The stored form: values come back as they were, and a later field needs neither a store's edit nor a migration."""

import json
from dataclasses import dataclass, replace

import msgspec
import pytest

from jobhook.core.executions.execution import Execution, Status
from jobhook.core.jobs.audit import updated
from jobhook.core.jobs.job import Job, JobSettings, ScheduledJob
from jobhook.core.jobs.pause import Pause
from jobhook.core.record import (
    CHANGES,
    EXECUTION_COLUMNS,
    EXECUTIONS,
    FIRES,
    LAST_SUCCESSES,
    SCHEDULED_JOBS,
    SCHEDULES,
    Columns,
    ExecutionForm,
    ExecutionParts,
    Form,
    job_of,
    job_record,
)
from jobhook.core.schedules.rows import Fire, FireState, RuleState
from tests.contract.values import PLAIN, RICH, T0, a_job, a_row, a_success, an_execution, whole_execution


@dataclass(frozen=True, slots=True)
class LaterExecution(Execution):
    """The execution of a later version of Jobhook, with one more plain field."""

    region: str = "home"


@dataclass(frozen=True, slots=True)
class LaterJob(Job):
    """The job of a later version of Jobhook, with one more plain field."""

    owner: str | None = None


LATER_EXECUTIONS = ExecutionForm(LaterExecution)
LATER_JOBS = Form(LaterJob, ("guid", "incarnation", "version"))


def columns_of(execution: Execution) -> Columns:
    return {name: getattr(execution, name) for name in EXECUTION_COLUMNS}


def later(execution: Execution, region: str) -> LaterExecution:
    fields = {name: getattr(execution, name) for name in Execution.__dataclass_fields__}
    return LaterExecution(**fields, region=region)


def job_columns(job: Job) -> Columns:
    return {"guid": job.guid, "incarnation": job.incarnation, "version": job.version}


@pytest.mark.parametrize(
    "execution",
    [
        an_execution(),
        an_execution(status=Status.SUCCESS),
        replace(an_execution(), attempts=(), task_token=None, holds_lock=True),
        whole_execution(),
    ],
)
def test_an_execution_comes_back_as_it_was(execution: Execution) -> None:
    assert EXECUTIONS.decode(columns_of(execution), EXECUTIONS.encode(execution)) == execution


def test_the_listing_has_no_secret_and_no_long_text() -> None:
    execution = whole_execution()
    listed = EXECUTIONS.decode(columns_of(execution), ExecutionParts(EXECUTIONS.encode(execution).listing))
    attempts = tuple(replace(attempt, token_hash="", response=None) for attempt in execution.attempts)
    assert listed == replace(
        execution,
        attempts=attempts,
        task_token=None,
        notify_on=(),
        notification=None,
        state=None,
        state_schema=None,
        payload=None,
    )


def test_a_plain_execution_has_two_parts_without_its_columns_and_defaults() -> None:
    parts = EXECUTIONS.encode(an_execution())
    assert parts[2:] == (None, None, None)
    assert set(json.loads(parts.listing)) == {
        "job_name",
        "schedule",
        "ttl_seconds",
        "invocation_target",
        "started_at_ms",
        "service_invoked_at_ms",
        "expires_at_ms",
        "timeout_at_ms",
        "invocation_latency_ms",
        "attempts",
    }
    assert parts.work is not None
    assert set(json.loads(parts.work)) == {"task_token", "token_hashes"}


def test_a_later_field_of_an_execution_is_stored_and_absent_ones_take_their_default() -> None:
    execution = an_execution()
    abroad = later(execution, "abroad")
    assert LATER_EXECUTIONS.decode(columns_of(execution), LATER_EXECUTIONS.encode(abroad)) == abroad
    assert LATER_EXECUTIONS.decode(columns_of(execution), EXECUTIONS.encode(execution)) == later(execution, "home")


def test_an_older_version_skips_the_later_field_of_an_execution() -> None:
    execution = whole_execution()
    parts = LATER_EXECUTIONS.encode(later(execution, "abroad"))
    assert EXECUTIONS.decode(columns_of(execution), parts) == execution


@pytest.mark.parametrize("settings", [PLAIN, RICH])
@pytest.mark.parametrize("pause", [None, Pause("repair", T0), Pause("repair", T0, T0 + 1)])
def test_a_job_and_its_places_in_schedules_come_back_as_they_were(settings: JobSettings, pause: Pause | None) -> None:
    job = replace(a_job(settings=settings), pause=pause)
    assert job_of(job_record(job), job.guid, job.incarnation, job.version, job.settings.payload) == job
    for expression in job.settings.schedules:
        scheduled = job.scheduled(expression)
        assert SCHEDULED_JOBS.decode(SCHEDULED_JOBS.encode(scheduled), {"guid": job.guid}) == scheduled


def test_the_record_of_a_job_leaves_out_its_payload() -> None:
    job = a_job(settings=RICH)
    record = job_record(job)
    assert "payload" not in json.loads(record)["settings"]
    assert job_of(record, job.guid, job.incarnation, job.version).settings == replace(RICH, payload=None)


def test_a_later_field_of_a_job_is_stored_skipped_by_older_versions_and_by_default_where_absent() -> None:
    job = a_job()
    owned = LaterJob(**{name: getattr(job, name) for name in Job.__dataclass_fields__}, owner="ann")
    record = LATER_JOBS.encode(owned)
    assert LATER_JOBS.decode(record, job_columns(job)) == owned
    assert job_of(record, job.guid, job.incarnation, job.version) == job
    assert LATER_JOBS.decode(job_record(job), job_columns(job)) == replace(owned, owner=None)


def test_the_rows_of_schedules_changes_and_last_successes_come_back_as_they_were() -> None:
    row = a_row(state=RuleState.ACTIVE, jobs=3)
    columns = {name: getattr(row, name) for name in ("expression", "generation", "state", "jobs", "checked_until_ms")}
    assert SCHEDULES.decode(SCHEDULES.encode(row), columns) == row
    for reason in (None, "late"):
        fire = Fire("rate(1 day)", T0, FireState.MISSED, T0, T0 + 5, 6, reason)
        named = ("expression", "scheduled_time_ms", "state", "created_at_ms", "until_ms", "count")
        assert FIRES.decode(FIRES.encode(fire), {name: getattr(fire, name) for name in named}) == fire
    change = updated(a_job(), a_job(settings=RICH))
    assert CHANGES.decode(CHANGES.encode(change), {"guid": change.guid, "at_ms": change.at_ms}) == change
    for success in (a_success(), a_success(state='"é"')):
        assert LAST_SUCCESSES.decode(LAST_SUCCESSES.encode(success)) == success


def test_a_record_that_lacks_what_every_value_has_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="job_name"):
        Form(ScheduledJob).decode('{"service_name":"reports"}')
