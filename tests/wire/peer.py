"""Raw peers for the wire tests: a WebSocket client that can also break every rule, and the server
under test. Python's standard library only."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
DEADLINE_S = 20


class Closed(Exception):
    """The server closed: with a close code, or None for the bare end of the stream."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code = code
        self.reason = reason


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mask(data, key):
    if not data:
        return data
    repeated = (key * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(data), "big")


def until(condition, what, deadline_s=DEADLINE_S):
    """Asks again and again, letting the server work in between; every wait has a deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not in time: {what}")
        threading.Event().wait(0.02)


class Peer:
    """One connection, WebSocket handshake done."""

    def __init__(self, server, headers=(), path="/ws", receive_buffer=None, tls=False):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(("127.0.0.1", server.port))
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self.rest = b""
        self.ids = 0
        self.pushes = []
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            *headers,
        ]
        self.raw("\r\n".join(lines).encode() + b"\r\n\r\n")
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        self.status = int(self.head.split()[1])
        if self.status == 101 and "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" not in self.head:
            raise AssertionError("wrong Sec-WebSocket-Accept")

    # Bytes.
    def raw(self, data):
        self.socket.sendall(data)

    def more(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise Closed(None)
        self.rest += data

    def take(self, size):
        while len(self.rest) < size:
            self.more()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    # Frames.
    @staticmethod
    def encode(opcode, payload=b"", fin=True, rsv=0, masked=True):
        head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
        bit = 0x80 if masked else 0
        size = len(payload)
        if size < 126:
            head += bytes([bit | size])
        elif size < 1 << 16:
            head += bytes([bit | 126]) + struct.pack(">H", size)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", size)
        if not masked:
            return head + payload
        key = os.urandom(4)
        return head + key + mask(payload, key)

    def frame(self, opcode, payload=b"", **how):
        self.raw(self.encode(opcode, payload, **how))

    def read_frame(self):
        """(opcode, payload) of the next frame; a close is answered and raised."""
        first, second = self.take(2)
        assert first & 0x70 == 0, "reserved bits without an extension"
        assert second & 0x80 == 0, "a server never masks"
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        payload = self.take(size)
        opcode = first & 0x0F
        if opcode == CLOSE:
            code = struct.unpack(">H", payload[:2])[0] if payload else 1005
            try:
                self.frame(CLOSE, payload[:2])
            except OSError:
                pass
            raise Closed(code, payload[2:].decode())
        return opcode, payload

    def read(self):
        """The next text message, as JSON; pings are answered on the way."""
        while True:
            opcode, payload = self.read_frame()
            if opcode == PING:
                self.frame(PONG, payload)
            elif opcode == TEXT:
                return json.loads(payload)

    def closed_code(self):
        """Reads until the server closes."""
        try:
            while True:
                self.read_frame()
        except Closed as closed:
            return closed.code
        except ConnectionResetError:
            return None

    # JSON-RPC.
    def request(self, method, params=None):
        self.ids += 1
        return {"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params or {}}

    def send(self, message):
        self.frame(TEXT, json.dumps(message).encode())

    def call(self, method, **params):
        """The response; notifications that come before it are kept in `pushes`."""
        request = self.request(method, params)
        self.send(request)
        while True:
            message = self.read()
            if "id" in message and message["id"] == request["id"]:
                return message
            self.pushes.append(message)

    def must(self, method, **params):
        response = self.call(method, **params)
        assert "result" in response, response
        return response["result"]

    def push(self, method):
        """The next notification of this method."""
        while True:
            for i, message in enumerate(self.pushes):
                if message.get("method") == method:
                    return self.pushes.pop(i)["params"]
            self.pushes.append(self.read())

    def close(self):
        self.socket.close()


class Server:
    """The real inboxd on a free port and a temporary data directory."""

    def __init__(self, program, *options, listen="127.0.0.1:0"):
        self.listen = listen
        self.directory = tempfile.mkdtemp(prefix="inboxd-wire-")
        self.program = program
        self.options = options
        self.start()

    def start(self):
        self.log = open(os.path.join(self.directory, "log"), "a")
        self.process = subprocess.Popen(
            [self.program, "--data", self.data(), "--listen", self.listen, *self.options],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        line = self.process.stdout.readline()
        while line.startswith("starting on"):  # while it recovers
            line = self.process.stdout.readline()
        if "listening on" not in line:
            raise AssertionError(f"inboxd did not start: {line}{self.log_text()}")
        self.port = int(line.rsplit(":", 1)[1])
        self.scheme = "https" if "https" in line else "http"

    def data(self):
        return os.path.join(self.directory, "data")

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        code = self.process.wait(DEADLINE_S)
        self.process.stdout.close()
        self.log.close()
        return code

    def log_text(self):
        with open(os.path.join(self.directory, "log")) as log:
            return log.read()

    def clean_up(self):
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)
        shutil.rmtree(self.directory)

    def token(self, sub="ana", kind="agent", role="admin", ttl_s=600, **more):
        with open(os.path.join(self.data(), "signing.key"), "rb") as file:
            key = file.read()
        claims = {"sub": sub, "ws": "default", "kind": kind, "exp": int(time.time()) + ttl_s, **more}
        if kind != "connector":
            claims["role"] = role
        text = b64(b'{"alg":"HS256","typ":"JWT"}') + "." + b64(json.dumps(claims).encode())
        return text + "." + b64(hmac.new(key, text.encode(), hashlib.sha256).digest())

    def open(self, sub="ana", kind="agent", role="admin", peer_options=None, **more):
        peer = Peer(self, **(peer_options or {}))
        if peer.status == 503:  # it is there, and not ready yet: as if it were not there
            raise Closed(None, "503")
        peer.must("session.open", token=self.token(sub, kind, role, **more))
        return peer

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def get(self, path, headers=None, method="GET", body=None):
        """(status, headers, body) over HTTP."""
        request = urllib.request.Request(
            f"{self.scheme}://127.0.0.1:{self.port}{path}", data=body, headers=headers or {}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def metric(self, name):
        for line in self.get("/metrics")[2].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(f"no metric {name}")
