"""The three jobs of the example service: what Jobhook is told of them, and their work."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from examples.callbacks import Run

EVERY_MINUTE = "cron(* * * * ? *)"  # on the minute; rate(1 minute) would count from the moment of the PUT


@dataclass(frozen=True)
class Done:
    """The work is done: a line for the history, and what the next run should know."""

    summary: str
    state: str | None = None


@dataclass(frozen=True)
class Job:
    """`settings` is the body of the PUT, but for the target; `work` returns Done or raises."""

    settings: dict[str, Any]
    work: Callable[[Run], Awaitable[Done]]


async def report(run: Run) -> Done:
    """Succeeds quickly, and counts its successes in the state that Jobhook keeps."""
    count = 1 + (json.loads(run.last_state)["reports"] if run.last_state else 0)
    await run.sleep(1)
    return Done(f"report {count} is out", json.dumps({"reports": count}))


async def backup(run: Run) -> Done:
    """Takes 12 s, far more than its ttl of 5 s: each heartbeat buys another 5 s."""
    for progress in (25, 50, 75):
        await run.sleep(3)
        await run.heartbeat(progress)
    await run.sleep(3)
    return Done("4 of 4 volumes copied")


async def import_orders(run: Run) -> Done:
    """Fails: what it raises becomes the error in the history."""
    await run.sleep(2)
    raise FileNotFoundError("there is no file orders.csv to import")


JOBS = {
    "report": Job({"schedule": EVERY_MINUTE, "ttl_seconds": 30, "payload": '{"to": "team"}'}, report),
    "backup": Job({"schedule": EVERY_MINUTE, "ttl_seconds": 5, "timeout_seconds": 50, "exclusive": True}, backup),
    "import": Job({"schedule": EVERY_MINUTE, "ttl_seconds": 30}, import_orders),
}
