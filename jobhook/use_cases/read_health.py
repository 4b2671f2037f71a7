"""GET /health: the questions that whoever watches over Jobhook asks, in a bounded number of queries."""

from jobhook.core.executions.execution import Execution, Status
from jobhook.core.insight.health import COUNTED, Health, late_schedules
from jobhook.core.paging import ExecutionFilter
from jobhook.core.times import HOUR_MS, SECOND_MS
from jobhook.ports import Backend

_ROUNDS = 3  # the reconciler looks at a time once it has settled, and again each round after


async def read_health(backend: Backend, since_ms: int | None) -> Health:
    """How it is going; `ran` since `since_ms`, or in the last hour. Raises Unavailable without a store."""
    store, now_ms = backend.store, backend.clock.now_ms()
    since = now_ms - HOUR_MS if since_ms is None else since_ms
    late_ms = now_ms - _ROUNDS * backend.settings.settle_seconds * SECOND_MS

    async def listed(status: Status | None, from_ms: int | None, limit: int) -> list[Execution]:
        only = ExecutionFilter(status, from_ms, None)
        return list((await store.list_executions(None, only, None, limit)).items)

    newest = await listed(None, None, 1)
    return Health(
        since_ms=since,
        newest=newest[0] if newest else None,
        ran=await listed(None, since, COUNTED),
        pending=await listed(Status.PENDING, None, COUNTED),
        running=await listed(Status.RUNNING, None, COUNTED),
        overdue=await store.list_overdue(late_ms, COUNTED),
        open_fires=await store.list_open_fires(late_ms, COUNTED),
        late=late_schedules(await store.list_schedules(), late_ms, backend.settings.rates_keep_phase),
        holders=await store.list_locks(now_ms + 1, COUNTED),
    )
