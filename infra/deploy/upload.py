"""Brings a package to S3, from where CloudFormation takes it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from infra.build import BUNDLE, TEMPLATE
from infra.template.intrinsics import Json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType


class BucketRefused(Exception):
    """The bucket's name belongs to another account, or the caller may not use the bucket."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket of packages. Every request names the owner, so that nothing goes to a bucket of another account."""

    client: "S3Client"
    name: str
    owner: str

    def ensure(self, region: str, *, is_ours: bool) -> None:
        """Make the bucket where there is none, and keep one of our making private and to TLS. Raises BucketRefused."""
        if not self._exists():
            self._make(region)
        elif not is_ours:
            return
        self._protect()

    def put(self, key: str, content: bytes) -> None:
        """Store an object."""
        self.client.put_object(Bucket=self.name, Key=key, Body=content, ExpectedBucketOwner=self.owner)

    def address(self, key: str) -> str:
        """The URL of an object, without a signature."""
        return self.client.generate_presigned_url("get_object", {"Bucket": self.name, "Key": key}).partition("?")[0]

    def _exists(self) -> bool:
        try:
            self.client.head_bucket(Bucket=self.name, ExpectedBucketOwner=self.owner)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                return False
            if status == 403:
                raise BucketRefused(
                    f"The bucket {self.name} belongs to another account, or may not be used with these credentials. "
                    "Nothing was sent. Name a bucket of your own with BUCKET=."
                ) from None
            raise
        return True

    def _make(self, region: str) -> None:
        if region == "us-east-1":
            self.client.create_bucket(Bucket=self.name)
        else:
            place = cast("BucketLocationConstraintType", region)
            self.client.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": place})

    def _protect(self) -> None:
        self.client.put_public_access_block(
            Bucket=self.name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
            ExpectedBucketOwner=self.owner,
        )
        arn = f"arn:aws:s3:::{self.name}"
        statement = {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client.put_bucket_policy(Bucket=self.name, Policy=policy, ExpectedBucketOwner=self.owner)


def upload(bucket: Bucket, package: Path, stack: str) -> str:
    """Store bundle and template under names that hold their content's hash; the template's URL."""
    bundle = (package / BUNDLE).read_bytes()
    bundle_key = f"{stack}/{_digest(bundle)}.zip"
    bucket.put(bundle_key, bundle)
    template = json.dumps(_with_bundle(package / TEMPLATE, f"s3://{bucket.name}/{bundle_key}")).encode()
    template_key = f"{stack}/{_digest(template)}.json"
    bucket.put(template_key, template)
    return bucket.address(template_key)


def _with_bundle(path: Path, address: str) -> Json:
    template: Json = json.loads(path.read_text())
    for resource in cast(dict[str, Json], template["Resources"]).values():
        properties = cast(Json, resource.get("Properties", {}))
        if "CodeUri" in properties:
            properties["CodeUri"] = address
    return template


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
