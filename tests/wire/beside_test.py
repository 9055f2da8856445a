"""A client that behaves badly in every way there is, beside a good one whose latency stays. The good one is a process of
its own: it writes a comment and reads a contact, one after the other, as long as the bad one is at it. Prints a table:
what was done, what became of it, and the good one's round trips, alone and beside it."""

import json
import multiprocessing
import select
import socket
import statistics
import time
import unittest

from peer import BINARY, TEXT, Closed, Peer, Server, until
from suite import PROGRAM, main

ROUNDS_MIN = 40  # of the good one, however short what goes on beside it
ANSWERED_WITHIN_S = 5  # no measure of speed: whoever waited for a bad client's timeout would be later

OPTIONS = (
    "--queue-bytes", "65536", "--queue-bytes-total", "4194304", "--in-flight", "32", "--conflation-max-ms", "20",
    "--commands-per-s", "2000", "--principal-commands-per-s", "3000", "--max-connections", "60",
    "--handshake-timeout-ms", "500", "--open-timeout-ms", "500", "--stuck-timeout-ms", "1000",
)  # fmt: skip


def be_good(server, contact, pipe):
    peer = server.open(sub="good")
    while pipe.recv() == "begin":
        took = []
        while len(took) < ROUNDS_MIN or not pipe.poll(0.002):
            for method, params in (("comment.add", {"contact": contact, "text": "good"}), ("contact.get", {"contact": contact})):
                since = time.monotonic()
                peer.must(method, **params)
                took.append(time.monotonic() - since)
        pipe.recv()
        pipe.send(took)
    peer.close()


