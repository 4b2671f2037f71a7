"""CloudFormation's own functions, as values of a template."""

Json = dict[str, object]


def ref(name: str) -> Json:
    """What CloudFormation gives for a resource or a parameter."""
    return {"Ref": name}


def arn(resource: str) -> Json:
    """A resource's ARN."""
    return get_att(resource, "Arn")


def get_att(resource: str, attribute: str) -> Json:
    """An attribute of a resource."""
    return {"Fn::GetAtt": [resource, attribute]}


def sub(text: str) -> Json:
    """Text with `${...}` filled in."""
    return {"Fn::Sub": text}


def split(text: object) -> Json:
    """A list, of text that has its parts between commas."""
    return {"Fn::Split": [",", text]}


def where(condition: str, then: object, otherwise: object) -> Json:
    """One of two values, by a condition of the template."""
    return {"Fn::If": [condition, then, otherwise]}


NO_VALUE = ref("AWS::NoValue")


def resource(kind: str, properties: Json, **attributes: object) -> Json:
    """A resource; `attributes` stand beside its properties, such as DeletionPolicy."""
    return {"Type": kind, "Properties": properties, **attributes}
