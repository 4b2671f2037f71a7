"""A job: a service's named configuration, and what is kept beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jobhook.core.errors import InvalidDocument, Problem
from jobhook.core.identities import job_guid
from jobhook.core.jobs.active_window import ALWAYS, Span
from jobhook.core.jobs.pause import Pause
from jobhook.core.notifications.policy import Event, NotificationPolicy
from jobhook.core.targets.http import HttpTarget
from jobhook.core.targets.target import Target, stored_target

MAX_TTL_SECONDS = 1_296_000
MAX_TIMEOUT_SECONDS = 2_592_000
MAX_RETENTION_DAYS = 3_650


def default_timeout_seconds(ttl_seconds: int) -> int:
    """How long a whole run may take where the job does not say: a day, or twice its ttl where that is more."""
    return min(MAX_TIMEOUT_SECONDS, max(86_400, 2 * ttl_seconds))


@dataclass(frozen=True, slots=True)
class JobSettings:
    """What a PUT says of a job, validated. Lengths in seconds; `payload` is opaque and sent with every webhook.

    A job has `schedule` and as many as `more_schedules` names. Only times in `span` are the job's. `retention_days` is
    how long its executions are kept, None as long as the installation keeps them. `notify` is whom it tells of their
    ends. `description`, `tags` and `external_id` mean nothing to Jobhook.
    """

    invocation_target: str
    schedule: str
    ttl_seconds: int
    timeout_seconds: int
    enabled: bool = True
    exclusive: bool = False
    invocation_type: str = "http"
    payload: str | None = None
    state_schema: Mapping[str, object] | None = None
    response_schema: Mapping[str, object] | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    external_id: str | None = None
    span: Span = ALWAYS
    retention_days: int | None = None
    more_schedules: tuple[str, ...] = ()
    notify: NotificationPolicy | None = None

    @property
    def schedules(self) -> tuple[str, ...]:
        """All its schedules, each once; the first is `schedule`."""
        return (self.schedule, *self.more_schedules)

    @property
    def target(self) -> Target:
        """Where its webhooks go."""
        return stored_target(self.invocation_type, self.invocation_target)

    @property
    def targets(self) -> dict[str, Target]:
        """Where it has Jobhook send something, by the field of a PUT that says so."""
        notified = {} if self.notify is None else {"notify.target": HttpTarget(self.notify.target)}
        return {"invocation_target": self.target, **notified}

    @property
    def notify_on(self) -> tuple[Event, ...]:
        """Of which ends of its executions somebody is told."""
        return () if self.notify is None else self.notify.on

    def live(self, time_ms: int) -> bool:
        """Whether a job of these settings has occurrences at that time, if its schedule has."""
        return self.enabled and self.span.holds(time_ms)


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job.

    `incarnation` is new each time that the name is created again after a delete. `effective_from_ms` is when the
    schedule was set, or the job enabled, resumed or given a span that holds the time again, and `lead_ms` later where
    dispatch learns of a job only after a moment: occurrences before it are not the job's. `more_from_ms` says the same
    of each of `more_schedules`. `pause` may be over. `created_by` and `updated_by` are who called, None where that is
    not known.
    """

    service_name: str
    job_name: str
    incarnation: str
    settings: JobSettings
    version: int
    created_at_ms: int
    updated_at_ms: int
    effective_from_ms: int
    guid: str = field(default="")
    pause: Pause | None = None
    created_by: str | None = None
    updated_by: str | None = None
    more_from_ms: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Derive the guid where the caller did not read it from storage."""
        if not self.guid:
            object.__setattr__(self, "guid", job_guid(self.service_name, self.job_name))

    @property
    def from_ms(self) -> dict[str, int]:
        """Since when each of its schedules is in effect, by expression and in their order."""
        return dict(zip(self.settings.schedules, (self.effective_from_ms, *self.more_from_ms), strict=True))

    def scheduled(self, expression: str) -> "ScheduledJob":
        """What dispatch needs to know of the job on that one of its schedules."""
        from_ms = self.from_ms
        return ScheduledJob(
            service_name=self.service_name,
            job_name=self.job_name,
            guid=self.guid,
            incarnation=self.incarnation,
            ttl_seconds=self.settings.ttl_seconds,
            timeout_seconds=self.settings.timeout_seconds,
            effective_from_ms=from_ms.pop(expression),
            pause=self.pause,
            span=self.settings.span,
            retention_days=self.settings.retention_days,
            others=tuple(from_ms.items()),
            notify_on=self.settings.notify_on,
        )

    def configured(self, settings: JobSettings, now_ms: int, lead_ms: int = 0, *, by: str | None = None) -> "Job":
        """The job with other settings; itself where nothing changes, so that a repeated PUT changes nothing.

        A schedule that it keeps stays in effect since when it is; one that it had not takes effect now.
        """
        if settings == self.settings:
            return self
        known = {} if settings.live(now_ms) and not self.settings.live(now_ms) else self.from_ms
        first_ms, *more_ms = (known.get(expression, now_ms + lead_ms) for expression in settings.schedules)
        return replace(
            self,
            settings=settings,
            version=self.version + 1,
            updated_at_ms=now_ms,
            updated_by=by,
            effective_from_ms=first_ms,
            more_from_ms=tuple(more_ms),
        )

    def pause_at(self, time_ms: int) -> Pause | None:
        """The pause that is in force at that time."""
        return self.pause if self.pause is not None and self.pause.holds(time_ms) else None

    def paused_for(self, reason: str, until_ms: int | None, now_ms: int, by: str | None = None) -> "Job":
        """The job paused from now on, or since when it is; itself where nothing changes."""
        standing = self.pause_at(now_ms)
        pause = Pause(reason, now_ms if standing is None else standing.from_ms, until_ms)
        if pause == standing:
            return self
        return replace(self, pause=pause, version=self.version + 1, updated_at_ms=now_ms, updated_by=by)

    def resumed(self, now_ms: int, lead_ms: int = 0, *, by: str | None = None) -> "Job":
        """The job without its pause; itself where none is in force. What was due before is not run late."""
        if self.pause_at(now_ms) is None:
            return self
        from_ms = now_ms + lead_ms
        return replace(
            self,
            pause=None,
            version=self.version + 1,
            updated_at_ms=now_ms,
            updated_by=by,
            effective_from_ms=from_ms,
            more_from_ms=(from_ms,) * len(self.more_from_ms),
        )


def check_end(settings: JobSettings, stored: Job | None, now_ms: int) -> None:
    """Raises InvalidDocument where an end is set that has passed. One that a stored job has already may be repeated."""
    end_ms = settings.span.end_ms
    if end_ms is not None and end_ms <= now_ms and (stored is None or stored.settings.span.end_ms != end_ms):
        raise InvalidDocument([Problem("end_at", "must lie in the future")], code="InvalidJob")


def new_job(
    service_name: str,
    job_name: str,
    settings: JobSettings,
    incarnation: str,
    now_ms: int,
    lead_ms: int = 0,
    *,
    by: str | None = None,
) -> Job:
    """The first version of a job."""
    return Job(
        service_name=service_name,
        job_name=job_name,
        incarnation=incarnation,
        settings=settings,
        version=1,
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
        effective_from_ms=now_ms + lead_ms,
        created_by=by,
        updated_by=by,
        more_from_ms=(now_ms + lead_ms,) * len(settings.more_schedules),
    )


@dataclass(frozen=True, slots=True)
class LastSuccess:
    """What the next webhook is told of the job's last successful execution."""

    execution_id: str
    scheduled_time_ms: int
    service_invoked_at_ms: int | None
    state: str | None
    summary: str | None


