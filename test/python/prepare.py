"""Make the Python environment of the tests and print its interpreter's path.

The environment is a virtual environment in the user's cache directory. Its
name holds a hash of the requirements and of the interpreter, so a change of
either makes a new one and nothing global is touched. Run it as often and as
concurrently as you like: a lock that dies with its holder lets one process
build while the others wait, and what a killed one left half made is built
again. Progress goes to standard error; standard output is the path, alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

CONFORMANCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance")
REQUIREMENTS = os.path.join(CONFORMANCE, "requirements.txt")
# Clients of before November 2023, in a directory of their own: whoever puts it
# first on Python's path has them instead.
OLDER = os.path.join(CONFORMANCE, "requirements-older.txt")
OLDEST = (3, 10)


def cache_directory():
    """Return where this user's programs keep what can be made again."""
    home = os.path.expanduser("~")
    fallback = os.environ.get("LOCALAPPDATA") if os.name == "nt" else None
    base = os.environ.get("XDG_CACHE_HOME") or fallback or os.path.join(home, ".cache")
    return os.path.join(base, "stormbus")


def environment_name():
    """Return the name that stands for these requirements and this interpreter."""
    seed = b""
    for path in (REQUIREMENTS, OLDER):
        with open(path, "rb") as f:
            seed += f.read() + b"\0"
    seed += "\0".join([sys.version, os.path.realpath(sys.base_prefix)]).encode()
    return "venv-" + hashlib.sha256(seed).hexdigest()[:16]


def interpreter(venv):
    """Return the path of the interpreter inside the environment."""
    if os.name == "nt":
        return os.path.join(venv, "Scripts", "python.exe")
    return os.path.join(venv, "bin", "python")


def lock(path):
    """Take the lock at path and return the open file that holds it."""
    held = open(path, "a+")
    if os.name == "nt":
        import msvcrt

        while True:
            try:
                held.seek(0)
                msvcrt.locking(held.fileno(), msvcrt.LK_LOCK, 1)
                return held
            except OSError:
                pass  # LK_LOCK gives up after ten seconds; the holder may need longer
    import fcntl

    fcntl.flock(held, fcntl.LOCK_EX)
    # A pip that outlives us keeps the lock, and so the directory, to itself.
    os.set_inheritable(held.fileno(), True)
    return held


def build(venv, marker):
    """Build the environment; the marker is written last."""
    began = time.monotonic()
    say("preparing the Python environment of the tests (once) ...")
    shutil.rmtree(venv, ignore_errors=True)
    run([sys.executable, "-m", "venv", venv])
    pip = [interpreter(venv), "-m", "pip", "--disable-pip-version-check"]
    run(pip + ["install", "--quiet", "--no-input", "--no-deps", "-r", REQUIREMENTS])
    run(pip + ["check"])
    older = ["--target", os.path.join(venv, "older"), "-r", OLDER]
    run(pip + ["install", "--quiet", "--no-input", "--no-deps"] + older)
    with open(marker, "w") as f:
        f.write("complete\n")
    say("done in %.1f s: %s" % (time.monotonic() - began, venv))


def run(command):
    """Run a command with its output on standard error; end if it fails."""
    status = subprocess.call(
        command, stdout=sys.stderr, stdin=subprocess.DEVNULL, close_fds=os.name == "nt"
    )
    if status != 0:
        sys.exit("prepare: %s: exit status %d" % (" ".join(command), status))


def say(text):
    """Tell the person who waits."""
    print("prepare: " + text, file=sys.stderr)


def main():
    """Print the path of a complete environment, building it if need be."""
    if sys.version_info[:2] < OLDEST:
        sys.exit(
            "prepare: %s is Python %d.%d; the tests need %d.%d or newer "
            "(make test PYTHON=/path/to/python3)"
            % ((sys.executable,) + sys.version_info[:2] + OLDEST)
        )
    cache = cache_directory()
    venv = os.path.join(cache, environment_name())
    marker = os.path.join(venv, "complete")
    if not os.path.exists(marker):
        os.makedirs(cache, exist_ok=True)
        held = lock(venv + ".lock")
        if not os.path.exists(marker):
            build(venv, marker)
        held.close()
    print(interpreter(venv))


if __name__ == "__main__":
    main()
