"""Opens fakes for the suites that every implementation of a port passes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jobhook.ports import Store
from tests.fakes.store import MemoryStore


@asynccontextmanager
async def memory_store() -> AsyncIterator[Store]:
    """An empty store."""
    yield MemoryStore()
