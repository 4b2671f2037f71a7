from collections.abc import AsyncIterator

import pytest

from jobhook.adapters.stepwise_effects import CommitStore
from tests.contract.implementations import STORES, OpenStore


@pytest.fixture(scope="session", params=list(STORES.values()), ids=list(STORES))
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens an empty store; for tests that need one for each of their examples."""
    opens: OpenStore = request.param
    return opens


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[CommitStore]:
    async with open_store() as opened:
        yield opened
