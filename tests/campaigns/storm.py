"""A small contact centre of impatient clients against a real inboxd, and what it must look like in
the end. `chaos` puts a bad network between them, `history` kills the server."""

import itertools
import json
import os
import queue
import random
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "wire"))
from peer import Closed, Peer, Server, until  # noqa: E402

import checks  # noqa: E402
from proxy import Proxy  # noqa: E402

CUSTOMERS = 12
ANSWER_S = 8  # a client waits so long, then cuts the connection and comes back
PAUSE_S = 0.003
LATE_MS = 10_000  # a snooze ends at once; this is for a machine that stands still


def now_ms():
    return int(time.time() * 1000)


def too_late(params, error):
    """A snooze that arrived, or came again, after its own end."""
    late = "until" in params and params["until"] <= now_ms()
    return late and error["code"] == -32602 and "must lie ahead" in error["message"]


class Lost(Exception):
    """The connection is gone; what was not answered may or may not have happened."""


class Op:
    def __init__(self, kind, text=None):
        self.kind, self.text = kind, text
        self.began = time.monotonic()
        self.ended = self.contact = self.seq = self.offset = None
        self.last_seq = 0
        self.repeated = False  # acknowledged as one that was carried out before

    def __str__(self):
        return f"{self.kind} {self.text or ''} offset {self.offset} seq {self.seq}"


class Link:
    """A connection with a thread that reads it."""

    def __init__(self, where, token):
        self.peer = Peer(where())
        self.peer.socket.settimeout(None)
        self.messages = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.must("session.open", token=token)

    def read(self):
        try:
            while True:
                self.messages.put(self.peer.read())
        except (OSError, Closed, ValueError, AssertionError):
            self.messages.put(None)

    def next(self, wait_s):
        """The next message; None when none came in time."""
        try:
            message = self.messages.get(timeout=max(wait_s, 0))
        except queue.Empty:
            return None
        if message is None:
            self.messages.put(None)
            raise Lost
        return message

    def call(self, method, on_push=None, **params):
        request = self.peer.request(method, params)
        try:
            self.peer.send(request)
        except OSError:
            raise Lost from None
        end = time.monotonic() + ANSWER_S
        while True:
            message = self.next(end - time.monotonic())
            if message is None:
                raise Lost
            if message.get("id") == request["id"]:
                return message
            if on_push and "method" in message:
                on_push(message)

    def must(self, method, **params):
        response = self.call(method, **params)
        if "error" in response and response["error"]["code"] in (-32008, -32006):
            raise Lost  # stopping or starting: come back
        assert "result" in response, (method, params, response)
        return response["result"]

    def close(self):
        try:
            self.peer.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.peer.close()


class Person(threading.Thread):
    """Somebody with a connection that comes back until the storm is over."""

    def __init__(self, storm, number, sub, kind, **claims):
        super().__init__(daemon=True)
        self.storm, self.name = storm, f"{sub}-{number}"
        self.random = random.Random(f"{storm.seed} {self.name}")
        self.token = storm.server.token(sub, kind, **claims)
        self.link, self.connections, self.error = None, 0, None

    def connected(self):
        while self.link is None:
            try:
                self.link = Link(self.storm.where, self.token)
                self.connections += 1
                self.on_connect()
            except (OSError, Closed, Lost, AssertionError) as why:
                if isinstance(why, AssertionError) and "on_connect" in str(why):
                    raise
                self.drop()
                self.storm.over.wait(0.05)
        return self.link

    def on_connect(self):
        pass

    def drop(self):
        if self.link:
            self.link.close()
        self.link = None

    def run(self):
        try:
            self.work()
        except Exception as error:  # told by the storm's end
            self.error = error
        self.drop()


