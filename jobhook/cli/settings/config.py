"""`jobhook config`: profiles, so that a URL and how to sign need not be given each time."""

from dataclasses import asdict, replace
from typing import Annotated

import typer

from jobhook.cli.output.examples import examples
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail
from jobhook.cli.output.printing import print_fields, print_json, print_table
from jobhook.cli.settings.connection import find_target
from jobhook.cli.settings.profiles import (
    Profile,
    Profiles,
    ProfilesUnreadable,
    profiles_file,
    read_profiles,
    write_profiles,
)
from jobhook.cli.settings.target import Flags

app = typer.Typer(
    help="Keep profiles: where Jobhook is, and how requests to it are signed. A profile holds no secrets.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command(
    "set",
    epilog=examples(
        "jobhook config set local --url http://localhost:8080",
        "jobhook config set prod --url https://abc.execute-api.eu-west-1.amazonaws.com/api --aws-profile ops",
    ),
)
def set_profile(
    name: Name,
    url: Annotated[str | None, typer.Option(help="Jobhook's URL.")] = None,
    region: Annotated[str | None, typer.Option(help="The AWS region that requests are signed for.")] = None,
    aws_profile: Annotated[str | None, typer.Option(help="The AWS profile whose credentials sign.")] = None,
    sign: Annotated[bool | None, typer.Option("--sign/--no-sign", help="Whether requests are signed.")] = None,
) -> None:
    """Make or change a profile: what is left out stays as it is. The first one becomes the current one."""
    if url is not None and not url.startswith(("http://", "https://")):
        raise typer.BadParameter("must be an http or https URL", param_hint="'--url'")
    profiles = _read()
    old = profiles.named.get(name, Profile())
    changed = Profile(
        url=old.url if url is None else url.rstrip("/"),
        region=old.region if region is None else region,
        aws_profile=old.aws_profile if aws_profile is None else aws_profile,
        sign=old.sign if sign is None else sign,
    )
    current = profiles.current if profiles.current in profiles.named else name
    _write(Profiles(current, {**profiles.named, name: changed}))
    typer.echo(f"Profile {name} is set" + (" and is the current one." if current == name else "."))


@app.command("use", epilog=examples("jobhook config use prod"))
def use(name: Name) -> None:
    """Make a profile the current one."""
    profiles = _known(name)
    _write(replace(profiles, current=name))
    typer.echo(f"Profile {name} is the current one.")


@app.command("delete", epilog=examples("jobhook config delete prod"))
def delete(name: Name) -> None:
    """Remove a profile."""
    profiles = _known(name)
    _write(replace(profiles, named={other: profile for other, profile in profiles.named.items() if other != name}))
    typer.echo(f"Profile {name} is removed.")


@app.command("list", epilog=examples("jobhook config list"))
def list_profiles(as_json: AsJson = False) -> None:
    """List the profiles; * marks the current one."""
    profiles = _read()
    if as_json:
        named = {name: profile.settings() for name, profile in profiles.named.items()}
        print_json({"current": profiles.current, "profiles": named})
        return
    rows = (
        (
            "*" if name == profiles.current else "",
            name,
            profile.url,
            profile.region,
            profile.aws_profile,
            _sign(profile),
        )
        for name, profile in profiles.named.items()
    )
    empty = "There are no profiles yet; `jobhook config set NAME --url URL` makes one."
    print_table(("", "PROFILE", "URL", "REGION", "AWS PROFILE", "SIGN"), rows, empty=empty)


@app.command("show", epilog=examples("jobhook config show", "JOBHOOK_URL=http://localhost:8081 jobhook config show"))
def show(
    profile: Annotated[str | None, typer.Option(help="As if this profile were named.")] = None, as_json: AsJson = False
) -> None:
    """Say which Jobhook commands speak to here, and why."""
    target = find_target(Flags(profile=profile))
    if as_json:
        print_json({**asdict(target), "file": str(profiles_file())})
        return
    print_fields(
        [
            ("url", f"{target.url} (from {target.url_from})"),
            ("signed", "yes, with SigV4" if target.signed else "no"),
            ("region", target.region),
            ("AWS profile", target.aws_profile),
            ("file", str(profiles_file())),
        ]
    )


def _sign(profile: Profile) -> str:
    return {True: "yes", False: "no", None: ""}[profile.sign]


def _known(name: str) -> Profiles:
    profiles = _read()
    if name not in profiles.named:
        fail(f"There is no profile {name!r}; `jobhook config list` shows those that there are.", ExitCode.NOT_FOUND)
    return profiles


def _read() -> Profiles:
    try:
        return read_profiles(profiles_file())
    except ProfilesUnreadable as error:
        fail(str(error), ExitCode.USAGE)


def _write(profiles: Profiles) -> None:
    try:
        write_profiles(profiles_file(), profiles)
    except OSError as error:
        fail(f"{profiles_file()} cannot be written: {error.strerror or error}")
