"""Read boards with PyYAML and compare them with what Go has read.

The argument is a JSON list: a name, the text of a board, and its data. It ends with
an error if PyYAML reads anything otherwise.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import yaml


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        boards = json.load(file)
    wrong = 0
    values = 0
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for one in boards:
        for difference in compare("", yaml.load(one["text"], Loader=loader), one["data"]):
            wrong += 1
            print(f"{one['name']}{difference}")
        values += count(one["data"])
    if wrong:
        sys.exit(f"{wrong} values are read otherwise")
    print(f"{len(boards)} boards with {values} values read alike")


def compare(path: str, python: Any, go: Any) -> list[str]:
    """Say where two values differ, in their types too: True is not 1 here."""
    if isinstance(python, float) and isinstance(go, (int, float)) and not isinstance(go, bool):
        return [] if python == go else [f"{path}: {python!r} instead of {go!r}"]
    if type(python) is not type(go):
        return [f"{path}: {python!r} instead of {go!r}"]
    if isinstance(go, dict):
        if set(python) != set(go):
            return [f"{path}: the keys {sorted(set(python) ^ set(go), key=repr)!r} differ"]
        return [d for key in go for d in compare(f"{path}.{key}", python[key], go[key])]
    if isinstance(go, list):
        if len(python) != len(go):
            return [f"{path}: {python!r} instead of {go!r}"]
        return [d for i, value in enumerate(go) for d in compare(f"{path}[{i}]", python[i], value)]
    return [] if python == go else [f"{path}: {python!r} instead of {go!r}"]


def count(value: Any) -> int:
    """Count the scalars of a value."""
    if isinstance(value, dict):
        return sum(count(v) for v in value.values())
    if isinstance(value, list):
        return sum(count(v) for v in value)
    return 1


if __name__ == "__main__":
    main()
