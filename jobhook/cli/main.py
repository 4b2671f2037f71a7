"""The `jobhook` command: one sub-command a file.

A command imports what it needs when it runs, so that a quick one does not wait for the imports of a slow one.
"""

import typer

from jobhook.cli import credentials, schedule, serve

app = typer.Typer(
    name="jobhook",
    help="Recurring jobs as webhooks, with a history of every run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.add_typer(schedule.app, name="schedule")
app.add_typer(credentials.app, name="credentials")

if __name__ == "__main__":
    app()
