"""What a deployment prints at its end."""

from infra.functions import NO_OWN_ADDRESS
from infra.intrinsics import Json, ref, sub, where
from infra.names import Names
from infra.tables import TABLES


def outputs(names: Names) -> Json:
    """The API, the tables, the machine."""
    own = sub("https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/" + names.stage)
    tables = {f"{logical_id}Name": {"Value": ref(logical_id)} for logical_id in TABLES.values()}
    return {
        "ApiAddress": {"Value": own, "Description": "Signed requests go here."},
        "CallbackBase": {"Value": where(NO_OWN_ADDRESS, own, ref("CallbackAddress"))},
        "StateMachineArn": {"Value": ref("StateMachine")},
        **tables,
    }
