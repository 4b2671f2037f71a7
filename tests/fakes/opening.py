"""Opens fakes for the suites that every implementation of a port passes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jobhook.adapters.stepwise_effects import CommitStore
from tests.fakes.store import MemoryStore


@asynccontextmanager
async def memory_store() -> AsyncIterator[CommitStore]:
    """An empty store."""
    yield MemoryStore()