class Writer(Person):
    """Sends commands one after the other; each until it is acknowledged, always the same."""

    def __init__(self, *args, **claims):
        super().__init__(*args, **claims)
        self.history, self.numbers = [], itertools.count(1)

    def work(self):
        while not self.storm.over.is_set():
            op, method, params = self.next_command()
            self.history.append(op)
            self.perform(op, method, params)
            self.storm.over.wait(PAUSE_S * self.random.random())

    def perform(self, op, method, params):
        while True:
            try:
                response = self.connected().call(method, **params)
            except Lost:
                self.drop()
                continue
            error = response.get("error")
            if error and error["code"] in (-32008, -32006):
                self.storm.over.wait(0.02)
                continue
            break
        op.ended = time.monotonic()
        if error:
            assert error["code"] in (-32003, -32004) or too_late(params, error), response
            return
        self.note(op, response["result"])

    def note(self, op, result):
        op.offset = result["offset"]
        op.repeated = result.get("duplicate", False)
        contact = result.get("contact")
        op.contact = contact["id"] if isinstance(contact, dict) else contact or op.contact
        if "entry" in result:
            op.contact, op.seq = result["entry"]["contact"], result["entry"]["seq"]
        elif "seq" in result:
            op.seq = result["seq"]
        if op.kind == "read":
            op.last_seq = result["contact"]["last_seq"]
        self.storm.saw(op.contact)


class Connector(Writer):
    def next_command(self):
        text = f"{self.name}-{next(self.numbers)}"
        params = {
            "external_id": f"u{self.random.randrange(CUSTOMERS)}",
            "provider_id": text,
            "type": "text",
            "text": text,
        }
        return Op("inbound", text), "inbound.receive", params


class Agent(Writer):
    def next_command(self):
        contact = self.storm.any_contact(self.random)
        text = f"{self.name}-{next(self.numbers)}"
        choice = self.random.random()
        if contact is None or choice < 0.2:
            op = Op("read")
            op.contact = contact
            return op, "contact.get", {"contact": contact or "c00000000001"}
        if choice < 0.65:
            return Op("send", text), "message.send", {"contact": contact, "text": text, "client_id": text}
        if choice < 0.75:
            return Op("comment", text), "comment.add", {"contact": contact, "text": text, "client_id": text}
        op = Op("change")
        op.contact = contact
        method, more = self.random.choice([
            ("contact.assign", {"assignee": self.random.choice(["ana", "luis", None])}),
            ("contact.done", {}),
            ("contact.reopen", {}),
            ("contact.read", {}),
            ("contact.snooze", {"until": now_ms() + self.random.randrange(50, 2000), "wake_on_inbound": False}),
            ("contact.update", {"set": {"priority": self.random.choice(["low", "high", "none"])}}),
        ])
        return op, method, {"contact": contact, **more}


