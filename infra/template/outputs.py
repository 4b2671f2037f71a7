"""What a deployment prints at its end."""

from infra.template.functions import NO_OWN_ADDRESS, api_address
from infra.template.intrinsics import Json, ref, where
from infra.template.names import Names
from infra.template.tables import TABLES


def outputs(names: Names) -> Json:
    """The API, the tables, the machine."""
    own = api_address(names)
    tables = {f"{logical_id}Name": {"Value": ref(logical_id)} for logical_id in TABLES.values()}
    return {
        "ApiAddress": {"Value": own, "Description": "Signed requests go here."},
        "CallbackBase": {"Value": where(NO_OWN_ADDRESS, own, ref("CallbackAddress"))},
        "StateMachineArn": {"Value": ref("StateMachine")},
        **tables,
    }
