"""`jobhook service`: the services that have jobs."""

import typer

from jobhook.cli.output.examples import examples
from jobhook.cli.output.printing import print_json, print_table
from jobhook.cli.settings.connection import Api, connected

app = typer.Typer(help="Look at services.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def service() -> None:
    """Look at services."""


@app.command("list", epilog=examples("jobhook service list"))
@connected
def list_services(api: Api) -> None:
    """List the services and their numbers of jobs."""
    services = list(api.client.list_services())
    if api.as_json:
        print_json(services)
    else:
        rows = ((service["service_name"], str(service["jobs"])) for service in services)
        print_table(("SERVICE", "JOBS"), rows, empty="No service has jobs yet.")
