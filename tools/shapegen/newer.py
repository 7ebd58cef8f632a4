"""Writes overlay/<package>.botocore.json: what botocore's models have beyond
the models of the Go module that shapegen reads.

    python3 tools/shapegen/newer.py BOTOCORE MODULE [OVERLAY]

BOTOCORE is a wheel (pip download --no-deps botocore==1.44.5) or the directory
in which botocore is installed, MODULE the directory of the Go module, which
"go mod download -json github.com/aws/aws-sdk-go@v1.55.8" prints, and OVERLAY
the directory that is written.

botocore is licensed under Apache-2.0. Documentation is left out.
"""

import gzip
import json
import pathlib
import re
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
METADATA = ("protocols", "jsonVersion", "targetPrefix", "awsQueryCompatible")
OPERATION = ("httpChecksum", "auth", "authtype", "endpoint")
SHAPE = ("type", "pattern", "min", "max", "sensitive")
UNREAD = {
    "documentation", "documentationUrl", "deprecated", "deprecatedMessage", "deprecatedSince",
    "staticContextParams", "operationContextParams", "contextParam", "hostLabel", "box", "errors",
    "endpointdiscovery", "endpointoperation", "requestcompression", "readonly", "idempotent", "alias",
    "synthetic", "retryable", "event", "xmlOrder",
}  # fmt: skip


def strip(node, names=False):
    """Removes what the generator does not read. The keys of a node may be names
    of members, which are never removed."""
    if isinstance(node, dict):
        return {k: strip(v, k == "members") for k, v in node.items() if names or k not in UNREAD}
    if isinstance(node, list):
        return [strip(v) for v in node]
    return node


def different(old, new, traits):
    """Those of the traits that are not in old as they are in new."""
    return {t: new[t] for t in traits if t in new and new[t] != old.get(t)}


def newer_operation(old, new, listed):
    """What new adds to old. The method and the path stay as they are."""
    out = different(old, new, OPERATION)
    if listed:
        out.update({io: new[io] for io in ("input", "output") if io in new and io not in old})
    return out


def newer_shape(old, new):
    """What new adds to old. Members are listed whole, for their order."""
    out = {}
    members, had = new.get("members", {}), old.get("members", {})
    if set(members) - set(had):
        out["members"] = members
    required, was = new.get("required", []), old.get("required", [])
    if added := [m for m in required if m not in had]:
        out["required"] = added
    if optional := [m for m in was if m not in required]:
        out["optional"] = optional
    if values := [v for v in new.get("enum", []) if v not in old.get("enum", [])]:
        out["enum"] = values
    out.update(different(old, new, SHAPE))
    return out


def reachable(model, operations):
    """The names of the shapes that the operations and all errors need."""
    seen = set()
    todo = [name for name, shape in model["shapes"].items() if shape.get("exception")] if operations else []
    for name in operations:
        op = model["operations"][name]
        todo += [op[io]["shape"] for io in ("input", "output") if io in op]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        shape = model["shapes"][name]
        refs = list(shape.get("members", {}).values())
        refs += [shape[part] for part in ("member", "key", "value") if part in shape]
        todo += [ref["shape"] for ref in refs]
    return seen


def services():
    """The list of services: package, both directories, operations."""
    found = []
    for line in (HERE / "services.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if words and not line[0].isspace():
            found.append((*words, []))
        elif words:
            found[-1][3].extend(words)
    return found


def overlay_of(origin, old, new, listed):
    """The overlay that makes new of old, as far as listed operations need it."""
    operations = {}
    for name, op in sorted(new["operations"].items()):
        if name in old["operations"]:
            operations[name] = newer_operation(old["operations"][name], op, name in listed)
        elif name in listed:
            operations[name] = op
        else:
            operations[name] = {"http": op["http"]} | different({}, op, OPERATION)
    shapes = {}
    for name in sorted(reachable(new, listed)):
        shape = new["shapes"][name]
        shapes[name] = newer_shape(old["shapes"][name], shape) if name in old["shapes"] else shape
    metadata = different(old["metadata"], new["metadata"], METADATA) if old["shapes"] else new["metadata"]
    return {
        "origin": origin,
        "metadata": metadata,
        "operations": {name: strip(op) for name, op in operations.items() if op},
        "shapes": {name: strip(shape) for name, shape in shapes.items() if shape},
    }


def text_of(overlay):
    """The overlay as JSON, with one operation or one shape on a line."""

    def short(value):
        return json.dumps(value, ensure_ascii=False)

    parts = [f'"origin": {short(overlay["origin"])}', f'"metadata": {short(overlay["metadata"])}']
    for part in ("operations", "shapes"):
        lines = [f"{short(name)}: {short(value)}" for name, value in overlay[part].items()]
        parts.append(f'"{part}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(botocore, module, out=HERE / "overlay"):
    # A wheel is an archive; an installed botocore is a directory.
    package = zipfile.Path(botocore) if zipfile.is_zipfile(botocore) else pathlib.Path(botocore)
    version = re.search("__version__ = '(.*)'", (package / "botocore/__init__.py").read_text())[1]
    for name, directory, newer, listed in services():
        old = {"metadata": {}, "operations": {}, "shapes": {}}
        if directory != "-":
            old = json.loads((pathlib.Path(module) / "models/apis" / directory / "api-2.json").read_text())
        packed = (package / f"botocore/data/{newer}/service-2.json.gz").read_bytes()
        new = json.loads(gzip.decompress(packed))
        if "*" in listed:
            listed = list(new["operations"])
        overlay = overlay_of(f"botocore {version}, data/{newer}", old, new, listed)
        path = pathlib.Path(out) / f"{name}.botocore.json"
        if overlay["metadata"] or overlay["operations"] or overlay["shapes"]:
            path.write_text(text_of(overlay), encoding="utf-8")
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
