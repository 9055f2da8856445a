"""Clients that behave badly in every way, beside a good one whose answers must stay quick; timeouts,
limits, TLS, compression, stopping: all against the real server."""

import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest
import zlib

from peer import TEXT, Closed, Peer, Server, until
from suite import PROGRAM, ServerCase, main


class BadInput(ServerCase):
    def test_each_bad_frame_has_its_own_error_and_the_session_goes_on(self):
        peer = self.server.open()
        cases = [
            (b"{", -32700),
            (b"\x00", -32700),
            (b"", -32700),
            (b"[]", -32600),
            (b"[" * 50_000, -32007),
            (b'{"jsonrpc":"2.0","id":1,"method":"contact.get"}', -32602),
            (b'{"jsonrpc":"2.0","id":1,"method":"nope"}', -32601),
            (b'{"jsonrpc":"2.0","id":1,"method":"contact.get","params":{"contact":"nobody"}}', -32003),
            (b'{"jsonrpc":"2.0","id":1,"method":"contact.get","params":{"contact":1e400}}', -32602),
            (b'{"jsonrpc":"2.0","id":1,"method":"outbox.subscribe"}', -32002),
        ]
        for frame, code in cases:
            with self.subTest(frame=frame[:60]):
                peer.frame(TEXT, frame)
                self.assertEqual(peer.read()["error"]["code"], code)
        self.assertIn("result", peer.call("view.list"))

    def test_without_a_session_there_is_only_unauthenticated(self):
        peer = Peer(self.server)
        self.assertEqual(peer.call("view.list")["error"]["data"]["reason"], "unauthenticated")
        peer.send(peer.request("session.open", {"token": "nonsense"}))
        self.assertEqual(peer.read()["error"]["code"], -32001)
        self.assertEqual(peer.closed_code(), 4401)

    def test_tokens_of_other_workspaces_and_of_the_past(self):
        for more in ({"ws": "elsewhere"}, {"ttl_s": -1}):
            peer = Peer(self.server)
            peer.send(peer.request("session.open", {"token": self.server.token(**more)}))
            self.assertEqual(peer.read()["error"]["code"], -32001)
            self.assertEqual(peer.closed_code(), 4401)

    def test_a_session_ends_with_its_token(self):
        peer = self.server.open(ttl_s=2)
        self.assertEqual(peer.closed_code(), 4401)

    def test_a_session_that_is_never_opened_is_closed_with_4408(self):
        started = time.monotonic()
        self.assertEqual(Peer(self.server).closed_code(), 4408)
        self.assertGreater(time.monotonic() - started, 9)


