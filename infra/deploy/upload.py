"""Brings a package to S3, from where CloudFormation takes it."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from infra.build import BUNDLE, TEMPLATE
from infra.template.intrinsics import Json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType


def ensure_bucket(client: "S3Client", name: str, region: str) -> None:
    """Make the bucket where there is none: private, and encrypted as S3 does it unasked."""
    try:
        client.head_bucket(Bucket=name)
        return
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
    if region == "us-east-1":
        client.create_bucket(Bucket=name)
    else:
        place = cast("BucketLocationConstraintType", region)
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": place})
    client.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )


def upload(client: "S3Client", bucket: str, package: Path, stack: str) -> str:
    """Store bundle and template under names that hold their content's hash; the template's URL."""
    bundle = (package / BUNDLE).read_bytes()
    bundle_key = f"{stack}/{_digest(bundle)}.zip"
    client.put_object(Bucket=bucket, Key=bundle_key, Body=bundle)
    template = json.dumps(_with_bundle(package / TEMPLATE, f"s3://{bucket}/{bundle_key}")).encode()
    template_key = f"{stack}/{_digest(template)}.json"
    client.put_object(Bucket=bucket, Key=template_key, Body=template)
    return client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": template_key}).partition("?")[0]


def _with_bundle(path: Path, address: str) -> Json:
    template: Json = json.loads(path.read_text())
    for resource in cast(dict[str, Json], template["Resources"]).values():
        properties = cast(Json, resource.get("Properties", {}))
        if "CodeUri" in properties:
            properties["CodeUri"] = address
    return template


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
