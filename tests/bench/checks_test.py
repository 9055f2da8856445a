"""inbox-bench checks what it measures: behind a relay that lies about one thing, each run fails, and
says why. Without a lie the same run passes."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "wire"))

from liar import Liar  # noqa: E402
from peer import Server  # noqa: E402
from suite import PROGRAM, main  # noqa: E402

BENCH = os.environ.get("INBOX_BENCH", "")
INGEST = [
    "ingest", "--connections", "2", "--depth", "4", "--contacts", "60", "--watchers", "3", "--rows", "20",
    "--warm-up", "0.1", "--duration", "0.7",
]  # fmt: skip
SOAK = [
    "soak", "--connections", "2", "--rate", "400", "--contacts", "60", "--watchers", "3", "--agent-rate", "20",
    "--warm-up", "0.1", "--duration", "5",
]  # fmt: skip
OUTBOX = ["outbox", "--contacts", "20", "--messages", "200", "--depth", "16", "--held", "30"]


def honest():
    return lambda text: None


def at(number, wanted, lie):
    """Of the texts that begin or go on as `wanted`, lies about the one with this number."""

    def make():
        seen = 0

        def look(text):
            nonlocal seen
            if wanted not in text:
                return None
            seen += 1
            return lie(text) if seen == number else None

        return look

    return make


def each(wanted, lie):
    return lambda: lambda text: lie(text) if wanted in text else None


def swapped(number, wanted):
    """The one with this number comes after the next."""

    def make():
        seen = 0
        held = None

        def look(text):
            nonlocal seen, held
            if wanted not in text:
                return None
            seen += 1
            if seen == number:
                held = text
                return []
            if held is not None:
                texts, held = [text, held], None
                return texts
            return None

        return look

    return make


def from_then_on(number, wanted):
    """From this one on they are lost."""

    def make():
        seen = 0

        def look(text):
            nonlocal seen
            seen += wanted in text
            return [] if wanted in text and seen >= number else None

        return look

    return make


def one_more(pattern):
    return lambda text: [re.sub(pattern, lambda m: f"{m[1]}{int(m[2]) + 1}", text)]


def refused(text):
    error = {"code": -32000, "message": "no", "data": {"reason": "unavailable"}}
    return [json.dumps({"jsonrpc": "2.0", "id": json.loads(text)["id"], "error": error})]


def twice(text):
    return [text, text]


def without_last_op(text):
    message = json.loads(text)
    message["params"]["ops"] = message["params"]["ops"][:-1]
    return [json.dumps(message, separators=(",", ":"))]


def before_its_turn():
    """A contact's second delivery says that it is its first entry."""
    known = set()

    def look(text):
        if DELIVERY not in text:
            return None
        message = json.loads(text)
        for delivery in message["params"]["deliveries"]:
            if delivery["contact"] in known:
                delivery["seq"] = 1
            known.add(delivery["contact"])
        return [json.dumps(message, separators=(",", ":"))]

    return look


def memory(bytes_of):
    """A server that says in its metrics that it keeps as much as that, the n-th time it is asked."""
    asked = 0

    def lie(page):
        nonlocal asked
        asked += 1
        page = re.sub(r"(?m)^(inboxd_store_memory_bytes) .*$", r"\1 0", page)
        return re.sub(r"(?m)^(inboxd_allocated_bytes) .*$", rf"\1 {bytes_of(asked)}", page)

    return lie


DELTA = '"method":"view.delta"'
ANSWER = '"duplicate":'  # of a customer's message
DELIVERY = '"method":"outbox.deliver"'


