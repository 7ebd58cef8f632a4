"""What stormbus generates for the cinema's bookings, at work.

STORMBUS_GENERATED is the service's folder, STORMBUS_MODELS the kind of its
classes, and AWS_ENDPOINT_URL a server.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import json
import os
import sys
import unittest
import uuid
from datetime import datetime, timezone
from typing import Any
from unittest import mock

sys.path.insert(0, os.environ["STORMBUS_GENERATED"])
MODELS = os.environ["STORMBUS_MODELS"]

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
from gen import (
    InvalidData,
    PublishFailed,
    Received,
    Recorder,
    Refused,
    Request,
    Tick,
    UnexpectedEvent,
    events,
    publish,
    triggers,
    use_client,
)
from gen import _client, _contract

HELD = {
    "booking_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "showing_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3302",
    "seats": ["A1", "A2"],
    "total": {"amount": 24.5, "currency": "EUR"},
    "expires_at": "2025-01-14T19:30:00Z",
}
CONFIRMED = {
    "booking_id": HELD["booking_id"],
    "film": "Metropolis",
    "seats": ["A1"],
    "email": "ada@example.com",
}


def make(cls: Any, data: dict[str, Any]) -> Any:
    """Return an event of a class."""
    return data if MODELS == "typeddict" else cls.from_dict(data)


def get(data: Any, name: str) -> Any:
    """Return a field of an event."""
    return data[name] if MODELS == "typeddict" else getattr(data, name)


class Context:
    aws_request_id = "request-1"
    function_name = "f"

    def get_remaining_time_in_millis(self) -> int:
        return 1000


def paid(**changes: Any) -> dict[str, Any]:
    """Return an event that booking-on-paid is given."""
    event = _contract.sample("PaymentCaptured")
    del event["detail"]["correlation_id"], event["detail"]["causation_id"]
    return {**event, **changes}


class Events(unittest.TestCase):
    def setUp(self) -> None:
        self.recorder = Recorder()
        context = use_client(self.recorder)
        context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def confirm(self) -> tuple[Any, list[Received[Any]]]:
        """Return a handler that publishes, and what it was given."""
        given = []

        @triggers.confirm_booking
        def handler(event: Any, context: Any) -> None:
            given.append(event)
            publish.booking_confirmed(make(events.BookingConfirmed, CONFIRMED))

        return handler, given

    def test_a_handler_is_given_the_typed_event(self) -> None:
        handler, given = self.confirm()
        event = paid()
        event["detail"]["more"] = {"of": "a newer version"}
        self.assertIsNone(handler(event, Context()))
        (received,) = given
        self.assertEqual(get(received.data, "payment_id"), event["detail"]["payment_id"])
        self.assertEqual(get(get(received.data, "amount"), "currency"), "EUR")
        self.assertEqual(received.id, event["id"])
        self.assertEqual(received.source, "cinema.payments")
        self.assertEqual(received.detail_type, "PaymentCaptured")
        self.assertEqual(
            received.time, datetime(2025, 1, 14, 19, 30, tzinfo=timezone.utc)
        )
        self.assertEqual(received.raw, event)
        self.assertIsNone(received.correlation_id)

    def test_what_it_publishes_carries_where_it_comes_from(self) -> None:
        handler, _ = self.confirm()
        event = paid(id="event-1")
        handler(event, Context())
        event["detail"]["correlation_id"] = "story-1"
        handler(event, Context())
        self.assertEqual(self.recorder.detail_types, ["BookingConfirmed"] * 2)
        first, second = self.recorder.details
        self.assertEqual((first["correlation_id"], first["causation_id"]), ("event-1",) * 2)
        self.assertEqual((second["correlation_id"], second["causation_id"]), ("story-1", "event-1"))
        entry = self.recorder.entries[0]
        self.assertEqual(entry["Source"], "cinema.bookings")
        self.assertEqual(entry["EventBusName"], "cinema")
        with mock.patch.dict(os.environ, EVENT_BUS_NAME="other"):
            handler(event, Context())
        self.assertEqual(self.recorder.entries[2]["EventBusName"], "other")

    def test_outside_of_a_handler_a_story_begins(self) -> None:
        publish.booking_confirmed(make(events.BookingConfirmed, CONFIRMED))
        (detail,) = self.recorder.details
        uuid.UUID(detail["correlation_id"])
        self.assertNotIn("causation_id", detail)

    def test_the_name_before_is_accepted(self) -> None:
        handler, given = self.confirm()
        handler(paid(**{"detail-type": "PaymentTaken"}), Context())
        self.assertEqual(given[0].detail_type, "PaymentTaken")

    def test_an_unexpected_event_is_an_error(self) -> None:
        handler, given = self.confirm()
        for event in (paid(source="cinema.others"), paid(**{"detail-type": "X"}), {}, [], None):
            with self.assertRaisesRegex(UnexpectedEvent, "^ConfirmBooking: "):
                handler(event, Context())
        self.assertEqual(given, [])

    def test_invalid_data_is_an_error(self) -> None:
        handler, given = self.confirm()
        event = paid()
        event["detail"]["amount"] = {"amount": "24.50", "currency": "euro"}
        want = (
            r"^PaymentCaptured: /amount/amount: it is a string and must be a number; "
            r"/amount/currency: it must match \^\[A-Z\]\{3\}\$$"
        )
        with self.assertRaisesRegex(InvalidData, want):
            handler(event, Context())
        self.assertEqual(given, [])

    def test_invalid_data_is_not_published(self) -> None:
        for name, value, want in (
            ("seats", "A1", "/seats: it is a string and must be an array"),
            ("email", "ada", "/email: it must be of the format email"),
        ):
            data = {**CONFIRMED, name: value}
            with self.assertRaises(ValueError) as raised:
                publish.booking_confirmed(make(events.BookingConfirmed, data))
            self.assertIn(want, str(raised.exception))
        self.assertEqual(self.recorder.entries, [])

    def test_what_the_bus_refuses_is_an_error(self) -> None:
        refusing = mock.Mock()
        refusing.put_events.return_value = {
            "FailedEntryCount": 1,
            "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow"}],
        }
        with use_client(refusing):
            with self.assertRaisesRegex(PublishFailed, "^ThrottlingException: slow$"):
                publish.booking_confirmed(make(events.BookingConfirmed, CONFIRMED))

    def test_one_of_several_events(self) -> None:
        given = []

        @triggers.view_seat_map
        def handler(event: Any, context: Any) -> None:
            given.append(event.data)

        for name in ("SeatsHeld", "ShowingScheduled"):
            handler(_contract.sample(name), Context())
        if MODELS != "typeddict":
            self.assertIsInstance(given[0], events.SeatsHeld)
            self.assertIsInstance(given[1], events.ShowingScheduled)

    def test_a_tick(self) -> None:
        given = []

        @triggers.expire_holds
        def handler(tick: Any, context: Any) -> None:
            given.append(tick)

        handler({"time": "2025-01-14T19:30:00Z"}, Context())
        handler({}, Context())
        self.assertEqual(given[0], Tick(datetime(2025, 1, 14, 19, 30, tzinfo=timezone.utc)))
        self.assertIsNotNone(given[1].time.tzinfo)


class Requests(unittest.TestCase):
    def setUp(self) -> None:
        self.given: list[Request] = []
        self.result: Any = {"booking": "1"}

        @triggers.hold_seats
        def handler(request: Any, context: Any) -> Any:
            self.given.append(request)
            if isinstance(self.result, Exception):
                raise self.result
            return self.result

        self.handler = handler

    def http(self, **changes: Any) -> Any:
        event = {
            "version": "2.0",
            "requestContext": {"http": {"method": "POST"}},
            "body": '{"seats": ["A1"]}',
        }
        return self.handler({**event, **changes}, Context())

    def test_an_http_api(self) -> None:
        answer = self.http(
            headers={"X-Who": "ada"},
            pathParameters={"id": "7"},
            queryStringParameters={"q": "1"},
            requestContext={"authorizer": {"jwt": {"claims": {"sub": "u-1"}}}},
        )
        want = Request({"seats": ["A1"]}, {"id": "7"}, {"q": "1"}, {"x-who": "ada"}, "u-1")
        self.assertEqual(self.given, [want])
        self.assertEqual(answer["statusCode"], 200)
        self.assertEqual(answer["headers"], {"content-type": "application/json"})
        self.assertEqual(json.loads(answer["body"]), {"booking": "1"})

    def test_a_rest_api(self) -> None:
        event = {
            "httpMethod": "POST",
            "headers": None,
            "pathParameters": None,
            "queryStringParameters": None,
            "body": base64.b64encode(b'{"a": 1}').decode(),
            "isBase64Encoded": True,
            "requestContext": {"authorizer": {"claims": {"sub": "u-2"}}},
        }
        self.handler(event, Context())
        self.assertEqual(self.given, [Request({"a": 1}, {}, {}, {}, "u-2")])

    def test_a_direct_invocation(self) -> None:
        self.assertEqual(self.handler({"seats": []}, Context()), {"booking": "1"})
        self.assertEqual(self.given, [Request({"seats": []}, {}, {}, {}, None)])
        self.handler(None, Context())
        with self.assertRaisesRegex(Refused, "must be a JSON object"):
            self.handler([1], Context())

    def test_no_result_and_a_whole_answer(self) -> None:
        self.result = None
        self.assertEqual(self.http(), {"statusCode": 204})
        self.result = {"statusCode": 302, "headers": {"location": "/"}}
        self.assertEqual(self.http(), self.result)

    def test_a_body_that_is_no_object(self) -> None:
        for body in ("{", "[]", "1"):
            answer = self.http(body=body)
            self.assertEqual(answer["statusCode"], 400)
            self.assertIn("the body must be", json.loads(answer["body"])["message"])
        self.assertEqual(self.http(body="@@", isBase64Encoded=True)["statusCode"], 400)
        self.assertEqual(self.given, [])
        self.assertEqual(self.http(body=None)["statusCode"], 200)

    def test_a_refused_request(self) -> None:
        self.result = Refused("the seats are taken", status=409)
        answer = self.http()
        self.assertEqual(answer["statusCode"], 409)
        self.assertEqual(json.loads(answer["body"]), {"message": "the seats are taken"})
        with self.assertRaises(Refused):
            self.handler({}, Context())

    def test_what_it_publishes_belongs_to_the_invocation(self) -> None:
        recorder = Recorder()

        @triggers.hold_seats
        def handler(request: Any, context: Any) -> Any:
            return publish.seats_held(make(events.SeatsHeld, HELD))

        with use_client(recorder):
            self.assertEqual(handler({}, Context()), "1")
        (detail,) = recorder.details
        self.assertEqual(detail["correlation_id"], "request-1")
        self.assertNotIn("causation_id", detail)


@unittest.skipIf(MODELS == "typeddict", "dictionaries are JSON already")
class Classes(unittest.TestCase):
    def test_there_and_back(self) -> None:
        event = events.SeatsHeld.from_dict({**HELD, "unknown": 1})
        self.assertEqual(event.to_dict(), HELD)
        self.assertEqual(event, events.SeatsHeld.from_dict(HELD))
        self.assertIsInstance(event.total, events.Money)

    def test_what_is_optional_is_left_out(self) -> None:
        sample = _contract.sample("PaymentCaptured")["detail"]
        for name in ("method", "correlation_id", "causation_id"):
            del sample[name]
        event = events.PaymentCaptured.from_dict(sample)
        self.assertIsNone(event.method)
        self.assertEqual(event.to_dict(), sample)

    def test_it_says_what_is_wrong(self) -> None:
        for change, want in (
            ({"booking_id": "x"}, "/booking_id: it must be of the format uuid"),
            ({"expires_at": "2025-02-30T00:00:00Z"}, "/expires_at: .*format date-time"),
            ({"seats": ["A", 1]}, "/seats/1: it is an integer and must be a string"),
            ({"total": None}, "/total: it is null and must be an object"),
        ):
            with self.assertRaisesRegex(InvalidData, want):
                events.SeatsHeld.from_dict({**HELD, **change})
        with self.assertRaisesRegex(InvalidData, "^SeatsHeld: it is an array"):
            events.SeatsHeld.from_dict([])

    def test_it_is_frozen_and_knows_its_names(self) -> None:
        event = events.SeatsHeld.from_dict(HELD)
        with self.assertRaises((dataclasses.FrozenInstanceError, ValueError)):
            event.seats = []
        names = (event.SOURCE, event.DETAIL_TYPE, event.VERSION)
        self.assertEqual(names, ("cinema.bookings", "SeatsHeld", 1))


class Clients(unittest.TestCase):
    """Both clients, against a server that nothing is known of."""

    def setUp(self) -> None:
        bus = "bus-" + uuid.uuid4().hex
        boto3.client("events").create_event_bus(Name=bus)
        environment = mock.patch.dict(os.environ, EVENT_BUS_NAME=bus, AWS_REGION="eu-west-1")
        environment.start()
        self.addCleanup(environment.stop)

    def test_boto3_is_used_where_it_is(self) -> None:
        made = _client._make()
        self.assertEqual(type(made).__module__, "botocore.client")
        with use_client(made):
            uuid.UUID(publish.seats_held(make(events.SeatsHeld, HELD)))

    def test_the_standard_library_is_used_elsewhere(self) -> None:
        with mock.patch.dict(sys.modules, boto3=None):
            made = _client._make()
        self.assertIsInstance(made, _client.StandardClient)
        with use_client(made):
            uuid.UUID(publish.seats_held(make(events.SeatsHeld, HELD)))
            os.environ["EVENT_BUS_NAME"] = "a bus that has no legal name!"
            with self.assertRaises(_client.ServiceError) as raised:
                publish.seats_held(make(events.SeatsHeld, HELD))
        self.assertTrue(raised.exception.code)

    def test_it_signs_as_botocore_does(self) -> None:
        headers = {"Host": "h", "Content-Type": "c", "X-Amz-Target": "t"}
        with mock.patch.dict(os.environ, AWS_SESSION_TOKEN="token"):
            got = _client.sign("/", headers, b"{}")
        request = botocore.awsrequest.AWSRequest("POST", "http://h/", data=b"{}")
        for name in ("Content-Type", "X-Amz-Target"):
            request.headers[name] = headers[name]
        key = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        credentials = botocore.credentials.Credentials(*key, "token")
        signer = botocore.auth.SigV4Auth(credentials, "events", "eu-west-1")
        now = datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
        with mock.patch("botocore.auth.get_current_datetime", return_value=now):
            signer.add_auth(request)
        self.assertEqual(got, request.headers["Authorization"])

    def test_the_trace_is_passed_on(self) -> None:
        self.assertEqual(_client.trace(), {})
        trace = "Root=1-2-3;Parent=4;Sampled=0"
        invocation = {"_X_AMZN_TRACE_ID": trace, "AWS_LAMBDA_FUNCTION_NAME": "f"}
        with mock.patch.dict(os.environ, invocation):
            self.assertEqual(_client.trace(), {"X-Amzn-Trace-Id": trace})

    def test_the_client_is_made_once(self) -> None:
        with mock.patch.object(_client, "_clients", []):
            self.assertIs(_client.client(), _client.client())


class Contracts(unittest.TestCase):
    """The contract tests can fail."""

    def outcome(self, body: str) -> unittest.TestResult:
        name = "handlers.confirm_booking"
        module = importlib.import_module(name)
        source = module.__spec__.origin
        with open(source) as file:
            text = file.read()
        scope: dict[str, Any] = {}
        todo = text.index("    raise NotImplementedError")
        exec(text[:todo] + "    " + body, scope)
        test = importlib.import_module("gen.test_contract").Contract("test_booking_on_paid")
        result = unittest.TestResult()
        with mock.patch.object(module, "handler", scope["handler"]):
            test.run(result)
        return result

    def test_not_written_yet(self) -> None:
        result = self.outcome("raise NotImplementedError('x')")
        self.assertEqual(len(result.skipped), 1)
        self.assertIn("handlers.confirm_booking is not written yet: x", result.skipped[0][1])

    def test_written(self) -> None:
        result = self.outcome("assert event.data")
        self.assertTrue(result.wasSuccessful())
        self.assertEqual(result.skipped, [])

    def test_another_outcome_than_on_the_board(self) -> None:
        data = json.dumps(HELD)
        make_it = f"data = {data}" if MODELS == "typeddict" else f"data = events.SeatsHeld.from_dict({data})"
        result = self.outcome(f"from gen import publish; {make_it}; publish.seats_held(data)")
        self.assertEqual(len(result.failures), 1)
        self.assertIn("on the board it may not", result.failures[0][1])

    def test_an_error(self) -> None:
        self.assertEqual(len(self.outcome("raise KeyError('x')").errors), 1)


if __name__ == "__main__":
    unittest.main()
