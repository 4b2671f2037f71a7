"""Examples of the shared schemas, made by the functions that make the real documents."""

from collections.abc import Mapping
from dataclasses import replace

from jobhook.api.rendering import audit as change_views
from jobhook.api.rendering import insight as insight_views
from jobhook.api.rendering import resources as views
from jobhook.api.rendering import schedules as schedule_views
from jobhook.api.rendering import stats as stats_views
from jobhook.core.executions.execution import Attempt, Execution, Status
from jobhook.core.executions.stats import Dimension, Stats, StatsRequest
from jobhook.core.executions.tokens import CallbackToken
from jobhook.core.identities import ExecutionKey
from jobhook.core.insight.health import Health
from jobhook.core.insight.why import WhyQuery, explain
from jobhook.core.jobs.audit import created
from jobhook.core.jobs.job import Job, JobSettings, LastSuccess, Service, new_job
from jobhook.core.notifications.message import notification_body
from jobhook.core.notifications.policy import Event, Format
from jobhook.core.schedules.rows import Fire, FireState, RuleState, ScheduleRow
from jobhook.core.schedules.upcoming import Occurrence
from jobhook.core.targets.answer import Answer
from jobhook.core.targets.test_call import TestCall
from jobhook.core.targets.webhook import webhook_body
from jobhook.core.times import MINUTE_MS, SECOND_MS
from jobhook.core.work_limit import unlimited

Document = dict[str, object]

_NOW_MS = 1_795_248_000_000  # 2026-11-21T08:00:00Z
_DUE_MS = _NOW_MS + MINUTE_MS
_SCHEDULE = "cron(0/1 * * * ? *)"
_STATUSES = StatsRequest((Dimension.STATUS,), _NOW_MS, _NOW_MS)
_BODY: Document = {
    "schedule": _SCHEDULE,
    "invocation_target": "https://reports.example.com/hooks/nightly",
    "ttl_seconds": 60,
    "payload": '{"region": "eu"}',
}


def examples() -> dict[str, Mapping[str, object]]:
    """An example of each whole request, answer and webhook, by its schema's name."""
    job, execution = _job(), _execution()
    token = CallbackToken(execution.key, 1, "9mLx0zS5c6kYwBNmhXg7jv0m1rC2r1aQ4uHk3eDg8sE")
    last = LastSuccess(execution.id, _DUE_MS, _DUE_MS + 4, execution.state, execution.summary)
    sent = webhook_body(execution, last, f"https://jobs.example.com/callback/{token.path}", _DUE_MS + 2)
    fire = Fire(_SCHEDULE, _DUE_MS, FireState.DONE, _DUE_MS, _DUE_MS, count=1)
    row = ScheduleRow(_SCHEDULE, "k3v9", RuleState.ACTIVE, 1, _NOW_MS, _DUE_MS)
    occurrence = schedule_views.occurrence_document(Occurrence("reports", "nightly", _SCHEDULE, _DUE_MS), True)
    whole = views.job_document(job, _NOW_MS, whole=True)
    asked = WhyQuery(job, {row.expression: row}, _DUE_MS, _DUE_MS, 60, (execution,), (fire,))
    health = Health(_NOW_MS, execution, (execution,), (), (), (), (), (), ())
    return {
        "JobBody": _BODY,
        "JobPatch": {"ttl_seconds": 90, "payload": None},
        "RunBody": {"payload": '{"region": "us"}'},
        "PauseBody": {"reason": "the warehouse is being moved", "until": "2099-12-01T06:00:00Z"},
        "TestBody": {"payload": '{"region": "us"}'},
        "TestCall": TestCall(job, Answer(204), 12, unlimited).document,
        "NoBody": {},
        "CallbackBody": {"status": "success", "summary": "412 rows written", "state": '{"last_id": 1789}'},
        "Job": whole,
        "PlannedJob": {"dry_run": True, "created": True, "changed": True, "job": whole, "upcoming": [occurrence]},
        "JobPage": _page(views.job_document(job, _NOW_MS, whole=False)),
        "ServicePage": _page(views.service_document(Service("reports", 1))),
        "OccurrencePage": _page(occurrence),
        "SchedulePage": _page(schedule_views.schedule_document(row, _NOW_MS, True))
        | {"quota": {"used": 1, "limit": 300}},
        "Execution": views.execution_document(execution, whole=True),
        "ExecutionPage": _page(views.execution_document(execution, whole=False)),
        "CallbackAnswer": views.callback_document(execution),
        "ChangePage": _page(change_views.change_document(created(job))),
        "Stats": stats_views.stats_document(_STATUSES, Stats([(("success",), 412)], 412, open_complete=True)),
        "Why": insight_views.why_document(asked, explain(asked)),
        "Health": insight_views.health_document(health),
        "Webhook": sent,
        "NotificationMessage": notification_body(execution, Event.RECOVERED, Format.JSON),
        "SlackMessage": notification_body(execution, Event.RECOVERED, Format.SLACK),
        "Error": {"code": "JobNotFound", "message": "service 'reports' has no job 'nightly'"},
        "EndedError": {
            "code": "ExecutionEnded",
            "message": "the execution has ended (timed_out); it takes no further callbacks",
            "status": "timed_out",
        },
    }


def _job() -> Job:
    settings = JobSettings(
        invocation_target=str(_BODY["invocation_target"]),
        schedule=_SCHEDULE,
        ttl_seconds=60,
        timeout_seconds=86_400,
        payload=str(_BODY["payload"]),
    )
    return new_job("reports", "nightly", settings, "gzrn0j4ayy1c", _NOW_MS)


def _execution() -> Execution:
    job = _job()
    attempt = Attempt(1, _DUE_MS + 2, "", http_status=202, duration_ms=2, response="")
    return replace(
        Execution(
            key=ExecutionKey(job.guid, job.incarnation, _DUE_MS),
            service_name=job.service_name,
            job_name=job.job_name,
            schedule=_SCHEDULE,
            status=Status.SUCCESS,
            ttl_seconds=60,
        ),
        started_at_ms=_DUE_MS + 2,
        service_invoked_at_ms=_DUE_MS + 4,
        ended_at_ms=_DUE_MS + 5 * SECOND_MS,
        invocation_latency_ms=2,
        attempts=(attempt,),
        summary="412 rows written",
        state='{"last_id": 1789}',
        progress=100,
        payload=job.settings.payload,
    )


def _page(result: Mapping[str, object]) -> Document:
    return {"results": [result], "next_cursor": None}
