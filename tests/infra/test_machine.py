"""The state machine in the template is the file, and nothing in the template is what CloudFormation refuses."""

import json
import re
from typing import cast

from infra.template.intrinsics import Json
from infra.template.machine import DEFINITION
from tests.infra.nulls import nulls
from tests.infra.reading import part, properties, the_template

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"


def test_cloudformation_finds_no_null_anywhere() -> None:
    assert list(nulls({"a": [1, {"b": None}]})) == ["/a/1/b"]
    assert list(nulls(the_template())) == []


def test_the_definition_is_the_file_with_the_arns_of_the_functions() -> None:
    definition = part(properties("StateMachine"), "DefinitionString")
    separator, pieces = cast("tuple[str, list[object]]", definition["Fn::Join"])
    functions = [cast("dict[str, list[str]]", piece)["Fn::GetAtt"] for piece in pieces if not isinstance(piece, str)]
    assert functions == [["Invoke", "Arn"], ["RecordFailure", "Arn"]]
    joined = separator.join(piece if isinstance(piece, str) else ARN for piece in pieces)
    file = re.sub(r"\$\{\w+\}", ARN, DEFINITION.read_text())
    made: Json = json.loads(joined)
    assert made == json.loads(file)
    assert part(made, "States", "Invoke", "Parameters", "Payload")["task_token.$"] == "$$.Task.Token"
