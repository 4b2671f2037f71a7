"""Runs the steps one by one and says what each saw; ends with 1 at the first that finds something."""

import sys
import time

from infra.build import ROOT
from infra.verify.commands import StepFailed
from infra.verify.steps import STEPS, Workspace
from infra.verify.tools import Tools


def main() -> int:
    """The exit code."""
    work = Workspace(ROOT / "build" / "verify", Tools.here())
    for number, step in enumerate(STEPS, 1):
        print(f"[{number}/{len(STEPS)}] {step.title}", flush=True)
        began = time.monotonic()
        try:
            said = step.do(work)
        except StepFailed as failed:
            print(f"{failed}\nFAILED: {step.title}", flush=True)
            return 1
        for line in said.strip().splitlines():
            print(f"      {line}")
        print(f"      done in {time.monotonic() - began:.1f} s", flush=True)
    print("The stack is proven.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
