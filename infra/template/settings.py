"""What a person says on the command line of a deployment."""

import argparse
from dataclasses import dataclass

from infra.template.names import Names


@dataclass(frozen=True, slots=True)
class Settings:
    """`parameters` are the template's; `bucket` is where the bundle goes, made where none is named."""

    names: Names
    bucket: str | None
    parameters: dict[str, str]
    sure: bool
    delete_tables: bool


def from_command_line(program: str) -> Settings:
    """Read `sys.argv`."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--stage", default="prod")
    parser.add_argument("--bucket", default="", help="for the bundle; made where none is named")
    parser.add_argument("--parameters", default="", metavar="NAME=VALUE ...", help="of the template")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--delete-tables", action="store_true", help="destroy the data too")
    given = parser.parse_args()
    pairs = [pair.partition("=") for pair in given.parameters.split()]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        parser.error(f"parameters are NAME=VALUE: {', '.join(wrong)}")
    parameters = {name: value for name, _, value in pairs}
    return Settings(Names(given.stage), given.bucket or None, parameters, given.yes, given.delete_tables)


def agreed(question: str, settings: Settings) -> bool:
    """Whether the person says yes, or said so beforehand. Ctrl-C and an end of the input are no."""
    try:
        return settings.sure or input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except (KeyboardInterrupt, EOFError):
        return False
