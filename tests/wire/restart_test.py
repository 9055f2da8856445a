"""Restarts under load: inboxd is told to stop (SIGTERM), and started again, while clients send. What
was acknowledged is there, once; what was not is sent again and is there once, too; every
subscription goes on where it was, or says honestly that it cannot."""

import contextlib
import signal
import socket
import threading
import unittest

from fold import FoldedContact, FoldedView
from peer import Closed, Server, until
from suite import PROGRAM, main

RESTARTS = 3
HANDSHAKES = 40  # under way when a server is told to stop
BETWEEN = 60  # acknowledged messages between two restarts
GONE = (Closed, ConnectionError, TimeoutError, OSError)


class Client(threading.Thread):
    """Keeps a session up until it is told to end. What it fails with is kept for the test."""

    def __init__(self, office, **claims):
        super().__init__(daemon=True)  # one that a failed test leaves behind holds nobody up
        self.office, self.claims = office, claims
        self.ending = threading.Event()
        self.failure = None
        self.closes = []

    def run(self):
        try:
            while not self.ending.is_set():
                try:
                    peer = self.office.server.open(**self.claims)
                    self.work(peer)
                    peer.close()
                except Closed as closed:
                    self.closes.append(closed.code)
                except GONE:
                    pass  # nobody listens at the moment
                except AssertionError as error:
                    # An honest "not now": everything else is a failure.
                    if "unavailable" not in str(error):
                        raise
                self.ending.wait(0.02)
        except BaseException as error:
            self.failure = error

    def end(self):
        self.ending.set()
        self.join(60)
        assert not self.is_alive(), "a client does not end"
        if self.failure:
            raise self.failure


class Customer(Client):
    """A connector's customer: each message is sent until it is acknowledged."""

    def __init__(self, office, number):
        super().__init__(office, sub=f"c{number}", kind="connector", channel="web")
        self.number, self.sent, self.acknowledged = number, 0, []
        self.waiting = None
        self.contact = None
        self.repeated = 0

    def work(self, peer):
        while not self.ending.is_set():
            if self.waiting is None:
                self.sent += 1
                self.waiting = f"customer {self.number} message {self.sent}"
            result = peer.must(
                "inbound.receive", external_id=str(self.number), provider_id=self.waiting, type="text", text=self.waiting
            )
            self.repeated += result["duplicate"]
            self.contact = result["contact"]
            self.acknowledged.append(self.waiting)
            self.waiting = None


class Agent(Client):
    """Answers a customer; each answer is sent until it is acknowledged."""

    def __init__(self, office, number, contact):
        super().__init__(office, sub=f"a{number}", role="agent")
        self.number, self.contact, self.sent, self.acknowledged = number, contact, 0, []
        self.waiting = None

    def work(self, peer):
        while not self.ending.is_set():
            if self.waiting is None:
                self.sent += 1
                self.waiting = f"agent {self.number} answer {self.sent}"
            peer.must("message.send", contact=self.contact, text=self.waiting, client_id=self.waiting)
            self.acknowledged.append(self.waiting)
            self.waiting = None


class Onlooker(Client):
    """Looks at a list and a conversation, and comes back where it was."""

    def __init__(self, office, contact):
        super().__init__(office, sub="looker", role="manager")
        self.view, self.conversation = FoldedView("all", limit=20), FoldedContact(contact)
        self.counters = None

    def work(self, peer):
        peer.socket.settimeout(0.2)
        self.subscribe(peer)
        while not self.ending.is_set():
            try:
                self.take(peer.read())
            except TimeoutError:
                pass

    def subscribe(self, peer):
        peer.socket.settimeout(20)
        self.view.subscribe(peer)
        self.conversation.subscribe(peer)
        answer = peer.must("counters.subscribe", views=["all"])
        self.counters, self.counters_sub = answer["counters"], answer["sub"]
        kept, peer.pushes = peer.pushes, []
        for message in kept:
            self.take(message)
        peer.socket.settimeout(0.2)

    def take(self, message):
        self.view.take(message)
        self.conversation.take(message)
        params = message.get("params", {})
        if params.get("sub") == self.counters_sub:
            self.counters.update(params["counters"])


class Deliverer(Client):
    """The connector's other side: takes what is to be delivered, and says that it was sent."""

    def __init__(self, office):
        super().__init__(office, sub="out", kind="connector", channel="web")
        self.delivered = {}  # (contact, seq): text
        self.times = 0

    def work(self, peer):
        for delivery in peer.must("outbox.subscribe")["deliveries"]:
            self.deliver(peer, delivery)
        peer.socket.settimeout(0.2)
        while not self.ending.is_set():
            try:
                message = peer.pushes.pop(0) if peer.pushes else peer.read()
            except TimeoutError:
                continue
            if message.get("method") == "outbox.deliver":
                for delivery in message["params"]["deliveries"]:
                    self.deliver(peer, delivery)

    def deliver(self, peer, delivery):
        key = (delivery["contact"], delivery["seq"])
        self.times += 1
        assert self.delivered.setdefault(key, delivery["entry"]["text"]) == delivery["entry"]["text"]
        peer.socket.settimeout(20)
        peer.must("outbox.sent", contact=key[0], seq=key[1], provider_id=f"{key[0]}-{key[1]}")
        peer.socket.settimeout(0.2)


