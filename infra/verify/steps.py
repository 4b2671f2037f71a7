"""The steps of the proof, in their order: each finds what the one before cannot."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.build import BUNDLE, ROOT, TEMPLATE, PackagingFailed, build
from infra.verify.bundle import check_bundle
from infra.verify.commands import StepFailed, run
from infra.verify.tools import Tools

HERE = Path(__file__).parent
EXPANDED = "expanded.json"
STAGE = "prod"
STACK_TESTS = ROOT / "tests" / "infra" / "stack"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the package is, and the tools."""

    package: Path
    tools: Tools


@dataclass(frozen=True, slots=True)
class Step:
    """`do` returns what to print, and raises StepFailed."""

    title: str
    do: Callable[[Workspace], str]


def _package(work: Workspace) -> str:
    try:
        package = build(STAGE, work.package)
    except PackagingFailed as failed:
        raise StepFailed(str(failed)) from failed
    return f"{check_bundle(work.package / BUNDLE)}\n{package.said}"


def _lint_raw(work: Workspace) -> str:
    return run([work.tools.cfn_lint(), work.package / TEMPLATE]) or "no finding"


def _expand(work: Workspace) -> str:
    files = (work.package / TEMPLATE, work.package / EXPANDED)
    return run([work.tools.sam_python(), "-W", "ignore", HERE / "expand.py", *files])


def _lint_expanded(work: Workspace) -> str:
    return run([work.tools.cfn_lint(), work.package / EXPANDED]) or "no finding"


def _validate_machines(work: Workspace) -> str:
    machines = sorted((ROOT / "statemachines").glob("*.asl.json"))
    return "".join(run([work.tools.asl_validator(), "--json-path", machine]) for machine in machines)


def _deploy(work: Workspace) -> str:
    """Deployment into moto, the main job, permissions, costs, update and delete."""
    modules = sorted(STACK_TESTS.glob("verify_*.py"))
    environment = {"JOBHOOK_PACKAGE": str(work.package), "JOBHOOK_PARLIAMENT": str(work.tools.parliament_python())}
    command = [sys.executable, "-m", "pytest", "-x", "--no-header", "--tb=short", "--show-capture=no", "-rA"]
    return run([*command, *modules], environment, ROOT)


def _import_times(work: Workspace) -> str:
    return run([sys.executable, "-m", "infra.verify.import_times", work.package], cwd=ROOT)


STEPS: Sequence[Step] = (
    Step("package, and look into the bundle", _package),
    Step("cfn-lint on the packaged template", _lint_raw),
    Step("expand with the SAM translator", _expand),
    Step("cfn-lint on the expanded template", _lint_expanded),
    Step("asl-validator on the state machines", _validate_machines),
    Step("deploy into moto: main job, policies, costs, update, delete", _deploy),
    Step("import times of the functions, against boto3 alone", _import_times),
)
