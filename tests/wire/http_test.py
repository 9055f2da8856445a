"""The edges of HTTP: what is expected before a body, pages of other origins, slow and greedy clients,
timeouts, and warnings, against the real server."""

import json
import socket
import time
import unittest

from peer import PING, TEXT, Closed, Peer, Server, until
from suite import PROGRAM, ServerCase, main


class Raw:
    """Bytes over TCP."""

    def __init__(self, server, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", server.port))
        self.data = b""

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        piece = self.socket.recv(1 << 16)
        self.data += piece
        return piece

    def answer(self):
        """(status, headers, body) of the next response."""
        while b"\r\n\r\n" not in self.data:
            if not self.more():
                raise Closed(None)
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        size = int(headers.get("content-length", 0))
        while len(self.data) < size and self.more():
            pass
        body, self.data = self.data[:size], self.data[size:]
        return int(lines[0].split()[1]), headers, body

    def end(self):
        """Reads until the server closes."""
        try:
            while self.more():
                pass
        except ConnectionResetError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def post(server, body, *, token=None, length=None, headers=()):
    lines = [
        "POST /rpc HTTP/1.1",
        "Host: x",
        f"Content-Length: {len(body) if length is None else length}",
        *([f"Authorization: Bearer {token}"] if token else []),
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


LIST = b'{"jsonrpc":"2.0","id":1,"method":"view.list"}'


class Expecting(ServerCase):
    def test_100_continue_is_answered_before_the_body_comes(self):
        with Raw(self.server) as raw:
            head = post(self.server, b"", token=self.server.token(), length=len(LIST), headers=["Expect: 100-continue"])
            raw.send(head)
            self.assertEqual(raw.answer()[0], 100)
            raw.send(LIST)
            status, _, body = raw.answer()
            self.assertEqual(status, 200)
            self.assertIn("result", json.loads(body))
            # And the connection goes on.
            raw.send(post(self.server, LIST, token=self.server.token()))
            self.assertEqual(raw.answer()[0], 200)

    def test_a_body_over_the_limit_is_refused_before_it_comes(self):
        with Raw(self.server) as raw:
            raw.send(post(self.server, b"", length=99_999_999, headers=["Expect: 100-continue"]))
            self.assertEqual(raw.answer()[0], 413)

    def test_a_body_that_comes_at_once_needs_no_100_but_may_get_one(self):
        with Raw(self.server) as raw:
            raw.send(post(self.server, LIST, token=self.server.token(), headers=["Expect: 100-continue"]))
            self.assertIn("result", json.loads(next(b for s, _, b in iter(raw.answer, None) if s == 200)))

    def test_another_expectation_is_417(self):
        with Raw(self.server) as raw:
            raw.send(post(self.server, b"", length=10, headers=["Expect: a-miracle"]))
            self.assertEqual(raw.answer()[0], 417)

    def test_requests_one_after_the_other_are_answered_in_order(self):
        with Raw(self.server) as raw:
            ids = range(20)
            bodies = [json.dumps({"jsonrpc": "2.0", "id": i, "method": "view.list"}).encode() for i in ids]
            raw.send(b"".join(post(self.server, body, token=self.server.token()) for body in bodies))
            self.assertEqual([json.loads(raw.answer()[2])["id"] for _ in ids], list(ids))

    def test_what_is_no_http_is_400(self):
        with Raw(self.server) as raw:
            raw.send(b"\x16\x03\x01 hello\r\n\r\n")
            self.assertEqual(raw.answer()[0], 400)

    def test_a_head_without_end_is_431(self):
        with Raw(self.server) as raw:
            raw.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000)
            self.assertEqual(raw.answer()[0], 431)


class OtherOrigins(ServerCase):
    """Pages of other origins, at /rpc as at /ws: `--origin` says which."""

    options = ("--origin", "https://desk.example", "--origin", "https://other.example")

    def preflight(self, origin):
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        return self.server.get("/rpc", headers, "OPTIONS")

    def test_a_browser_is_told_that_a_named_origin_may_call(self):
        status, headers, body = self.preflight("https://desk.example")
        self.assertEqual((status, body), (204, b""))
        self.assertEqual(headers["Access-Control-Allow-Origin"], "https://desk.example")
        self.assertEqual(headers["Access-Control-Allow-Methods"], "POST")
        self.assertEqual(headers["Access-Control-Allow-Headers"].lower(), "authorization, content-type")
        self.assertIn("Origin", headers["Vary"])
        self.assertNotIn("Access-Control-Allow-Credentials", headers)

    def test_the_answer_may_be_read_by_it_errors_too(self):
        for token, expected in ((self.server.token(), 200), ("nonsense", 401)):
            headers = {"Origin": "https://other.example", "Authorization": "Bearer " + token}
            status, answered, _ = self.server.get("/rpc", headers, "POST", LIST)
            self.assertEqual(status, expected)
            self.assertEqual(answered["Access-Control-Allow-Origin"], "https://other.example")

    def test_pages_of_any_other_origin_may_do_nothing(self):
        for origin in ("https://desk.example.evil", "http://desk.example", "https://evil.example", "null"):
            with self.subTest(origin=origin):
                status, headers, _ = self.preflight(origin)
                self.assertEqual(status, 403)
                self.assertNotIn("Access-Control-Allow-Origin", headers)
                asked = {"Origin": origin, "Authorization": "Bearer " + self.server.token()}
                self.assertEqual(self.server.get("/rpc", asked, "POST", LIST)[0], 403)
                self.assertEqual(Peer(self.server, headers=["Origin: " + origin]).status, 403)

    def test_the_server_s_own_pages_and_programs_need_no_naming(self):
        own = f"http://127.0.0.1:{self.server.port}"
        headers = {"Authorization": "Bearer " + self.server.token()}
        self.assertEqual(self.server.get("/rpc", {**headers, "Origin": own}, "POST", LIST)[0], 200)
        status, answered, _ = self.server.get("/rpc", headers, "POST", LIST)
        self.assertEqual(status, 200)
        self.assertNotIn("Access-Control-Allow-Origin", answered)

    def test_the_document_may_be_read_by_it_the_metrics_not(self):
        headers = {"Origin": "https://desk.example"}
        self.assertIn("Access-Control-Allow-Origin", self.server.get("/openrpc.json", headers)[1])
        self.assertNotIn("Access-Control-Allow-Origin", self.server.get("/metrics", headers)[1])


class Patience(ServerCase):
    options = (
        "--handshake-timeout-ms", "500", "--open-timeout-ms", "500", "--ping-after-ms", "500",
        "--idle-timeout-ms", "2500",
    )  # fmt: skip

    def test_a_head_that_does_not_end_is_waited_for_only_so_long(self):
        with Raw(self.server) as raw:
            raw.send(b"GET / HTTP/1.1\r\nHost:")
            raw.end()
            self.assertEqual(raw.data, b"")

    def test_a_body_that_drips_is_waited_for_only_so_long(self):
        with Raw(self.server) as raw:
            raw.send(post(self.server, LIST[:10], token=self.server.token(), length=len(LIST)))
            raw.end()
            self.assertEqual(raw.data, b"")

    def test_a_connection_that_says_nothing_is_closed(self):
        with Raw(self.server) as raw:
            raw.end()

    def test_an_http_connection_that_is_kept_alive_is_not_kept_for_ever(self):
        with Raw(self.server) as raw:
            raw.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(raw.answer()[2], b"ok\n")
            raw.end()

    def test_a_session_that_is_never_opened_is_closed_with_4408(self):
        self.assertEqual(Peer(self.server).closed_code(), 4408)

    def test_a_silent_client_is_pinged_and_one_that_does_not_answer_is_closed(self):
        peer = self.server.open()
        self.assertEqual(peer.read_frame()[0], PING)
        started = time.monotonic()
        with self.assertRaises((Closed, ConnectionResetError)):
            while True:
                self.assertEqual(peer.read_frame()[0], PING)  # and never a pong for it
        self.assertGreater(time.monotonic() - started, 0.5)

    def test_a_silent_client_that_answers_pings_stays(self):
        peer = self.server.open()
        end = time.monotonic() + 4
        while time.monotonic() < end:
            opcode, payload = peer.read_frame()
            self.assertEqual(opcode, PING)
            peer.frame(10, payload)
        peer.send(peer.request("view.list"))
        self.assertIn("result", peer.read())


class TlsPatience(unittest.TestCase):
    def test_a_tls_handshake_is_waited_for_only_so_long(self):
        import tempfile
        from behaviour_test import Tls

        with tempfile.TemporaryDirectory() as directory:
            Tls.make_certificate(directory, "one")
            server = Server(
                PROGRAM, "--tls-cert", f"{directory}/cert.pem", "--tls-key", f"{directory}/key.pem",
                "--handshake-timeout-ms", "500",
            )  # fmt: skip
            try:
                with Raw(server) as raw:
                    raw.send(b"\x16\x03\x01")
                    raw.end()
                self.assertIn("result", Peer(server, tls=True).call("session.open", token=server.token()))
            finally:
                server.clean_up()


class Greed(ServerCase):
    """Bounds of all sessions together, and of HTTP."""

    options = ("--queue-bytes", "262144", "--queue-bytes-total", "524288", "--in-flight-total", "64")

    def test_a_client_that_asks_without_reading_costs_bounded_memory(self):
        before = self.server.resident_bytes()
        with Raw(self.server, receive_buffer=4096) as raw:
            raw.socket.settimeout(1)
            request = b"GET /openrpc.json HTTP/1.1\r\nHost: x\r\n\r\n"
            sent = 0
            try:
                while sent < 4000:
                    raw.send(request * 100)
                    sent += 100
            except TimeoutError:
                pass
            # Each answer is tens of kilobytes: thousands of them would be hundreds of megabytes.
            self.assertLess(self.server.resident_bytes() - before, 32 << 20)
            self.assertIn(b"ok", self.server.get("/healthz")[2])

    def test_many_greedy_sessions_are_all_served_and_a_modest_one_does_not_notice(self):
        greedy = [self.server.open(sub=f"g{i}") for i in range(10)]
        modest = self.server.open(sub="modest")
        count = 400
        create = {"first_name": "x"}
        for peer in greedy:
            requests = [peer.request("contact.create", create) for _ in range(count)]
            peer.raw(b"".join(Peer.encode(TEXT, json.dumps(r).encode()) for r in requests))
        for _ in range(20):
            self.assertIn("result", modest.call("view.list"))
            in_flight = self.server.metric("inboxd_in_flight")
            # Once 64 are in flight a session is read from only while it has fewer than 8 itself.
            self.assertLess(in_flight, 64 + 11 * 8)
        for peer in greedy:
            answers = [peer.read() for _ in range(count)]
            self.assertTrue(all("result" in answer for answer in answers))

    def test_when_all_queues_together_are_full_those_who_are_behind_are_slow_and_nobody_else(self):
        admin = self.server.open()
        admin.must("channel.put", id="web", kind="webchat", name="W")
        made = admin.must("contact.create", channels=[{"channel": "web", "external_id": "1"}])
        contact = made["contact"]["id"]
        good = self.server.open(sub="good")
        good.must("contact.subscribe", contact=contact)
        stuck = [self.server.open(sub=f"s{i}", peer_options={"receive_buffer": 4096}) for i in range(12)]
        for peer in stuck:
            peer.must("contact.subscribe", contact=contact)
        closed = lambda: self.server.metric("inboxd_closed_slow_total")
        most = 0
        for i in range(1000):
            admin.must("comment.add", contact=contact, text=f"{i} " + "x" * 15_000)
            entries = good.push("contact.delta")["entries"]
            self.assertTrue(entries[-1]["text"].startswith(f"{i} "))
            if i % 5 == 0:
                most = max(most, self.server.metric("inboxd_queued_bytes"))
                if closed() >= len(stuck):
                    break
        until(lambda: closed() >= len(stuck), "all the stuck ones closed with 4430")
        # Twelve full queues of 256 KiB would be 3 MiB; past 512 KiB in all the bound of each is 64 KiB.
        self.assertLess(most, 2 << 20)


class Warnings(unittest.TestCase):
    def log_of(self, *options, listen):
        server = Server(PROGRAM, *options, listen=listen)
        try:
            return server.log_text()
        finally:
            server.clean_up()

    def test_plain_text_to_other_machines_is_warned_of(self):
        self.assertIn("in plain text to other machines", self.log_of(listen="0.0.0.0:0"))

    def test_plain_text_to_this_machine_is_not(self):
        self.assertNotIn("plain text", self.log_of(listen="127.0.0.1:0"))


if __name__ == "__main__":
    main()