class Watcher(Person):
    """Folds its subscriptions as PROTOCOL.md says and resumes them; objects to what it cannot fold."""

    views = ("all", "unassigned", "mine", "done")

    def __init__(self, *args, **claims):
        super().__init__(*args, **claims)
        self.folds = {view: {"offset": 0} for view in self.views}  # by view; "counters", "contact"
        self.subs, self.epoch = {}, None
        self.recovered = self.pushes = 0
        self.lock = threading.Lock()

    def work(self):
        while not self.storm.watched.is_set():
            try:
                message = self.connected().next(0.2)
                if message and "method" in message:
                    self.push(message)
            except Lost:
                self.drop()

    def on_connect(self):
        with self.lock:
            self.subs = {}
            for view in self.views:
                fold = self.folds[view]
                resume = {"resume": {"epoch": self.epoch, "offset": fold["offset"]}} if self.epoch else {}
                response = self.link.call("view.subscribe", on_push=self.fold_push, view=view, limit=50, **resume)
                self.snapshot(view, response)
            self.snapshot("counters", self.link.call("counters.subscribe", on_push=self.fold_push))
            contact = self.storm.first_contact
            if contact:
                fold = self.folds.setdefault("contact", {"offset": 0, "entries": {}})
                resume = {"resume": {"epoch": self.epoch, "offset": fold["offset"]}} if self.epoch and fold["offset"] else {}
                response = self.link.call("contact.subscribe", on_push=self.fold_push, contact=contact, limit=50, **resume)
                self.snapshot("contact", response)

    def snapshot(self, name, response):
        if "error" in response:
            raise Lost
        result = response["result"]
        fold = self.folds.setdefault(name, {"offset": 0})
        self.require(result["offset"] >= fold["offset"], "an older snapshot", result)
        self.epoch = result["epoch"]
        if name == "counters":
            fold["counters"] = result["counters"]
        elif name == "contact":
            if not result["recovered"]:
                fold["entries"] = {}
            self.entries(fold, result["entries"])
        elif result["recovered"]:
            self.recovered += 1
            self.ops(fold["rows"], result["ops"])
        else:
            fold["rows"] = result["rows"]
        fold["offset"] = result["offset"]
        self.subs[result["sub"]] = name

    def push(self, message):
        with self.lock:
            self.fold_push(message)

    def fold_push(self, message):
        params = message["params"]
        name = self.subs.get(params["sub"])
        if name is None:
            return  # of a subscription whose answer is still on its way: none may come, see require
        self.pushes += 1
        fold, method = self.folds[name], message["method"]
        if method == "subscription.ended":
            del self.subs[params["sub"]]
            return
        if "offset" in params:
            grows = params["offset"] > fold["offset"] or (
                params["offset"] == fold["offset"] and method in ("view.reset", "counters.reset"))
            self.require(grows, "an offset that does not grow", params)
            fold["offset"] = params["offset"]
        if method == "view.delta":
            self.ops(fold["rows"], params["ops"])
        elif method == "view.reset":
            fold["rows"] = params["rows"]
        elif method == "counters.reset":
            fold["counters"] = params["counters"]
        elif method == "counters.delta":
            for view, counts in params["counters"].items():
                fold["counters"].pop(view, None) if counts is None else fold["counters"].__setitem__(view, counts)
        elif method == "contact.delta":
            self.entries(fold, params["entries"])

    def ops(self, rows, ops):
        for op in ops:
            id = op["id"] if op["op"] == "del" else op["row"]["id"]
            at = next((i for i, row in enumerate(rows) if row["id"] == id), None)
            self.require(op["op"] == "put" or at is not None, "del of nothing", op)
            if at is not None:
                rows.pop(at)
            if op["op"] == "put":
                before = op["before"]
                place = len(rows) if before is None else next((i for i, r in enumerate(rows) if r["id"] == before), None)
                self.require(place is not None, "put before nothing", op)
                rows.insert(place, op["row"])

    def entries(self, fold, entries):
        known = fold["entries"]
        for entry in entries:
            self.require(not known or entry["seq"] <= max(known) + 1, "a gap in the timeline", entry)
            known[entry["seq"]] = entry

    def require(self, good, what, of):
        if not good:
            raise AssertionError(f"on_connect or push, {self.name}: {what}: {json.dumps(of)[:400]}")

    def folded(self):
        with self.lock:
            return json.loads(json.dumps({n: f.get("rows", f.get("counters")) for n, f in self.folds.items() if n != "contact"}))


