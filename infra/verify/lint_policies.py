"""Runs in parliament's own environment: lints the policies of a JSON file, and prints a line of JSON a finding."""

import json
import sys
from pathlib import Path

import parliament


def main() -> None:
    """The findings on standard output; none where all is well."""
    policies: dict[str, object] = json.loads(Path(sys.argv[1]).read_text())
    for name, document in policies.items():
        for finding in parliament.analyze_policy_string(json.dumps(document)).findings:
            print(json.dumps({"policy": name, "issue": finding.issue, "detail": finding.detail}, default=str))


if __name__ == "__main__":
    main()
