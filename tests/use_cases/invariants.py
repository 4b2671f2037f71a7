"""What holds whenever nothing is under way."""

from collections import Counter

from chalicelib.events import aws_steps
from jobhook.core.schedules.rows import RuleState
from jobhook.use_cases.reconcile import reconcile
from tests.fakes.backend import MemoryBackend


async def settle(backend: MemoryBackend) -> None:
    """Let the reconciler mend what died or was left by others, some time later."""
    backend.clock.advance(3_600)
    report = await reconcile(backend, more=aws_steps(backend))
    assert report.unfinished == {}


def assert_schedules_agree(backend: MemoryBackend) -> None:
    """One row and one rule for each expression that has jobs, and the counts are the jobs'."""
    rows = backend.memory.rows
    jobs = Counter(job.settings.schedule for job in rows.jobs.values())
    assert {expression: row.jobs for expression, row in rows.schedules.items()} == jobs
    assert all(row.state is RuleState.ACTIVE for row in rows.schedules.values())
    assert set(backend.rules.standing) == {row.rule_suffix for row in rows.schedules.values()}
    assert rows.services == Counter(job.service_name for job in rows.jobs.values())
