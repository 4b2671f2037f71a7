"""A service in Flask: it answers the webhook at once, and works in a thread.

flask --app examples.flask_service run --port 9000
jobhook job put reports nightly --schedule 'rate(1 minute)' --target http://localhost:9000/hooks/nightly --ttl 30
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask, request

import jobhook
from examples.doubles import Doubles

app = Flask(__name__)
workers = ThreadPoolExecutor(max_workers=4)
doubles = Doubles()


@app.post("/hooks/nightly")
def nightly() -> tuple[str, int]:
    """Jobhook waits 10 s for this answer, and much longer for the callback."""
    webhook = request.get_json()
    if not jobhook.is_test(webhook) and not doubles.is_double(webhook["execution_id"]):
        workers.submit(work, webhook)
    return "", 202


def work(webhook: Mapping[str, Any]) -> None:
    """Heartbeats go out by themselves; what is raised here is the error in the history."""
    with jobhook.callback(webhook) as run:
        rows = ["first", "second", "third"]  # some work
        for number, _ in enumerate(rows, start=1):
            run.progress(100 * number // len(rows))
        run.summary = f"{len(rows)} rows"
        run.state = rows[-1]  # the next run finds it in run.last_state
