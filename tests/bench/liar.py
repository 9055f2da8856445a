"""A relay between inbox-bench and the real inboxd that tells the truth but for what a test wants of
it: a function that is given each text of the server, with all that came before on that connection,
and gives the texts that are handed on."""

import re
import socket
import struct
import threading

from peer import DEADLINE_S, TEXT


def forward(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    close(target)


def close(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def frame(text):
    data = text.encode()
    head = bytes([0x80 | TEXT])
    if len(data) < 126:
        return head + bytes([len(data)]) + data
    if len(data) < 1 << 16:
        return head + bytes([126]) + struct.pack(">H", len(data)) + data
    return head + bytes([127]) + struct.pack(">Q", len(data)) + data


class Stream:
    def __init__(self, sock):
        self.sock = sock
        self.rest = b""

    def exactly(self, count):
        while len(self.rest) < count:
            data = self.sock.recv(1 << 16)
            if not data:
                raise EOFError
            self.rest += data
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def head(self):
        text = b""
        while not text.endswith(b"\r\n\r\n"):
            text += self.exactly(1)
        return text

    def frame(self):
        """(first byte, the whole frame as it came, its payload)"""
        head = self.exactly(2)
        length = head[1] & 0x7F
        more = b""
        if length == 126:
            more = self.exactly(2)
            length = struct.unpack(">H", more)[0]
        elif length == 127:
            more = self.exactly(8)
            length = struct.unpack(">Q", more)[0]
        payload = self.exactly(length)
        return head[0], head + more + payload, payload


class Liar:
    """`make_lie` is called for each connection, so that a lie may remember what it saw. `page_lie` is
    given the body of each HTTP answer, and gives the one that is handed on."""

    def __init__(self, port, make_lie, page_lie=None):
        self.server_port = port
        self.make_lie = make_lie
        self.page_lie = page_lie
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                client, _ = self.listener.accept()
                self.sockets.append(client)
                threading.Thread(target=self.relay, args=(client,), daemon=True).start()
        except OSError:
            pass

    def relay(self, client):
        server = socket.create_connection(("127.0.0.1", self.server_port), DEADLINE_S)
        server.settimeout(None)
        self.sockets.append(server)
        try:
            # No compression: the texts must be readable.
            asked = re.sub(rb"Sec-WebSocket-Extensions:[^\r]*\r\n", b"", Stream(client).head(), flags=re.I)
            server.sendall(asked)
            threading.Thread(target=forward, args=(client, server), daemon=True).start()
            answers = Stream(server)
            if b"upgrade: websocket" not in asked.lower():
                return self.relay_page(answers, client) if self.page_lie else forward(server, client)
            client.sendall(answers.head())
            lie = self.make_lie()
            while True:
                first, whole, payload = answers.frame()
                texts = lie(payload.decode()) if first == 0x80 | TEXT else None
                client.sendall(whole if texts is None else b"".join(map(frame, texts)))
        except (EOFError, OSError):
            close(client)
            close(server)

    def relay_page(self, answers, client):
        head = answers.head()
        length = int(re.search(rb"content-length: *(\d+)", head, re.I)[1])
        body = self.page_lie(answers.exactly(length).decode()).encode()
        client.sendall(re.sub(rb"(content-length: *)\d+", rb"\g<1>%d" % len(body), head, flags=re.I) + body)
        close(client)

    def close(self):
        self.listener.close()
        for sock in self.sockets:
            close(sock)
            sock.close()