class TheBenchFails(unittest.TestCase):
    def run_bench(self, scenario, make_lie, page_lie=None):
        server = Server(PROGRAM, "--commands-per-s=1000000", "--principal-commands-per-s=10000000")
        liar = Liar(server.port, make_lie, page_lie)
        try:
            return subprocess.run(
                [BENCH, *scenario, "--url", f"ws://127.0.0.1:{liar.port}/ws", "--data", server.data()],
                capture_output=True, text=True, timeout=120,
            )  # fmt: skip
        finally:
            liar.close()
            server.clean_up()

    def fails(self, scenario, make_lie, words, page_lie=None):
        done = self.run_bench(scenario, make_lie, page_lie)
        text = done.stdout + done.stderr
        self.assertEqual(done.returncode, 1, text)
        self.assertRegex(text, words)

    def test_not_when_all_is_true(self):
        for scenario in (INGEST, OUTBOX):
            done = self.run_bench(scenario, honest)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_when_deltas_are_lost(self):
        self.fails(INGEST, from_then_on(5, DELTA), "the list of .* went wrong")

    def test_when_an_op_is_lost(self):
        self.fails(INGEST, each(DELTA, without_last_op), "went wrong|not in the list")

    def test_when_a_delta_comes_twice(self):
        self.fails(INGEST, at(5, DELTA, twice), "does not come after|not in the list")

    def test_when_deltas_change_places(self):
        self.fails(INGEST, swapped(5, DELTA), "does not come after|not in the list")

    def test_when_a_row_is_wrong(self):
        self.fails(INGEST, each(DELTA, one_more(r'("version":)(\d+)')), "row \\d+ is")

    def test_when_a_counter_is_wrong(self):
        self.fails(INGEST, each(DELTA, one_more(r'("counters":{"contacts":)(\d+)')), "counters .* instead of")

    def test_when_a_message_is_refused(self):
        self.fails(INGEST, at(40, ANSWER, refused), "refused")

    def test_when_a_message_is_answered_twice(self):
        self.fails(INGEST, at(40, ANSWER, twice), "not asked, or twice")

    def test_when_a_message_is_taken_for_a_duplicate(self):
        lie = lambda text: [text.replace('"duplicate":false', '"duplicate":true')]  # noqa: E731
        self.fails(INGEST, at(40, ANSWER, lie), "taken for a duplicate")

    def test_when_a_message_seems_to_be_another_contacts(self):
        lie = lambda text: [re.sub(r'"contact":"[^"]*"', '"contact":"c000000009999"', text)]  # noqa: E731
        self.fails(INGEST, at(60, ANSWER, lie), "customer \\d+ is")

    def test_not_for_a_stall_but_counts_what_waited(self):
        """Coordinated omission: the server answers nothing for half a second. In an open loop all that was
        due meanwhile waited, sent or not, and a tenth of what came in that second waited long."""

        def stalls(text):
            time.sleep(0.5)  # this is the lie; nothing is waited for

        with tempfile.TemporaryDirectory() as directory:
            result = os.path.join(directory, "result.json")
            scenario = [
                "ingest", "--connections", "1", "--rate", "800", "--contacts", "60", "--watchers", "3",
                "--warm-up", "0.1", "--duration", "1", "--json", result,
            ]  # fmt: skip
            done = self.run_bench(scenario, at(150, ANSWER, stalls))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            with open(result) as file:
                answers = json.load(file)["latencies"]["send to answer"]
        self.assertGreater(answers["p90_ms"], 200)

    def test_when_memory_grows_with_the_messages(self):
        """Some hundred bytes a message, under the ups and downs of checkpoints: a soak notices."""
        grows = memory(lambda n: 500_000_000 + n * 16_000 + n % 2 * 10_000)
        self.fails(SOAK, honest, "memory grows by .* bytes a message", grows)

    def test_not_when_memory_only_goes_up_and_down(self):
        done = self.run_bench(SOAK, honest, memory(lambda n: 500_000_000 + n % 2 * 100_000))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_when_a_delivery_comes_twice(self):
        self.fails(OUTBOX, at(7, DELIVERY, twice), "delivered after|deliveries|messages")

    def test_when_a_delivery_comes_before_its_turn(self):
        self.fails(OUTBOX, before_its_turn, "was delivered after")


if __name__ == "__main__":
    main()
