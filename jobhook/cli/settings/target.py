"""Which Jobhook a command speaks to, and how it signs: flags first, then the environment, then the profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from jobhook.cli.settings.profiles import Profile, Profiles

DEFAULT_URL = "http://localhost:8080"

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NoSuchProfile(Exception):
    """A profile was named that there is not; the text says which there are."""


@dataclass(frozen=True)
class Flags:
    """What the command line says; None where it says nothing."""

    profile: str | None = None
    url: str | None = None
    region: str | None = None
    aws_profile: str | None = None
    sign: bool | None = None


@dataclass(frozen=True)
class Target:
    """Where requests go, whether they are signed, and where the URL was found."""

    url: str
    url_from: str
    profile: str
    signed: bool
    region: str | None
    aws_profile: str | None


def resolve(flags: Flags, environment: Mapping[str, str], profiles: Profiles) -> Target:
    """The target. A profile that a flag names goes before JOBHOOK_URL, and JOBHOOK_URL before the current profile.

    Raises NoSuchProfile.
    """
    name = flags.profile or environment.get("JOBHOOK_PROFILE") or profiles.current
    profile = profiles.named.get(name)
    if profile is None and (flags.profile or environment.get("JOBHOOK_PROFILE")):
        there = ", ".join(sorted(profiles.named)) or "none yet"
        raise NoSuchProfile(f"There is no profile {name!r}; profiles: {there}. `jobhook config set {name} --url URL`.")
    profile = profile or Profile()
    url, url_from = _url(flags, environment, profile, name)
    return Target(
        url=url,
        url_from=url_from,
        profile=name,
        signed=_signed(flags, profile, url),
        region=flags.region or profile.region,
        aws_profile=flags.aws_profile or profile.aws_profile,
    )


def _url(flags: Flags, environment: Mapping[str, str], profile: Profile, name: str) -> tuple[str, str]:
    candidates = [
        (flags.url, "--url"),
        (profile.url if flags.profile else None, f"profile {name}"),
        (environment.get("JOBHOOK_URL"), "JOBHOOK_URL"),
        (profile.url, f"profile {name}"),
    ]
    return next(((url, source) for url, source in candidates if url), (DEFAULT_URL, "the default"))


def _signed(flags: Flags, profile: Profile, url: str) -> bool:
    """As a flag or the profile says; else by naming credentials; else wherever the network is between."""
    if flags.sign is not None:
        return flags.sign
    if flags.region or flags.aws_profile:
        return True
    if profile.sign is not None:
        return profile.sign
    return _host(url) not in _LOOPBACK


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # the client says what is wrong with it
        return None
