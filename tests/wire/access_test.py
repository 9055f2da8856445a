"""The authorisation matrix: every method that the server offers × every kind and role of principal × its own
workspace or another one × WebSocket or POST, over real sockets, from one table (S6, S24, S25, S37). Prints its size
and result.

In its own workspace a principal either carries the method out or is told `forbidden`. From another workspace it is
`forbidden` just the same; else whatever it names there does not exist for it, and methods that name nothing show
nothing of there. Afterwards nothing there has changed."""

import json
import unittest

from peer import Server
from suite import PROGRAM, main

PRINCIPALS = [(kind, role) for kind in ("agent", "service") for role in ("agent", "manager", "admin")] + [("connector", None)]

# Who may (PROTOCOL.md). People are agents and services of any role.
PEOPLE, ADMINS, CONNECTORS, ALL = "people", "admins", "connectors", "all"


def may(who, kind, role):
    if who == ALL:
        return True
    if kind == "connector":
        return who == CONNECTORS
    return who == PEOPLE or (who == ADMINS and role == "admin")


class Row:
    """A method: who may, params that work at home, and the field that names something which another workspace does
    not have (None: names nothing; then it answers, with nothing of the other's)."""

    def __init__(self, method, who, params=None, field=None, error=None):
        self.method, self.who, self.params, self.field = method, who, params or (lambda r: {}), field
        self.error = error  # the code that everybody gets, instead of a result


def on_contact(method, field="contact", **more):
    return Row(method, PEOPLE, lambda r: {"contact": r.contact(), **{k: v(r) if callable(v) else v for k, v in more.items()}}, field)


DAY = 86_400_000
EMPTY = {"all": []}

TABLE = [
    Row("session.open", ALL, lambda r: {"token": r.token()}, error=-32600),  # there is a session
    Row("session.refresh", ALL, lambda r: {"token": r.token()}, "token"),
    Row("rpc.discover", ALL),
    Row("contact.create", PEOPLE, lambda r: {"channels": [{"channel": r.channel, "external_id": r.fresh()}]}, "channels[0].channel"),
    on_contact("contact.get"),
    on_contact("contact.update", tags_add=["seen"]),
    on_contact("contact.assign", assignee=lambda r: r.agent),
    on_contact("contact.done"),
    on_contact("contact.reopen"),
    on_contact("contact.snooze", until=lambda r: r.now + DAY),
    on_contact("contact.wake"),
    on_contact("contact.read"),
    on_contact("contact.unread"),
    on_contact("contact.block"),
    on_contact("contact.unblock"),
    on_contact("contact.merge", **{"from": lambda r: r.contact()}),
    on_contact("message.send", text="x"),
    on_contact("comment.add", text="x"),
    on_contact("timeline.page"),
    Row("search", PEOPLE, lambda r: {"query": r.secret, "view": r.view()}, "view"),
    Row("view.list", PEOPLE),
    Row("view.create", PEOPLE, lambda r: {"name": "v", "filter": {"field": "team", "op": "eq", "value": r.team}, "visibility": "private"}, "filter.value"),
    Row("view.update", PEOPLE, lambda r: {"view": r.view(), "name": "w"}, "view"),
    Row("view.delete", PEOPLE, lambda r: {"view": r.view()}, "view"),
    Row("agent.list", PEOPLE),
    Row("team.list", PEOPLE),
    Row("channel.list", PEOPLE),
    Row("field.list", PEOPLE),
    Row("policy.get", PEOPLE),
    Row("presence.set", PEOPLE, lambda r: {"status": "busy"}),
    on_contact("typing.set", on=True),
    on_contact("viewing.set", on=True),
    Row("agent.put", ADMINS, lambda r: {"id": r.agent, "name": r.agent, "role": "agent", "teams": [r.team]}, "teams[0]"),
    Row("agent.remove", ADMINS, lambda r: {"id": r.other_agent()}, "id"),
    Row("channel.pause", ADMINS, lambda r: {"channel": r.channel}, "channel"),
    Row("channel.resume", ADMINS, lambda r: {"channel": r.channel}, "channel"),
    Row("policy.set", ADMINS, lambda r: {"reopen_on_inbound": True}),
    Row("inbound.receive", CONNECTORS, lambda r: {"external_id": r.customer, "provider_id": r.customer, "type": "text", "text": "x"}),
    Row("inbound.status", CONNECTORS, lambda r: {**r.pending(), "status": "delivered"}, "contact"),
    Row("inbound.typing", CONNECTORS, lambda r: {"external_id": r.customer, "on": True}),
    Row("outbox.subscribe", CONNECTORS),
    Row("outbox.sent", CONNECTORS, lambda r: {**r.pending(), "provider_id": r.fresh()}, "contact"),
    Row("outbox.failed", CONNECTORS, lambda r: r.pending(), "contact"),
    Row("view.subscribe", PEOPLE, lambda r: {"view": r.view()}, "view"),
    Row("view.window", PEOPLE, lambda r: {"sub": r.sub(), "limit": 5}, "sub"),
    Row("counters.subscribe", PEOPLE, lambda r: {"views": [f"team:{r.team}"]}, "views[0]"),
    Row("workload.subscribe", PEOPLE),
    on_contact("contact.subscribe"),
    Row("notifications.subscribe", PEOPLE),
    Row("agents.subscribe", PEOPLE),
    Row("unsubscribe", ALL, lambda r: {"sub": r.sub()}, "sub"),
    # Last: they make things with the other's names.
    Row("team.put", ADMINS, lambda r: {"id": r.team, "name": "mine now"}),
    Row("channel.put", ADMINS, lambda r: {"id": r.channel, "kind": "webchat", "name": "mine now"}),
    Row("field.put", ADMINS, lambda r: {"id": r.custom, "name": "mine now", "type": "text"}),
]

