"""A TCP proxy that treats its connections badly: it delays, splits, stalls and cuts. Seeded."""

import random
import socket
import struct
import threading


class Proxy:
    """Listens on a free port; `calm` makes it pass everything on at once."""

    def __init__(self, target_port, seed):
        self.target_port = target_port
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.calm = False
        self.counts = {"connections": 0, "cuts": 0, "stalls": 0, "delays": 0, "splits": 0}
        self.ended = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()
                continue
            self.counts["connections"] += 1
            for end in (client, server):  # before anything is pumped: that may close both
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    def choose(self):
        """What happens to the next piece: (kind, a number in [0, 1))."""
        with self.lock:
            r = self.random.random()
            kind = "cut" if r < 0.004 else "stall" if r < 0.008 else "delay" if r < 0.1 else "split" if r < 0.4 else "pass"
            return ("pass" if self.calm else kind), self.random.random()

    def pump(self, source, target):
        try:
            while True:
                kind, amount = self.choose()
                data = source.recv(1 + int(amount * 200) if kind == "split" else 1 << 16)
                if not data:
                    break
                if kind == "cut":
                    self.counts["cuts"] += 1
                    target.sendall(data[: int(len(data) * amount)])  # in the middle of a frame, as it comes
                    for end in (source, target):  # a reset, not a polite end
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                if kind == "stall":
                    self.counts["stalls"] += 1
                    self.ended.wait(amount * 3)
                elif kind == "delay":
                    self.counts["delays"] += 1
                    self.ended.wait(amount * 0.05)
                elif kind == "split":
                    self.counts["splits"] += 1
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def close(self):
        self.ended.set()
        self.listener.close()
