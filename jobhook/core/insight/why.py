"""Why a job did or did not run at a time: an answer from the job, its schedule and the ledger.

The ledger holds what became of a time; where it holds nothing, the job and its schedule say why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobhook.core.executions.execution import Execution, Trigger
from jobhook.core.jobs.job import Job
from jobhook.core.schedules.expression import parse
from jobhook.core.schedules.rows import Fire, FireState, ScheduleRow
from jobhook.core.times import MINUTE_MS, floor_to_minute, to_rfc3339


@dataclass(frozen=True, slots=True)
class WhyQuery:
    """What is known: the job, its schedules' rows by expression, and of the minute of `at_ms` the executions and fires.

    `fires` cover the minute or begin before it; `settle_ms` is how long the ordinary paths are given.
    """

    job: Job
    rows: Mapping[str, ScheduleRow]
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
    def due(self) -> dict[str, int]:
        """The job's schedules that have a time in that minute, with it, in order of time; no schedule has two."""
        found = {
            expression: time_ms
            for expression in self.job.settings.schedules
            if (time_ms := self._time_of(expression)) is not None
        }
        return dict(sorted(found.items(), key=lambda item: item[1]))

    @property
    def due_ms(self) -> int | None:
        """The first time in that minute."""
        return next(iter(self.due.values()), None)

    @property
    def following_ms(self) -> int | None:
        """The first time after that minute."""
        times = [
            parse(expression).next_after(self.until_ms, anchor_ms=self._anchor_ms(expression))
            for expression in self.job.settings.schedules
        ]
        return min((time_ms for time_ms in times if time_ms is not None), default=None)

    def _time_of(self, expression: str) -> int | None:
        anchor_ms = self._anchor_ms(expression)
        return parse(expression).latest_between(self.since_ms - 1, self.until_ms, anchor_ms=anchor_ms)

    def _anchor_ms(self, expression: str) -> int:
        row = self.rows.get(expression)
        return row.created_at_ms if row else self.job.from_ms[expression]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A word for programs and a sentence for people."""

    verdict: str
    message: str


def explain(asked: WhyQuery) -> Explanation:
    """The first reason that holds, the ledger's own word before all others."""
    recorded = next((one for one in asked.executions if one.trigger is Trigger.SCHEDULE), None)
    if recorded is not None:
        return _of_record(recorded)
    return _of_job(asked) or _of_fire(asked)


def _of_record(execution: Execution) -> Explanation:
    parts = (execution.reason, execution.error)
    because = "; ".join(part for part in parts if part)
    return Explanation(execution.status.value, f"execution {execution.id}: {execution.status}" + _after(because))


def _of_job(asked: WhyQuery) -> Explanation | None:
    job, at = asked.job, to_rfc3339(asked.at_ms)
    if asked.until_ms < job.created_at_ms:
        made = to_rfc3339(job.created_at_ms)
        return Explanation("not_yet_made", f"the job was made, or made anew, only at {made}")
    if asked.until_ms < min(job.from_ms.values()):
        return _not_in_effect(min(job.from_ms.values()))
    if not job.settings.enabled:
        return Explanation("disabled", "the job is disabled: it has no occurrences")
    span, due_ms = job.settings.span, asked.due_ms
    if span.before(asked.until_ms if due_ms is None else due_ms):
        return Explanation("before_start", f"the job starts only at {to_rfc3339(span.start_ms or 0)}")
    if span.over(asked.since_ms if due_ms is None else due_ms):
        return Explanation("after_end", f"the job ended at {to_rfc3339(span.end_ms or 0)}")
    if due_ms is None:
        schedules = job.settings.schedules
        which = f"none of the job's {len(schedules)} schedules is" if len(schedules) > 1 else f"{schedules[0]} is not"
        return Explanation("not_due", f"{which} due in the minute of {at}{_neighbours(asked)}")
    if not _in_effect(asked):
        return _not_in_effect(min(job.from_ms[expression] for expression in asked.due))
    pause = job.pause_at(due_ms)
    if pause is not None:
        return Explanation("paused", pause.text)
    if due_ms > asked.now_ms:
        return Explanation("upcoming", f"it is going to run at {to_rfc3339(due_ms)}")
    return None


def _in_effect(asked: WhyQuery) -> list[str]:
    """The schedules that have a time in the minute and were in effect by its end."""
    return [expression for expression in asked.due if asked.job.from_ms[expression] <= asked.until_ms]


def _not_in_effect(since_ms: int) -> Explanation:
    since = to_rfc3339(since_ms)
    return Explanation("not_in_effect", f"the job has its schedule, or is enabled or resumed, only since {since}")


def _of_fire(asked: WhyQuery) -> Explanation:
    due = _in_effect(asked)
    covering = [one for one in asked.fires if one.expression in due and _covers(one, asked)]
    fire = min(covering, key=lambda one: one.state is FireState.MISSED, default=None)  # what another has started ran
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


def _covers(fire: Fire, asked: WhyQuery) -> bool:
    return fire.scheduled_time_ms <= asked.until_ms and fire.until_ms >= asked.since_ms


def _neighbours(asked: WhyQuery) -> str:
    following_ms = asked.following_ms
    return "" if following_ms is None else f", but next at {to_rfc3339(following_ms)}"


def _after(because: str) -> str:
    return f" ({because})" if because else ""