@dataclass(frozen=True, slots=True)
class JobState:
    """A job with what is kept beside it: who holds its lock (an execution's id), and its last success."""

    job: Job
    lock_holder: str | None = None
    last_success: LastSuccess | None = None


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """What dispatch needs to know of an enabled job on one of its schedules.

    `incarnation` and the names make its executions' ids. `others` are the job's other schedules, each with since when
    it is in effect. `notify_on` are the ends of its executions that somebody is told of.
    """

    service_name: str
    job_name: str
    guid: str
    incarnation: str
    ttl_seconds: int
    timeout_seconds: int
    effective_from_ms: int
    pause: Pause | None = None
    span: Span = ALWAYS
    retention_days: int | None = None
    others: tuple[tuple[str, int], ...] = ()
    notify_on: tuple[Event, ...] = ()

    def has(self, time_ms: int) -> bool:
        """Whether its schedule's time is an occurrence of the job, paused or not."""
        return self.effective_from_ms <= time_ms and self.span.holds(time_ms)

    def pause_at(self, time_ms: int) -> Pause | None:
        """The pause that skips the occurrence of that scheduled time."""
        return self.pause if self.pause is not None and self.pause.holds(time_ms) else None


@dataclass(frozen=True, slots=True)
class Service:
    """A service and how many jobs it has."""

    service_name: str
    jobs: int