OF_SESSIONS = {"session.open", "session.refresh", "view.window", "unsubscribe"} | {
    row.method for row in TABLE if row.method.endswith(".subscribe")
}


class Room:
    """A workspace with something of everything; its names occur nowhere else."""

    def __init__(self, server, name):
        self.server, self.name, self.secret, self.count = server, name, name + "secret", 0
        self.channel, self.team, self.agent, self.custom = (f"{name}-{what}" for what in ("channel", "team", "agent", "field"))
        self.customer = f"{name}-customer"
        self.peers = {}
        self.boss = server.open(sub=name + "-boss", kind="service", ws=name)
        self.boss.must("channel.put", id=self.channel, kind="webchat", name=self.secret)
        self.boss.must("team.put", id=self.team, name=self.secret)
        self.boss.must("agent.put", id=self.agent, name=self.secret, role="agent", teams=[self.team])
        self.boss.must("field.put", id=self.custom, name=self.secret, type="text")
        self.boss.must("policy.set", reopen_on_inbound=True)
        self.shared_view = self.boss.must("view.create", name=self.secret, filter=EMPTY, visibility="workspace")["view"]
        connector = self.peer("connector", None)
        message = {"external_id": self.customer, "provider_id": self.customer, "type": "text", "text": self.secret}
        self.known = connector.must("inbound.receive", **message)["contact"]
        self.now = self.boss.must("timeline.page", contact=self.known)["entries"][-1]["at"]
        self.at_home = False

    def claims(self, kind, role):
        claims = {"sub": f"{self.name}-{kind}-{role}", "kind": kind, "ws": self.name}
        return {**claims, "channel": self.channel} if kind == "connector" else {**claims, "role": role}

    def peer(self, kind, role):
        if (kind, role) not in self.peers:
            self.peers[kind, role] = self.server.open(**self.claims(kind, role))
        return self.peers[kind, role]

    def visited_by(self, peer, kind, role, at_home):
        self.caller, self.kind, self.role, self.at_home = peer, kind, role, at_home
        return self

    # What params name. At home each call gets something of its own, which it may use up.
    def fresh(self):
        self.count += 1
        return f"{self.name}-{self.count}"

    def contact(self):
        if not self.at_home or self.kind == "connector":
            return self.known
        identity = {"channel": self.channel, "external_id": self.fresh()}
        return self.boss.must("contact.create", channels=[identity])["contact"]["id"]

    def pending(self):
        if not self.at_home or self.kind != "connector":
            return {"contact": self.known, "seq": 1}
        sent = self.boss.must("message.send", contact=self.known, text="to be delivered")["entry"]
        return {"contact": self.known, "seq": sent["seq"]}

    def view(self):
        if not self.at_home or self.kind == "connector":
            return self.shared_view
        return self.caller.must("view.create", name="own", filter=EMPTY, visibility="private")["view"]

    def other_agent(self):
        if not self.at_home or self.role != "admin":
            return self.agent
        self.boss.must("agent.put", id=(name := self.fresh()), name=name, role="agent")
        return name

    def sub(self):
        if not self.at_home:
            return self.boss.must("view.subscribe", view="all")["sub"] + "000"  # no session has so many
        if self.kind == "connector":
            return self.caller.must("outbox.subscribe")["sub"]
        return self.caller.must("view.subscribe", view="all")["sub"]

    def token(self):
        return self.server.token(**self.claims(self.kind, self.role))

    def state(self):
        """All that could have changed. (Offsets are the server's, not the workspace's: they say nothing here.)"""
        lists = ("agent.list", "team.list", "channel.list", "field.list", "policy.get", "view.list")
        answers = [self.boss.must(method) for method in lists]
        answers += [self.boss.must(method, contact=self.known) for method in ("contact.get", "timeline.page")]
        for answer in answers:
            answer.pop("offset", None)
        return answers


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, "--workspace", "atlantis", "--workspace", "zanzibar")
        cls.addClassCleanup(cls.server.clean_up)
        cls.first, cls.second = Room(cls.server, "atlantis"), Room(cls.server, "zanzibar")
        cls.cases = cls.forbidden = 0

    @classmethod
    def tearDownClass(cls):
        print(
            f"authorisation: {len(TABLE)} methods × {len(PRINCIPALS)} kinds and roles × own and another workspace × WebSocket and POST "
            f"= {cls.cases} cases, "
            f"{cls.forbidden} of them forbidden, all as the table says"
            if cls.cases == len(TABLE) * len(PRINCIPALS) * 4
            else f"authorisation: only {cls.cases} cases were as the table says"
        )

    def post(self, home, kind, role, method, params):
        headers = {"Content-Type": "application/json", "Authorization": "Bearer " + self.server.token(**home.claims(kind, role))}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        return json.loads(self.server.get("/rpc", headers, "POST", body)[2])

    def visit(self, row, home, room, kind, role, post):
        """A call in `room` by a principal of `home`."""
        peer = home.peer(kind, role)
        room.visited_by(peer, kind, role, home is room)
        params = row.params(room)
        answer = self.post(home, kind, role, row.method, params) if post else peer.call(row.method, **params)
        data = answer.get("error", {}).get("data", {})
        if post and row.method in OF_SESSIONS:
            self.assertEqual(answer["error"]["code"], -32601, answer)  # S37
        elif not may(row.who, kind, role):
            self.assertEqual(data.get("reason"), "forbidden", answer)
            type(self).forbidden += 1
        elif row.error:
            self.assertEqual(answer["error"]["code"], row.error, answer)
        elif home is room:
            self.assertIn("result", answer)
        elif row.method == "session.refresh":
            self.assertIn(data.get("reason"), ("forbidden", "unauthenticated"), answer)
        elif row.field:
            self.assertEqual((data.get("reason"), data.get("field")), ("not_found", row.field), answer)
        else:
            self.assertIn("result", answer)
            if row.method not in ("team.put", "channel.put", "field.put"):  # these answer what they were given
                self.assertNotIn(room.name, json.dumps(answer))
        type(self).cases += 1

    def test_the_table_has_every_method_once(self):
        offered = [m["name"] for m in self.first.boss.must("rpc.discover")["methods"]]
        self.assertEqual(sorted(offered), sorted(row.method for row in TABLE))

    def test_s6_in_its_own_workspace_each_may_do_what_the_table_says(self):
        for row in TABLE:
            for kind, role in PRINCIPALS:
                for post in (False, True):
                    with self.subTest(method=row.method, kind=kind, role=role, post=post):
                        self.visit(row, self.first, self.first, kind, role, post)

    def test_s6_of_another_workspace_nobody_sees_or_changes_anything(self):
        before = self.first.state()
        for row in TABLE:
            for kind, role in PRINCIPALS:
                for post in (False, True):
                    with self.subTest(method=row.method, kind=kind, role=role, post=post):
                        self.visit(row, self.second, self.first, kind, role, post)
        self.maxDiff = None
        self.assertEqual(self.first.state(), before)


if __name__ == "__main__":
    main()
