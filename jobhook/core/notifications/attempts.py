"""An attempt to tell of an execution's end: whether it is made, and what its answer means for the record."""

from dataclasses import dataclass, replace

from jobhook.core.executions.execution import Execution
from jobhook.core.executions.writes import Moment, PutExecution
from jobhook.core.jobs.job import Job
from jobhook.core.notifications.policy import (
    Delivery,
    Notification,
    NotificationPolicy,
    claim,
    delivered,
    failed,
    refused,
)
from jobhook.core.targets.answer import Answer, Verdict
from jobhook.core.targets.http import failure_text, judge


@dataclass(frozen=True, slots=True)
class Begun:
    """Store `write`; then send as `policy` says. Without one the notification was given up, and nothing is sent."""

    write: PutExecution
    policy: NotificationPolicy | None


def begin_notification(execution: Execution, job: Job | None, now_ms: int) -> Begun | None:
    """The claim of an attempt that is due; None where none is.

    Where it is sent is what the job says now, so that a corrected URL helps; which end is told was settled by the end.
    """
    pending = execution.notification
    if pending is None or not pending.due(now_ms):
        return None
    if job is None or job.incarnation != execution.key.incarnation:
        return _given_up(execution, pending, "the job was deleted before its target was told")
    if job.settings.notify is None:
        return _given_up(execution, pending, "the job's notifications were taken away before its target was told")
    claimed = claim(pending, now_ms)
    if claimed.status is not Delivery.PENDING:
        return Begun(_noted(execution, claimed), None)
    return Begun(_noted(execution, claimed), job.settings.notify)


def judge_notification(execution: Execution, claimed: Notification, answer: Answer, now_ms: int) -> PutExecution | None:
    """Note the answer to the attempt that was `claimed` on the record as it stands now.

    That it was delivered counts whatever another sender has noted meanwhile; that it was refused only where none has
    claimed it since. None where nothing is to be noted.
    """
    standing = execution.notification
    if standing is None or standing.status is Delivery.DELIVERED:
        return None
    if answer.http_status is not None and judge(answer) is Verdict.STARTED:
        return _noted(execution, delivered(standing, answer.http_status, now_ms))
    if standing != claimed:
        return None
    return _noted(
        execution, refused(standing, answer.http_status, failure_text(answer, "the target") or "no answer", now_ms)
    )


def _given_up(execution: Execution, pending: Notification, error: str) -> Begun:
    return Begun(_noted(execution, failed(pending, pending.http_status, error)), None)


def _noted(execution: Execution, notification: Notification) -> PutExecution:
    noted = replace(execution, notification=notification, revision=execution.revision + 1)
    moment = None if notification.status is Delivery.PENDING else Moment.NOTIFIED
    return PutExecution(noted, execution.revision, moment)
