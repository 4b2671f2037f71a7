"""What the contract suite runs over: every implementation of a port, by name. Add one, and all its tests run on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jobhook.adapters.stepwise_effects import CommitStore
from jobhook.server.sqlite.database import Database
from jobhook.server.sqlite.store import SqliteStore
from tests.chalicelib.moto_tables import dynamodb_store
from tests.fakes.store import MemoryStore

OpenStore = Callable[[], AbstractAsyncContextManager[CommitStore]]


@asynccontextmanager
async def memory_store() -> AsyncIterator[CommitStore]:
    yield MemoryStore()


@asynccontextmanager
async def sqlite_store() -> AsyncIterator[CommitStore]:
    """On a file, as the server has it: reads have connections of their own and see only what was committed."""
    with TemporaryDirectory() as directory:
        database = Database(Path(directory) / "jobhook.db", synchronous="OFF")
        try:
            yield SqliteStore(database)
        finally:
            await database.close()


STORES: dict[str, OpenStore] = {
    "dynamodb": dynamodb_store,
    "memory": memory_store,
    "sqlite": sqlite_store,
}
"""Each opens an empty store of its own."""
