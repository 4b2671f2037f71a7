"""Runs in the SAM translator's own environment: expands a template as CloudFormation would on deployment."""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform

BUNDLE = "s3://bucket/deployment.zip"


class NoManagedPolicies:
    """AWS's own policies by name; the template asks for none."""

    def load(self) -> dict[str, str]:
        """None."""
        return {}


def main() -> None:
    """Read the template named first, write the expanded one named second."""
    source, target = map(Path, sys.argv[1:])
    template = json.loads(source.read_text())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:
            properties["CodeUri"] = BUNDLE
    target.write_text(json.dumps(transform(template, {}, NoManagedPolicies()), indent=1))


if __name__ == "__main__":
    main()
