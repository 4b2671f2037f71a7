"""Options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from jobhook.cli import completion

DEFAULT_DATA = Path(".jobhook")
"""The data directory, in the working directory, where none is named."""

Service = Annotated[
    str, typer.Argument(metavar="SERVICE", help="The service's name.", autocompletion=completion.services)
]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job's name.", autocompletion=completion.jobs)]
AnyService = Annotated[
    str | None, typer.Argument(metavar="SERVICE", help="Only this service's.", autocompletion=completion.services)
]
AnyJob = Annotated[str | None, typer.Argument(metavar="JOB", help="Only this job's.", autocompletion=completion.jobs)]
ExecutionId = Annotated[
    str, typer.Argument(metavar="ID", help="As a listing has it.", autocompletion=completion.executions)
]
Limit = Annotated[int, typer.Option(min=1, help="How many at most.")]
DEFAULT_LIMIT = 20
