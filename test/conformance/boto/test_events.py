"""EventBridge: buses, rules, targets and the path of an event."""

from __future__ import annotations

import json
import unittest

from support import ACCOUNT, REGION, Case, client, unique


class Events(Case):
    def setUp(self) -> None:
        self.events = client("events")
        self.sqs = client("sqs")
        self.bus = unique("bus")
        self.events.create_event_bus(Name=self.bus)
        self.queue = unique("queue")
        self.queue_url = self.sqs.create_queue(QueueName=self.queue)["QueueUrl"]
        self.queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.queue}"

    def rule(self, pattern: dict, **target: object) -> str:
        """Make a rule on the test's bus that targets the test's queue."""
        name = unique("rule")
        self.events.put_rule(Name=name, EventBusName=self.bus, EventPattern=json.dumps(pattern))
        answer = self.events.put_targets(
            Rule=name, EventBusName=self.bus, Targets=[{"Id": "queue", "Arn": self.queue_arn, **target}]
        )
        self.assertEqual(answer["FailedEntryCount"], 0, answer)
        return name

    def put(self, detail: dict, source: str = "cinema.bookings", kind: str = "SeatsHeld") -> str:
        """Publish one event on the test's bus and return its id."""
        answer = self.events.put_events(
            Entries=[{"EventBusName": self.bus, "Source": source, "DetailType": kind, "Detail": json.dumps(detail)}]
        )
        self.assertEqual(answer["FailedEntryCount"], 0, answer)
        return answer["Entries"][0]["EventId"]

    def test_an_event_reaches_the_queue_of_its_rule(self) -> None:
        self.rule({"source": ["cinema.bookings"], "detail": {"amount": [{"numeric": [">", 10]}]}})
        self.put({"amount": 5})
        event_id = self.put({"amount": 31.5, "seats": ["F7"]})
        (event,) = self.receive(self.sqs, self.queue_url)
        self.assertEqual(
            list(event),
            ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"],
        )
        self.assertEqual(event["id"], event_id)
        self.assertEqual(event["account"], ACCOUNT)
        self.assertEqual(event["region"], REGION)
        self.assertEqual(event["detail"], {"amount": 31.5, "seats": ["F7"]})
        self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_a_transformer_shapes_what_is_delivered(self) -> None:
        self.rule(
            {"source": ["cinema.bookings"]},
            InputTransformer={
                "InputPathsMap": {"seat": "$.detail.seats[0]"},
                "InputTemplate": '{"first": <seat>, "rule": <aws.events.rule-name>}',
            },
        )
        self.put({"seats": ["F7", "F8"]})
        (body,) = self.receive(self.sqs, self.queue_url)
        self.assertEqual(body["first"], "F7")

    def test_a_disabled_rule_is_silent(self) -> None:
        name = self.rule({"source": ["cinema.bookings"]})
        self.events.disable_rule(Name=name, EventBusName=self.bus)
        self.put({"n": 1})
        self.events.enable_rule(Name=name, EventBusName=self.bus)
        self.put({"n": 2})
        (event,) = self.receive(self.sqs, self.queue_url)
        self.assertEqual(event["detail"], {"n": 2})

    def test_an_undeliverable_event_goes_to_the_dead_letter_queue(self) -> None:
        dead = unique("dead")
        dead_url = self.sqs.create_queue(QueueName=dead)["QueueUrl"]
        name = unique("rule")
        self.events.put_rule(Name=name, EventBusName=self.bus, EventPattern='{"source":["cinema.bookings"]}')
        self.events.put_targets(
            Rule=name,
            EventBusName=self.bus,
            Targets=[
                {
                    "Id": "gone",
                    "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{unique('missing')}",
                    "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{dead}"},
                }
            ],
        )
        event_id = self.put({"n": 1})
        answer = self.sqs.receive_message(QueueUrl=dead_url, WaitTimeSeconds=10, MessageAttributeNames=["All"])
        (message,) = answer["Messages"]
        self.assertEqual(json.loads(message["Body"])["id"], event_id)
        attributes = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
        self.assertTrue(attributes["RULE_ARN"].endswith(f":rule/{self.bus}/{name}"), attributes)
        self.assertEqual(attributes["RETRY_ATTEMPTS"], "0")
        self.assertNotIn("EXHAUSTED_RETRY_CONDITION", attributes)
        self.assertIn("ERROR_CODE", attributes)
        self.assertIn("TARGET_ARN", attributes)

    def test_a_bus_can_be_a_target(self) -> None:
        other = unique("other")
        bus_arn = self.events.create_event_bus(Name=other)["EventBusArn"]
        self.events.put_rule(Name="forward", EventBusName=self.bus, EventPattern='{"source":["cinema.bookings"]}')
        self.events.put_targets(Rule="forward", EventBusName=self.bus, Targets=[{"Id": "bus", "Arn": bus_arn}])
        self.events.put_rule(Name="sink", EventBusName=other, EventPattern='{"detail-type":["SeatsHeld"]}')
        self.events.put_targets(Rule="sink", EventBusName=other, Targets=[{"Id": "queue", "Arn": self.queue_arn}])
        self.put({"n": 1})
        (event,) = self.receive(self.sqs, self.queue_url)
        self.assertEqual(event["detail"], {"n": 1})

    def test_entries_fail_one_by_one(self) -> None:
        good = {"EventBusName": self.bus, "Source": "s", "DetailType": "t", "Detail": "{}"}
        answer = self.events.put_events(
            Entries=[
                good,
                {**good, "Detail": "[1]"},
                {**good, "Detail": "no JSON"},
                {k: v for k, v in good.items() if k != "Source"},
                {**good, "Source": "aws.s3"},
                {**good, "EventBusName": "no-such-bus"},
            ]
        )
        self.assertEqual(answer["FailedEntryCount"], 4)
        self.assertEqual(
            [entry.get("ErrorCode") for entry in answer["Entries"]],
            [None, "MalformedDetail", "MalformedDetail", "InvalidArgument", "NotAuthorizedForSourceException", None],
        )
        self.assertEqual(
            answer["Entries"][3]["ErrorMessage"],
            "Parameter Source is not valid. Reason: Source is a required argument.",
        )

    def test_eleven_entries_are_refused(self) -> None:
        entry = {"Source": "s", "DetailType": "t", "Detail": "{}"}
        message = self.assert_refused("ValidationException", self.events.put_events, Entries=[entry] * 11)
        self.assertTrue(message.startswith("1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=s,"))
        self.assertTrue(
            message.endswith("at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
        )

    def test_a_megabyte_is_refused(self) -> None:
        entry = {"Source": "s", "DetailType": "t", "Detail": json.dumps({"x": "y" * (1 << 19)})}
        message = self.assert_refused("ValidationException", self.events.put_events, Entries=[entry] * 2)
        self.assertEqual(message, "Total size of the entries in the request is over the limit.")

    def test_errors_carry_awss_codes_and_texts(self) -> None:
        events = self.events
        message = self.assert_refused("ResourceNotFoundException", events.describe_rule, Name="nope", EventBusName=self.bus)
        self.assertEqual(message, f"Rule nope does not exist on EventBus {self.bus}.")
        message = self.assert_refused("ResourceNotFoundException", events.describe_event_bus, Name="nope")
        self.assertEqual(message, "Event bus nope does not exist.")
        message = self.assert_refused("ResourceAlreadyExistsException", events.create_event_bus, Name=self.bus)
        self.assertEqual(message, f"Event bus {self.bus} already exists.")
        message = self.assert_refused(
            "InvalidEventPatternException", events.put_rule, Name="r", EventPattern='{"source":"no array"}'
        )
        self.assertTrue(
            message.startswith('Event pattern is not valid. Reason: "source" must be an object or an array'), message
        )
        name = self.rule({"source": ["x"]})
        message = self.assert_refused("ValidationException", events.delete_rule, Name=name, EventBusName=self.bus)
        self.assertEqual(message, "Rule can't be deleted since it has targets.")
        targets = [{"Id": str(n), "Arn": self.queue_arn} for n in range(6)]
        self.assert_refused("LimitExceededException", events.put_targets, Rule=name, EventBusName=self.bus, Targets=targets)
        message = self.assert_refused("ValidationException", events.delete_event_bus, Name="default")
        self.assertEqual(message, "Cannot delete event bus default.")

    def test_an_operation_that_is_not_built_says_so_by_name(self) -> None:
        message = self.assert_refused("NotImplemented", self.events.list_archives, status=501)
        self.assertIn("ListArchives", message)

    def test_patterns_are_tested(self) -> None:
        event = {
            "id": "1", "detail-type": "t", "source": "s", "account": ACCOUNT, "time": "2026-11-24T10:00:00Z",
            "region": REGION, "resources": [], "detail": {"name": "Ada"},
        }
        for pattern, wanted in (({"detail": {"name": [{"prefix": "A"}]}}, True), ({"source": ["x"]}, False)):
            answer = self.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
            self.assertIs(answer["Result"], wanted)
        message = self.assert_refused(
            "ValidationException", self.events.test_event_pattern, EventPattern='{"source":["x"]}', Event="[]"
        )
        self.assertEqual(message, "Parameter Event is not valid.")

    def test_what_is_written_can_be_read_back(self) -> None:
        events = self.events
        name = self.rule({"source": ["x"]}, RetryPolicy={"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600})
        rule = events.describe_rule(Name=name, EventBusName=self.bus)
        self.assertEqual(rule["State"], "ENABLED")
        self.assertEqual(rule["CreatedBy"], ACCOUNT)
        self.assertEqual(json.loads(rule["EventPattern"]), {"source": ["x"]})
        self.assertEqual(rule["Arn"], f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{self.bus}/{name}")
        (target,) = events.list_targets_by_rule(Rule=name, EventBusName=self.bus)["Targets"]
        self.assertEqual(target["RetryPolicy"], {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600})
        self.assertIn(name, [r["Name"] for r in events.list_rules(EventBusName=self.bus)["Rules"]])
        self.assertEqual(events.list_rule_names_by_target(TargetArn=self.queue_arn, EventBusName=self.bus)["RuleNames"], [name])
        events.remove_targets(Rule=name, EventBusName=self.bus, Ids=["queue"])
        events.delete_rule(Name=name, EventBusName=self.bus)
        events.delete_event_bus(Name=self.bus)
        self.assertNotIn(self.bus, [b["Name"] for b in events.list_event_buses()["EventBuses"]])


if __name__ == "__main__":
    unittest.main()
