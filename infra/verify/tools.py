"""The tools of the proof, each in an environment of its own: they pin what others need otherwise."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.build import ROOT
from infra.verify.commands import StepFailed, run

_CFN_LINT = ("cfn-lint", ("cfn-lint>=1.20,<2",))
_SAM = ("sam", ("aws-sam-translator>=1.94,<2", "setuptools<81"))
_PARLIAMENT = ("parliament", ("parliament>=1.6.4,<2", "setuptools<81"))
_ASL_VALIDATOR = "asl-validator@4"


@dataclass(frozen=True, slots=True)
class Tools:
    """Installed under one directory at first use, and used again from then on."""

    directory: Path

    @classmethod
    def here(cls) -> "Tools":
        """Under `build/`, or where JOBHOOK_TOOLS says."""
        return cls(Path(os.environ.get("JOBHOOK_TOOLS", ROOT / "build" / "verify-tools")))

    def cfn_lint(self) -> Path:
        """The linter of templates."""
        return self._environment(*_CFN_LINT) / "cfn-lint"

    def sam_python(self) -> Path:
        """A Python that has the SAM translator."""
        return self._environment(*_SAM) / "python"

    def parliament_python(self) -> Path:
        """A Python that has parliament, the linter of policies."""
        return self._environment(*_PARLIAMENT) / "python"

    def native(self, requirements: Sequence[str]) -> Path:
        """A directory that has exactly these packages as they are compiled for this machine."""
        directory = self.directory / "native" / "-".join([sys.implementation.cache_tag, *requirements])
        mark = directory / "installed"
        if not mark.exists():
            install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run([*install, "--no-deps", "--upgrade", "--target", directory, *requirements])
            mark.touch()
        return directory

    def asl_validator(self) -> Path:
        """The validator of state machines."""
        directory = self.directory / "asl-validator"
        made = directory / "node_modules" / ".bin" / "asl-validator"
        if not made.exists():
            directory.mkdir(parents=True, exist_ok=True)
            try:
                run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", directory, _ASL_VALIDATOR])
            except FileNotFoundError:
                raise StepFailed("npm is not installed; it comes with Node.js, which this step needs") from None
        return made

    def _environment(self, name: str, requirements: tuple[str, ...]) -> Path:
        """The directory of the environment's programs; its mark is written last, so half of one is made again."""
        directory = self.directory / name
        mark = directory / "installed"
        if not mark.exists():
            run([sys.executable, "-m", "venv", "--clear", directory])
            install: list[str | Path] = [
                directory / "bin" / "python",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ]
            run([*install, *requirements])
            mark.touch()
        return directory / "bin"
