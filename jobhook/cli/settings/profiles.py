"""The profiles: where Jobhook is, and how requests to it are signed, under a name, in a file of the user's."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import typer

DEFAULT_NAME = "default"


class ProfilesUnreadable(Exception):
    """The file is not what it should be; the text says where and what."""


@dataclass(frozen=True)
class Profile:
    """What a profile says; None where it says nothing. `sign` None: signed everywhere but on this machine."""

    url: str | None = None
    region: str | None = None
    aws_profile: str | None = None
    sign: bool | None = None

    def settings(self) -> dict[str, Any]:
        """What it says, as it stands in the file."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Profiles:
    """All profiles, and the name of the one that is used where none is named."""

    current: str = DEFAULT_NAME
    named: Mapping[str, Profile] = field(default_factory=dict)


def profiles_file() -> Path:
    """Where the profiles are: `JOBHOOK_CONFIG`, or a file in the platform's place for configuration."""
    named = os.environ.get("JOBHOOK_CONFIG")
    return Path(named) if named else Path(typer.get_app_dir("jobhook")) / "config.yaml"


def read_profiles(file: Path) -> Profiles:
    """The profiles of the file; none where there is no file. Raises ProfilesUnreadable."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Profiles()
    except (OSError, UnicodeDecodeError) as error:
        raise ProfilesUnreadable(f"{file} cannot be read: {error}") from error
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProfilesUnreadable(f"{file} is not YAML: {error}") from error
    return _profiles(file, document or {})


def write_profiles(file: Path, profiles: Profiles) -> None:
    """Replace the file as a whole. Raises OSError."""
    import yaml

    named = {name: profile.settings() for name, profile in sorted(profiles.named.items())}
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.new")
    temporary.write_text(yaml.safe_dump({"current": profiles.current, "profiles": named}, sort_keys=False))
    temporary.replace(file)


def _profiles(file: Path, document: object) -> Profiles:
    named = document.get("profiles", {}) if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(named, dict):
        raise ProfilesUnreadable(f"{file} must be a mapping with `current` and `profiles`")
    profiles = {str(name): _profile(file, str(name), settings) for name, settings in named.items()}
    return Profiles(str(document.get("current", DEFAULT_NAME)), profiles)


def _profile(file: Path, name: str, settings: object) -> Profile:
    kinds: dict[str, type] = {"url": str, "region": str, "aws_profile": str, "sign": bool}
    right = isinstance(settings, dict) and all(
        key in kinds and isinstance(value, kinds[key]) for key, value in settings.items()
    )
    if not isinstance(settings, dict) or not right:
        raise ProfilesUnreadable(
            f"{file}: profile {name!r} may say url, region and aws_profile (texts) and sign (a bool)"
        )
    return Profile(**settings)
