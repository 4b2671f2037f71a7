"""Commands that speak to Jobhook: the options that they share, and the client that these make."""

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Concatenate, ParamSpec

import typer

from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail, failures
from jobhook.cli.output.suggestions import suggestions
from jobhook.cli.settings.profiles import ProfilesUnreadable, profiles_file, read_profiles
from jobhook.cli.settings.target import Flags, NoSuchProfile, Target, resolve

if TYPE_CHECKING:
    from jobhook.client.client import Client
    from jobhook.client.credentials import Credentials
    from jobhook.client.transport import RetryPolicy

Own = ParamSpec("Own")


@dataclass(frozen=True)
class Api:
    """What a command works with: the client, and whether a program reads the output."""

    client: "Client"
    as_json: bool


def connected(command: Callable[Concatenate[Api, Own], None]) -> Callable[..., None]:
    """A command of Typer's that has the shared options beside its own, and is given an Api."""

    def run(**given: object) -> None:
        shared = {name: given.pop(name) for name in _SHARED}
        as_json = bool(shared.pop("as_json"))
        target = find_target(Flags(**shared))  # type: ignore[arg-type]  # Typer gives what _options declares
        with failures(as_json=as_json), connect(target) as client, suggestions(client, given):
            command(Api(client, as_json), **given)  # type: ignore[arg-type, call-arg]  # and what the command declares

    own = list(inspect.signature(command).parameters.values())[1:]
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *_SHARED.values())]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it from there
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def find_target(flags: Flags) -> Target:
    """The target of the flags, this process's environment and the user's profiles; leaves where it cannot be told."""
    try:
        return resolve(flags, os.environ, read_profiles(profiles_file()))
    except (NoSuchProfile, ProfilesUnreadable) as error:
        fail(str(error), ExitCode.USAGE)


def connect(target: Target, patience: "RetryPolicy | None" = None) -> "Client":
    """A client of the target, by default as patient as a person who can try again. Raises JobhookError."""
    from jobhook.client.client import Client  # slow to import; `jobhook --help` does without
    from jobhook.client.transport import RetryPolicy

    patience = patience or RetryPolicy(tries=3, first_pause_seconds=0.2)
    return Client(target.url, _credentials(target) if target.signed else None, patience=patience)


def _credentials(target: Target) -> "Credentials":
    from jobhook.client.credentials import AwsCredentials

    return AwsCredentials(target.aws_profile, target.region)


def _options(
    *,
    url: Annotated[
        str | None, typer.Option(help="Jobhook's URL; else JOBHOOK_URL, the profile's, or http://localhost:8080.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="A profile of `jobhook config`; else JOBHOOK_PROFILE.")] = None,
    region: Annotated[str | None, typer.Option(help="The AWS region that requests are signed for.")] = None,
    aws_profile: Annotated[str | None, typer.Option(help="The AWS profile whose credentials sign.")] = None,
    sign: Annotated[
        bool | None, typer.Option("--sign/--no-sign", help="Sign requests; by default all but those to this machine.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """The options of every command that speaks to Jobhook."""


_SHARED = dict(inspect.signature(_options).parameters)
