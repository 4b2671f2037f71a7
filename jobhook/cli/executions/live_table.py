"""Two ways to show executions that change: a table that is drawn again, and a line for each change."""

import json
from typing import TYPE_CHECKING, Self

import typer

from jobhook.cli.executions.statuses import status_text
from jobhook.cli.output.escape import plain
from jobhook.cli.output.printing import console, duration, moment, remark, table
from jobhook.documents.kinds import ACTIVE

if TYPE_CHECKING:
    from jobhook.documents.executions import AnyExecution

_COLUMNS = ("SCHEDULED (UTC)", "JOB", "STATUS", "PROGRESS", "TOOK", "SAID")


class Board:
    """A table on a terminal."""

    def __init__(self) -> None:
        from rich.live import Live

        self._live: Live = Live(console=console(), auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, executions: "list[AnyExecution]") -> None:
        """Draw it again."""
        shown = table(_COLUMNS, map(_row, executions)) if executions else "No executions yet; Ctrl-C ends the watch."
        self._live.update(shown, refresh=True)


class Changes:
    """A line for each execution that is new or has changed, the oldest first."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._shown: dict[str, tuple[str | None, ...]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open."""

    def show(self, executions: "list[AnyExecution]") -> None:
        """Print what has changed since the last time."""
        for execution in reversed(executions):
            row = _row(execution)
            if self._shown.get(execution["id"]) != row:
                typer.echo(json.dumps(execution) if self._as_json else "  ".join(plain(cell) for cell in row if cell))
        self._shown = {execution["id"]: _row(execution) for execution in executions}


def _row(execution: "AnyExecution") -> tuple[str | None, ...]:
    progress = execution["progress"] if execution["status"] in ACTIVE else None
    return (
        moment(execution["scheduled_time_ms"]),
        f"{execution['service_name']}/{execution['job_name']}",
        status_text(execution),
        None if progress is None else f"{progress}%",
        duration(execution["duration_ms"]),
        remark(execution["error"] or execution["summary"] or execution["reason"]),
    )
