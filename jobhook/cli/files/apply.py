"""`jobhook apply`: brings the jobs of services to what a file says."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import typer

from jobhook.cli.files.paths import text_of
from jobhook.cli.jobs import next_times as coming
from jobhook.cli.jobs.notify import change_text, policy_text
from jobhook.cli.output.escape import plain
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail
from jobhook.cli.output.printing import console, moment, print_json
from jobhook.cli.settings.connection import Api, connected
from jobhook.client.errors import JobhookError

if TYPE_CHECKING:
    from jobhook.cli.files.job_file import JobFile
    from jobhook.cli.files.plan import Change, FieldChange
    from jobhook.documents.jobs import JobSummary
    from jobhook.documents.settings import JobSettings

Item = TypeVar("Item")

_SHOWN_TIMES = 3
_LONG_FROM = 20  # so many changes take long enough for a progress bar
_SIGNS = {"create": ("+", "green"), "change": ("~", "yellow"), "delete": ("-", "red")}
_COUNTED = {"create": "to create", "change": "to change", "delete": "to delete", "keep": "unchanged"}


@connected
def apply(
    api: Api,
    file: Annotated[Path, typer.Option("--file", "-f", help="The file of jobs; - reads standard input.")],
    prune: Annotated[bool, typer.Option("--prune", help="Remove jobs of its services that are not in it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before jobs are removed.")] = False,
) -> None:
    """Bring the jobs of services to what a file says; shows what changes, and when each changed job comes due.

    The whole file is checked before anything is sent.
    """
    from jobhook.cli.files.plan import plan, to_do

    wanted = _read(file)
    changes = plan(wanted, _stored(api, wanted), prune=prune)
    if not api.as_json:
        _show(changes)
    if not dry_run:
        deletions = [change for change in changes if change.kind == "delete"]
        if deletions and not yes and sys.stdin.isatty():
            typer.confirm(f"Remove {len(deletions)} job(s)?", abort=True)
        _carry_out(api, to_do(changes))
    _finish(api, changes, applied=not dry_run)


def _read(file: Path) -> "JobFile":
    from jobhook.cli.files.job_file import JobFileRefused, read_job_file  # checks as the server does: slow to import

    try:
        return read_job_file(text_of(file), coming.now_ms())
    except JobFileRefused as refused:
        problems = "\n".join(f"  {problem}" for problem in refused.problems)
        fail(f"{file} cannot be applied; nothing was changed:\n{problems}", ExitCode.USAGE)


def _stored(api: Api, wanted: "JobFile") -> dict[str, Mapping[str, Any]]:
    """The jobs of the file's services by their paths; those that the file has, with their payloads."""
    listed = {_path(job): job for service in wanted.services for job in api.client.list_jobs(service)}
    named = [job.path for job in wanted.jobs if job.path in listed]
    whole = {path: api.client.get_job(*path.split("/")) for path in _tracked(named, "Reading")}
    return {**listed, **whole}


def _path(job: "JobSummary") -> str:
    return f"{job['service_name']}/{job['job_name']}"


def _carry_out(api: Api, changes: "list[Change]") -> None:
    for number, change in enumerate(_tracked(changes, "Applying")):
        try:
            if change.kind == "delete":
                api.client.delete_job(change.service, change.name)
            else:
                api.client.put_job(change.service, change.name, cast("JobSettings", change.body))
        except JobhookError:
            done = f"{number} of {len(changes)} changes were made; apply again to go on."
            typer.echo(f"Stopped at {plain(change.path)}: {done}", err=True)
            raise


def _tracked(items: Sequence[Item], what: str) -> Iterable[Item]:
    """The items, with a progress bar where there are many and a person looks."""
    from rich.progress import track

    out = console(error=True)
    return track(items, what, console=out, disable=len(items) < _LONG_FROM or not out.is_terminal, transient=True)


def _show(changes: "list[Change]") -> None:
    out = console()
    for change in changes:
        if change.kind == "keep":
            continue
        sign, style = _SIGNS[change.kind]
        out.print(f"{sign} {plain(change.path)}", style=style, soft_wrap=True)
        for field in change.fields:
            out.print(f"    {plain(field.name)}: {_difference(change, field)}", soft_wrap=True)
        if change.kind != "delete":
            out.print(f"    next: {_next(change)}", style="dim", soft_wrap=True)


def _next(change: "Change") -> str:
    body = change.body or {}
    if body.get("enabled") is False:
        return "none while it is disabled"
    times = coming.job_times(body, coming.now_ms(), _SHOWN_TIMES)
    return ", ".join(f"{moment(time)} UTC" for time in times) or coming.job_meaning(body)


def _difference(change: "Change", field: "FieldChange") -> str:
    created = change.kind == "create"
    if field.name == "notify":
        return plain(policy_text(field.new) if created else change_text(field.old, field.new))
    return _value(field.new) if created else f"{_value(field.old)} -> {_value(field.new)}"


def _value(value: object) -> str:
    return plain(value) if isinstance(value, str) else json.dumps(value, default=str)


def _finish(api: Api, changes: "list[Change]", *, applied: bool) -> None:
    if api.as_json:
        print_json({"applied": applied, "changes": [_document(change) for change in changes]})
        return
    counts = {kind: sum(change.kind == kind for change in changes) for kind in _COUNTED}
    summary = ", ".join(f"{count} {_COUNTED[kind]}" for kind, count in counts.items() if count) or "no jobs"
    if applied:
        summary = (
            summary.replace("to create", "created").replace("to change", "changed").replace("to delete", "deleted")
        )
    typer.echo(f"{'Applied' if applied else 'Nothing was sent'}: {summary}.")


def _document(change: "Change") -> dict[str, object]:
    fields = {field.name: {"old": field.old, "new": field.new} for field in change.fields}
    document: dict[str, object] = {
        "change": change.kind,
        "service_name": change.service,
        "job_name": change.name,
        "fields": fields,
    }
    if change.kind in ("create", "change") and change.body is not None and change.body.get("enabled") is not False:
        times = coming.job_times(change.body, coming.now_ms(), _SHOWN_TIMES)
        document["next"] = [moment(time) for time in times]
    return document
