"""Compile and import what was generated, and judge values with it.

The argument is a JSON list: a service's folder, an event, a value, and whether it
is valid. It ends with an error if Python and the list do not agree.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
from typing import Any


def main() -> None:
    with open(sys.argv[1]) as file:
        judgements = json.load(file)
    folder, wrong = None, 0
    for one in judgements:
        if one["folder"] != folder:
            folder = one["folder"]
            load(pathlib.Path(folder))
        schema = importlib.import_module("gen._schema")
        try:
            schema.check(one["event"], one["value"])
            said = None
        except schema.InvalidData as invalid:
            said = str(invalid)
        if (said is None) != one["valid"]:
            wrong += 1
            print(f"{folder} {one['event']} {one['value']!r}: Go says {one['valid']}, Python {said}")
    if wrong:
        sys.exit(f"{wrong} of {len(judgements)} values are judged otherwise")
    print(f"{len(judgements)} values judged alike")


def load(folder: pathlib.Path) -> None:
    """Import the package of a service, and take its samples there and back."""
    for path in folder.rglob("*.py"):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    for name in [name for name in sys.modules if name.split(".")[0] in ("gen", "handlers")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path[0] = str(folder)
    catalog = importlib.import_module("gen._catalog")
    contract = importlib.import_module("gen._contract")
    for path in (folder / "handlers").glob("*.py"):
        importlib.import_module(f"handlers.{path.stem}")
    kinds: list[Any] = [k for k in vars(catalog).values() if type(k).__name__ == "EventType"]
    if not kinds:
        sys.exit(f"{folder} has no events")
    for kind in kinds:
        detail = contract.sample(kind.schema)["detail"]
        carried = {name: detail[name] for name in ("correlation_id", "causation_id")}
        again = kind.write(kind.read(detail), carried)
        if kind.read(again) != kind.read(detail):
            sys.exit(f"{folder} {kind.schema}: {detail} became {again}")


if __name__ == "__main__":
    main()
