"""`jobhook credentials`: the access keys of a one-machine server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.cli.output.examples import examples
from jobhook.cli.output.options import DEFAULT_DATA
from jobhook.core.times import epoch_ms, floor_to_second, to_rfc3339

if TYPE_CHECKING:
    from jobhook.server.auth.credentials import Credential, CredentialsFile, ListedCredential

app = typer.Typer(
    help="Access keys for a server started with --auth sigv4.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)

Data = Annotated[Path, typer.Option("--data", help="The server's data directory.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("add", epilog=examples("jobhook credentials add --name deploy --data /var/lib/jobhook"))
def add(
    data: Data = DEFAULT_DATA,
    name: Annotated[str, typer.Option("--name", help="Whose key it is, for the listing.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an access key and print its secret, this once. A running server takes it at once."""
    with _opened(data) as credentials:
        credential = credentials.add(name)
    typer.echo(json.dumps(_wire(credential)) if as_json else _introduction(credential))


@app.command("list", epilog=examples("jobhook credentials list --data /var/lib/jobhook"))
def list_credentials(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the access keys, without their secrets."""
    with _opened(data) as credentials:
        listed = credentials.list()
    if as_json:
        typer.echo(json.dumps([_wire(credential) for credential in listed]))
        return
    if not listed:
        typer.echo(f"There are no access keys in {data}; `jobhook credentials add --data {data}` makes one.")
    for credential in listed:
        typer.echo(f"{credential.access_key_id}  {_to_the_second(credential.created_at)}  {credential.name}".rstrip())


@app.command("remove", epilog=examples("jobhook credentials remove ID --data /var/lib/jobhook"))
def remove(
    access_key_id: Annotated[str, typer.Argument(metavar="ID", help="The access key id.")], data: Data = DEFAULT_DATA
) -> None:
    """Remove an access key. A running server refuses it at once."""
    with _opened(data) as credentials:
        removed = credentials.remove(access_key_id)
    if not removed:
        raise _failed(f"There is no access key {access_key_id} in {data}.")
    typer.echo(f"Removed {access_key_id}.")


@contextmanager
def _opened(data: Path) -> "Iterator[CredentialsFile]":
    """The data's credentials file; what is wrong with it is said in a line."""
    from jobhook.server.auth.credentials import CredentialsFile, CredentialsRefused  # imports pydantic: slow

    try:
        yield CredentialsFile.in_directory(data)
    except (CredentialsRefused, OSError) as refused:
        raise _failed(refused) from refused


def _failed(reason: object) -> typer.Exit:
    typer.echo(str(reason), err=True)
    return typer.Exit(1)


def _wire(credential: "Credential | ListedCredential") -> dict[str, str]:
    return {**asdict(credential), "created_at": _to_the_second(credential.created_at)}


def _to_the_second(moment: datetime) -> str:
    return to_rfc3339(floor_to_second(epoch_ms(moment)))


def _introduction(credential: "Credential") -> str:
    return (
        f"Access key id  {credential.access_key_id}\n"
        f"Secret key     {credential.secret_key}\n"
        "The secret is not shown again. Sign requests with it, for example:\n"
        f'curl --aws-sigv4 "aws:amz:us-east-1:execute-api" --user {credential.access_key_id}:{credential.secret_key} '
        "http://127.0.0.1:8080/services"
    )
