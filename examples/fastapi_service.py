"""A service in FastAPI: it answers the webhook at once, and works in the background.

uvicorn examples.fastapi_service:app --port 9000
jobhook job put reports nightly --schedule 'rate(1 minute)' --target http://localhost:9000/hooks/nightly --ttl 30
"""

from typing import Annotated, Any

from fastapi import BackgroundTasks, Body, FastAPI

import jobhook
from examples.doubles import Doubles

app = FastAPI()
doubles = Doubles()


@app.post("/hooks/nightly", status_code=202)
def nightly(webhook: Annotated[dict[str, Any], Body()], background: BackgroundTasks) -> None:
    """Jobhook waits 10 s for this answer, and much longer for the callback."""
    if not jobhook.is_test(webhook) and not doubles.is_double(webhook["execution_id"]):
        background.add_task(work, webhook)


def work(webhook: dict[str, Any]) -> None:
    """A plain function, not `async`: FastAPI runs it in a thread, where waiting holds nothing else up."""
    with jobhook.callback(webhook) as run:
        rows = ["first", "second", "third"]  # some work
        for number, _ in enumerate(rows, start=1):
            run.progress(100 * number // len(rows))
        run.summary = f"{len(rows)} rows"
        run.state = rows[-1]  # the next run finds it in run.last_state
