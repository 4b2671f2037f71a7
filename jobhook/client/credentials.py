"""What requests are signed with, and the signing: AWS Signature Version 4 by botocore."""

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeAlias

import httpx2
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from jobhook.client.errors import NoCredentials

_SERVICE = "execute-api"
_ANY_REGION = "us-east-1"  # a one-machine server takes every region
_AWS_HOST = re.compile(r"[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")


@dataclass(frozen=True)
class AccessKey:
    """An access key, as `jobhook credentials add` prints it for a one-machine server."""

    id: str
    secret: str = field(repr=False)
    region: str = _ANY_REGION


@dataclass(frozen=True)
class AwsCredentials:
    """The usual AWS credential chain: environment, profiles, SSO, container and instance roles.

    `region` None: the one in an API Gateway's host name, else the profile's.
    """

    profile: str | None = None
    region: str | None = None


Credentials: TypeAlias = AccessKey | AwsCredentials


class Signing(httpx2.Auth):
    """Signs every request with what `find` gives at that moment: credentials of a role expire."""

    requires_request_body = True

    def __init__(self, find: Callable[[], ReadOnlyCredentials], region: str) -> None:
        self._find = find
        self._region = region

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Add the headers of the signature."""
        names = ("host", "content-type")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        aws = AWSRequest(request.method, str(request.url), headers=headers, data=request.content)
        SigV4Auth(self._find(), _SERVICE, self._region).add_auth(aws)
        request.headers.update({name: str(value) for name, value in aws.headers.items()})
        yield request


def signing(credentials: Credentials, host: str) -> Signing:
    """How requests to `host` are signed. Raises NoCredentials."""
    if isinstance(credentials, AccessKey):
        key = ReadOnlyCredentials(credentials.id, credentials.secret, None)
        return Signing(lambda: key, credentials.region)
    return _by_the_chain(credentials, host)


def region_of(host: str) -> str | None:
    """The region in an API Gateway's host name; None for any other host."""
    match = _AWS_HOST.fullmatch(host)
    return match[1] if match else None


def _by_the_chain(credentials: AwsCredentials, host: str) -> Signing:
    from botocore.exceptions import BotoCoreError  # slow to import, and only the chain needs it
    from botocore.session import Session

    try:
        session = Session(profile=credentials.profile)
        found = session.get_credentials()
        region = credentials.region or region_of(host) or session.get_config_variable("region") or _ANY_REGION
    except BotoCoreError as error:
        raise NoCredentials(f"no AWS credentials: {error}") from error
    if found is None:
        raise NoCredentials("no AWS credentials were found in the environment, in profiles or from a role")

    def find() -> ReadOnlyCredentials:
        try:
            return found.get_frozen_credentials()
        except BotoCoreError as error:
            raise NoCredentials(f"the AWS credentials cannot be used: {error}") from error

    return Signing(find, region)
