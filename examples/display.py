"""What `make run` prints: how to look at Jobhook with curl, and a line for each thing that happens."""

import sys
from datetime import UTC, datetime

_COLOURS = {"report": "36", "backup": "35", "import": "33", "server": "2"}
_MARKS = {"success": "32", "failed": "31", "timed_out": "31"}


def introduction(api: str, service: str, jobs: list[str]) -> str:
    """How to look at it from another terminal."""
    return f"""
Jobhook serves {api}, and the service "{service}" has its jobs run every minute: {", ".join(jobs)}.
Look at it from another terminal:

  # the jobs; the history of one; what failed, of all jobs; one execution, whole (ID as in the history)
  curl {api}/services/{service}/jobs
  curl {api}/services/{service}/jobs/{jobs[0]}/executions
  curl '{api}/executions?status=failed'
  curl {api}/executions/ID

The first webhooks come with the next full minute, or at once if one was missed since the last time. Times are UTC.
Ctrl-C stops everything.
"""


class Display:
    """Prints lines; in colours only where `colours` says so."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def line(self, who: str, what: str) -> None:
        """One thing that happened, now."""
        clock = f"{datetime.now(UTC):%H:%M:%S}"
        what = self._coloured(what, _MARKS.get(what.removeprefix("Jobhook: ").split()[0].rstrip(":;,")))
        print(clock, self._coloured(f"{who:<7}", _COLOURS.get(who)), what, flush=True)

    def text(self, text: str) -> None:
        """As it is."""
        print(text, flush=True)

    def _coloured(self, text: str, colour: str | None) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours and colour else text


def refuse(message: str) -> int:
    """Say why this cannot run; the exit code."""
    print(f"examples.run: {message}", file=sys.stderr)
    return 1
