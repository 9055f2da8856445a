"""Runs inbox-bench against a real inboxd behind liar.py."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "wire"))

from liar import Liar  # noqa: E402
from lies import honest  # noqa: E402
from peer import Server  # noqa: E402
from suite import PROGRAM  # noqa: E402

BENCH = os.environ.get("INBOX_BENCH", "")


def but(scenario, *options):
    """The scenario with these options, instead of its own where it has them: but(DESK, "--rate", "0")."""
    changed = list(scenario)
    for name, value in zip(options[::2], options[1::2]):
        if name in changed:
            changed[changed.index(name) + 1] = value
        else:
            changed += [name, value]
    return changed


class BenchCase(unittest.TestCase):
    def run_bench(self, scenario, make_lie=honest, page_lie=None):
        """Its process, done, and its result as JSON, if there is one."""
        server = Server(PROGRAM, "--commands-per-s=1000000", "--principal-commands-per-s=10000000")
        liar = Liar(server.port, make_lie, page_lie)
        try:
            with tempfile.TemporaryDirectory() as directory:
                result = os.path.join(directory, "result.json")
                done = subprocess.run(
                    [BENCH, *scenario, "--url", f"ws://127.0.0.1:{liar.port}/ws", "--data", server.data(),
                     "--pid", str(server.process.pid), "--json", result],
                    capture_output=True, text=True, timeout=120,
                )  # fmt: skip
                if not os.path.exists(result):
                    return done, None
                with open(result) as file:
                    return done, json.load(file)
        finally:
            liar.close()
            server.clean_up()

    def passes(self, scenario, make_lie=honest, page_lie=None):
        done, result = self.run_bench(scenario, make_lie, page_lie)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return result

    def fails(self, scenario, make_lie, words, page_lie=None):
        done, _ = self.run_bench(scenario, make_lie, page_lie)
        text = done.stdout + done.stderr
        self.assertEqual(done.returncode, 1, text)
        self.assertRegex(text, words)
