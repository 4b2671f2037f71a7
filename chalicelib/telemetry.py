"""What operators see of Jobhook's own: log lines as JSON, and metrics in CloudWatch's embedded metric format.

Both are lines on standard output, which costs no call. A line names ids and outcomes, and never what a service or a
caller has sent.
"""

import logging

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

from chalicelib.invocation import request_id
from jobhook.core.executions.execution import Execution
from jobhook.core.executions.writes import FireDone, Moment
from jobhook.core.notifications.policy import Delivery
from jobhook.ports import Clock

_LOGGER = "jobhook"
_REFUSED = "exclusive_run_in_progress"
_COUNT, _MILLISECONDS = "Count", "Milliseconds"
Value = tuple[str, float]
"""A unit and how many of it."""


class Signals:
    """Every metric has the dimension `Stage`; `ExecutionsEnded` has `Status` too."""

    def __init__(self, namespace: str, stage: str, clock: Clock) -> None:
        self._namespace = namespace
        self._stage = stage
        self._clock = clock
        self._log = Logger(service=_LOGGER, logger_handler=_StandardOutput())

    def execution(self, moment: Moment, execution: Execution) -> None:
        """An execution has begun, is alive, has ended, or somebody was told of its end, or will not be."""
        said: dict[str, object] = {
            "service_name": execution.service_name,
            "job_name": execution.job_name,
            "execution_id": execution.id,
            "status": str(execution.status),
        }
        match moment:
            case Moment.BEGAN:
                latency_ms = execution.invocation_latency_ms
                said["invocation_latency_ms"] = latency_ms
                if latency_ms is not None:
                    self._measure({"InvocationLatency": (_MILLISECONDS, latency_ms)})
            case Moment.HEARTBEAT:
                self._measure({"Heartbeats": (_COUNT, 1)})
            case Moment.ENDED:
                said |= {"reason": execution.reason, "duration_ms": execution.duration_ms}
                self._measure({"ExecutionsEnded": (_COUNT, 1)}, Status=str(execution.status))
                if execution.reason == _REFUSED:
                    self._measure({"ExclusiveRunsRefused": (_COUNT, 1)})
            case Moment.NOTIFIED:
                said |= self._notified(execution)
        self._say(f"execution {moment}", said)

    def _notified(self, execution: Execution) -> dict[str, object]:
        notification = execution.notification
        if notification is None:
            return {}
        arrived = notification.status is Delivery.DELIVERED
        self._measure({"NotificationsDelivered" if arrived else "NotificationsFailed": (_COUNT, 1)})
        return {
            "event": str(notification.event),
            "notification": str(notification.status),
            "notification_attempts": notification.attempts,
            "notification_error": notification.error,
        }

    def dispatched(self, fire: FireDone) -> None:
        """All executions of a fire were started; the time that it took counts from the fire's nominal time."""
        took_ms, started = self._clock.now_ms() - fire.scheduled_time_ms, fire.count + fire.counted
        self._measure({"DispatchSize": (_COUNT, started), "DispatchTime": (_MILLISECONDS, took_ms)})
        said: dict[str, object] = {"schedule": fire.expression, "scheduled_time_ms": fire.scheduled_time_ms}
        self._say("schedule dispatched", said | {"started": started, "dispatch_time_ms": took_ms})

    def schedules(self, used: int) -> None:
        """So many rules of schedules stand, of those that the quota allows."""
        self._measure({"SchedulesUsed": (_COUNT, used)})

    def _say(self, message: str, said: dict[str, object]) -> None:
        present = {name: value for name, value in said.items() if value is not None}
        known = request_id.get()
        self._log.info(message, extra=present if known is None else {**present, "request_id": known})

    def _measure(self, values: dict[str, Value], **dimensions: str) -> None:
        metrics = EphemeralMetrics(namespace=self._namespace)
        for dimension, member in {"Stage": self._stage, **dimensions}.items():
            metrics.add_dimension(dimension, member)
        for name, (unit, value) in values.items():
            metrics.add_metric(name, unit, value)
        metrics.flush_metrics()


class _StandardOutput(logging.Handler):
    """Whatever standard output is at the moment, as for metrics."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record))
