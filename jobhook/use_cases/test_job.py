"""POST .../test: send a job's webhook once, to see whether its service would take it. Nothing is stored."""

from jobhook.core.executions.manual_runs import RunRequest
from jobhook.core.targets.answer import Failure
from jobhook.core.targets.test_call import TestCall, webhook_for_test
from jobhook.ports import Backend
from jobhook.use_cases.read_jobs import read_job


async def test_job(
    backend: Backend, service_name: str, job_name: str, request: RunRequest, base_url: str
) -> dict[str, object]:
    """What came of it, as it looks on the wire; disabled and paused jobs may be tested too.

    `base_url` is the API's, without a trailing slash.

    Raises JobNotFound.
    """
    job = await read_job(backend, service_name, job_name)
    began_ms = backend.clock.now_ms()
    document = webhook_for_test(job, request, base_url, backend.ids.secret(), began_ms)
    target = job.settings.target
    answer = await backend.senders[target.kind].send(target.render(document))
    sent = answer.failure is not Failure.NOT_ALLOWED
    return TestCall(job, answer, backend.clock.now_ms() - began_ms if sent else None, backend.work_limit).document
