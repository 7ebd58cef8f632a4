"""The second argument of a handler."""

import json
import os
import time

from .faults import Fault

_FIELDS = (
    "aws_request_id",
    "log_group_name",
    "log_stream_name",
    "function_name",
    "memory_limit_in_mb",
    "function_version",
    "invoked_function_arn",
    "client_context",
    "identity",
    "tenant_id",
)


class _Fields:
    """Named attributes, all None unless given, that print readably."""

    names = ()

    def __init__(self, values=None):
        for name in self.names:
            setattr(self, name, (values or {}).get(name))

    def __repr__(self):
        shown = ",".join("%s=%s" % (n, getattr(self, n)) for n in self.names)
        return "%s([%s])" % (type(self).__name__, shown)


class CognitoIdentity(_Fields):
    names = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Fields):
    names = (
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    )


class ClientContext(_Fields):
    names = ("custom", "env", "client")

    def __init__(self, values):
        super().__init__(values)
        if self.client is not None:
            self.client = Client(self.client)


class LambdaContext:
    """What a handler may know about its invocation."""

    def __init__(self, invocation, log):
        headers, env = invocation.headers, os.environ
        self._log = log
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms", "0"))
        self.aws_request_id = invocation.request_id
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn", "")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        given = _document(headers, "lambda-runtime-client-context", "Client Context")
        self.client_context = ClientContext(given) if given is not None else None
        given = _document(headers, "lambda-runtime-cognito-identity", "Cognito Identity") or {}
        self.identity = CognitoIdentity(
            {
                "cognito_identity_id": given.get("cognitoIdentityId"),
                "cognito_identity_pool_id": given.get("cognitoIdentityPoolId"),
            }
        )

    def get_remaining_time_in_millis(self):
        """Milliseconds until the invocation times out, never negative."""
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        """Write message to the log as it is."""
        self._log(str(message))

    def __repr__(self):
        shown = ",".join("%s=%s" % (n, getattr(self, n)) for n in _FIELDS)
        return "LambdaContext([%s])" % shown


def _document(headers, name, title):
    text = headers.get(name)
    if not text:
        return None
    try:
        value = json.loads(text)
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return value
    except ValueError as e:
        raise Fault(
            "Runtime.LambdaContextUnmarshalError",
            "Unable to parse %s JSON: %s" % (title, e),
        ) from None
