"""Bodies that the contract takes."""

from typing import Any


def job_body(**changes: object) -> dict[str, Any]:
    """A job's body, with other or further fields."""
    body: dict[str, Any] = {
        "async": True,
        "invocation_target": "https://reports.example.com/hooks/nightly",
        "invocation_type": "http",
        "payload": '{"report": "sales"}',
        "schedule": "rate(5 minutes)",
        "ttl_seconds": 60,
    }
    return {**body, **changes}
