"""`jobhook job`: the jobs of services."""

import typer

from jobhook.cli.executions.commands import Since, StatusOption, Until, show_executions
from jobhook.cli.files.apply import apply
from jobhook.cli.jobs.actions import pause_job, resume_job, run_job
from jobhook.cli.jobs.audit import changes
from jobhook.cli.jobs.changes import delete_job, patch_job, put_job
from jobhook.cli.jobs.test_call import try_job
from jobhook.cli.jobs.upcoming import upcoming
from jobhook.cli.jobs.view import COLUMNS, job_row, known_rates, show_job
from jobhook.cli.jobs.why import why
from jobhook.cli.output.examples import examples
from jobhook.cli.output.listing import first, page_size
from jobhook.cli.output.options import DEFAULT_LIMIT, AnyService, JobName, Limit, Service
from jobhook.cli.output.printing import print_json, print_table
from jobhook.cli.output.suggestions import say_no_jobs
from jobhook.cli.settings.connection import Api, connected

app = typer.Typer(help="Create, read, change, run, pause and remove jobs.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list", epilog=examples("jobhook job list", "jobhook job list reports --json"))
@connected
def list_jobs(api: Api, service: AnyService = None) -> None:
    """List jobs by name, with the next time of each."""
    jobs = list(api.client.list_jobs(service))
    if api.as_json:
        print_json(jobs)
    else:
        empty = "There are no jobs yet; `jobhook job put --help` shows how to make one."
        rates = known_rates(api, jobs)
        if service is not None and not jobs:
            say_no_jobs(api.client, service)
            return
        print_table(COLUMNS, (job_row(job, rates) for job in jobs), empty=empty)


@app.command("get", epilog=examples("jobhook job get reports nightly"))
@connected
def get_job(api: Api, service: Service, job: JobName) -> None:
    """Show a job's configuration, what its schedule means, when it comes due, and whether it is paused."""
    show_job(api, api.client.get_job(service, job))


@app.command(
    "history",
    epilog=examples("jobhook job history reports nightly", "jobhook job history reports nightly --status failed"),
)
@connected
def history(
    api: Api,
    service: Service,
    job: JobName,
    status: StatusOption = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = DEFAULT_LIMIT,
) -> None:
    """List a job's executions, newest first."""
    found = api.client.list_executions(
        service, job, status=status, since=since, until=until, page_size=page_size(limit)
    )
    show_executions(api, first(found, limit))


app.command(
    "put",
    epilog=examples(
        "jobhook job put reports nightly --schedule 'cron(0 6 * * ? *)' --target http://localhost:9000/ --ttl 600",
        "jobhook job put reports hours --schedule 'cron(0 9 ? * MON-FRI *)' --schedule 'cron(0 12 ? * SAT *)' ...",
        "jobhook job put reports nightly --file nightly.yaml --dry-run",
    ),
)(put_job)
app.command(
    "patch",
    epilog=examples(
        "jobhook job patch reports nightly --ttl 900",
        "jobhook job patch reports nightly --disabled --if-version 3",
        "jobhook job patch reports nightly --schedule 'rate(1 hour)' --dry-run",
    ),
)(patch_job)
app.command(
    "delete",
    epilog=examples("jobhook job delete reports nightly", "jobhook job delete reports nightly --yes --if-version 3"),
)(delete_job)
app.command("apply", epilog=examples("jobhook job apply -f jobs.yaml --dry-run"))(apply)
app.command(
    "run",
    epilog=examples(
        "jobhook job run reports nightly --watch",
        "jobhook job run reports nightly --payload 'to: me'",
    ),
)(run_job)
app.command(
    "pause",
    epilog=examples(
        "jobhook job pause reports nightly --reason 'the warehouse is being moved' --until 2h",
        "jobhook job pause reports nightly --reason incident --until 2030-01-01T06:00:00Z",
    ),
)(pause_job)
app.command("resume", epilog=examples("jobhook job resume reports nightly"))(resume_job)
app.command(
    "upcoming",
    epilog=examples("jobhook job upcoming --until 24h", "jobhook job upcoming reports nightly --limit 5 --json"),
)(upcoming)
app.command(
    "why",
    epilog=examples("jobhook job why reports nightly", "jobhook job why reports nightly --at 2026-11-21T06:00:00Z"),
)(why)
app.command("test", epilog=examples("jobhook job test reports nightly", "jobhook job test reports nightly --json"))(
    try_job
)
app.command(
    "changes",
    epilog=examples("jobhook job changes reports nightly --since 7d", "jobhook job changes --limit 100 --json"),
)(changes)
