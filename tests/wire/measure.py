"""Prints what idle sessions cost and how a reconnect storm goes, against the real server:

    INBOXD_BINARY=build/release/bin/inboxd python3 tests/wire/measure.py [SESSIONS=5000]

The storm: every client comes back at once, opens its session and resumes a view, while clients that
stayed ask every 10 ms. One process plays all the clients, so its own time is in the figures."""

import json
import resource
import selectors
import socket
import sys
import threading
import time

from peer import TEXT, Peer, Server
from suite import PROGRAM

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def come_back(server, count, token):
    """Connects `count` clients at once; returns the sockets and each one's time to its snapshot."""
    requests = Peer.encode(
        TEXT, json.dumps({"jsonrpc": "2.0", "id": 1, "method": "session.open", "params": {"token": token}}).encode()
    ) + Peer.encode(
        TEXT, json.dumps({"jsonrpc": "2.0", "id": 2, "method": "view.subscribe", "params": {"view": "all"}}).encode()
    )
    selector = selectors.DefaultSelector()
    started = time.monotonic()
    sockets, times = [], []
    for _ in range(count):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", server.port))
        sockets.append(one)
        selector.register(one, selectors.EVENT_WRITE, [b""])
    while len(times) < count:
        events = selector.select(30)
        if not events:
            raise AssertionError(f"{count - len(times)} clients were left waiting")
        for key, mask in events:
            if mask & selectors.EVENT_WRITE:
                key.fileobj.send(HANDSHAKE + requests)
                selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
                continue
            data = key.fileobj.recv(65536)
            if not data:
                raise AssertionError("a client was turned away")
            key.data[0] += data
            if b'"id":2' in key.data[0]:
                times.append(time.monotonic() - started)
                selector.unregister(key.fileobj)
    return sockets, times


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = Server(PROGRAM)
    try:
        admin = server.open()
        for i in range(50):
            admin.must("contact.create", first_name=f"Customer {i}")
        token = server.token(sub="crowd", role="agent")

        before = server.resident_bytes()
        sockets, times = come_back(server, count, token)
        cost = (server.resident_bytes() - before) / count
        print(f"{count} sessions with a view each: {cost / 1024:.1f} KiB of resident memory a session")
        for one in sockets:
            one.close()

        stop, waits = threading.Event(), []

        def stay():
            while not stop.wait(0.01):
                started = time.monotonic()
                admin.must("view.list")
                waits.append(time.monotonic() - started)

        thread = threading.Thread(target=stay)
        thread.start()
        sockets, times = come_back(server, count, token)
        stop.set()
        thread.join()
        times.sort()
        waits.sort()
        print(
            f"reconnect storm of {count}: snapshot after {times[len(times) // 2]:.2f} s (median), {times[-1]:.2f} s (last);"
            f" who stayed waited {waits[len(waits) // 2] * 1000:.0f} ms (median), {waits[-1] * 1000:.0f} ms (longest)"
        )
        for one in sockets:
            one.close()
    finally:
        server.clean_up()


if __name__ == "__main__":
    main()
