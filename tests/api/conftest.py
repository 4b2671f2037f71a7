"""The app over a backend in memory."""

import pytest
from chalice.app import Chalice

from chalicelib.chalice_api import register
from jobhook.api import wiring
from tests.api.client import ApiClient
from tests.fakes.backend import MemoryBackend


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> MemoryBackend:
    memory = MemoryBackend()
    monkeypatch.setattr(wiring, "_installed", None)
    wiring.use(memory)
    return memory


@pytest.fixture
def app(backend: MemoryBackend) -> Chalice:
    app = Chalice(app_name="jobhook-test", configure_logs=False, env={})
    register(app)
    return app


@pytest.fixture
def api(app: Chalice) -> ApiClient:
    return ApiClient(app)
