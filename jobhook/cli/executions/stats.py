"""`jobhook stats`: how many executions there were."""

from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.cli.executions.commands import Since, Until
from jobhook.cli.output import completion
from jobhook.cli.output.printing import print_json, print_table
from jobhook.cli.output.suggestions import say_no_jobs
from jobhook.cli.settings.connection import Api, connected

if TYPE_CHECKING:
    from jobhook.documents.kinds import Dimension

_DIMENSIONS: "tuple[Dimension, ...]" = ("status", "service", "day")

_FIELDS = {"service": "service_name"}


def _dimensions(text: str) -> str:
    """Raises typer.BadParameter."""
    if not text or not set(text.split(",")) <= set(_DIMENSIONS):
        raise typer.BadParameter(f"name some of {','.join(_DIMENSIONS)}, with commas between them")
    return text


@connected
def stats(
    api: Api,
    by: Annotated[
        str, typer.Option(metavar="DIMENSIONS", callback=_dimensions, help="Some of status,service,day.")
    ] = "status",
    service: Annotated[
        str | None, typer.Option(help="Only this service's executions.", autocompletion=completion.services)
    ] = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Count executions by status, service or day (UTC)."""
    asked = [dimension for dimension in _DIMENSIONS if dimension in by.split(",")]
    found = api.client.stats(asked, service=service, since=since, until=until)
    if api.as_json:
        print_json(found)
        return
    rows = (
        [*(str(result.get(_FIELDS.get(name, name))) for name in found["by"]), str(result["count"])]
        for result in found["results"]
    )
    columns = [*(name.upper() for name in found["by"]), "COUNT"]
    print_table(columns, rows, empty="No executions were due in that time.")
    typer.echo(f"{found['total']} in all.")
    if service is not None and not found["total"]:
        say_no_jobs(api.client, service)