class Posts(ServerCase):
    def post(self, body, token=None, **headers):
        headers = {"Content-Type": "application/json", **headers}
        if token:
            headers["Authorization"] = "Bearer " + token
        return self.server.get("/rpc", headers, "POST", body)

    def test_a_command_is_answered(self):
        status, _, body = self.post(b'{"jsonrpc":"2.0","id":"a","method":"view.list"}', self.server.token())
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body)["id"], "a")

    def test_a_batch_and_a_notification(self):
        body = b'[{"jsonrpc":"2.0","id":1,"method":"view.list"},{"jsonrpc":"2.0","id":2,"method":"x"}]'
        answers = json.loads(self.post(body, self.server.token())[2])
        self.assertEqual([a["id"] for a in answers], [1, 2])
        status, _, body = self.post(b'{"jsonrpc":"2.0","method":"view.list"}', self.server.token())
        self.assertEqual((status, body), (204, b""))

    def test_without_a_token_it_is_401(self):
        status, headers, body = self.post(b'{"jsonrpc":"2.0","id":1,"method":"view.list"}')
        self.assertEqual(status, 401)
        self.assertEqual(headers["WWW-Authenticate"], "Bearer")
        self.assertEqual(json.loads(body)["error"]["data"]["reason"], "unauthenticated")

    def test_what_is_no_json_or_no_utf8_is_a_parse_error(self):
        for body in (b"{", b'"\xff"', b""):
            answer = json.loads(self.post(body, self.server.token())[2])
            self.assertEqual(answer["error"]["code"], -32700)

    def test_a_body_over_the_limit_is_413(self):
        with socket.create_connection(("127.0.0.1", self.server.port)) as raw:
            raw.settimeout(10)
            raw.sendall(b"POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
            self.assertIn(b"413", raw.recv(4096))

    def test_s37_sessions_and_subscriptions_are_no_methods_here(self):
        for method in ("session.open", "view.subscribe", "unsubscribe"):
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode()
            answer = json.loads(self.post(body, self.server.token())[2])
            self.assertEqual(answer["error"]["code"], -32601)

    def test_the_other_pages(self):
        self.assertEqual(self.server.get("/healthz")[::2], (200, b"ok\n"))
        self.assertEqual(self.server.get("/readyz")[0], 200)
        self.assertIn(b"inboxd_connections ", self.server.get("/metrics")[2])
        self.assertGreater(self.server.metric("process_resident_memory_bytes"), 1 << 20)
        self.assertEqual(json.loads(self.server.get("/openrpc.json")[2])["openrpc"], "1.2.6")
        self.assertEqual(self.server.get("/nowhere")[0], 404)
        self.assertEqual(self.server.get("/healthz", method="DELETE")[0], 405)


class SlowReaders(ServerCase):
    """Readers that stop cost bounded memory and close with 4430; a good client does not notice."""

    # A view that changes all over goes out rarely, by what it costs: here it must be often enough to fill the queue.
    options = ("--queue-bytes", "65536", "--conflation-max-ms", "20")

    def test_a_reader_that_stops_is_closed_and_costs_nobody_anything(self):
        admin = self.server.open()
        admin.must("channel.put", id="wa", kind="webchat", name="W")
        contact = admin.must("contact.create", channels=[{"channel": "wa", "external_id": "1"}])["contact"]["id"]
        stuck = [self.server.open(sub=f"slow{i}", peer_options={"receive_buffer": 4096}) for i in range(5)]
        for peer in stuck:
            peer.must("contact.subscribe", contact=contact)
        before = self.server.resident_bytes()
        slowest = 0
        text = "x" * 15_000
        closed = lambda: self.server.metric("inboxd_closed_slow_total")
        for i in range(1500):
            started = time.monotonic()
            admin.must("comment.add", contact=contact, text=text)
            slowest = max(slowest, time.monotonic() - started)
            if i % 50 == 49 and closed() >= len(stuck):
                break
        until(lambda: closed() >= len(stuck), "closed with 4430")
        for peer in stuck:
            self.assertEqual(peer.closed_code(), 4430)
        self.assertLess(slowest, 15)  # had it waited for one that does not read, it would be 30 s
        self.assertLess(self.server.resident_bytes() - before, 200 << 20)

    def test_a_view_that_was_not_read_is_reset_then_goes_on(self):
        connector_channel = "sms"
        admin = self.server.open()
        admin.must("channel.put", id=connector_channel, kind="sms", name="S")
        reader = self.server.open(sub="reader", peer_options={"receive_buffer": 4096})
        reader.must("view.subscribe", view="all", limit=200)
        connector = self.server.open(sub="c", kind="connector", channel=connector_channel)
        number = 0
        before = self.server.metric("inboxd_dropped_pushes_total")
        while self.server.metric("inboxd_dropped_pushes_total") == before:
            batch = []
            for _ in range(100):
                number += 1
                params = {"external_id": f"{number % 150}", "provider_id": f"p{number}", "type": "text"}
                batch.append(connector.request("inbound.receive", {**params, "text": "y" * 200}))
            connector.send(batch)
            connector.read()
            self.assertLess(number, 100_000)
        rows, offset = None, 0
        while rows is None:
            params = reader.push("view.reset")
            rows, offset = params["rows"], params["offset"]
        self.assertTrue(rows)
        # After the reset the list is the engine's own.
        probe = self.server.open(sub="probe")
        snapshot = probe.must("view.subscribe", view="all", limit=200)
        if snapshot["offset"] == offset:
            self.assertEqual([r["id"] for r in rows], [r["id"] for r in snapshot["rows"]])

    def fill_queue(self, reader, admin, contact):
        """Deltas of counters and workload are small: a contact's comments, which nobody reads, fill the queue before them."""
        reader.must("contact.subscribe", contact=contact)
        for _ in range(2_000):
            if self.server.metric("inboxd_queued_bytes") > 65_536:
                break
            admin.must("comment.add", contact=contact, text="z" * 8_000)

    def test_s34_counters_that_were_not_read_are_reset_then_go_on(self):
        admin = self.server.open()
        reader = self.server.open(sub="reader", peer_options={"receive_buffer": 4096})
        views = ["all", "unassigned"]
        answer = reader.must("counters.subscribe", views=views)
        counters, offset = answer["counters"], answer["offset"]
        contact = admin.must("contact.create", first_name="Full")["contact"]["id"]
        metric = self.server.metric
        self.fill_queue(reader, admin, contact)
        dropped = metric("inboxd_dropped_pushes_total")
        for number in range(2_000):
            if metric("inboxd_dropped_pushes_total") > dropped:
                break
            admin.must("contact.create", first_name=f"n{number}")
        self.assertGreater(metric("inboxd_dropped_pushes_total"), dropped)

        was_reset = False
        last = admin.must("contact.create", first_name="Last")
        while not was_reset or offset < last["offset"]:
            message = reader.read()
            params = message["params"]
            if message["method"] == "counters.reset":
                was_reset, counters, offset = True, params["counters"], params["offset"]
            elif message["method"] == "counters.delta":
                self.assertGreater(params["offset"], offset)
                counters, offset = {**counters, **params["counters"]}, params["offset"]
        self.assertEqual(counters, admin.must("counters.subscribe", views=views)["counters"])


    def test_a_wallboard_that_was_not_read_is_reset_then_goes_on(self):
        admin = self.server.open()
        admin.must("channel.put", id="board", kind="webchat", name="B")
        connector = self.server.open(sub="board", kind="connector", channel="board")
        message = {"type": "text", "text": "x"}
        contact = connector.must("inbound.receive", external_id="0", provider_id="0", **message)["contact"]
        reader = self.server.open(sub="wall", peer_options={"receive_buffer": 4096})
        answer = reader.must("workload.subscribe")
        board, offset = Wallboard(answer["workload"]), answer["offset"]
        metric = self.server.metric
        self.fill_queue(reader, admin, contact)
        dropped, closed = metric("inboxd_dropped_pushes_total"), metric("inboxd_closed_slow_total")
        came = 0
        while metric("inboxd_dropped_pushes_total") == dropped:
            came += 1
            self.assertLess(came, 2_000)
            last = connector.must("inbound.receive", external_id=f"{came}", provider_id=f"{came}", **message)

        was_reset = False
        last = admin.must("contact.assign", contact=last["contact"], assignee="wall")
        while not was_reset or offset < last["offset"]:
            message = reader.read()
            params = message["params"]
            if message["method"] == "workload.reset":
                was_reset, board, offset = True, Wallboard(params["workload"]), params["offset"]
            elif message["method"] == "workload.delta":
                self.assertGreater(params["offset"], offset)
                board.fold(params["workload"])
                offset = params["offset"]
        self.assertEqual(board.messages, {"in": came, "out": 0})
        fresh = Wallboard(admin.must("workload.subscribe")["workload"])
        self.assertEqual((board.total, board.groups), (fresh.total, fresh.groups))
        self.assertEqual(metric("inboxd_closed_slow_total"), closed)


class Wallboard:
    """A client's copy of the workload."""

    def __init__(self, workload):
        self.total, self.groups, self.messages = None, {}, {"in": 0, "out": 0}
        self.fold(workload)

    def fold(self, workload):
        self.total = workload.get("total", self.total)
        for kind in ("agents", "teams", "channels"):
            for group, load in workload.get(kind, {}).items():
                self.groups[kind, group] = load
        self.groups = {key: load for key, load in self.groups.items() if load is not None}
        self.messages = {way: self.messages[way] + workload.get("messages", {}).get(way, 0) for way in self.messages}


class Hammering(ServerCase):
    options = ("--commands-per-s", "200")

    def test_requests_over_the_rate_wait_and_hammering_is_4429(self):
        good = self.server.open(sub="good")
        bad = self.server.open(sub="bad")
        frame = Peer.encode(TEXT, json.dumps(bad.request("view.list")).encode())
        refused = 0
        code = None
        try:
            for _ in range(20):
                bad.raw(frame * 100)
            while True:
                answer = bad.read()
                if answer.get("error", {}).get("data", {}).get("reason") == "rate_limited":
                    self.assertGreater(answer["error"]["data"]["retry_after_ms"], 0)
                    refused += 1
        except Closed as closed:
            code = closed.code
        except (ConnectionResetError, BrokenPipeError):
            pass
        self.assertGreater(refused, 0)
        self.assertIn(code, (4429, None))
        self.assertIn("result", good.call("view.list"))


class InFlight(ServerCase):
    def test_more_requests_than_may_be_in_flight_are_all_answered_in_time(self):
        peer = self.server.open()
        count = 5000
        frames = b"".join(
            Peer.encode(TEXT, json.dumps(peer.request("contact.create", {"first_name": "x"})).encode())
            for _ in range(count)
        )
        writer = threading.Thread(target=peer.raw, args=(frames,))
        writer.start()
        ids = {peer.read()["id"] for _ in range(count)}
        writer.join()
        self.assertEqual(len(ids), count)


class ConnectionLimit(ServerCase):
    options = ("--max-connections", "5")

    def test_connections_over_the_limit_are_turned_away_and_room_comes_back(self):
        peers = [self.server.open(sub=f"a{i}") for i in range(5)]
        with self.assertRaises((Closed, ConnectionResetError)):
            Peer(self.server)
        self.assertIn("result", peers[0].call("view.list"))
        peers.pop().close()

        def room():
            try:
                return Peer(self.server).status == 101
            except (Closed, ConnectionResetError):
                return False

        until(room, "room for one more")


class Origins(ServerCase):
    options = ("--origin", "https://desk.example")

    def test_a_named_origin_may_connect(self):
        self.assertEqual(Peer(self.server, headers=["Origin: https://desk.example"]).status, 101)
        self.assertEqual(Peer(self.server, headers=["Origin: https://desk.example.evil"]).status, 403)


class Compression(ServerCase):
    options = ("--deflate",)

    def test_permessage_deflate_is_spoken_when_asked_for(self):
        peer = Peer(self.server, headers=["Sec-WebSocket-Extensions: permessage-deflate"])
        self.assertIn("permessage-deflate", peer.head)
        press = zlib.compressobj(wbits=-15)
        opening = peer.request("session.open", {"token": self.server.token()})
        text = json.dumps([opening, peer.request("rpc.discover")]).encode()
        packed = press.compress(text) + press.flush(zlib.Z_SYNC_FLUSH)
        peer.raw(Peer.encode(TEXT, packed[:-4], rsv=4))
        data = b""
        while True:
            first, second = peer.take(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", peer.take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", peer.take(8))[0]
            if not data:
                self.assertTrue(first & 0x40, "not compressed")
            data += peer.take(size)
            if first & 0x80:
                break
        self.assertLess(len(data), 20_000)
        document = json.loads(zlib.decompressobj(wbits=-15).decompress(data + b"\x00\x00\xff\xff"))
        self.assertEqual(document[1]["result"]["openrpc"], "1.2.6")

    def test_the_limit_of_a_frame_counts_what_it_unpacks_to(self):
        peer = Peer(self.server, headers=["Sec-WebSocket-Extensions: permessage-deflate"])
        press = zlib.compressobj(wbits=-15)
        packed = press.compress(b" " * (64 << 20)) + press.flush(zlib.Z_SYNC_FLUSH)
        self.assertLess(len(packed), 100_000)
        before = self.server.resident_bytes()
        try:
            peer.raw(Peer.encode(TEXT, packed[:-4], rsv=4))
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.assertIn(peer.closed_code(), (1009, None))
        self.assertLess(self.server.resident_bytes() - before, 8 << 20)

    def test_what_does_not_unpack_ends_the_connection_and_nothing_else(self):
        peer = Peer(self.server, headers=["Sec-WebSocket-Extensions: permessage-deflate"])
        peer.raw(Peer.encode(TEXT, b"\xff\xff\xff\xff", rsv=4))
        self.assertIn(peer.closed_code(), (1002, 1007, None))
        self.assertEqual(self.server.get("/healthz")[0], 200)

    def test_a_client_without_it_is_served_as_ever(self):
        peer = self.server.open()
        self.assertNotIn("permessage-deflate", peer.head)
        self.assertIn("result", peer.call("view.list"))


class Tls(unittest.TestCase):
    @staticmethod
    def make_certificate(directory, name):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}",
             "-keyout", os.path.join(directory, "key.pem"), "-out", os.path.join(directory, "cert.pem")],
            check=True, capture_output=True,
        )  # fmt: skip

    def test_tls_is_spoken_and_the_certificate_read_again_on_sighup(self):
        import ssl
        import tempfile

        with tempfile.TemporaryDirectory() as directory:
            self.make_certificate(directory, "first")
            server = Server(PROGRAM, "--tls-cert", f"{directory}/cert.pem", "--tls-key", f"{directory}/key.pem")
            try:
                self.assertEqual(server.scheme, "https")
                peer = Peer(server, tls=True)
                peer.must("session.open", token=server.token())
                self.assertIn("result", peer.call("view.list"))
                before = ssl.get_server_certificate(("127.0.0.1", server.port))
                self.make_certificate(directory, "second")
                server.process.send_signal(signal.SIGHUP)
                until(lambda: ssl.get_server_certificate(("127.0.0.1", server.port)) != before, "the new one")
                self.assertIn("result", peer.call("view.list"))
                # Bad files change nothing, and the log says so.
                after = ssl.get_server_certificate(("127.0.0.1", server.port))
                with open(f"{directory}/cert.pem", "w") as file:
                    file.write("no certificate")
                server.process.send_signal(signal.SIGHUP)
                until(lambda: "the old TLS certificate stays" in server.log_text(), "said in the log")
                self.assertEqual(ssl.get_server_certificate(("127.0.0.1", server.port)), after)
                # Plain text to a TLS port is nobody's harm.
                with socket.create_connection(("127.0.0.1", server.port)) as raw:
                    raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    raw.settimeout(10)
                    raw.recv(100)
                self.assertIn("result", peer.call("view.list"))
            finally:
                server.clean_up()


class Stopping(unittest.TestCase):
    def test_sigterm_answers_what_is_in_flight_closes_with_1001_and_exits_with_0(self):
        server = Server(PROGRAM)
        try:
            peer = server.open()
            idle = Peer(server)
            count = 200
            requests = [peer.request("contact.create", {"first_name": "x"}) for _ in range(count)]
            for request in requests:
                peer.send(request)
            server.process.send_signal(signal.SIGTERM)
            answered, refused, code = 0, 0, None
            try:
                while True:
                    if "result" in peer.read():
                        answered += 1
                    else:
                        refused += 1
            except Closed as closed:
                code = closed.code
            self.assertEqual(code, 1001)
            self.assertEqual(idle.closed_code(), 1001)
            self.assertEqual(server.process.wait(20), 0)
            server.start()
            held = server.open().must("view.subscribe", view="all")["counters"]["contacts"]
            self.assertGreaterEqual(held, answered)
        finally:
            server.clean_up()


if __name__ == "__main__":
    main()