class Beside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *OPTIONS)
        cls.root = root = cls.server.open(sub="root")
        root.must("channel.put", id="web", kind="webchat", name="Web")
        cls.contact = root.must("contact.create", first_name="Good")["contact"]["id"]
        cls.noisy = root.must("contact.create", first_name="Noisy")["contact"]["id"]
        for i in range(100):  # what a greedy one asks for
            root.must("comment.add", contact=cls.noisy, text="x" * 500)
        cls.pipe, theirs = multiprocessing.Pipe()
        cls.good = multiprocessing.get_context("fork").Process(target=be_good, args=(cls.server, cls.contact, theirs), daemon=True)
        cls.good.start()
        cls.rows = []

    @classmethod
    def tearDownClass(cls):
        cls.pipe.send("end")
        cls.good.join(10)
        cls.server.clean_up()
        print(f"{'beside':<58}{'became':<34}{'requests':>9}{'p50 ms':>8}{'p99 ms':>8}{'worst':>8}")
        for what, became, took in cls.rows:
            took = sorted(took)
            p50, p99, worst = (1000 * t for t in (statistics.median(took), took[int(0.99 * (len(took) - 1))], took[-1]))
            print(f"{what:<58}{became:<34}{len(took):>9}{p50:>8.1f}{p99:>8.1f}{worst:>8.1f}")

    def beside(self, what, bad, for_s=0.4):
        """`bad` again and again, for a while: it says what became of it."""
        self.pipe.send("begin")
        try:
            end = time.monotonic() + for_s
            became = bad()
            while time.monotonic() < end:
                self.assertEqual(bad(), became, what)
        finally:
            self.pipe.send("enough")
            took = self.pipe.recv()
        type(self).rows.append((what, became, took))
        self.assertGreater(len(took), 1, what)
        self.assertLess(max(took), ANSWERED_WITHIN_S, what)
        self.assertEqual(self.server.get("/healthz")[0], 200)

    def agent(self, sub="bad", **peer_options):
        return self.server.open(sub=sub, peer_options=peer_options)

    def closes(self, peer, *data, codes):
        try:
            for piece in data:
                peer.raw(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        code = peer.closed_code()
        peer.close()
        self.assertIn(code, (*codes, None))
        return f"closed with {codes[0]}"

    def error(self, text, code):
        peer = self.agent()
        peer.frame(TEXT, text.encode())
        self.assertEqual(peer.read()["error"]["code"], code)
        self.assertIn("result", peer.call("policy.get"))
        peer.close()
        return f"error {code}, goes on"

    def test_01_nothing_at_all(self):
        self.beside("nobody", lambda: "", for_s=0)

    def test_02_frames_over_the_limit(self):
        frame = Peer.encode(TEXT, b" " * 300_000)
        self.beside("frames over the limit", lambda: self.closes(self.agent(), frame, codes=(1009,)))
        head = bytes([0x81, 0xFF]) + (1 << 62).to_bytes(8, "big") + b"mask"
        self.beside("a frame of 2^62 bytes, announced", lambda: self.closes(self.agent(), head, codes=(1009,)))

    def test_03_what_is_no_text(self):
        self.beside("invalid UTF-8", lambda: self.closes(self.agent(), Peer.encode(TEXT, b'"\xff"'), codes=(1007,)))
        self.beside("binary frames", lambda: self.closes(self.agent(), Peer.encode(BINARY, b"{}"), codes=(4400,)))
        self.beside("noise instead of frames", lambda: self.closes(self.agent(), b"\xff" * 5000, codes=(1002,)))

    def test_04_what_is_no_request(self):
        self.beside("nesting, 100,000 deep", lambda: self.error("[" * 100_000, -32007))
        deep = '{"all":[' * 5_000 + "]}" * 5_000
        request = {"jsonrpc": "2.0", "id": 1, "method": "view.create"}
        text = json.dumps({**request, "params": {"name": "v", "visibility": "private"}})[:-2] + f',"filter":{deep}}}}}'
        self.beside("a filter, 5,000 deep", lambda: self.error(text, -32007))
        number = "9" * 200_000
        text = f'{{"jsonrpc":"2.0","id":1,"method":"timeline.page","params":{{"contact":"{self.noisy}","limit":{number}}}}}'
        self.beside("a number of 200,000 digits", lambda: self.error(text, -32602))
        self.beside("an id of 200,000 digits", lambda: self.error(f'{{"jsonrpc":"2.0","id":{number},"method":"view.list"}}', -32600))
        batch = json.dumps([{"jsonrpc": "2.0", "id": i, "method": "view.list"} for i in range(3000)])
        self.beside("a batch of 3,000", lambda: self.error(batch, -32007))

    def test_05_duplicate_ids(self):
        def twice():
            peer = self.agent()
            for _ in range(10):
                peer.send({"jsonrpc": "2.0", "id": "same", "method": "view.list"})
            self.assertEqual([peer.read()["id"] for _ in range(10)], ["same"] * 10)
            peer.close()
            return "each answered"

        self.beside("one id for ten requests at once", twice)

    def test_06_a_reader_that_is_slow(self):
        peer = self.agent("slow", receive_buffer=4096)
        peer.must("view.subscribe", view="all", limit=200)
        peer.must("contact.subscribe", contact=self.noisy)
        before = self.server.metric("inboxd_closed_slow_total")
        a_byte = lambda: peer.socket.recv(1)
        self.beside("a reader of a byte now and then", lambda: self.feed(before + 1, a_byte), for_s=0)
        peer.close()

    def feed(self, closed, meanwhile=lambda: None):
        """Tells the noisy contact's readers more than the system keeps for them."""
        for i in range(1500):
            self.root.must("comment.add", contact=self.noisy, text="x" * 15_000)
            meanwhile()
            if i % 10 == 0 and self.server.metric("inboxd_closed_slow_total") >= closed:
                return "closed with 4430"
        raise AssertionError("not closed")

    def test_07_readers_that_stop(self):
        before, memory = self.server.metric("inboxd_closed_slow_total"), self.server.resident_bytes()
        peers = [self.agent(f"stuck{i}", receive_buffer=4096) for i in range(20)]
        for peer in peers:
            peer.must("contact.subscribe", contact=self.noisy)

        self.beside("20 readers that stop altogether", lambda: self.feed(before + len(peers)), for_s=0)
        self.assertLess(self.server.resident_bytes() - memory, 200 << 20)
        for peer in peers:
            peer.close()

    def test_08_asking_without_reading(self):
        def ask():
            peers = [self.agent(f"greedy{i}", receive_buffer=4096) for i in range(20)]
            frame = Peer.encode(TEXT, json.dumps(peers[0].request("timeline.page", {"contact": self.noisy, "limit": 200})).encode())
            for peer in peers:
                peer.socket.setblocking(False)
                try:
                    peer.raw(frame * 200)
                except OSError:
                    pass
            until(lambda: self.server.metric("inboxd_closed_slow_total") >= before + len(peers), "closed for being stuck")
            for peer in peers:
                peer.close()
            return "read no further, then 4430"

        memory, before = self.server.resident_bytes(), self.server.metric("inboxd_closed_slow_total")
        self.beside("20 that ask for pages without reading", ask, for_s=0)
        self.assertLess(self.server.resident_bytes() - memory, 512 << 20)

    def test_09_floods(self):
        def flood(sessions):
            peers = [self.agent("flood") for _ in range(sessions)]
            frame = Peer.encode(TEXT, json.dumps(peers[0].request("policy.get")).encode())
            refused = 0
            for peer in peers:
                try:
                    for _ in range(60):
                        peer.raw(frame * 100)
                except OSError:
                    pass
            for peer in peers:
                try:
                    for _ in range(6000):
                        refused += "error" in peer.read()
                except (Closed, OSError) as end:
                    self.assertIn(getattr(end, "code", None), (4429, None))
                peer.close()
            self.assertGreater(refused, 0)
            return "rate_limited"

        self.beside("a session above its rate", lambda: flood(1), for_s=0)
        self.beside("3 sessions above their principal's rate", lambda: flood(3), for_s=0)

    def test_10_slow_handshakes(self):
        def drip():
            with socket.create_connection(("127.0.0.1", self.server.port)) as raw:
                raw.settimeout(10)
                for byte in b"GET /ws HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 500:
                    try:
                        raw.sendall(bytes([byte]))
                    except OSError:
                        return "closed in time"
                    if select.select([raw], [], [], 0.01)[0]:  # nothing is answered: it was closed
                        return "closed in time"
            raise AssertionError("served")

        self.beside("a request that drips", drip, for_s=0)
        self.beside("a WebSocket that opens no session", lambda: self.closes(Peer(self.server), codes=(4408,)), for_s=0)

    def test_11_too_many_connections(self):
        def crowd():
            crowd, away = [], 0
            try:
                for _ in range(150):
                    raw = socket.create_connection(("127.0.0.1", self.server.port))
                    raw.settimeout(5)
                    crowd.append(raw)
                away = self.server_turned_away(crowd)
            finally:
                for raw in crowd:
                    raw.close()
            self.assertGreater(away, 50)
            return "turned away above the limit"

        self.beside("150 connections where 60 may be", crowd)
        until(lambda: self.is_room(), "room again")

    @staticmethod
    def server_turned_away(crowd):
        away = 0
        for raw in crowd:
            try:
                raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                away += raw.recv(10) == b""
            except OSError:
                away += 1
        return away

    def is_room(self):
        try:
            return self.server.get("/healthz")[0] == 200
        except OSError:
            return False


if __name__ == "__main__":
    main()
