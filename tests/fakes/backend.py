"""All ports together, in memory."""

from collections.abc import Mapping

from jobhook.adapters.stepwise_effects import CommitStore, StepwiseEffects
from jobhook.adapters.work_limit import within
from jobhook.core.targets.http import HttpTarget
from jobhook.core.work_limit import WorkLimit
from jobhook.ports import Sender, Settings
from jobhook.use_cases.dispatch_schedule import start_page
from tests.fakes.ports import CountingIds, FakeClock, FakeRules, FakeWorkflows, ListedStartQueue, ScriptedWebhooks
from tests.fakes.store import MemoryStore
from tests.fakes.tripwire import Tripwire

START_MS = 1_795_248_000_000  # 2026-11-21T08:00:00Z


class MemoryBackend:
    """`Backend` for tests; `memory` is the store itself, `store` what use cases see of it."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.tripwire = Tripwire()
        self.memory = MemoryStore(self.tripwire)
        self.store: CommitStore = self.memory
        self.rules = FakeRules(self.tripwire)
        self.workflows = FakeWorkflows(self.tripwire)
        self.webhooks = ScriptedWebhooks(self.tripwire)
        self.senders: Mapping[str, Sender] = {HttpTarget.kind: self.webhooks}
        self.start_queue = ListedStartQueue(self.tripwire)
        self.clock = FakeClock(START_MS)
        self.ids = CountingIds()
        self.work_limit: WorkLimit = within
        self.settings = settings or Settings(base_url="https://jobs.example.com/api")

    @property
    def effects(self) -> StepwiseEffects:
        """Over the store that use cases see at the moment."""
        return StepwiseEffects(self.store, lambda: self.workflows)

    async def drain_queue(self) -> None:
        """Deliver every page, and those that come of it."""
        while self.start_queue.pages:
            await start_page(self, self.start_queue.pages.popleft())
