"""Writes overlay/<package>.botocore.json: what a botocore wheel's models have
beyond the models of the Go module that shapegen reads.

    pip download --no-deps botocore==1.44.5
    python3 newer.py botocore-1.44.5-py3-none-any.whl "$(go list -m -f '{{.Dir}}' github.com/aws/aws-sdk-go@v1.55.8)"

botocore is licensed under Apache-2.0. Documentation is left out.
"""

import gzip
import json
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
TRAITS = ("pattern", "min", "max", "sensitive")


def strip(node):
    """Removes what the generator does not read."""
    if isinstance(node, dict):
        return {
            k: strip(v)
            for k, v in node.items()
            if not (k in ("documentation", "documentationUrl", "deprecatedMessage") and isinstance(v, str))
            and k not in ("staticContextParams", "operationContextParams", "contextParam")
        }
    if isinstance(node, list):
        return [strip(v) for v in node]
    return node


def newer_shape(old, new):
    """What new adds to old. Members are listed whole, for their order."""
    out = {}
    members = new.get("members", {})
    if set(members) - set(old.get("members", {})):
        out["members"] = members
    values = [v for v in new.get("enum", []) if v not in old.get("enum", [])]
    if values:
        out["enum"] = values
    for trait in TRAITS:
        if trait in new and new[trait] != old.get(trait):
            out[trait] = new[trait]
    return out


def reachable(model, operations):
    """The names of the shapes that the operations need, and of all errors."""
    seen = set()
    todo = [name for name, shape in model["shapes"].items() if shape.get("exception")]
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
    """The list of services: package, directory, operations."""
    found = []
    for line in (HERE / "services.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if words and not line[0].isspace():
            found.append((words[0], words[1], []))
        elif words:
            found[-1][2].extend(words)
    return found


def overlay_of(origin, old, new, listed):
    """The overlay that makes new of old, as far as listed operations need it."""
    operations = {}
    for name, op in sorted(new["operations"].items()):
        if name not in old["operations"]:
            operations[name] = op if name in listed else {"name": name, "http": op["http"]}
    shapes = {}
    for name in sorted(reachable(new, listed)):
        shape = new["shapes"][name]
        added = newer_shape(old["shapes"][name], shape) if name in old["shapes"] else shape
        if added:
            shapes[name] = added
    return strip({"origin": origin, "operations": operations, "shapes": shapes})


def main(wheel, module):
    archive = zipfile.ZipFile(wheel)
    version = pathlib.Path(wheel).name.split("-")[1]
    for package, directory, listed in services():
        old = json.loads((pathlib.Path(module) / "models/apis" / directory / "api-2.json").read_text())
        new = json.loads(gzip.decompress(archive.read(f"botocore/data/{directory}/service-2.json.gz")))
        if "*" in listed:
            listed = list(new["operations"])
        origin = f"botocore {version}, data/{directory}/service-2.json.gz, Apache-2.0; without documentation"
        overlay = overlay_of(origin, old, new, listed)
        path = HERE / "overlay" / f"{package}.botocore.json"
        if overlay["operations"] or overlay["shapes"]:
            path.write_text(json.dumps(overlay, indent=1, ensure_ascii=False) + "\n")
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
