"""Why a job did or did not run at a time: an answer from the job, its schedule and the ledger.

The ledger holds what became of a time; where it holds nothing, the job and its schedule say why.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.execution import Execution, Trigger
from chalicelib.domain.job import Job
from chalicelib.domain.schedule import parse
from chalicelib.domain.schedules import Fire, FireState, ScheduleRow
from chalicelib.domain.times import MINUTE_MS, floor_to_minute, to_rfc3339


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known: the job, its schedule's row, and of the minute of `at_ms` the executions and fires.

    `fires` cover the minute or begin before it; `settle_ms` is how long the ordinary paths are given.
    """

    job: Job
    row: ScheduleRow | None
    at_ms: int
    now_ms: int
    settle_ms: int
    executions: Sequence[Execution] = ()
    fires: Sequence[Fire] = ()

    @property
    def since_ms(self) -> int:
        """The beginning of the minute."""
        return floor_to_minute(self.at_ms)

    @property
    def until_ms(self) -> int:
        """The last millisecond of the minute."""
        return self.since_ms + MINUTE_MS - 1

    @property
    def due_ms(self) -> int | None:
        """The schedule's time in that minute; no schedule has two."""
        anchor_ms = self.row.created_at_ms if self.row else self.job.effective_from_ms
        schedule = parse(self.job.settings.schedule)
        return schedule.latest_between(self.since_ms - 1, self.until_ms, anchor_ms=anchor_ms)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A word for programs and a sentence for people."""

    verdict: str
    message: str


def explain(asked: Asked) -> Explanation:
    """The first reason that holds, the ledger's own word before all others."""
    recorded = next((one for one in asked.executions if one.trigger is Trigger.SCHEDULE), None)
    if recorded is not None:
        return _of_record(recorded)
    return _of_job(asked) or _of_fire(asked)


def _of_record(execution: Execution) -> Explanation:
    parts = (execution.reason, execution.error)
    because = "; ".join(part for part in parts if part)
    return Explanation(execution.status.value, f"execution {execution.id}: {execution.status}" + _after(because))


def _of_job(asked: Asked) -> Explanation | None:
    job, at = asked.job, to_rfc3339(asked.at_ms)
    if asked.until_ms < job.created_at_ms:
        made = to_rfc3339(job.created_at_ms)
        return Explanation("not_yet_made", f"the job was made, or made anew, only at {made}")
    if asked.until_ms < job.effective_from_ms:
        since = to_rfc3339(job.effective_from_ms)
        return Explanation("not_in_effect", f"the job has its schedule, or is enabled or resumed, only since {since}")
    if not job.settings.enabled:
        return Explanation("disabled", "the job is disabled: it has no occurrences")
    span, due_ms = job.settings.span, asked.due_ms
    if span.before(asked.until_ms if due_ms is None else due_ms):
        return Explanation("before_start", f"the job starts only at {to_rfc3339(span.start_ms or 0)}")
    if span.over(asked.since_ms if due_ms is None else due_ms):
        return Explanation("after_end", f"the job ended at {to_rfc3339(span.end_ms or 0)}")
    if due_ms is None:
        return Explanation("not_due", f"{job.settings.schedule} is not due in the minute of {at}{_neighbours(asked)}")
    pause = job.pause_at(due_ms)
    if pause is not None:
        return Explanation("paused", pause.text)
    if due_ms > asked.now_ms:
        return Explanation("upcoming", f"it is going to run at {to_rfc3339(due_ms)}")
    return None


def _of_fire(asked: Asked) -> Explanation:
    fire = next((one for one in asked.fires if _covers(one, asked)), None)
    if fire is None:
        if asked.now_ms - asked.until_ms <= asked.settle_ms:
            return Explanation("not_fired_yet", "it is due, and its schedule has not fired yet")
        return Explanation("unrecorded", "the ledger has nothing of that time: it is older than what is kept")
    if fire.state is FireState.MISSED:
        since, until = to_rfc3339(fire.scheduled_time_ms), to_rfc3339(fire.until_ms)
        return Explanation("missed", f"nothing fired: the schedule missed {fire.count} times from {since} to {until}")
    if fire.state is FireState.OPEN:
        return Explanation("dispatching", "its schedule has fired, and its jobs' runs are being started")
    return Explanation(
        "started",
        "its schedule has fired; the run has no record yet, or its record is not kept any more",
    )


def _covers(fire: Fire, asked: Asked) -> bool:
    return fire.scheduled_time_ms <= asked.until_ms and fire.until_ms >= asked.since_ms


def _neighbours(asked: Asked) -> str:
    anchor_ms = asked.row.created_at_ms if asked.row else asked.job.effective_from_ms
    following_ms = parse(asked.job.settings.schedule).next_after(asked.until_ms, anchor_ms=anchor_ms)
    return "" if following_ms is None else f", but next at {to_rfc3339(following_ms)}"


def _after(because: str) -> str:
    return f" ({because})" if because else ""
