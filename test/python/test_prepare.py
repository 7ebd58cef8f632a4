"""Tests of prepare.py, with the two commands that build replaced."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import prepare  # noqa: E402


class PrepareTest(unittest.TestCase):
    """prepare.main in an empty cache directory."""

    def setUp(self):
        cache = tempfile.TemporaryDirectory()
        self.addCleanup(cache.cleanup)
        self.venv = os.path.join(cache.name, "stormbus", prepare.environment_name())
        self.commands = []
        for patch in (
            mock.patch.dict(os.environ, {"XDG_CACHE_HOME": cache.name}),
            mock.patch.object(prepare, "run", self.run_command),
            mock.patch.object(prepare, "say"),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def run_command(self, command):
        self.commands.append(command)
        os.makedirs(self.venv, exist_ok=True)

    def main(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            prepare.main()
        return out.getvalue()

    def test_builds_once(self):
        want = prepare.interpreter(self.venv) + "\n"
        self.assertEqual([self.main(), self.main()], [want, want])
        self.assertEqual(len(self.commands), 4)

    def test_what_is_half_made_is_built_again(self):
        os.makedirs(self.venv)
        left = os.path.join(self.venv, "left by a killed one")
        open(left, "w").close()
        self.main()
        self.assertEqual(len(self.commands), 4)
        self.assertFalse(os.path.exists(left))

    def test_a_failed_build_is_not_complete(self):
        with mock.patch.object(prepare, "run", side_effect=SystemExit("pip: no network")):
            with self.assertRaises(SystemExit):
                self.main()
        self.main()
        self.assertEqual(len(self.commands), 4)

    def test_the_second_waits_for_the_first(self):
        os.makedirs(os.path.dirname(self.venv))
        held = prepare.lock(self.venv + ".lock")
        other = threading.Thread(target=prepare.main)
        with contextlib.redirect_stdout(io.StringIO()):
            other.start()
            prepare.build(self.venv, os.path.join(self.venv, "complete"))
            held.close()
            other.join()
        self.assertEqual(len(self.commands), 4)

    def test_an_old_interpreter_is_named(self):
        with mock.patch.object(prepare, "OLDEST", (99, 0)):
            with self.assertRaisesRegex(SystemExit, "need 99.0 or newer"):
                self.main()


class RunTest(unittest.TestCase):
    """prepare.run with real commands."""

    def test_failure_ends_with_the_command_and_its_status(self):
        with self.assertRaisesRegex(SystemExit, "exit status 3"):
            prepare.run([sys.executable, "-c", "raise SystemExit(3)"])

    def test_nothing_on_standard_output(self):
        script = "import prepare, sys; prepare.run([sys.executable, '-c', 'print(1)'])"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=os.path.dirname(os.path.abspath(prepare.__file__)),
            capture_output=True,
            check=True,
        )
        self.assertEqual((done.stdout, done.stderr.strip()), (b"", b"1"))


if __name__ == "__main__":
    unittest.main()
