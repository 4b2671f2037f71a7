"""Two schedules of a job that are due at once, on one machine: one execution, one webhook."""

from dataclasses import replace

import pytest

from jobhook.core.executions.execution import Status
from jobhook.core.identities import ExecutionKey
from tests.server.one_machine import EVERY_MINUTE, PLAIN, World

EVERY_MINUTE_TOO = "cron(0/1 * * * ? *)"


@pytest.mark.parametrize("ended", [False, True])
async def test_two_that_are_due_at_once_run_the_job_once(world: World, ended: bool) -> None:
    job = await world.put(settings=replace(PLAIN, more_schedules=(EVERY_MINUTE_TOO,)))
    at_ms = await world.fire()
    key = ExecutionKey(job.guid, job.incarnation, at_ms)
    if ended:
        await world.call_back(world.callback_of(key), "success")
    row = await world.store.read_schedule(EVERY_MINUTE_TOO)
    assert row is not None
    await world.dispatch(row, at_ms)
    await world.engine.idle()
    assert [post["schedule"] for post in world.posts(key)] == [EVERY_MINUTE]
    assert len(world.webhooks.posts) == 1
    assert (await world.execution(key)).status is (Status.SUCCESS if ended else Status.RUNNING)
