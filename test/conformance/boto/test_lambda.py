"""Lambda: functions from a zip, run as AWS runs them."""

from __future__ import annotations

import io
import json
import unittest
import zipfile

from support import ACCOUNT, REGION, Case, client, unique, zipped

ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"


class Lambda(Case):
    def setUp(self) -> None:
        self.lambdas = client("lambda", read_timeout=60)

    def function(self, source: str, handler: str = "app.handler", **settings: object) -> str:
        """Create a function and wait until it is active; return its name."""
        name = unique("function")
        answer = self.lambdas.create_function(
            FunctionName=name, Runtime="python3.12", Role=ROLE, Handler=handler,
            Code={"ZipFile": zipped(source)}, **settings,
        )
        self.assertEqual(answer["FunctionArn"], f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
        self.lambdas.get_waiter("function_active_v2").wait(FunctionName=name)
        return name

    def invoke(self, name: str, event: object = None, **settings: object) -> tuple[dict, object]:
        """Invoke a function and return the answer and its decoded payload."""
        answer = self.lambdas.invoke(FunctionName=name, Payload=json.dumps(event), **settings)
        payload = answer["Payload"].read()
        return answer, json.loads(payload) if payload else None

    def test_a_handler_answers(self) -> None:
        name = self.function(
            """
            import os

            def handler(event, context):
                return {
                    "event": event,
                    "name": context.function_name,
                    "memory": context.memory_limit_in_mb,
                    "arn": context.invoked_function_arn,
                    "left": context.get_remaining_time_in_millis(),
                    "colour": os.environ["COLOUR"],
                }
            """,
            Environment={"Variables": {"COLOUR": "blue"}},
        )
        answer, payload = self.invoke(name, {"a": [1, 2.5, None, "é"]})
        self.assertEqual(answer["StatusCode"], 200)
        self.assertEqual(answer["ExecutedVersion"], "$LATEST")
        self.assertNotIn("FunctionError", answer)
        self.assertEqual(payload["event"], {"a": [1, 2.5, None, "é"]})
        self.assertEqual(payload["name"], name)
        self.assertEqual(payload["memory"], "128")
        self.assertEqual(payload["colour"], "blue")
        self.assertTrue(0 < payload["left"] <= 3000)
        _, payload = self.invoke(name, [1])
        self.assertEqual(payload["event"], [1])

    def test_an_exception_is_reported_as_awss_runtime_does(self) -> None:
        name = self.function("def handler(event, context):\n    raise ValueError('no such seat')\n")
        answer, payload = self.invoke(name)
        self.assertEqual(answer["StatusCode"], 200)
        self.assertEqual(answer["FunctionError"], "Unhandled")
        self.assertEqual(payload["errorType"], "ValueError")
        self.assertEqual(payload["errorMessage"], "no such seat")
        self.assertTrue(payload["requestId"])
        self.assertEqual(len(payload["stackTrace"]), 1, payload)

    def test_bad_handlers_are_errors_and_the_server_goes_on(self) -> None:
        for source, handler, kind in (
            ("def handler(event, context): pass", "app.nothing", "Runtime.HandlerNotFound"),
            ("def handler(event, context): pass", "nowhere.handler", "Runtime.ImportModuleError"),
            ("def handler(event, context: pass", "app.handler", "Runtime.UserCodeSyntaxError"),
            ("import os\ndef handler(event, context): os._exit(0)", "app.handler", "Runtime.ExitError"),
            ("def handler(event, context): return {1, 2}", "app.handler", "Runtime.MarshalError"),
        ):
            with self.subTest(kind):
                answer, payload = self.invoke(self.function(source, handler))
                self.assertEqual(answer["FunctionError"], "Unhandled")
                self.assertEqual(payload["errorType"], kind, payload)

    def test_a_handler_that_never_returns_is_stopped(self) -> None:
        name = self.function("def handler(event, context):\n    while True: pass\n", Timeout=1)
        answer, payload = self.invoke(name)
        self.assertEqual(answer["FunctionError"], "Unhandled")
        self.assertEqual(payload["errorType"], "Sandbox.Timedout")
        self.assertRegex(payload["errorMessage"], r"^RequestId: \S+ Error: Task timed out after 1.00 seconds$")

    def test_new_code_replaces_the_old(self) -> None:
        name = self.function("def handler(event, context): return 1")
        self.assertEqual(self.invoke(name)[1], 1)
        self.lambdas.update_function_code(FunctionName=name, ZipFile=zipped("def handler(event, context): return 2"))
        self.lambdas.get_waiter("function_updated_v2").wait(FunctionName=name)
        self.assertEqual(self.invoke(name)[1], 2)

    def test_the_log_tail_is_returned(self) -> None:
        import base64

        name = self.function("def handler(event, context): print('hello from the handler')")
        answer, _ = self.invoke(name, LogType="Tail")
        tail = base64.b64decode(answer["LogResult"]).decode()
        for part in ("START RequestId: ", "hello from the handler\n", "END RequestId: ", "REPORT RequestId: "):
            self.assertIn(part, tail)

    def test_an_event_reaches_a_function_and_what_it_sends_a_queue(self) -> None:
        events, sqs = client("events"), client("sqs")
        queue_url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
        name = self.function(
            """
            import json, os, urllib.request

            def handler(event, context):
                body = json.dumps({"QueueUrl": os.environ["QUEUE"], "MessageBody": json.dumps(event["detail"])})
                request = urllib.request.Request(
                    os.environ["AWS_ENDPOINT_URL"], body.encode(),
                    {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"})
                urllib.request.urlopen(request).read()
            """,
            Environment={"Variables": {"QUEUE": queue_url}},
            Timeout=20,
        )
        bus = unique("bus")
        events.create_event_bus(Name=bus)
        events.put_rule(Name="run", EventBusName=bus, EventPattern='{"source":["cinema"]}')
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        events.put_targets(Rule="run", EventBusName=bus, Targets=[{"Id": "f", "Arn": arn}])
        events.put_events(Entries=[{"EventBusName": bus, "Source": "cinema", "DetailType": "t", "Detail": '{"seat":"F7"}'}])
        (body,) = self.receive(sqs, queue_url)
        self.assertEqual(body, {"seat": "F7"})

    def test_archives_that_would_escape_are_refused(self) -> None:
        def archive(name: str, mode: int = 0o100644) -> bytes:
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as target:
                entry = zipfile.ZipInfo(name)
                entry.external_attr = mode << 16
                target.writestr(entry, "/etc/passwd")
            return buffer.getvalue()

        for title, content in {
            "parent": archive("../evil.py"),
            "absolute": archive("/evil.py"),
            "symlink": archive("link", 0o120777),
            "no archive": b"this is no zip",
        }.items():
            with self.subTest(title):
                self.assert_refused(
                    "InvalidParameterValueException", self.lambdas.create_function,
                    FunctionName=unique("function"), Runtime="python3.12", Role=ROLE,
                    Handler="app.handler", Code={"ZipFile": content},
                )

    def test_an_unknown_function_is_an_error(self) -> None:
        name = unique("missing")
        message = self.assert_refused("ResourceNotFoundException", self.lambdas.invoke, status=404, FunctionName=name)
        self.assertEqual(message, f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
        self.assert_refused("ResourceNotFoundException", self.lambdas.get_function, status=404, FunctionName=name)
        self.assert_refused("ResourceNotFoundException", self.lambdas.delete_function, status=404, FunctionName=name)

    def test_functions_are_listed_and_deleted(self) -> None:
        name = self.function("def handler(event, context): pass")
        listed = [f["FunctionName"] for page in self.lambdas.get_paginator("list_functions").paginate() for f in page["Functions"]]
        self.assertIn(name, listed)
        self.assertEqual(self.lambdas.get_function(FunctionName=name)["Configuration"]["State"], "Active")
        self.assert_refused(
            "ResourceConflictException", self.lambdas.create_function, status=409,
            FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="app.handler", Code={"ZipFile": zipped("x = 1")},
        )
        self.lambdas.delete_function(FunctionName=name)
        self.assert_refused("ResourceNotFoundException", self.lambdas.get_function, status=404, FunctionName=name)


if __name__ == "__main__":
    unittest.main()
