"""What the installation of one machine needs: nothing that only AWS needs."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOR_AWS = ("chalice", "boto3", "aws_lambda_powertools", "app", "chalicelib")
SCRIPT = """
import sys
sys.modules.update(dict.fromkeys(FOR_AWS))  # an import of any of them fails
import importlib, pkgutil
import jobhook
for module in pkgutil.walk_packages(jobhook.__path__, "jobhook."):
    importlib.import_module(module.name)
"""


def test_every_module_of_the_package_is_imported_without_what_aws_needs() -> None:
    subprocess.run([sys.executable, "-c", SCRIPT.replace("FOR_AWS", repr(FOR_AWS))], check=True, cwd=ROOT)


def test_the_package_is_jobhook_alone_and_does_not_depend_on_chalice() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["jobhook"]
    names = {dependency.partition(">")[0] for dependency in settings["project"]["dependencies"]}
    assert not names & {"chalice", "boto3", "aws-lambda-powertools"}
