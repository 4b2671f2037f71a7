"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from jobhook.cli.output import completion

DEFAULT_DATA = Path(".jobhook")
"""The data directory, in the working directory, where none is named."""


def _one_name(text: str | None) -> str | None:
    """Output has jobs as `reports/nightly`, commands take them as two words. Raises typer.BadParameter."""
    if text is not None and "/" in text:
        raise typer.BadParameter(f"give the service and the job as two words: {' '.join(text.split('/', 1))}")
    return text


Service = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE", help="The service's name.", callback=_one_name, autocompletion=completion.services
    ),
]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job's name.", autocompletion=completion.jobs)]
AnyService = Annotated[
    str | None,
    typer.Argument(
        metavar="SERVICE", help="Only this service's.", callback=_one_name, autocompletion=completion.services
    ),
]
AnyJob = Annotated[str | None, typer.Argument(metavar="JOB", help="Only this job's.", autocompletion=completion.jobs)]
ExecutionId = Annotated[
    str, typer.Argument(metavar="ID", help="As a listing has it.", autocompletion=completion.executions)
]
Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]
DEFAULT_LIMIT = 20
