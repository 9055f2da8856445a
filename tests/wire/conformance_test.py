"""RFC 6455 against the real server: the cases that the Autobahn suite covers, by raw peers."""

import json
import socket
import struct

from peer import BINARY, CLOSE, PING, PONG, TEXT, Closed, Peer
from suite import ServerCase, main


def padded(size):
    """A request of just this many bytes."""
    text = b'{"jsonrpc":"2.0","id":1,"method":"rpc.nothing"}'
    return text + b" " * (size - len(text))


class Framing(ServerCase):
    def answer_to(self, *frames):
        peer = self.server.open()
        for frame in frames:
            peer.raw(frame)
        return peer.read()

    def test_5_2_every_length_encoding_is_read(self):
        for size in (47, 125, 126, 127, 128, 65535, 65536, 65537, 200_000):
            with self.subTest(size=size):
                response = self.answer_to(Peer.encode(TEXT, padded(size)))
                self.assertEqual(response["error"]["code"], -32601)

    def test_5_2_every_length_encoding_is_written(self):
        peer = self.server.open()
        for method, count in (("rpc.nothing", 1), ("rpc.nothing", 20), ("rpc.discover", 1), ("rpc.discover", 5)):
            with self.subTest(method=method, count=count):
                peer.send([peer.request(method) for _ in range(count)])
                self.assertEqual(len(peer.read()), count)

    def test_bytes_may_come_one_at_a_time(self):
        peer = self.server.open()
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in Peer.encode(TEXT, padded(60)):
            peer.raw(bytes([byte]))
        self.assertEqual(peer.read()["id"], 1)

    def test_many_frames_may_come_at_once(self):
        peer = self.server.open()
        peer.raw(Peer.encode(TEXT, padded(60)) * 200)
        for _ in range(200):
            self.assertEqual(peer.read()["id"], 1)

    def test_frames_may_come_with_the_handshake(self):
        with socket.create_connection(("127.0.0.1", self.server.port)) as raw:
            raw.settimeout(10)
            raw.sendall(
                b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                + Peer.encode(TEXT, padded(60))
            )
            data = b""
            while b"unauthenticated" not in data:
                piece = raw.recv(4096)
                self.assertTrue(piece, data)
                data += piece

    def test_5_4_fragments_make_a_message(self):
        text = padded(300)
        frames = [Peer.encode(TEXT, text[:1], fin=False)]
        frames += [Peer.encode(0, text[i : i + 1], fin=False) for i in range(1, 299)]
        frames += [Peer.encode(0, text[299:])]
        self.assertEqual(self.answer_to(*frames)["id"], 1)

    def test_5_4_empty_fragments_count_nothing(self):
        frames = [Peer.encode(TEXT, b"", fin=False), Peer.encode(0, padded(50), fin=False), Peer.encode(0)]
        self.assertEqual(self.answer_to(*frames)["id"], 1)

    def test_5_4_control_frames_may_come_between_fragments(self):
        peer = self.server.open()
        text = padded(60)
        peer.frame(TEXT, text[:30], fin=False)
        peer.frame(PING, b"between")
        self.assertEqual(peer.read_frame(), (PONG, b"between"))
        peer.frame(0, text[30:])
        self.assertEqual(peer.read()["id"], 1)


