"""`jobhook schedule`: what a schedule expression means, and the schedules that jobs share."""

import json
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import typer

from jobhook.adapters.clock import SystemClock
from jobhook.cli.crontab.crontab_hint import meant
from jobhook.cli.output.examples import examples
from jobhook.cli.output.printing import Cell, moment, print_json, print_table
from jobhook.cli.settings.connection import Api, connected
from jobhook.core.schedules.expression import At, Rate, Schedule, ScheduleError, parse
from jobhook.core.schedules.expression.instants import END_MS
from jobhook.core.times import floor_to_second, parse_instant, to_rfc3339

if TYPE_CHECKING:
    from jobhook.documents import schedules

app = typer.Typer(help="Look at schedules.", no_args_is_help=True, rich_markup_mode=None)

_WRONG_USAGE: Final = 2


@app.command("list", epilog=examples("jobhook schedule list", "jobhook schedule list --json"))
@connected
def list_schedules(api: Api) -> None:
    """List the schedules that jobs share, and how much of the quota of them is used."""
    schedules = api.client.list_schedules()
    if api.as_json:
        print_json(schedules)
        return
    columns = ("SCHEDULE", "JOBS", "NEXT (UTC)", "MEANS")
    print_table(columns, map(_row, schedules["results"]), empty="There are no schedules yet: they come with jobs.")
    used, limit = schedules["quota"]["used"], schedules["quota"]["limit"]
    if limit is not None:
        typer.echo(f"{used} of {limit} schedules are used.")


@app.command(
    epilog=examples(
        "jobhook schedule explain 'cron(0 9 LW * ? *)'",
        "jobhook schedule explain 'rate(5 minutes)' --count 3 --json",
    )
)
def explain(
    expression: Annotated[
        str, typer.Argument(help="rate(...) or cron(...), as AWS writes them; or at(...), which jobs do not take yet.")
    ],
    after: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Show times after this one: RFC 3339 or epoch milliseconds. Default: now."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many times to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say in words what a schedule expression means, and show its next times in UTC."""
    after_ms = _now_ms() if after is None else parse_after(after)
    try:
        schedule = parse(expression)
    except ScheduleError as refusal:
        typer.echo(f"Not a schedule expression: {expression!r}\n{refusal}", err=True)
        if expressions := meant(expression):
            typer.echo(f"A crontab writes it so; as AWS does, and in UTC, it is {' and '.join(expressions)}.", err=True)
        raise typer.Exit(_WRONG_USAGE) from None
    times = [to_rfc3339(t) for t in islice(schedule.occurrences(after_ms, END_MS, anchor_ms=after_ms), count)]
    if as_json:
        typer.echo(json.dumps({"expression": expression, "meaning": schedule.describe(), "next": times}))
    else:
        typer.echo("\n".join(_lines(schedule, to_rfc3339(after_ms), times, count)))


def parse_after(text: str) -> int:
    """Return epoch milliseconds from RFC 3339 or epoch milliseconds; raises typer.BadParameter naming --after."""
    try:
        instant_ms = parse_instant(text.upper())  # RFC 3339 has its letters in either case
    except ValueError:
        instant_ms = END_MS
    if instant_ms < END_MS:
        return instant_ms
    raise _bad_after(text, "it must be RFC 3339 or epoch milliseconds, in the years 1970 to 2199")


def _row(schedule: "schedules.Schedule") -> tuple[Cell, ...]:
    following = moment(schedule["next_time_ms"])
    about = "" if schedule["exact"] or following is None else "about "
    return schedule["schedule"], str(schedule["jobs"]), f"{about}{following or ''}", schedule["description"]


def _bad_after(text: str, reason: str) -> typer.BadParameter:
    return typer.BadParameter(f"{text!r} is no time: {reason}, such as 2026-11-30T09:00:00Z.", param_hint="'--after'")


def _now_ms() -> int:
    return floor_to_second(SystemClock().now_ms())


def _lines(schedule: Schedule, after: str, times: list[str], count: int) -> list[str]:
    lines = [schedule.expression, f"means: {schedule.describe()}", ""]
    if isinstance(schedule, Rate):
        lines.append(f"A rate counts from the schedule's creation; these times are as if it was created at {after}.")
    lines.append(f"Next times after {after}:" if times else f"It never fires after {after}.")
    lines += [f"  {time}  {datetime.fromisoformat(time):%A}" for time in times]
    if isinstance(schedule, At):
        lines.append("Jobs do not take at(...) yet.")
    if times and len(times) < count:
        lines.append("Then the schedule ends.")
    return lines
