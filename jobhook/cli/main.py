"""The `jobhook` command: one sub-command a file.

A command imports what it needs when it runs, so that a quick one does not wait for the imports of a slow one.
"""

import typer

from jobhook.cli.executions import commands as execution
from jobhook.cli.executions.stats import stats
from jobhook.cli.files import importing
from jobhook.cli.files.apply import apply
from jobhook.cli.files.export import export
from jobhook.cli.jobs import commands as job
from jobhook.cli.output.examples import examples
from jobhook.cli.settings import config, credentials
from jobhook.cli.tools import schedule, serve, service
from jobhook.cli.tools.health import health
from jobhook.cli.tools.mock import mock
from jobhook.cli.tools.redrive import redrive

app = typer.Typer(
    name="jobhook",
    help="Recurring jobs as webhooks, with a history of every run.",
    epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 not found, 4 unreachable, 5 denied.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(
    "serve",
    epilog=examples(
        "jobhook serve",
        "jobhook serve --data /var/lib/jobhook --base-url https://jobs.example.com",
        "jobhook serve --host 0.0.0.0 --auth sigv4",
    ),
)(serve.serve)
app.add_typer(job.app, name="job")
app.add_typer(execution.app, name="execution")
app.add_typer(service.app, name="service")
app.command("health", epilog=examples("jobhook health", "jobhook health --since 24h --json"))(health)
app.command("stats", epilog=examples("jobhook stats --since 7d", "jobhook stats --by day,status --service reports"))(
    stats
)
app.command("apply", epilog=examples("jobhook apply -f jobs.yaml --dry-run", "jobhook apply -f jobs.yaml --prune"))(
    apply
)
app.command("export", epilog=examples("jobhook export", "jobhook export reports -o jobs.yaml"))(export)
app.add_typer(importing.app, name="import")
app.command(
    "mock", epilog=examples("jobhook mock", "jobhook mock --work 30 --heartbeats 5", "jobhook mock --fail 20 --lose 10")
)(mock)
app.add_typer(schedule.app, name="schedule")
app.add_typer(config.app, name="config")
app.add_typer(credentials.app, name="credentials")
app.command(
    "redrive",
    epilog=examples("jobhook redrive --stage prod --dry-run", "jobhook redrive --stage prod --queue starts-dead"),
)(redrive)

if __name__ == "__main__":
    app(prog_name="jobhook")
