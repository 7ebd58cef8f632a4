# Says which packages are not installed: reads a folder, in which they may be
# too, and their names, and prints those that are missing.
import json
import site
import sys
from importlib.metadata import PackageNotFoundError, version

folder, names = json.load(sys.stdin)
if sys.prefix == sys.base_prefix:
    sys.path.append(site.getusersitepackages())
sys.path.insert(0, folder)


def missing(name):
    try:
        version(name)
    except PackageNotFoundError:
        return True
    return False


json.dump([name for name in names if missing(name)], sys.stdout)
