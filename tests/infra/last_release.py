"""The packaged template of the last release: what a deployment finds, and what it is taken back to.

At a release, `make package STAGE=prod` and a copy of `out/prod/template.json` bring the data up to date.
"""

import json
from pathlib import Path

from infra.template.intrinsics import Json

TEMPLATE = Path(__file__).parent / "data" / "last_release.json"


def last_release() -> Json:
    """The template, before the SAM translator has expanded it."""
    document: Json = json.loads(TEMPLATE.read_text())
    return document
