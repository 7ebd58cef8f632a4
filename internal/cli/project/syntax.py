# Compiles what comes in, a list of [name, base64 of the source], without
# running any of it, and prints a list of [name, line, column, kind, message].
import base64
import json
import sys
import warnings

warnings.simplefilter("ignore")
found = []
for name, source in json.load(sys.stdin):
    try:
        compile(base64.b64decode(source), name, "exec", dont_inherit=True)
    except SyntaxError as e:
        found.append([name, e.lineno or 1, e.offset or 1, type(e).__name__, str(e.msg)])
    except (ValueError, OverflowError, RecursionError, MemoryError) as e:
        found.append([name, 1, 1, type(e).__name__, str(e)])
json.dump(found, sys.stdout)