class Breaches(ServerCase):
    def code_after(self, *frames, opened=True):
        peer = self.server.open() if opened else Peer(self.server)
        for frame in frames:
            peer.raw(frame)
        return peer.closed_code()

    def test_5_1_a_client_must_mask(self):
        self.assertEqual(self.code_after(Peer.encode(TEXT, padded(60), masked=False)), 1002)

    def test_5_2_reserved_bits(self):
        for rsv in (1, 2, 4, 7):
            with self.subTest(rsv=rsv):
                self.assertEqual(self.code_after(Peer.encode(TEXT, padded(60), rsv=rsv)), 1002)

    def test_5_2_reserved_opcodes(self):
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
            with self.subTest(opcode=opcode):
                self.assertEqual(self.code_after(Peer.encode(opcode, b"x")), 1002)

    def test_5_4_a_continuation_of_nothing(self):
        self.assertEqual(self.code_after(Peer.encode(0, b"x")), 1002)
        self.assertEqual(self.code_after(Peer.encode(0, b"x", fin=False)), 1002)

    def test_5_4_a_message_within_a_message(self):
        frames = [Peer.encode(TEXT, b"{", fin=False), Peer.encode(TEXT, b"}")]
        self.assertEqual(self.code_after(*frames), 1002)

    def test_5_5_control_frames_are_short_and_whole(self):
        for opcode in (PING, PONG, CLOSE):
            with self.subTest(opcode=opcode):
                self.assertEqual(self.code_after(Peer.encode(opcode, b"x" * 126)), 1002)
                self.assertEqual(self.code_after(Peer.encode(opcode, b"", fin=False)), 1002)

    def test_binary_frames_are_4400(self):
        self.assertEqual(self.code_after(Peer.encode(BINARY, padded(60))), 4400)
        self.assertEqual(self.code_after(Peer.encode(BINARY, b"\x00\xff"), opened=False), 4400)

    def test_messages_over_the_limit_are_1009(self):
        limit = 256 * 1024
        self.assertEqual(self.code_after(Peer.encode(TEXT, padded(limit + 1))), 1009)
        half = b" " * (limit // 2)
        frames = [Peer.encode(TEXT, half, fin=False), Peer.encode(0, half, fin=False), Peer.encode(0, b"x")]
        self.assertEqual(self.code_after(*frames), 1009)

    def test_a_length_beyond_reason_is_refused_before_it_comes(self):
        head = bytes([0x81, 0x80 | 127]) + struct.pack(">Q", 1 << 62) + b"mask"
        self.assertEqual(self.code_after(head), 1009)

    def test_the_server_stays_up(self):
        self.assertEqual(self.server.get("/healthz")[0], 200)


class Utf8(ServerCase):
    def code_after(self, *frames):
        peer = self.server.open()
        for frame in frames:
            peer.raw(frame)
        return peer.closed_code()

    def test_8_1_what_is_no_utf8_is_1007(self):
        for text in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80"):
            with self.subTest(text=text):
                self.assertEqual(self.code_after(Peer.encode(TEXT, b'"' + text + b'"')), 1007)

    def test_8_1_also_across_fragments(self):
        frames = [Peer.encode(TEXT, b'"\xe2\x82', fin=False), Peer.encode(0, b'x"')]
        self.assertEqual(self.code_after(*frames), 1007)

    def test_8_1_a_bad_byte_is_refused_without_waiting_for_the_end(self):
        self.assertEqual(self.code_after(Peer.encode(TEXT, b'"\xff', fin=False)), 1007)

    def test_a_character_may_be_split_over_fragments(self):
        peer = self.server.open()
        text = json.dumps(peer.request("contact.create", {"first_name": "Añá €𐍈"}), ensure_ascii=False).encode()
        for i in range(len(text) - 1):
            peer.frame(TEXT if i == 0 else 0, text[i : i + 1], fin=False)
        peer.frame(0, text[-1:])
        self.assertEqual(peer.read()["result"]["contact"]["first_name"], "Añá €𐍈")


class Control(ServerCase):
    def test_5_5_2_a_ping_is_answered_with_its_own_data(self):
        peer = self.server.open()
        for data in (b"", b"x", b"\x00\xff" * 62):
            peer.frame(PING, data)
            self.assertEqual(peer.read_frame(), (PONG, data))

    def test_5_5_2_pings_before_the_session_too(self):
        peer = Peer(self.server)
        peer.frame(PING, b"early")
        self.assertEqual(peer.read_frame(), (PONG, b"early"))

    def test_5_5_3_a_pong_that_nobody_asked_for_is_nothing(self):
        peer = self.server.open()
        peer.frame(PONG, b"x")
        self.assertIn("result", peer.call("view.list"))

    def close_with(self, payload):
        peer = self.server.open()
        peer.frame(CLOSE, payload)
        try:
            while True:
                peer.read_frame()
        except Closed as closed:
            return closed.code

    def test_5_5_1_a_close_is_answered(self):
        self.assertIn(self.close_with(b""), (1000, 1005))
        for code in (1000, 1001, 1003, 1007, 1011, 3000, 4999):
            with self.subTest(code=code):
                self.assertEqual(self.close_with(struct.pack(">H", code) + b"bye"), code)

    def test_7_4_codes_that_must_not_be_sent_are_1002(self):
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2999):
            with self.subTest(code=code):
                self.assertEqual(self.close_with(struct.pack(">H", code)), 1002)

    def test_5_5_1_half_a_code_is_1002(self):
        self.assertEqual(self.close_with(b"\x03"), 1002)

    def test_5_5_1_a_reason_that_is_no_utf8_fails_the_connection(self):
        # Beast counts the whole payload as a breach of the protocol.
        self.assertEqual(self.close_with(struct.pack(">H", 1000) + b"\xff"), 1002)

    def test_7_1_what_follows_a_close_is_not_read(self):
        peer = self.server.open()
        peer.raw(Peer.encode(CLOSE, struct.pack(">H", 1000)) + Peer.encode(TEXT, padded(60)))
        self.assertEqual(peer.closed_code(), 1000)


class Handshake(ServerCase):
    def status(self, *, drop=(), change=None, path="/ws", verb="GET"):
        head = {
            "Host": "x",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
            **(change or {}),
        }
        lines = [f"{verb} {path} HTTP/1.1"] + [f"{k}: {v}" for k, v in head.items() if k not in drop]
        with socket.create_connection(("127.0.0.1", self.server.port)) as raw:
            raw.settimeout(10)
            raw.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
            data = b""
            while b"\r\n" not in data:
                piece = raw.recv(4096)
                if not piece:
                    return None
                data += piece
            return int(data.split()[1])

    def test_4_2_a_good_one(self):
        self.assertEqual(self.status(), 101)
        self.assertEqual(self.status(change={"Connection": "keep-alive, Upgrade"}), 101)
        self.assertEqual(self.status(path="/ws?x=1"), 101)

    def test_4_2_bad_ones_are_refused(self):
        self.assertEqual(self.status(drop=["Sec-WebSocket-Key"]), 400)
        self.assertEqual(self.status(drop=["Host"]), 400)
        self.assertEqual(self.status(change={"Sec-WebSocket-Version": "8"}), 426)
        self.assertEqual(self.status(path="/elsewhere"), 404)
        self.assertEqual(self.status(drop=["Upgrade"]), 426)

    def test_what_is_no_http_is_refused(self):
        with socket.create_connection(("127.0.0.1", self.server.port)) as raw:
            raw.settimeout(10)
            raw.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            self.assertIn(b"400", raw.recv(4096))

    def test_pages_of_other_origins_are_refused(self):
        self.assertEqual(Peer(self.server, headers=["Origin: https://evil.example"]).status, 403)
        own = f"Origin: http://127.0.0.1:{self.server.port}"
        self.assertEqual(Peer(self.server, headers=[own]).status, 101)


if __name__ == "__main__":
    main()
