"""`jobhook import crontab`: an existing crontab as a file for `jobhook apply`."""

import re
from pathlib import Path
from typing import Annotated

import typer

from jobhook.cli.files.paths import text_of
from jobhook.cli.jobs import next_times as coming
from jobhook.cli.output.escape import plain
from jobhook.cli.output.examples import examples
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail

app = typer.Typer(help="Turn what runs today into jobs.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def importing() -> None:
    """Turn what runs today into jobs."""


@app.command(
    "crontab",
    epilog=examples(
        "jobhook import crontab /etc/crontab --service web --target http://localhost:9000/hooks/{job} > jobs.yaml",
        "crontab -l | jobhook import crontab - --service web --target http://localhost:9000/ > jobs.yaml",
        "jobhook apply -f jobs.yaml --dry-run",
    ),
)
def crontab(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The crontab; - reads standard input.")],
    service: Annotated[str, typer.Option(help="The service that the jobs will belong to.")],
    target: Annotated[str, typer.Option(metavar="URL", help="The URL of the webhooks; {job} becomes the job's name.")],
    ttl: Annotated[int, typer.Option(metavar="SECONDS", help="How long to wait for a sign of life.")] = 3_600,
    user_column: Annotated[
        bool | None,
        typer.Option(
            "--user-column/--no-user-column",
            help="Whether entries name a user, as in /etc/crontab; by default told from the path and the entries.",
        ),
    ] = None,
) -> None:
    """Print a crontab as YAML for `jobhook apply`, its times taken as UTC and its commands as payloads.

    What cannot be kept is said on standard error.
    """
    from jobhook.cli.crontab.crontab import import_crontab
    from jobhook.cli.crontab.document import job_file
    from jobhook.cli.crontab.lines import has_user_column
    from jobhook.cli.files.job_file import JobFileRefused, read_job_file

    text = re.sub(r"\r\n?", "\n", text_of(file))
    named = str(file if str(file) == "-" else file.absolute())
    with_users = has_user_column(named, text) if user_column is None else user_column
    imported = import_crontab(text, user_column=with_users)
    output = job_file(str(file), service, target, ttl, imported.jobs)
    try:
        read_job_file(output, coming.now_ms())
    except JobFileRefused as refused:
        fail("\n".join(["This makes no jobs that Jobhook would take:", *refused.problems]), ExitCode.USAGE)
    typer.echo("Times are taken as UTC; if this machine's time zone is another one, shift them by hand.", err=True)
    for warning in imported.warnings:
        typer.echo(plain(warning), err=True)
    typer.echo(output, nl=False)
