"""The AWS adapters: the only place that knows boto3."""
