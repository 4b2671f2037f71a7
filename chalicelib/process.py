"""The backend of this process. It is made at first use, so that a function imports and connects only what it needs."""

from functools import cache

from chalicelib.rule_repair import AwsPorts


@cache
def aws_backend() -> AwsPorts:
    """All ports on AWS, by the variables of the environment."""
    from chalicelib.backend import AwsBackend

    return AwsBackend()
