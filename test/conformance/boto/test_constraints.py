"""Bad input, made from AWS's own models: every constraint of every operation, broken once.

botocore is told not to check its arguments, so that the server has to.
"""

from __future__ import annotations

import unittest
from typing import Any, Iterator

from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape
from support import Case, client

# A broken member: the arguments, where it is, and what must be told about it.
Broken = tuple[dict[str, Any], str, str]

LONGEST = 5000  # of the texts and lists that are sent
NOT_NULL = "Member must not be null"


def bean(name: str) -> str:
    """Return the name of a member in AWS's messages."""
    return name[0].lower() + name[1:]


def sample(shape: Shape) -> Any:
    """Return a value that has all required members. Patterns are not looked at."""
    kind, least = shape.type_name, shape.metadata.get("min", 0)
    if isinstance(shape, StructureShape):
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if isinstance(shape, ListShape):
        return [sample(shape.member) for _ in range(max(1, least))]
    if kind == "string":
        return shape.enum[0] if getattr(shape, "enum", None) else "a" * max(1, least)
    return {"map": {}, "boolean": True, "blob": b"a", "timestamp": 0}.get(kind, max(1, least))


def values(shape: Shape) -> Iterator[tuple[Any, str]]:
    """Yield values that break a constraint of ``shape`` itself, and the constraint."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name == "string":
        if most is not None and most < LONGEST:
            yield "a" * (most + 1), f"Member must have length less than or equal to {most}"
        if least:
            yield "a" * (least - 1), f"Member must have length greater than or equal to {least}"
        if getattr(shape, "enum", None):
            yield "frobnicate", "Member must satisfy enum value set: ["
    elif shape.type_name in ("integer", "long"):
        if most is not None and most < 2**31 - 1:
            yield most + 1, f"Member must have value less than or equal to {most}"
        if least is not None:
            yield least - 1, f"Member must have value greater than or equal to {least}"
    elif isinstance(shape, ListShape):
        if most is not None and most < 200:
            yield [sample(shape.member) for _ in range(most + 1)], f"Member must have length less than or equal to {most}"
        if least:
            yield [], f"Member must have length greater than or equal to {least}"


def broken(shape: StructureShape, path: str = "", depth: int = 0) -> Iterator[Broken]:
    """Yield arguments for ``shape``, each with one broken constraint."""
    for name, member in shape.members.items():
        if member.serialization.get("location") in ("uri", "header", "headers", "querystring"):
            continue  # clients cannot leave these out, or change them on the way
        if name == "EndpointId":
            continue  # clients make a host name of it
        whole, at = sample(shape), path + bean(name)
        if name in shape.required_members:
            yield {key: value for key, value in whole.items() if key != name}, at, NOT_NULL
        for value, constraint in values(member):
            yield whole | {name: value}, at, constraint
        if depth > 2:
            continue
        if isinstance(member, StructureShape):
            for value, below, constraint in broken(member, at + ".", depth + 1):
                yield whole | {name: value}, below, constraint
        elif isinstance(member, ListShape):
            if isinstance(member.member, StructureShape):
                for value, below, constraint in broken(member.member, at + ".1.member.", depth + 1):
                    yield whole | {name: [value]}, below, constraint
            else:
                for value, constraint in values(member.member):
                    yield whole | {name: [value]}, at, "Member must satisfy constraint: ["


class Constraints(Case):
    def check(self, service: str, code: str, operations: list[str]) -> int:
        """Break every constraint of the operations and return how many there were."""
        caller, count = client(service, parameter_validation=False), 0
        for operation in operations:
            shape = caller.meta.service_model.operation_model(operation).input_shape
            for arguments, path, constraint in broken(shape):
                with self.subTest(operation=operation, path=path, constraint=constraint):
                    with self.assertRaises(ClientError) as caught:
                        caller._make_api_call(operation, sample(shape) | arguments if constraint != NOT_NULL else arguments)
                    error = caught.exception.response["Error"]
                    self.assertEqual(error["Code"], code, error)
                    self.assertRegex(error["Message"], r"^\d+ validation errors? detected: ")
                    told = error["Message"].split(": ", 1)[1].split("; ")
                    wanted = f"at '{path}' failed to satisfy constraint: {constraint}"
                    self.assertTrue(any(wanted in sentence for sentence in told), f"{wanted} is not in {told}")
                count += 1
        return count

    def test_events(self) -> None:
        count = self.check("events", "ValidationException", [
            "CreateEventBus", "DeleteEventBus", "DeleteRule", "DescribeEventBus", "DescribeRule", "DisableRule", "EnableRule",
            "ListEventBuses", "ListRules", "ListTargetsByRule", "PutEvents", "PutRule", "PutTargets", "RemoveTargets",
            "TestEventPattern",
        ])
        self.assertGreater(count, 180)

    def test_lambda(self) -> None:
        count = self.check("lambda", "ValidationException", ["CreateFunction", "UpdateFunctionConfiguration"])
        self.assertGreater(count, 50)

    def test_wrong_types(self) -> None:
        """A JSON value of another type is told before any constraint."""
        events = client("events", parameter_validation=False)
        for arguments, message in (
            ({"Name": 7}, "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String"),
            ({"Name": True}, "class java.lang.Boolean can not be converted to an String"),
        ):
            told = self.assert_refused("SerializationException", events.describe_rule, **arguments)
            self.assertEqual(told, message)


if __name__ == "__main__":
    unittest.main()
