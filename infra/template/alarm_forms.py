"""The forms that alarms have: from one on, from one on of several metrics, and from a share of a quota on."""

from infra.template.intrinsics import NO_VALUE, Json, ref, resource, sub, where
from infra.template.names import Names

MINUTE_SECONDS = 60
_SHARE = 80
"""Percent of a quota: room enough to have it raised, which takes AWS hours to days."""


def on_one(names: Names, role: str, says: str, what: Json) -> Json:
    """Alarm from one on, looked at every minute; no data is good news."""
    calm: Json = {"Statistic": "Sum", "Period": MINUTE_SECONDS, **_from(1)}
    return alarm(names, role, says, calm | what)


def on_one_of(names: Names, role: str, says: str, metrics: list[Json]) -> Json:
    """Alarm from one on, of all metrics together."""
    queries = [_query(f"m{number}", metric, "Sum", MINUTE_SECONDS) for number, metric in enumerate(metrics)]
    return alarm(names, role, says, {"Metrics": [*queries, _result("SUM(METRICS())", role)], **_from(1)})


def on_share(
    names: Names, role: str, says: str, metric: Json, used: tuple[str, int, str], *, each_second: bool = False
) -> Json:
    """Alarm from four fifths of a quota on; `used` is the statistic, its period in seconds, and the quota's parameter.

    `each_second`: the quota is a rate, and the statistic a sum over the period.
    """
    statistic, period, quota = used
    seconds = f" / {period}" if each_second else ""
    share = _result(sub(f"100 * used{seconds} / ${{{quota}}}"), role)
    return alarm(names, role, says, {"Metrics": [_query("used", metric, statistic, period), share], **_from(_SHARE)})


def alarm(names: Names, role: str, says: str, what: Json) -> Json:
    """An alarm that tells the alarm topic, where there is one."""
    hear = where("HasAlarmTopic", [ref("AlarmTopicArn")], NO_VALUE)
    reported: Json = {"AlarmActions": hear, "OKActions": hear}
    return resource(
        "AWS::CloudWatch::Alarm",
        {"AlarmName": names.of(role), "AlarmDescription": says, "EvaluationPeriods": 1, **reported, **what},
    )


def _from(threshold: int) -> Json:
    return {
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }


def _query(name: str, metric: Json, statistic: str, period: int) -> Json:
    return {"Id": name, "ReturnData": False, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def _result(expression: object, role: str) -> Json:
    return {"Id": "total", "Expression": expression, "Label": role, "ReturnData": True}
