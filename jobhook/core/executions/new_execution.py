"""The first record of an execution: the one place that says what an execution keeps of its job."""

from typing import Protocol

from jobhook.core.executions.execution import Execution, Status
from jobhook.core.identities import ExecutionKey
from jobhook.core.jobs.job import JobSettings
from jobhook.core.jobs.overlap import overlap_rule
from jobhook.core.notifications.policy import Event
from jobhook.core.targets.http import HttpTarget


class Named(Protocol):
    """A job, a scheduled job or a run: what has the names of service and job."""

    @property
    def service_name(self) -> str:
        """The service that owns the job."""

    @property
    def job_name(self) -> str:
        """The job's name within its service."""


class Kept(Protocol):
    """What every execution keeps of its job, also after the job is changed or deleted."""

    @property
    def retention_days(self) -> int | None:
        """How long the execution is kept; None: as long as the installation keeps executions."""

    @property
    def notify_on(self) -> tuple[Event, ...]:
        """The ends that are notified."""


def new_execution(
    key: ExecutionKey,
    named: Named,
    schedule: str,
    ttl_seconds: int,
    kept: Kept | None,
    work: JobSettings | None = None,
) -> Execution:
    """A pending execution that has begun nothing. `kept` is None where the job is not known any more.

    `work` has what attempts and callbacks need; None for an execution that will have none.
    """
    return Execution(
        key=key,
        service_name=named.service_name,
        job_name=named.job_name,
        schedule=schedule,
        status=Status.PENDING,
        ttl_seconds=ttl_seconds,
        retention_days=kept.retention_days if kept else None,
        notify_on=kept.notify_on if kept else (),
        invocation_type=work.invocation_type if work else HttpTarget.kind,
        invocation_target=work.invocation_target if work else "",
        payload=work.payload if work else None,
        state_schema=work.state_schema if work else None,
        holds_lock=overlap_rule(work.exclusive).takes_lock if work else False,
    )


def open_execution(key: ExecutionKey, named: Named, schedule: str, settings: JobSettings) -> Execution:
    """A pending execution with all that its attempts and callbacks need, so that changes of the job do not reach it."""
    return new_execution(key, named, schedule, settings.ttl_seconds, settings, settings)