class Storm:
    def __init__(self, program, seed, bad_network, kills):
        self.seed, self.random = seed, random.Random(f"storm {seed}")
        self.server = Server(program)
        self.proxy = Proxy(self.server.port, seed) if bad_network else None
        self.kills = 0 if kills else None
        self.woke = 0
        self.over, self.watched = threading.Event(), threading.Event()
        self.contacts, self.first_contact = [], None
        admin = self.server.open("root", "service", "admin")
        admin.must("channel.put", id="web", kind="webchat", name="Web")
        for agent in ("ana", "luis"):
            admin.must("agent.put", id=agent, name=agent, role="agent")
        admin.close()
        self.writers = [Connector(self, i, f"conn{i}", "connector", channel="web") for i in range(2)]
        self.writers += [Agent(self, i, name, "agent", role="agent") for i, name in enumerate(["ana", "luis", "ana"])]
        self.watchers = [Watcher(self, i, name, "agent", role=role)
                         for i, (name, role) in enumerate([("ana", "agent"), ("boss", "manager")])]

    def where(self):
        class Place:
            port = self.proxy.port if self.proxy else self.server.port
        return Place

    def saw(self, contact):
        if contact and contact not in self.contacts:
            self.contacts.append(contact)
            self.first_contact = self.first_contact or contact

    def any_contact(self, chance):
        return chance.choice(self.contacts) if self.contacts else None

    def run(self, seconds):
        for person in self.writers + self.watchers:
            person.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.kills is None:
                self.over.wait(min(1, max(end - time.monotonic(), 0)))
            else:
                self.over.wait(0.3 + self.random.random() * 1.2)
                self.kill()
        if self.proxy:
            self.proxy.calm = True
        self.over.set()
        for writer in self.writers:
            writer.join(60)
            if writer.is_alive():
                raise AssertionError(f"{writer.name} was never answered")

    def kill(self):
        self.server.stop(9)
        self.kills += 1
        self.server.start()

    def timelines(self, client):
        """All entries of all contacts there are; and the contacts."""
        contacts, timelines = {}, {}
        for row in client.must("view.subscribe", view="all", limit=200)["rows"]:
            contacts[row["id"]] = row
            entries, before = [], None
            while True:
                page = client.must("timeline.page", contact=row["id"], limit=200, **({"before_seq": before} if before else {}))
                entries = page["entries"] + entries
                if not page["more"]:
                    break
                before = entries[0]["seq"]
            timelines[row["id"]] = entries
        return contacts, timelines

    def check(self):
        """Sentences about what is wrong."""
        history = [op for writer in self.writers for op in writer.history if op.ended]
        errors = [f"{p.name}: {p.error!r}" for p in self.writers + self.watchers if p.error]
        auditor = self.server.open("auditor", "service", "admin")
        contacts, timelines = self.timelines(auditor)
        errors += checks.acknowledged_once(history, timelines)
        errors += self.check_snoozes(contacts, timelines)
        errors += checks.gap_free(timelines) + checks.one_offset_each(history) + checks.linearizable(history)
        counted = auditor.must("counters.subscribe", views=["all"])["counters"]["all"]
        unread = [row["unread"] for row in contacts.values()]
        wanted = {"contacts": len(contacts), "unread_contacts": sum(u > 0 for u in unread), "unread_messages": sum(unread)}
        if counted != wanted:
            errors.append(f"the engine counts {counted}, there are {wanted}")
        errors += [error for watcher in self.watchers for error in self.check_watcher(watcher, timelines)]
        self.watched.set()
        auditor.close()
        return errors, len(history)

    def check_snoozes(self, contacts, timelines):
        """R5: snoozes end, in time, and some did while the storm was on."""
        began = sum(e.get("event") == "snoozed" for entries in timelines.values() for e in entries)
        self.woke = sum(e.get("event") == "woke" and e["cause"] == "timer" for entries in timelines.values() for e in entries)
        late = [row for row in contacts.values() if row["snoozed_until"] and row["snoozed_until"] < now_ms() - LATE_MS]
        errors = [f"still snoozed: {row}" for row in late]
        if began > 20 and not self.woke:
            errors.append(f"of {began} snoozes none ended by itself")
        return errors

    def check_watcher(self, watcher, timelines):
        if watcher.error:
            return []
        fresh = {}

        def same():
            role = "agent" if watcher.name.startswith("ana") else "manager"
            peer = self.server.open(watcher.name.split("-")[0], "agent", role)
            for view in Watcher.views:
                fresh[view] = peer.must("view.subscribe", view=view, limit=50)["rows"]
            fresh["counters"] = peer.must("counters.subscribe")["counters"]
            peer.close()
            return watcher.folded() == fresh or watcher.error

        try:
            until(same, "folded lists", 30)
        except AssertionError:
            folded = watcher.folded()
            return [f"{watcher.name}: {name} is {json.dumps(folded.get(name))[:300]}, should be {json.dumps(fresh[name])[:300]}"
                    for name in fresh if folded.get(name) != fresh[name]]
        fold = watcher.folds.get("contact")
        if fold and fold["offset"]:
            for seq, entry in list(fold["entries"].items()):
                if timelines[self.first_contact][seq - 1] != entry:
                    return [f"{watcher.name}: entry {seq} of {self.first_contact} is another one"]
        return []

    def figures(self):
        people = self.writers + self.watchers
        figures = {"connections": sum(p.connections for p in people),
                   "notifications": sum(w.pushes for w in self.watchers),
                   "snoozes that ended": self.woke,
                   "resumed lists": sum(w.recovered for w in self.watchers)}
        if self.proxy:
            figures.update(self.proxy.counts)
        if self.kills is not None:
            figures["kills"] = self.kills
        return figures

    def clean_up(self):
        self.over.set()
        self.watched.set()
        if self.proxy:
            self.proxy.close()
        self.server.clean_up()


def run(program, name, seed, seconds):
    """Prints what happened; true if nothing was wrong."""
    storm = Storm(program, seed, bad_network=name == "chaos", kills=name == "history")
    try:
        storm.run(seconds)
        errors, commands = storm.check()
        figures = ", ".join(f"{n} {what}" for what, n in storm.figures().items())
        print(f"{name}: {commands} commands acknowledged, {figures}")
        for error in errors[:20]:
            print(f"  wrong: {error}")
        return not errors
    finally:
        storm.clean_up()
