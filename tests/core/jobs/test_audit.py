"""What the audit trail says of each thing that is done to a job."""

from dataclasses import fields, replace

from jobhook.core.executions.execution import Status
from jobhook.core.executions.manual_runs import RunRequest, decide_cancel, request_retry, request_run
from jobhook.core.executions.writes import PutChange
from jobhook.core.jobs.active_window import Span
from jobhook.core.jobs.audit import Action, cancelled, created, deleted, paused_or_resumed, requested, updated
from jobhook.core.jobs.job import Job, JobSettings, new_job
from jobhook.core.notifications.policy import NotificationPolicy

NOW_MS = 1_795_248_000_001
SETTINGS = JobSettings("https://reports.example.com/hook", "rate(1 hour)", ttl_seconds=60, timeout_seconds=86_400)
JOB = new_job("reports", "nightly", SETTINGS, "one", NOW_MS, by="ann")


def _updated(**settings: object) -> Job:
    return JOB.configured(replace(SETTINGS, **settings), NOW_MS + 5, by="bob")  # type: ignore[arg-type]  # any of them


def test_the_first_version_is_by_its_maker() -> None:
    change = created(JOB)
    assert (change.action, change.by, change.version, change.at_ms) == (Action.CREATED, "ann", 1, NOW_MS)
    assert change.details == {}


def test_an_update_tells_each_changed_field_with_both_values() -> None:
    change = updated(JOB, _updated(ttl_seconds=90, state_schema={"type": "object"}))
    assert (change.action, change.by, change.version, change.at_ms) == (Action.UPDATED, "bob", 2, NOW_MS + 5)
    assert change.details == {
        "changed": [
            {"field": "state_schema", "old": None, "new": {"type": "object"}},
            {"field": "ttl_seconds", "old": 60, "new": 90},
        ]
    }


def test_a_timeout_that_became_what_follows_from_the_ttl_is_told() -> None:
    other = JOB.configured(replace(SETTINGS, timeout_seconds=300), NOW_MS, by="ann")
    change = updated(other, other.configured(SETTINGS, NOW_MS, by="ann"))
    assert change.details == {"changed": [{"field": "timeout_seconds", "old": 300, "new": 86_400}]}


def test_no_setting_can_change_unseen() -> None:
    others: dict[str, object] = {
        "invocation_target": "https://other.example.com",
        "schedule": "rate(2 hours)",
        "ttl_seconds": 61,
        "timeout_seconds": 301,
        "enabled": False,
        "exclusive": True,
        "invocation_type": "sns",
        "payload": "p",
        "state_schema": {},
        "description": "d",
        "tags": ("t",),
        "external_id": "e",
        "retention_days": 3,
        "response_schema": {},
        "notify": NotificationPolicy("https://chat.example.com/x"),
    }
    for name, value in others.items():
        assert [one["field"] for one in _changed(updated(JOB, _updated(**{name: value})).details)] == [name]
    assert {*others, "span", "more_schedules"} == {field.name for field in fields(JobSettings)}


def test_one_schedule_more_is_told_as_all_before_and_after() -> None:
    assert _changed(updated(JOB, _updated(more_schedules=("rate(3 hours)",))).details) == [
        {"field": "schedules", "old": [JOB.settings.schedule], "new": [JOB.settings.schedule, "rate(3 hours)"]},
    ]


def test_a_start_and_an_end_are_told_as_a_put_names_them() -> None:
    old, new = _updated(span=Span(1_795_248_000_000)), _updated(span=Span(end_ms=1_795_248_060_500))
    assert _changed(updated(old, new).details) == [
        {"field": "end_at", "old": None, "new": "2026-11-21T08:01:00.500Z"},
        {"field": "start_at", "old": "2026-11-21T08:00:00Z", "new": None},
    ]


def test_of_a_payload_only_that_it_changed_is_told() -> None:
    change = updated(_updated(payload="old secret"), _updated(payload="new secret"))
    assert change.details == {"changed": [{"field": "payload"}]}


def test_of_a_targets_query_nothing_is_told() -> None:
    old, new = (
        _updated(invocation_target="https://a.example/h?token=t1"),
        _updated(invocation_target="https://a.example/"),
    )
    (change,) = _changed(updated(old, new).details)
    assert change == {"field": "invocation_target", "old": "https://a.example/h?...", "new": "https://a.example/"}


def test_a_pause_tells_why_and_until_when_and_a_resumption_nothing() -> None:
    paused = JOB.paused_for("holiday", 1_795_248_060_000, NOW_MS, "bob")
    change = paused_or_resumed(paused)
    assert (change.action, change.by, change.version) == (Action.PAUSED, "bob", 2)
    assert change.details == {
        "reason": "holiday",
        "until": "2026-11-21T08:01:00Z",
        "until_ms": 1_795_248_060_000,
    }
    assert paused_or_resumed(JOB.paused_for("holiday", None, NOW_MS)).details["until"] is None
    resumed = paused_or_resumed(paused.resumed(NOW_MS + 1, by="ann"))
    assert (resumed.action, resumed.by, resumed.version, resumed.details) == (Action.RESUMED, "ann", 3, {})


def test_runs_cancellations_and_retries_name_their_execution() -> None:
    run = request_run(JOB, RunRequest(), NOW_MS)
    asked = requested(JOB, run, "bob")
    assert (asked.action, asked.execution_id, asked.at_ms, asked.details) == (Action.RUN, run.id, NOW_MS, {})
    ended = cancelled(run, "cid", NOW_MS + 9)
    assert (ended.action, ended.execution_id, ended.by, ended.version) == (Action.CANCELLED, run.id, "cid", None)
    failed = replace(run, status=Status.FAILED, ended_at_ms=NOW_MS + 2)
    retry, decision = request_retry(failed, JOB, NOW_MS + 3, "dan")
    (change,) = (write.change for write in decision.writes if isinstance(write, PutChange))
    assert (change.action, change.execution_id, change.by) == (Action.RETRIED, retry.id, "dan")
    assert change.details == {"retry_of": run.id}


def test_what_changes_nothing_leaves_no_trace() -> None:
    run = request_run(JOB, RunRequest(), NOW_MS)
    gone = replace(run, status=Status.CANCELLED, ended_at_ms=NOW_MS, workflow_reported=True)
    assert decide_cancel(gone, NOW_MS, "ann").writes == ()


def test_changes_of_one_instant_are_told_apart_and_in_order_of_versions() -> None:
    second = _updated(ttl_seconds=90)
    changes = [created(JOB), updated(JOB, second), deleted(second, "ann", NOW_MS)]
    run = request_run(second, RunRequest(), NOW_MS)
    changes += [requested(second, run, "ann"), cancelled(run, "ann", NOW_MS)]
    assert len({change.id for change in changes}) == len(changes)
    assert changes[0].id < changes[1].id


def _changed(details: object) -> list[dict[str, object]]:
    assert isinstance(details, dict)
    changed: list[dict[str, object]] = details["changed"]
    return changed
