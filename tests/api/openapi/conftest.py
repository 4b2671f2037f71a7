"""The API over a backend in memory, as for the views."""

from tests.api.conftest import api, backend

__all__ = ["api", "backend"]
