"""What commands print: tables for people, JSON for programs; colours only on a terminal."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from jobhook.cli.output.escape import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

STYLES = {
    "success": "green",
    "failed": "red",
    "timed_out": "red",
    "dead_lettered": "red",
    "running": "cyan",
    "pending": "cyan",
    "retrying": "cyan",
    "missed": "yellow",
    "skipped": "yellow",
    "cancelled": "yellow",
}
"""The colours of the statuses of executions; what stands in brackets after one takes its colour."""

_WIDE = 10_000  # a table is as wide as it needs to be: an id that is cut cannot be copied
_LONGEST_REMARK = 60

Cell = str | None


def print_json(document: object) -> None:
    """One JSON document."""
    typer.echo(json.dumps(document, indent=2))


def console(*, error: bool = False, wide: bool = False) -> "Console":
    """Standard output, or standard error, as rich writes to it; `wide` lets the terminal wrap long lines."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, markup=False, emoji=False, width=_WIDE if wide else None)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, empty: str) -> None:
    """A table, or the sentence `empty` where there are no rows."""
    found = list(rows)
    if not found:
        typer.echo(empty)
        return
    show(table(columns, found))


def print_fields(fields: Iterable[tuple[str, Cell]]) -> None:
    """Names and values, one a line; without those that have none."""
    shown = [(name, plain(value, lines=True)) for name, value in fields if value is not None]
    width = max(len(name) for name, _ in shown)
    for name, value in shown:
        typer.echo(f"{name:<{width}}  {value.replace(chr(10), chr(10) + ' ' * (width + 2))}")


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> "Table":
    """A table without lines; statuses have their colours."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        made.add_column(Text(column), overflow="ellipsis", no_wrap=True)
    for row in rows:
        made.add_row(*(Text(plain(cell or ""), style=_style(cell or "")) for cell in row))
    return made


def _style(cell: str) -> str:
    return STYLES.get(cell.partition(" (")[0], "")


def show(renderable: "RenderableType") -> None:
    """Print it at its own width, without the blanks that rich leaves at the ends of lines."""
    out = console(wide=True)
    with out.capture() as captured:
        out.print(renderable)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def moment(instant_ms: int | None) -> str | None:
    """A time for people, in UTC, to the second."""
    return None if instant_ms is None else f"{datetime.fromtimestamp(instant_ms / 1_000, UTC):%Y-%m-%d %H:%M:%S}"


def remark(text: str | None) -> str | None:
    """What a service said, short enough for a listing."""
    return text if text is None or len(text) <= _LONGEST_REMARK else f"{text[: _LONGEST_REMARK - 1]}…"


def duration(milliseconds: int | None) -> str | None:
    """A length of time for people."""
    if milliseconds is None:
        return None
    seconds = milliseconds / 1_000
    if milliseconds < 100:
        return f"{milliseconds} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
