"""What the Lambda functions do with their events: parse, one use case, answer.

Use cases are imported where they are called, so that each function pays for its own imports alone. Errors of tasks
leave by their class names, which is what the state machine's Retry and Catch name.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.rule_repair import AwsPorts, repair_rules
from chalicelib.sync_runner import run_to_end
from jobhook.ports import Backend

if TYPE_CHECKING:
    from jobhook.use_cases.reconcile import Step

Event = Mapping[str, object]

_STATUS_CHANGE = "Step Functions Execution Status Change"
_SUFFIX_PARTS = 2  # of a rule's name: the hash and the generation; what stands before them is the stack's prefix
_log = logging.getLogger(__name__)


def dispatch(backend: Backend, event: Event) -> None:
    """A rule's own event: `resources` holds the rule's ARN, `time` the nominal time in RFC 3339."""
    from jobhook.core.times import parse_instant
    from jobhook.use_cases.dispatch_schedule import dispatch_rule

    resources = event["resources"]
    if not isinstance(resources, list) or len(resources) != 1:
        raise ValueError("a scheduled event names one rule")
    run_to_end(dispatch_rule(backend, _rule_suffix(str(resources[0])), parse_instant(str(event["time"]))))


def start_pages(backend: Backend, event: Event) -> dict[str, object]:
    """A batch of the start queue; what failed goes back to the queue alone."""
    records = event["Records"]
    assert isinstance(records, list)
    failed = [record for record in records if not _started(backend, record)]
    if failed:
        _retry_soon(backend, failed)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def invoke(backend: Backend, event: Event) -> None:
    """A task of the state machine, with its token: send the webhook of one attempt."""
    from jobhook.core.executions.execution import ExecutionInput
    from jobhook.use_cases.invoke_webhook import invoke_webhook

    run = ExecutionInput.from_json(_object(event, "execution"))
    run_to_end(invoke_webhook(backend, run, str(event["task_token"])))


def record_failure(backend: Backend, event: Event) -> None:
    """The state machine has ended a run: record how."""
    from jobhook.core.executions.execution import ExecutionInput
    from jobhook.use_cases.record_failure import record_failure

    failure = _object(event, "failure")
    run = ExecutionInput.from_json(_object(event, "execution"))
    run_to_end(record_failure(backend, run, _text(failure, "Error"), _text(failure, "Cause")))


def reconcile(backend: AwsPorts, event: Event) -> dict[str, object]:
    """The reconciler's own schedule, or the end of one run that Step Functions reports."""
    from jobhook.use_cases.reconcile import follow_run, reconcile

    if event.get("detail-type") == _STATUS_CHANGE:
        followed = run_to_end(follow_run(backend, str(_object(event, "detail")["name"])))
        return {"mended": followed.mended, "notified": followed.notified}
    report = run_to_end(reconcile(backend, more=aws_steps(backend)))
    return {"mended": report.mended, "unfinished": report.unfinished}


def aws_steps(backend: AwsPorts) -> "Sequence[Step]":
    """What reconciling does on AWS alone: rules can be lost there, and no process waits for a notification's time."""
    from jobhook.use_cases.reconcile import Step
    from jobhook.use_cases.send_notifications import send_due_notifications

    return (
        Step("repair_rules", lambda _, before_ms: repair_rules(backend, before_ms)),
        Step("send_due_notifications", send_due_notifications),
    )


def _started(backend: Backend, record: Mapping[str, object]) -> bool:
    from jobhook.adapters.start_messages import OldMessage, from_message
    from jobhook.use_cases.dispatch_schedule import start_old_message, start_page

    try:
        message = from_message(str(record["body"]))
        if isinstance(message, OldMessage):
            run_to_end(start_old_message(backend, message.expression, message.scheduled_time_ms, message.runs))
        else:
            run_to_end(start_page(backend, message))
    except Exception:  # whatever it is, it must not take the batch's other pages with it; the queue tries it again
        _log.exception("a page of a dispatch was not started")
        return False
    return True


def _retry_soon(backend: Backend, failed: Sequence[Mapping[str, object]]) -> None:
    """Have the queue deliver these again soon. Where that fails, it delivers them when their time is over."""
    from chalicelib.sqs import Delivery, retry_soon

    try:
        run_to_end(retry_soon(backend, [Delivery.of_record(record) for record in failed]))
    except Exception:
        _log.exception("pages of a dispatch are retried late")


def _rule_suffix(rule_arn: str) -> str:
    name = rule_arn.rpartition("/")[2]
    return "-".join(name.split("-")[-_SUFFIX_PARTS:])


def _object(event: Event, name: str) -> Mapping[str, object]:
    part = event[name]
    if not isinstance(part, Mapping):
        raise ValueError(f"{name} must be an object")
    return part


def _text(failure: Mapping[str, object], name: str) -> str | None:
    text = failure.get(name)
    return text if isinstance(text, str) else None
