"""A stranger's client: it knows PROTOCOL.md and SEMANTICS.md and nothing else. Here is what it may rely on and no other
test looks at: what comes before what, who is told of whom, and that nothing ephemeral outlives the one who said it."""

import json
import unittest

from peer import TEXT, Peer
from suite import ServerCase, main


class Stranger(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = root = cls.server.open(sub="root")
        root.must("channel.put", id="web", kind="webchat", name="Web")
        for agent in ("ana", "bob", "eva"):
            root.must("agent.put", id=agent, name=agent, role="agent")
        cls.connector = cls.server.open(sub="c", kind="connector", channel="web")

    def contact(self, name):
        message = {"external_id": name, "provider_id": name, "type": "text", "text": "hola"}
        return self.connector.must("inbound.receive", **message)["contact"]

    def agent(self, sub):
        return self.server.open(sub=sub, role="agent")

    def post(self, method, sub="ana", kind="agent", role="agent", channel=None, **params):
        more = {"channel": channel} if channel else {}
        token = self.server.token(sub, kind, role, **more)
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        status, _, answer = self.server.get("/rpc", {"Authorization": "Bearer " + token}, "POST", body)
        self.assertEqual(status, 200)
        return json.loads(answer)


class Sessions(Stranger):
    def test_before_session_open_every_method_is_unauthenticated(self):
        methods = [method["name"] for method in self.root.must("rpc.discover")["methods"]]
        self.assertGreater(len(methods), 50)
        peer = Peer(self.server)
        for method in methods:
            if method != "session.open":
                params = {"token": "x"} if method == "session.refresh" else {}
                answer = peer.call(method, **params)
                self.assertEqual(answer["error"]["code"], -32001, method)

    def test_names_may_be_written_with_escapes_as_any_json(self):
        peer = self.agent("ana")
        peer.frame(TEXT, rb'{"json\u0072pc":"2\u002e0","id":"\u0061","meth\u006fd":"policy\u002eget","p\u0061rams":{}}')
        answer = peer.read()
        self.assertEqual(answer["id"], "a")
        self.assertIn("policy", answer["result"])


class Order(Stranger):
    """"The result holds the state at `offset`, and every later change arrives after it.\""""

    def test_a_subscription_in_a_batch_is_told_nothing_before_the_batch_is_answered(self):
        contact = self.contact("batch")
        peer = self.agent("ana")
        batch = [
            peer.request("view.subscribe", {"view": "all"}),
            peer.request("contact.subscribe", {"contact": contact}),
            peer.request("counters.subscribe", {"views": ["all"]}),
            peer.request("agents.subscribe"),
            *[peer.request("comment.add", {"contact": contact, "text": f"{i}"}) for i in range(20)],
            *[peer.request("contact.create", {"first_name": f"New {i}"}) for i in range(20)],
        ]
        peer.send(batch)
        answers = peer.read()
        self.assertIsInstance(answers, list, "a notification came first")
        self.assertEqual([answer["id"] for answer in answers], [request["id"] for request in batch])
        # Then every change, in order, once: to the last of the batch.
        last = answers[-1]["result"]["offset"]
        lists = {answer["result"]["sub"]: answer["result"]["offset"] for answer in answers[:3]}
        view, comments = answers[0]["result"]["sub"], [f"{i}" for i in range(20)]
        texts = [entry["text"] for entry in answers[1]["result"]["entries"] if entry["kind"] == "comment"]
        while lists[view] < last or len(texts) < len(comments):
            params = peer.read()["params"]
            if params["sub"] in lists:
                self.assertGreater(params["offset"], lists[params["sub"]])
                lists[params["sub"]] = params["offset"]
            texts += [entry["text"] for entry in params.get("entries", [])]
        self.assertEqual(texts, comments)


class Presence(Stranger):
    """S41 and the issue's point 7: transitions only, and cleaned when a socket goes."""

    def told(self, peer):
        """What the peer was told of presence until now."""
        peer.must("policy.get")
        told = [m["params"] for m in peer.pushes if m.get("method") == "contact.presence"]
        peer.pushes.clear()
        return [(p["viewers"], [t["id"] for t in p["typing"]]) for p in told]

    def test_only_transitions_are_told_however_many_sessions_an_agent_has(self):
        contact = self.contact("many")
        ana = self.agent("ana")
        ana.must("contact.subscribe", contact=contact)
        desk, phone, own = self.agent("bob"), self.agent("bob"), self.agent("ana")
        for peer in (desk, phone, phone, own):
            peer.must("viewing.set", contact=contact, on=True)
        desk.must("viewing.set", contact=contact, on=False)
        self.assertEqual(ana.push("contact.presence")["viewers"], ["bob"])
        eva = self.agent("eva")
        eva.must("viewing.set", contact=contact, on=True)
        self.assertEqual(ana.push("contact.presence")["viewers"], ["bob", "eva"])
        self.assertEqual(self.told(ana), [])
        phone.close()
        self.assertEqual(ana.push("contact.presence")["viewers"], ["eva"])
        eva.must("viewing.set", contact=contact, on=False)
        self.assertEqual(ana.push("contact.presence")["viewers"], [])
        self.assertEqual(self.told(ana), [])

    def test_who_comes_later_is_told_who_is_there(self):
        contact = self.contact("later")
        bob = self.agent("bob")
        bob.must("viewing.set", contact=contact, on=True)
        ana = self.agent("ana")
        ana.must("contact.subscribe", contact=contact)
        self.assertEqual(ana.push("contact.presence")["viewers"], ["bob"])

    def test_a_customer_stops_typing_when_the_connector_goes(self):
        contact = self.contact("typist")
        ana = self.agent("ana")
        ana.must("contact.subscribe", contact=contact)
        connector = self.server.open(sub="gone", kind="connector", channel="web")
        connector.must("inbound.typing", external_id="typist", on=True)
        connector.must("inbound.typing", external_id="typist", on=True)
        self.assertEqual(ana.push("contact.presence")["typing"], [{"kind": "contact", "id": contact}])
        connector.close()
        self.assertEqual(ana.push("contact.presence")["typing"], [])
        self.assertEqual(self.told(ana), [])

    def test_what_a_post_says_ends_with_the_next_post_or_by_itself(self):
        contact = self.contact("post")
        ana = self.agent("ana")
        ana.must("contact.subscribe", contact=contact)
        agents = ana.must("agents.subscribe")["agents"]
        self.post("viewing.set", sub="bob", contact=contact, on=True)
        self.assertEqual(ana.push("contact.presence")["viewers"], ["bob"])
        self.post("typing.set", sub="bob", contact=contact, on=True)
        self.assertEqual(ana.push("contact.presence")["typing"], [{"kind": "agent", "id": "bob"}])
        self.post("typing.set", sub="bob", contact=contact, on=False)
        self.assertEqual(ana.push("contact.presence")["typing"], [])
        self.post("inbound.typing", sub="c", kind="connector", channel="web", external_id="post", on=True)
        self.assertEqual(ana.push("contact.presence")["typing"], [{"kind": "contact", "id": contact}])
        # Nobody says more: both end, in either order.
        last = ana.push("contact.presence")
        while last["viewers"] or last["typing"]:
            last = ana.push("contact.presence")
        # A post is no session: nobody came or went.
        again = self.agent("eva").must("agents.subscribe")["agents"]
        online = lambda who, list_: [a["status"] for a in list_ if a["id"] == who]
        self.assertEqual(online("ana", again), online("ana", agents))


class Merges(Stranger):
    def test_s23_what_a_merge_brought_is_named_where_it_is_now_also_after_another_merge(self):
        first, second, third = (self.contact(f"merge{i}") for i in range(3))
        self.root.must("contact.merge", **{"contact": second, "from": first})
        self.root.must("contact.merge", **{"contact": third, "from": second})
        for again in (False, True):
            entries = self.root.must("timeline.page", contact=third, limit=200)["entries"]
            self.assertEqual([entry["seq"] for entry in entries], list(range(1, len(entries) + 1)))
            by_seq = {entry["seq"]: entry for entry in entries}
            merges = {entry["data"]["from"]: entry["data"] for entry in entries if entry.get("event") == "merged"}
            self.assertEqual(set(merges), {first, second})
            inside = lambda merge: [by_seq[seq] for seq in range(merge["first"], merge["last"] + 1)]
            self.assertEqual([e.get("provider_id") for e in inside(merges[first]) if e["kind"] == "message"], ["merge0"])
            told = [e.get("provider_id") for e in inside(merges[second]) if e["kind"] == "message"]
            self.assertEqual(told, ["merge1", "merge0"])
            if not again:  # the same from the store
                self.server.stop()
                self.server.start()
                type(self).root = self.server.open(sub="root")
                type(self).connector = self.server.open(sub="c", kind="connector", channel="web")


class Posts(ServerCase):
    options = ("--principal-commands-per-s", "20")

    def test_one_post_after_the_other_is_bounded_as_a_session_is(self):
        token = self.server.token("ana", role="agent")
        body = b'{"jsonrpc":"2.0","id":1,"method":"policy.get"}'
        refused = None
        for _ in range(400):
            answer = json.loads(self.server.get("/rpc", {"Authorization": "Bearer " + token}, "POST", body)[2])
            if "error" in answer:
                refused = answer["error"]
                break
        self.assertIsNotNone(refused)
        self.assertEqual((refused["code"], refused["data"]["reason"]), (-32006, "rate_limited"))
        self.assertGreater(refused["data"]["retry_after_ms"], 0)
        # Another principal has its own.
        other = {"Authorization": "Bearer " + self.server.token("bob", role="agent")}
        self.assertIn("result", json.loads(self.server.get("/rpc", other, "POST", body)[2]))


if __name__ == "__main__":
    main()
