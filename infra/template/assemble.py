"""What Chalice's template is merged with: all parts of the stack that Chalice does not make itself."""

from pathlib import Path

from infra.template.alarms import alarms
from infra.template.api import api
from infra.template.dashboard import dashboard
from infra.template.events import events
from infra.template.functions import functions
from infra.template.intrinsics import Json
from infra.template.machine import DEFINITION, machine
from infra.template.names import Names
from infra.template.outputs import outputs
from infra.template.parameters import conditions, parameters, rules
from infra.template.queues import queues
from infra.template.tables import tables


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
