"""`python -m infra.build --stage prod`: packages the app and the stack into `out/<stage>/`.

Chalice works on a copy that holds nothing but what is shipped: it bundles all that it finds, and leaves files behind.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from infra import bundle
from infra.template.assemble import template
from infra.template.functions import API, FUNCTIONS
from infra.template.intrinsics import Json
from infra.template.names import InvalidStage, Names
from infra.template.policies import function_policy

ROOT = Path(__file__).parents[1]
TEMPLATE, BUNDLE = "template.json", "deployment.zip"
_CHALICE = "from chalice.cli import main; raise SystemExit(main())"
_MODEL_STAGE = "prod"
"""The stage of `.chalice/config.json` that every stage is made like."""


class PackagingFailed(RuntimeError):
    """Chalice did not package the app; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Package:
    """What was written; `said` is a line about the bundle."""

    template: Path
    said: str


def build(stage: str, out: Path) -> Package:
    """Write the template and the bundle of a stage. Raises InvalidStage, PackagingFailed."""
    names = Names(stage)
    with tempfile.TemporaryDirectory(prefix="jobhook-") as scratch:
        project = Path(scratch) / "project"
        _copy(project)
        _configure(project / ".chalice", names)
        made = Path(scratch) / "made"
        _package(project, names, made)
        (made / "sam.json").replace(made / TEMPLATE)
        said = bundle.finish(made / BUNDLE, _runtime(made / TEMPLATE), Path(scratch) / "bundle")
        out.mkdir(parents=True, exist_ok=True)
        for name in (TEMPLATE, BUNDLE):
            shutil.move(made / name, out / name)
    return Package(out / TEMPLATE, said)


def _runtime(template_path: Path) -> str:
    """Lambda's name of the Python that Chalice has chosen: all functions have the same."""
    resources = cast(dict[str, Json], json.loads(template_path.read_text())["Resources"])
    return str(cast(Json, resources[API.logical_id]["Properties"])["Runtime"])


def _copy(project: Path) -> None:
    project.mkdir()
    for name in ("app.py", "requirements.txt"):
        shutil.copy2(ROOT / name, project / name)
    for name in ("chalicelib", "vendor"):  # `vendor` links to the parts of `jobhook` that Lambda needs
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))


def _configure(chalice: Path, names: Names) -> None:
    chalice.mkdir()
    config = cast(Json, json.loads((ROOT / ".chalice" / "config.json").read_text()))
    model = cast(dict[str, Json], config["stages"])[_MODEL_STAGE]
    of_functions = cast(dict[str, Json], model["lambda_functions"])
    for function in FUNCTIONS:
        policy = f"policy-{function.name}.json"
        of_functions[function.name]["iam_policy_file"] = policy
        _write(chalice / policy, function_policy(names, function))
    config["stages"] = {names.stage: model | {"api_gateway_stage": names.stage}}
    _write(chalice / "config.json", config)
    _write(chalice / "stack.json", template(names))


def _package(project: Path, names: Names, made: Path) -> None:
    command = [sys.executable, "-c", _CHALICE, "package", "--stage", names.stage, "--template-format", "json"]
    # Nothing is asked of AWS, but Chalice wants to know a region; and what it imports must not leave bytecode behind.
    environment = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603 - every argument is ours
        [*command, "--merge-template", ".chalice/stack.json", str(made)],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PackagingFailed(done.stdout + done.stderr)


def _write(path: Path, document: Json) -> None:
    path.write_text(json.dumps(document, indent=2))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m infra.build", description="Package a stage into out/<stage>/.")
    parser.add_argument("--stage", default=_MODEL_STAGE)
    parser.add_argument("--out", type=Path, help="default: out/<stage>")
    arguments = parser.parse_args()
    out: Path = arguments.out or ROOT / "out" / arguments.stage
    try:
        package = build(arguments.stage, out)
    except (InvalidStage, PackagingFailed) as error:
        sys.exit(str(error))
    size = (out / BUNDLE).stat().st_size
    print(f"{package.template}\n{out / BUNDLE} ({size / 1e6:.2f} MB, {package.said})")


if __name__ == "__main__":
    main()
