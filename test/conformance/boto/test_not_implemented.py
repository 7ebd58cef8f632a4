"""What stormbus does not implement says so by name, in every service it knows.

boto3 calls every such operation once, with as little input as its model allows,
so that routing is tested as well: the answer must name the operation that was
called. Which operations there are is taken from botocore's models; which of
them are implemented, from the support tables in docs/services.
"""

from __future__ import annotations

import re
import unittest
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from support import Case, client

PAGES = Path(__file__).parents[3] / "docs" / "services"

# The services by boto3's names, and by stormbus's where those differ.
SERVICES = {
    "apigateway": "", "apigatewaymanagementapi": "", "apigatewayv2": "", "cloudformation": "", "cloudwatch": "",
    "cognito-identity": "cognitoidentity", "cognito-idp": "cognitoidp", "dynamodb": "", "dynamodbstreams": "",
    "eventbridgev2": "eventsv2", "events": "", "iam": "", "kinesis": "", "kms": "", "lambda": "", "logs": "",
    "pipes": "", "s3": "", "scheduler": "", "schemas": "", "secretsmanager": "", "sns": "", "ssm": "",
    "stepfunctions": "", "sts": "",
}  # fmt: skip

# What boto3 sends to a host of another service, and here cannot be told apart.
ELSEWHERE = {("s3", "ListDirectoryBuckets"), ("s3", "WriteGetObjectResponse")}
# Replaced by operations with another name, the same method and the same path.
REPLACED = {
    ("s3", "GetBucketLifecycle"), ("s3", "GetBucketNotification"),
    ("s3", "PutBucketLifecycle"), ("s3", "PutBucketNotification"),
}  # fmt: skip


def implemented(name: str) -> set[str]:
    """Return the operations that the page of a service says are supported."""
    page = PAGES / f"{name}.md"
    return set(re.findall(r"^\| (\w+) \| yes \|$", page.read_text(), re.MULTILINE)) if page.exists() else set()


def least(shape: Any) -> Any:
    """Return a value of a shape with no more in it than must be."""
    if shape is None:
        return {}
    if shape.type_name == "structure":
        return {name: least(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "name"
    return {"list": [], "map": {}, "blob": b"", "boolean": True, "timestamp": 0}.get(shape.type_name, 1)


class NotImplementedByName(Case):
    def test_every_operation_of_every_model(self) -> None:
        known = boto3.session.Session().get_available_services()
        for service, name in SERVICES.items():
            if service in known:  # an older boto3 does not have all of them
                self.check(service, name or service)

    def check(self, service: str, name: str) -> None:
        aws = client(service, parameter_validation=False, inject_host_prefix=False)
        model = aws.meta.service_model
        calls = {operation: method for method, operation in aws.meta.method_to_api_mapping.items()}
        missing = sorted(set(model.operation_names) - implemented(name))
        self.assertTrue(missing, f"nothing is missing in {name}: take it out of this test")
        for operation in missing:
            if (service, operation) in ELSEWHERE | REPLACED:
                continue
            with self.subTest(service=name, operation=operation):
                described = model.operation_model(operation)
                with self.assertRaises(ClientError) as caught:
                    getattr(aws, calls[operation])(**least(described.input_shape))
                answer = caught.exception.response
                self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 501, answer)
                if described.http["method"] != "HEAD":  # whose answers have no body
                    self.assertEqual(answer["Error"]["Code"], "NotImplemented", answer)
                    self.assertIn(f"The operation {name}.{operation} is not implemented", answer["Error"]["Message"])


if __name__ == "__main__":
    unittest.main()
