"""`jobhook redrive`: sends the dead letters of a stage on AWS back to where they failed."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail
from jobhook.cli.output.printing import Cell, print_json, print_table
from jobhook.cli.tools.dead_letters.names import STAGE, DeadQueue

if TYPE_CHECKING:
    from jobhook.cli.tools.dead_letters.aws import RedriveFailed, Report


def redrive(
    stage: Annotated[str, typer.Option(help="The stage that was deployed, such as prod.")],
    queue: Annotated[DeadQueue | None, typer.Option(help="Only this queue; all of them otherwise.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is there.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Take at most this many of a queue.")] = 1_000,
    aws_profile: Annotated[str | None, typer.Option(help="The AWS profile; the usual chain otherwise.")] = None,
    region: Annotated[str | None, typer.Option(help="The AWS region; the profile's otherwise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Send dead letters on AWS back to where they failed, each deleted once it was taken. Mend the cause first."""
    if not STAGE.fullmatch(stage):
        fail("A stage is named by 1 to 14 lower case letters and digits, a letter first.", ExitCode.USAGE)
    from jobhook.cli.tools.dead_letters.aws import (  # slow to import; `jobhook --help` does without
        RedriveFailed,
        connect,
    )

    reports: list[Report] = []
    try:
        letters = connect(stage, aws_profile, region)
        for one in [queue] if queue else DeadQueue:
            reports.append(letters.redrive(one, limit, dry_run=dry_run))
    except RedriveFailed as failed:
        _refuse(failed, as_json=as_json)
    if as_json:
        print_json({"stage": stage, "dry_run": dry_run, "queues": [_document(report) for report in reports]})
    else:
        _show(reports, dry_run=dry_run)
    if not dry_run and any(report.left for report in reports):
        raise typer.Exit(ExitCode.FAILED)


def _show(reports: "Sequence[Report]", *, dry_run: bool) -> None:
    rows = (row for report in reports for row in _rows(report))
    print_table(("QUEUE", "KIND", "FOUND", "SENT BACK"), rows, empty="There are no dead letters.")
    left = sum(report.left for report in reports)
    if dry_run and left:
        typer.echo("Nothing was sent back: this was a dry run.")
    elif left:
        typer.echo(f"{left} failed again or are unknown, and stay in their queues; the functions' logs say why.")
    if any(report.more for report in reports):
        typer.echo("There may be more: this was as many as --limit allows.")


def _rows(report: "Report") -> Iterator[Sequence[Cell]]:
    for kind, found in sorted(report.found.items()):
        yield report.queue, kind, str(found), str(report.sent[kind])


def _document(report: "Report") -> dict[str, object]:
    kinds = {kind: {"found": found, "sent_back": report.sent[kind]} for kind, found in sorted(report.found.items())}
    return {"queue": report.queue, "left": report.left, "more": report.more, "kinds": kinds}


def _refuse(failed: "RedriveFailed", *, as_json: bool) -> NoReturn:
    from jobhook.cli.tools.dead_letters.aws import NoSuchStage, NotAllowed

    code = ExitCode.UNREACHABLE
    if isinstance(failed, NoSuchStage):
        code = ExitCode.NOT_FOUND
    elif isinstance(failed, NotAllowed):
        code = ExitCode.DENIED
    message = f"{failed}. What was not taken is still in its queue: the command can be given again."
    if as_json:
        typer.echo(json.dumps({"code": type(failed).__name__, "message": message}), err=True)
        raise typer.Exit(code) from failed
    fail(message, code)