class Restarts(unittest.TestCase):
    def setUp(self):
        self.server = Server(PROGRAM)
        self.addCleanup(self.server.clean_up)
        self.server.open().must("channel.put", id="web", kind="webchat", name="Web")

    def restart(self):
        self.assertEqual(self.server.stop(signal.SIGTERM), 0)
        self.server.listen = f"127.0.0.1:{self.server.port}"
        self.server.start()

    def test_a_stop_in_the_middle_of_handshakes_ends(self):
        upgrade = (
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        with contextlib.ExitStack() as stack:
            address = ("127.0.0.1", self.server.port)
            sockets = [stack.enter_context(socket.create_connection(address)) for _ in range(HANDSHAKES)]
            for number, one in enumerate(sockets):
                with contextlib.suppress(ConnectionError):  # it may have been turned away by now
                    one.sendall(upgrade)
                if number == HANDSHAKES // 2:
                    self.server.process.send_signal(signal.SIGTERM)
            self.restart()

    def timeline(self, peer, contact):
        entries, before = [], {}
        while True:
            page = peer.must("timeline.page", contact=contact, limit=200, **before)
            entries = page["entries"] + entries
            if not page["more"]:
                return entries
            before = {"before_seq": entries[0]["seq"]}

    def test_nothing_acknowledged_is_lost_nothing_comes_twice_and_subscriptions_go_on(self):
        customers = [Customer(self, n) for n in range(4)]
        for customer in customers:
            customer.start()
        until(lambda: all(customer.contact for customer in customers), "the first messages")
        agents = [Agent(self, n, customers[n].contact) for n in range(2)]
        onlooker, deliverer = Onlooker(self, customers[0].contact), Deliverer(self)
        clients = [*customers, *agents, onlooker, deliverer]
        for client in clients[len(customers) :]:
            client.start()

        def acknowledged():
            for client in clients:
                if client.failure:
                    raise client.failure
            return sum(len(client.acknowledged) for client in customers + agents)

        def onlooker_is_back(restarts):
            view, conversation = onlooker.view, onlooker.conversation
            return onlooker.failure or (
                onlooker.counters is not None
                and view.recovered + view.afresh == restarts
                and conversation.recovered + conversation.afresh == restarts
            )

        for restarts in range(RESTARTS + 1):
            goal = acknowledged() + BETWEEN
            until(lambda: acknowledged() >= goal, "work between restarts, or after the last")
            until(lambda: onlooker_is_back(restarts), "the onlooker")
            if restarts < RESTARTS:
                self.restart()
        for client in [*customers, *agents]:
            client.end()

        probe = self.server.open(sub="probe", role="admin")
        messages = {}
        for customer in customers:
            entries = self.timeline(probe, customer.contact)
            self.assertEqual([entry["seq"] for entry in entries], list(range(1, len(entries) + 1)))
            messages[customer.contact] = [e["text"] for e in entries if e["kind"] == "message"]
        everything = [text for texts in messages.values() for text in texts]
        self.assertEqual(len(set(everything)), len(everything), "something is there twice")
        for client in customers + agents:
            own = [t for t in everything if t in set(client.acknowledged)]
            # All that was acknowledged, in the order in which it was sent; at most the one that was
            # on its way at the end besides.
            self.assertEqual(own, client.acknowledged)
        more = set(everything) - {t for client in customers + agents for t in client.acknowledged}
        self.assertLessEqual(more, {client.waiting for client in customers + agents})

        # Every answer was delivered, and is `sent`.
        out = [t for texts in messages.values() for t in texts if t.startswith("agent")]
        until(lambda: len(deliverer.delivered) >= len(out) or deliverer.failure, "deliveries")
        deliverer.end()
        self.assertEqual(sorted(deliverer.delivered.values()), sorted(out))

        # The onlooker has what a fresh client gets.
        fresh = FoldedView("all", limit=20)
        fresh.subscribe(probe)
        until(lambda: onlooker.view.state() == fresh.state() or onlooker.failure, "the onlooker's list")
        until(lambda: onlooker.counters["all"] == fresh.counters or onlooker.failure, "the onlooker's counters")
        theirs = {e["seq"]: e for e in self.timeline(probe, customers[0].contact)}
        mine = onlooker.conversation.entries
        until(lambda: set(mine) and max(mine) == max(theirs) or onlooker.failure, "the onlooker's conversation")
        onlooker.end()
        self.assertTrue(all(theirs[seq] == entry for seq, entry in mine.items()))

        for client in clients:
            self.assertLessEqual(set(client.closes), {1001, None})
        self.assertEqual(onlooker.view.recovered + onlooker.view.afresh, RESTARTS)
        self.assertEqual(onlooker.conversation.recovered + onlooker.conversation.afresh, RESTARTS)
        print(
            f"{len(everything)} messages through {RESTARTS} restarts; "
            f"{sum(c.repeated for c in customers)} sent again and known; lists resumed by ops "
            f"{onlooker.view.recovered} times, afresh {onlooker.view.afresh}; conversations "
            f"{onlooker.conversation.recovered} and {onlooker.conversation.afresh}; {deliverer.times} deliveries of {len(out)}"
        )


if __name__ == "__main__":
    main()
