"""Everything that speaks to the API, over each backend behind a real socket."""

import pytest

from jobhook import Client
from tests.cli.conftest import cli, client, connected, environment, owner, server
from tests.e2e.service import Service
from tests.served.backends import Served
from tests.served.world import World

__all__ = ["cli", "client", "connected", "environment", "owner", "server"]


@pytest.fixture
def world(server: Served, client: Client, owner: Service) -> World:
    return World(server, client, owner)
