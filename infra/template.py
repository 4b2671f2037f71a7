"""What Chalice's template is merged with: all parts of the stack that Chalice does not make itself."""

from pathlib import Path

from infra.alarms import alarms
from infra.api import api
from infra.dashboard import dashboard
from infra.events import events
from infra.functions import functions
from infra.intrinsics import Json
from infra.machine import DEFINITION, machine
from infra.names import Names
from infra.outputs import outputs
from infra.parameters import conditions, parameters, rules
from infra.queues import queues
from infra.tables import tables


def template(names: Names, definition: Path = DEFINITION) -> Json:
    """Dicts are merged into Chalice's, all else replaces what Chalice has."""
    return {
        "Description": f"Jobhook ({names.stage}): recurring jobs as webhooks.",
        "Parameters": parameters(),
        "Conditions": conditions(),
        "Rules": rules(),
        "Resources": {
            **tables(names),
            **queues(names),
            **functions(names),
            **machine(names, definition),
            **events(names),
            **api(names),
            **alarms(names),
            **dashboard(names),
        },
        "Outputs": outputs(names),
    }
