"""The backend of this process. It is made at first use, so that a function imports and connects only what it needs."""

from functools import cache

from jobhook.ports import Backend


@cache
def aws_backend() -> Backend:
    """All ports on AWS, by the variables of the environment."""
    from chalicelib.backend import AwsBackend

    return AwsBackend()
