"""The app over a backend in memory, as for the handlers."""

from tests.api.conftest import api, app, backend

__all__ = ["api", "app", "backend"]
