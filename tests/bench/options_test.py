"""What inbox-bench says to options that cannot be, before anything starts; its files; and two results side by side."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from bench_case import BENCH
from suite import main

REFUSED = [
    ([], "subcommand is required"),
    (["nosuch"], "There is no scenario nosuch: there are ingest, desk"),
    (["ingest", "--connections", "0"], "--connections: '0' is not a number from 1 to 100,000"),
    (["ingest", "--contacts", "0"], "--contacts: '0' is not a number from 1 to"),
    (["ingest", "--depth", "251"], "--depth: '251' is not a number from 1 to 250"),
    (["ingest", "--rate", "-5"], "--rate: '-5' is not a number from 0"),
    (["ingest", "--rows", "500"], "--rows: '500' is not a number from 1 to 200"),
    (["ingest", "--duration", "abc"], "--duration: 'abc' is not a number from 0"),
    (["ingest", "--assigned", "2"], "--assigned: '2' is not a number from 0 to 1"),
    (["ingest", "--json", "/nosuch/x.json"], "--json: there is no directory /nosuch"),
    (["ingest", "--html", "/tmp"], "--html: /tmp is a directory"),
    (["ingest", "--daily-curve"], "--daily-curve needs an open loop: give --rate"),
    (["desk", "--think", "1"], "--think is of the closed loop: give --rate 0"),
    (["desk", "--acts", "fly=3"], "--acts: there is no act 'fly'; there are reply, read, assign, done, snooze"),
    (["desk", "--acts", "read=0"], "--acts: no act has a weight above 0"),
    (["ingest", "--url", "ws://127.0.0.1:1/ws"], "--url needs --data"),
    (["ingest", "--url", "ws://127.0.0.1:1/ws", "--data", "/nosuch"], "cannot read /nosuch/signing.key"),
    (["ingest", "--engine-option=--nosuch"], "inboxd did not start:\n.*--nosuch"),
    (["search", "--contacts", "0"], "--contacts: '0' is not a number from 1"),
    (["compare", "/nosuch", "/nosuch"], "A: File does not exist: /nosuch"),
]


def bench(*arguments):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=60)


class TheOptions(unittest.TestCase):
    def test_that_cannot_be_are_refused_with_what_and_where(self):
        for arguments, words in REFUSED:
            done = bench(*arguments)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertRegex(done.stdout + done.stderr, words)

    def test_are_explained_with_their_defaults(self):
        for scenario in ("ingest", "desk", "fanout", "snooze", "search", "idle", "reconnect", "outbox", "soak"):
            text = bench(scenario, "--help").stdout
            for option in ("--json TEXT", "--html TEXT", "--url TEXT", "--seed UINT=1", "--answer-within FLOAT=30",
                           "--contacts UINT=[1-9]\\d* +[CS]"):  # fmt: skip
                self.assertRegex(text, option, scenario)


class TheResult(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.files = []
        for depth in ("1", "4"):
            base = os.path.join(cls.directory.name, depth)
            cls.files.append(base)
            done = bench(
                "ingest", "--connections", "2", "--depth", depth, "--contacts", "40", "--watchers", "3", "--warm-up", "0.1",
                "--duration", "2.5", "--json", base + ".json", "--html", base + ".html",
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            assert "\r" not in done.stderr, "progress is for terminals"
            cls.table = done.stdout

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def test_as_json_has_what_the_table_has(self):
        with open(self.files[1] + ".json") as file:
            result = json.load(file)
        self.assertEqual(result["options"]["depth"], "4")
        self.assertGreater(len(result["moments"]), 3)
        for moment in result["moments"]:
            self.assertGreater(moment["latencies"]["send to answer"]["count"], 0)
            for side in ("server", "generator"):
                self.assertGreater(moment[side + "_cores"] + moment[side + "_rss_mib"], 0)
        counted = sum(moment["latencies"]["send to answer"]["count"] for moment in result["moments"])
        self.assertLessEqual(counted, result["latencies"]["send to answer"]["count"])
        self.assertGreater(counted, result["moments"][-1]["done"] * 0.9)
        for name in [figure["name"] for figure in result["figures"]] + list(result["latencies"]) + result["checks"]:
            self.assertIn(name, self.table)
        answers = result["latencies"]["send to answer"]
        order = [answers[name] for name in ("p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms")]
        self.assertEqual(order, sorted(order))
        for side in ("server", "generator"):
            for what in (" CPU", " peak memory"):
                self.assertTrue(any(f["name"] == side + what and f["value"] > 0 for f in result["figures"]), side + what)

    def test_as_a_page_is_whole_and_needs_nothing_from_elsewhere(self):
        with open(self.files[0] + ".html") as file:
            page = file.read()
        for plot in ("Latency by percentile", "Throughput", "Latency over time", "CPU", "Memory"):
            self.assertIn(f'aria-label="{plot}', page)
        self.assertEqual(page.count("<svg"), page.count("</svg></div>"))
        self.assertNotRegex(page.replace("http://www.w3.org/2000/svg", ""), "https?://|<script|<link|@import|url\\(")
        self.assertIn("color-scheme: light dark", page)

    def test_beside_another_says_what_was_asked_differently_and_the_ratios(self):
        text = bench("compare", *(base + ".json" for base in self.files)).stdout
        self.assertIn("depth: A 1, B 4", text)
        a, b, ratio = (
            float(number.replace(",", ""))
            for number in re.search("throughput messages/s +(\\S+) +(\\S+) +(\\S+)", text).groups()
        )
        self.assertAlmostEqual(b / a, ratio, delta=0.01 + ratio / 50)

    def test_beside_another_compares_tables_too(self):
        text = bench("compare", *[self.views()] * 2).stdout
        self.assertRegex(text, "1,000 contacts: µs of CPU a change: idle views 10 matching 1, engine +[\\d.]+ +[\\d.]+ +1\n")

    def test_beside_what_has_nothing_in_common_or_is_none_is_refused(self):
        for other, words in ((self.views(), "have no figure in common"), (self.files[0] + ".html", "is not a result of inbox-bench")):
            done = bench("compare", self.files[0] + ".json", other)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, words)

    def views(self):
        path = os.path.join(self.directory.name, "views.json")
        if not os.path.exists(path):
            done = bench(
                "views", "--contacts", "1000", "--idle", "10", "--matching", "1", "--subscribers", "2", "--seconds", "0.01",
                "--no-naive", "--no-sql", "--json", path,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
        return path


if __name__ == "__main__":
    main()
