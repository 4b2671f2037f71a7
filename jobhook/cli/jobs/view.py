"""How jobs look to people."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import typer

from jobhook.cli.jobs import next_times as coming
from jobhook.cli.jobs.notify import policy_text
from jobhook.cli.output.printing import Cell, moment, print_fields, print_json
from jobhook.cli.settings.connection import Api

if TYPE_CHECKING:
    from jobhook.documents.jobs import Job, JobSummary, Pause, PlannedJob
    from jobhook.documents.schedules import Occurrence

COLUMNS = ("SERVICE", "JOB", "SCHEDULE", "NEXT (UTC)", "TARGET")
_SHOWN_TIMES = 3


@dataclass(frozen=True)
class KnownRates:
    """The next times of rates, in epoch milliseconds, and whether these are exact."""

    next_ms: Mapping[str, int]
    exact: bool


def known_rates(api: Api, jobs: "Iterable[JobSummary]") -> KnownRates:
    """What the server knows of the rates of these jobs; nothing is asked where there are none."""
    if not any(expression.startswith("rate(") for job in jobs for expression in coming.schedules_of(job)):
        return KnownRates({}, exact=True)
    rows = [row for row in api.client.list_schedules()["results"] if row["schedule"].startswith("rate(")]
    times = {row["schedule"]: row["next_time_ms"] for row in rows if row["next_time_ms"] is not None}
    return KnownRates(times, exact=all(row["exact"] for row in rows))


def job_row(job: "JobSummary", rates: KnownRates) -> tuple[Cell, ...]:
    """A row under COLUMNS, without a request of its own."""
    return (
        job["service_name"],
        job["job_name"],
        ", ".join(coming.schedules_of(job)),
        _next(job, rates),
        job["invocation_target"],
    )


def show_job(api: Api, job: "Job", done: str = "") -> None:
    """Print a job as it is stored, after what was done with it, and its next times as the server knows them."""
    if api.as_json:
        print_json(job)
        return
    if done:
        typer.echo(done)
    upcoming = islice(api.client.list_upcoming(job["service_name"], job["job_name"], page_size=3), _SHOWN_TIMES)
    print_fields(_fields(job, _times(upcoming)))


def show_plan(api: Api, plan: "PlannedJob") -> None:
    """Print what a change would come to."""
    if api.as_json:
        print_json(plan)
        return
    would = "be created" if plan["created"] else "be changed" if plan["changed"] else "stay as it is"
    typer.echo(f"Nothing was stored: the job would {would}.")
    print_fields(_fields(plan["job"], _times(plan["upcoming"]), planned=True))


def occurrence_time(occurrence: "Occurrence") -> str:
    """The time of an occurrence, or about when it is."""
    return ("" if occurrence["exact"] else "about ") + (moment(occurrence["scheduled_time_ms"]) or "")


def name_of(job: "JobSummary") -> str:
    """The job's name among all."""
    return f"{job['service_name']}/{job['job_name']}"


def pause_text(pause: "Pause") -> str:
    """Until when, and why."""
    until = "until it is resumed" if pause["until_ms"] is None else f"until {moment(pause['until_ms'])} UTC"
    return f"{until}: {pause['reason']}"


def _next(job: "JobSummary", rates: KnownRates) -> str:
    pause = job["pause"]
    if not job["enabled"]:
        return "disabled"
    if pause is not None and pause["until_ms"] is None:
        return "paused"
    after_ms = coming.now_ms() if pause is None else (pause["until_ms"] or 0) - 1
    times = coming.job_times(job, after_ms, 1, rates.next_ms)
    if not times and coming.job_times({**job, "end_at": None}, after_ms, 1, rates.next_ms):
        return "ended"
    about = "" if rates.exact or not set(times) & set(rates.next_ms.values()) else "about "
    following = f"{about}{moment(times[0])}" if times else ""
    return following if pause is None else f"{following} (paused)".strip()


def _times(occurrences: "Iterable[Occurrence]") -> Cell:
    return ", ".join(map(occurrence_time, occurrences)) or None


def _fields(job: "Job", times: Cell, *, planned: bool = False) -> list[tuple[str, Cell]]:
    return [
        ("job", name_of(job)),
        ("description", job["description"]),
        ("tags", ", ".join(job["tags"]) or None),
        ("external id", job["external_id"]),
        ("schedule", ", ".join(coming.schedules_of(job))),
        ("means", coming.job_meaning(job)),
        ("next (UTC)", times),
        ("from (UTC)", moment(job["start_at_ms"])),
        ("until (UTC)", moment(job["end_at_ms"])),
        ("enabled", None if job["enabled"] else "no"),
        ("paused", pause_text(job["pause"]) if job["pause"] else None),
        ("exclusive", "yes" if job["exclusive"] else None),
        ("target", job["invocation_target"]),
        ("ttl", f"{job['ttl_seconds']} s"),
        ("timeout", f"{job['timeout_seconds']} s"),
        ("kept for", f"{job['retention_days']} days" if job["retention_days"] else None),
        ("notifies", policy_text(job["notify"]) if job["notify"] else None),
        ("payload", job["payload"]),
        ("state schema", json.dumps(job["state_schema"]) if job["state_schema"] else None),
        ("response schema", json.dumps(job["response_schema"]) if job["response_schema"] else None),
        ("version", None if planned else str(job["version"])),
        ("updated (UTC)", None if planned else moment(job["updated_at_ms"])),
    ]
