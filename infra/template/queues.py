"""The queues: the one that paces large dispatches, and one of dead letters for each asynchronous way in."""

from dataclasses import dataclass

from infra.template.intrinsics import Json, arn, ref, resource, sub
from infra.template.names import Names

DAY_SECONDS = 86_400
KEPT_SECONDS = 14 * DAY_SECONDS  # SQS's longest
STARTER_TIMEOUT_SECONDS = 120
VISIBILITY_SECONDS = 6 * STARTER_TIMEOUT_SECONDS
"""AWS's own rule: six times the function's timeout, or a batch comes back while it is still worked on."""
TRIES = 5


@dataclass(frozen=True, slots=True)
class Queue:
    """`holds` completes the sentence "This queue holds ..."."""

    logical_id: str
    role: str
    holds: str


START_QUEUE = Queue("StartQueue", "starts", "pages of dispatches that wait to be started")
START_DEAD_LETTERS = Queue("StartDeadLetters", "starts-dead", "pages of dispatches that could not be started")
DISPATCH_DEAD_LETTERS = Queue("DispatchDeadLetters", "dispatch-dead", "fires whose dispatch failed on every try")
RECONCILE_DEAD_LETTERS = Queue("ReconcileDeadLetters", "reconcile-dead", "events that the reconciler failed on")
RULE_DEAD_LETTERS = Queue("RuleDeadLetters", "rules-dead", "events that EventBridge could not deliver")

DEAD_LETTERS = (START_DEAD_LETTERS, DISPATCH_DEAD_LETTERS, RECONCILE_DEAD_LETTERS, RULE_DEAD_LETTERS)
QUEUES = (START_QUEUE, *DEAD_LETTERS)


def queues(names: Names) -> Json:
    """All queues, encrypted, and who may send to them."""
    made: Json = {}
    for queue in QUEUES:
        made[queue.logical_id] = resource("AWS::SQS::Queue", _properties(names, queue))
        made[f"{queue.logical_id}Policy"] = resource(
            "AWS::SQS::QueuePolicy",
            {
                "Queues": [ref(queue.logical_id)],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": _statements(names, queue)},
            },
        )
    return made


def _properties(names: Names, queue: Queue) -> Json:
    properties: Json = {
        "QueueName": names.of(queue.role),
        "MessageRetentionPeriod": KEPT_SECONDS,
        "SqsManagedSseEnabled": True,
    }
    if queue is START_QUEUE:
        properties["MessageRetentionPeriod"] = 4 * DAY_SECONDS
        properties["VisibilityTimeout"] = VISIBILITY_SECONDS
        properties["RedrivePolicy"] = {
            "deadLetterTargetArn": arn(START_DEAD_LETTERS.logical_id),
            "maxReceiveCount": TRIES,
        }
    return properties


def _statements(names: Names, queue: Queue) -> list[Json]:
    only_encrypted: Json = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": arn(queue.logical_id),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    if queue is not RULE_DEAD_LETTERS:
        return [only_encrypted]
    own_rules = sub("arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/" + names.stack + "-*")
    from_rules: Json = {
        "Sid": "EventsThatCouldNotBeDelivered",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn(queue.logical_id),
        "Condition": {"ArnLike": {"aws:SourceArn": own_rules}},
    }
    return [only_encrypted, from_rules]
