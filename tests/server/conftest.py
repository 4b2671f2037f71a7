from collections.abc import AsyncIterator

import pytest

from tests.server.one_machine import World, one_machine


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with one_machine() as begun:
        yield begun
