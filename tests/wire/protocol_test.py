"""PROTOCOL.md's errors, close codes and edges (SEMANTICS S6, S8, S35, S37–S39), by a peer that shares
no code with the server. What each method does is in tests/e2e; that every method serves what the
OpenRPC document says, in tests/openrpc."""

import json
import time

from fold import FoldedContact, FoldedView
from peer import BINARY, TEXT, Peer
from suite import ServerCase, main


class Office(ServerCase):
    """A workspace with a channel of each sort, an agent, a customer who has written, one who has not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = root = cls.server.open(sub="root")
        root.must("channel.put", id="wa", kind="whatsapp", name="W")
        root.must("channel.put", id="web", kind="webchat", name="Web")
        root.must("agent.put", id="ana", name="Ana", role="agent")
        root.must("agent.put", id="shy", name="Shy", role="agent", visibility="assigned")
        cls.connector = cls.server.open(sub="c", kind="connector", channel="web")
        message = {"external_id": "1", "provider_id": "p1", "type": "text", "text": "hola"}
        cls.contact = cls.connector.must("inbound.receive", **message)["contact"]
        silent = root.must("contact.create", channels=[{"channel": "wa", "external_id": "9"}])
        cls.silent = silent["contact"]["id"]

    def error(self, peer, method, **params):
        answer = peer.call(method, **params)
        self.assertEqual(set(answer), {"jsonrpc", "id", "error"}, answer)
        error = answer["error"]
        self.assertEqual(set(error), {"code", "message", "data"})
        self.assertTrue(error["message"])
        return error["code"], error["data"]["reason"], error["data"].get("field")


class Errors(Office):
    def test_every_code_with_its_reason(self):
        ana = self.server.open(sub="ana", role="agent")
        peer = Peer(self.server)
        self.assertEqual(self.error(peer, "view.list"), (-32001, "unauthenticated", None))
        self.assertEqual(self.error(ana, "policy.set", unassign_on_done=True)[:2], (-32002, "forbidden"))
        self.assertEqual(self.error(ana, "contact.get", contact="nobody"), (-32003, "not_found", "contact"))
        self.assertEqual(self.error(ana, "contact.done", contact=self.contact, expect_version=99)[:2], (-32004, "conflict"))
        self.assertEqual(self.error(ana, "message.send", contact=self.silent, text="x")[:2], (-32005, "window_closed"))
        self.assertEqual(self.error(ana, "comment.add", contact=self.contact, text="x" * 16_385)[0], -32007)
        self.root.must("contact.block", contact=self.silent)
        self.assertEqual(self.error(ana, "message.send", contact=self.silent, text="x")[:2], (-32009, "blocked"))
        self.root.must("contact.unblock", contact=self.silent)
        self.assertEqual(self.error(ana, "no.such")[0], -32601)
        self.assertEqual(self.error(ana, "contact.get", contact=7), (-32602, "invalid_params", "contact"))

    def test_conflicts_say_what_is_current(self):
        ana = self.server.open(sub="ana", role="agent")
        now = ana.must("contact.get", contact=self.contact)["contact"]
        for method, wrong in (("contact.done", {"expect_version": 99}), ("message.send", {"text": "x", "expect_seq": 99})):
            data = ana.call(method, contact=self.contact, **wrong)["error"]["data"]
            self.assertEqual((data["version"], data["last_seq"]), (now["version"], now["last_seq"]))

    def test_s6_which_error_wins(self):
        ana = self.server.open(sub="ana", role="agent")
        shy = self.server.open(sub="shy", role="agent")
        nobody = Peer(self.server)
        # The session before everything, the method before the role, the role before the params.
        self.assertEqual(self.error(nobody, "no.such")[0], -32001)
        self.assertEqual(self.error(ana, "agent.put", nonsense=1)[0], -32002)
        self.assertEqual(self.error(ana, "outbox.subscribe", nonsense=1)[0], -32002)
        # Params before ids, ids before versions, versions before the state.
        self.assertEqual(self.error(ana, "contact.get", contact="nobody", nonsense=1)[2], "nonsense")
        self.assertEqual(self.error(ana, "contact.assign", contact="nobody", assignee="zoe", expect_version=9)[::2], (-32003, "contact"))
        self.assertEqual(self.error(ana, "contact.assign", contact=self.contact, assignee="zoe", expect_version=99)[::2], (-32003, "assignee"))
        self.root.must("contact.block", contact=self.silent)
        self.assertEqual(self.error(ana, "message.send", contact=self.silent, text="x", expect_version=99)[0], -32004)
        self.assertEqual(self.error(ana, "message.send", contact=self.silent, text="x")[0], -32009)
        self.root.must("contact.unblock", contact=self.silent)
        # What may not be seen is not there.
        self.assertEqual(self.error(shy, "contact.get", contact=self.contact), (-32003, "not_found", "contact"))
        self.assertEqual(self.error(shy, "contact.done", contact=self.contact)[0], -32003)

    def test_s39_unknown_ids_are_not_found_and_wrong_shapes_invalid(self):
        root, contact = self.root, self.contact
        for method, params, field in (
            ("contact.assign", {"contact": contact, "assignee": "zoe"}, "assignee"),
            ("contact.assign", {"contact": contact, "assignee": None, "team": "zoe"}, "team"),
            ("comment.add", {"contact": contact, "text": "x", "mentions": ["ana", "zoe"]}, "mentions[1]"),
            ("message.send", {"contact": contact, "text": "x", "channel": "zoe"}, "channel"),
            ("view.subscribe", {"view": "zoe"}, "view"),
            ("counters.subscribe", {"views": ["all", "zoe"]}, "views[1]"),
            ("agent.put", {"id": "zoe", "name": "Z", "role": "agent", "teams": ["zoe"]}, "teams[0]"),
            ("agent.remove", {"id": "zoe"}, "id"),
            ("view.update", {"view": "zoe", "name": "x"}, "view"),
            ("contact.merge", {"contact": contact, "from": "zoe"}, "from"),
            ("unsubscribe", {"sub": "s99"}, "sub"),
        ):
            with self.subTest(method=method, field=field):
                self.assertEqual(self.error(root, method, **params), (-32003, "not_found", field))
        for method, params, field in (
            ("contact.assign", {"contact": contact, "assignee": 5}, "assignee"),
            ("timeline.page", {"contact": contact, "limit": 0}, "limit"),
            ("timeline.page", {"contact": contact, "limit": 201}, "limit"),
            ("view.subscribe", {"view": "all", "limit": 201}, "limit"),
            ("timeline.page", {"contact": contact, "before_seq": 2**53}, "before_seq"),
            ("timeline.page", {"contact": contact, "before_seq": 1.5}, "before_seq"),
            ("agent.put", {"id": "a b", "name": "x", "role": "agent"}, "id"),
            ("agent.put", {"id": "x" * 65, "name": "x", "role": "agent"}, "id"),
            ("view.create", {"view": "a:b", "name": "x", "filter": {"all": []}, "visibility": "private"}, "view"),
            ("contact.update", {"contact": contact, "set": {"colour": "red"}}, "set.colour"),
            ("presence.set", {"status": "asleep"}, "status"),
        ):
            with self.subTest(method=method, params=params):
                code, reason, named = self.error(root, method, **params)
                self.assertEqual((code, reason, named), (-32602, "invalid_params", field))

    def test_conventions_null_is_absent_unknown_params_and_lists_are_refused(self):
        ana = self.server.open(sub="ana", role="agent")
        self.assertIn("result", ana.call("timeline.page", contact=self.contact, limit=None, before_seq=None))
        self.assertEqual(self.error(ana, "contact.get", contact=None), (-32602, "invalid_params", "contact"))
        ana.frame(TEXT, json.dumps({"jsonrpc": "2.0", "id": 9, "method": "contact.get", "params": [self.contact]}).encode())
        self.assertEqual(ana.read()["error"]["code"], -32602)
        # A request without params at all.
        ana.frame(TEXT, b'{"jsonrpc":"2.0","id":"x","method":"policy.get"}')
        self.assertIn("policy", ana.read()["result"])


class Batches(Office):
    def test_s8_each_on_its_own_in_order_and_notifications_unanswered(self):
        peer = Peer(self.server)
        batch = [
            peer.request("session.open", {"token": self.server.token("ana", role="agent")}),
            {"jsonrpc": "2.0", "method": "comment.add", "params": {"contact": self.contact, "text": "unanswered"}},
            peer.request("comment.add", {"contact": self.contact}),
            peer.request("comment.add", {"contact": self.contact, "text": "answered"}),
            17,
            peer.request("timeline.page", {"contact": self.contact, "limit": 2}),
        ]
        peer.send(batch)
        answers = peer.read()
        self.assertEqual([answer["id"] for answer in answers], [1, 2, 3, None, 4])
        self.assertEqual(["error" in answer for answer in answers], [False, True, False, True, False])
        self.assertEqual(answers[3]["error"]["code"], -32600)
        self.assertEqual([entry["text"] for entry in answers[4]["result"]["entries"]], ["unanswered", "answered"])

    def test_s8_a_batch_of_notifications_is_not_answered_and_an_empty_one_is_no_request(self):
        ana = self.server.open(sub="ana", role="agent")
        ana.send([{"jsonrpc": "2.0", "method": "view.list"}, {"jsonrpc": "2.0", "method": "no.such"}])
        ana.send([])
        self.assertEqual(ana.read()["error"]["code"], -32600)
        self.assertIn("result", ana.call("view.list"))

    def test_ids_of_every_sort_come_back_as_they_were(self):
        ana = self.server.open(sub="ana", role="agent")
        for raw in ('"a"', "7", "-1", "1.5", "123456789012345678901234567890", '"\\u00e9\\n"', "null", '""'):
            with self.subTest(id=raw):
                ana.frame(TEXT, f'{{"jsonrpc":"2.0","id":{raw},"method":"policy.get"}}'.encode())
                opcode, payload = ana.read_frame()
                self.assertIn(f'"id":{raw},'.encode(), payload)
        for raw in ("{}", "[]", "true"):
            ana.frame(TEXT, f'{{"jsonrpc":"2.0","id":{raw},"method":"policy.get"}}'.encode())
            answer = ana.read()
            self.assertEqual((answer["id"], answer["error"]["code"]), (None, -32600))

    def test_the_same_id_twice_is_answered_twice(self):
        ana = self.server.open(sub="ana", role="agent")
        request = ana.request("policy.get")
        ana.send(request)
        ana.send(request)
        self.assertEqual(ana.read()["id"], ana.read()["id"])


class Closes(Office):
    def code(self, peer):
        return peer.closed_code()

    def test_4400_frames_that_are_no_text(self):
        peer = self.server.open()
        peer.frame(BINARY, b"{}")
        self.assertEqual(self.code(peer), 4400)

    def test_4401_a_bad_token_is_answered_then_closed_s37(self):
        for method in ("session.open", "session.refresh"):
            peer = self.server.open() if method == "session.refresh" else Peer(self.server)
            self.assertEqual(self.error(peer, method, token="bad"), (-32001, "unauthenticated", None))
            self.assertEqual(self.code(peer), 4401)

    def test_4401_the_token_runs_out_unless_it_is_refreshed(self):
        kept, lost = self.server.open(ttl_s=3), self.server.open(ttl_s=3)
        fresh = kept.must("session.refresh", token=self.server.token(ttl_s=60))
        self.assertGreater(fresh["expires_at"], time.time() * 1000 + 30_000)
        self.assertEqual(self.code(lost), 4401)
        self.assertIn("result", kept.call("view.list"))

    def test_4403_an_agent_that_is_removed(self):
        self.root.must("agent.put", id="gone", name="G", role="agent")
        peer = self.server.open(sub="gone", role="agent")
        self.root.must("agent.remove", id="gone")
        self.assertEqual(self.code(peer), 4403)

    def test_s37_a_second_open_is_an_invalid_request_and_closes_nothing(self):
        peer = self.server.open()
        self.assertEqual(self.error(peer, "session.open", token=self.server.token())[0], -32600)
        self.assertIn("result", peer.call("view.list"))

    def test_a_refresh_with_somebody_else_s_token_is_forbidden_and_closes_nothing(self):
        peer = self.server.open(sub="ana", role="agent")
        self.assertEqual(self.error(peer, "session.refresh", token=self.server.token("luis"))[0], -32002)
        self.assertIn("result", peer.call("view.list"))


class Resumes(Office):
    """S35, across reconnects and restarts; `restart_test.py` does it under load."""

    def test_a_list_a_conversation_and_the_outbox_go_on_after_a_reconnect(self):
        root = self.root
        view, conversation = FoldedView("all", limit=5), FoldedContact(self.contact)
        peer = self.server.open(sub="ana", role="agent")
        view.subscribe(peer)
        conversation.subscribe(peer)
        peer.socket.close()
        for i in range(8):
            root.must("comment.add", contact=self.contact, text=f"missed {i}")
            root.must("contact.create", first_name=f"New {i}")
        peer = self.server.open(sub="ana", role="agent")
        view.subscribe(peer)
        conversation.subscribe(peer)
        self.assertEqual((view.recovered, view.afresh), (1, 0))
        self.assertEqual((conversation.recovered, conversation.afresh), (1, 0))
        fresh, again = FoldedView("all", limit=5), FoldedContact(self.contact)
        fresh.subscribe(peer)
        again.subscribe(peer)
        self.assertEqual(view.state(), fresh.state())
        self.assertEqual(conversation.entries, again.entries)

    def test_what_cannot_be_resumed_is_given_afresh_and_never_an_error(self):
        peer = self.server.open(sub="ana", role="agent")
        now = peer.must("view.subscribe", view="all")
        for resume in (
            {"epoch": "another", "offset": now["offset"]},
            {"epoch": now["epoch"], "offset": now["offset"] + 1000},
        ):
            answer = peer.must("view.subscribe", view="all", resume=resume)
            self.assertEqual((answer["recovered"], "rows" in answer, "ops" in answer), (False, True, False))
            answer = peer.must("contact.subscribe", contact=self.contact, resume=resume)
            self.assertFalse(answer["recovered"])
            self.assertTrue(answer["entries"])

    def test_after_a_restart_the_epoch_is_the_same_and_offsets_go_on(self):
        peer = self.server.open(sub="ana", role="agent")
        view, conversation = FoldedView("all", limit=5), FoldedContact(self.contact)
        view.subscribe(peer)
        conversation.subscribe(peer)
        sent = peer.must("message.send", contact=self.contact, text="to be delivered")["entry"]
        self.server.stop()
        self.server.start()
        peer = self.server.open(sub="ana", role="agent")
        epoch, offset = view.epoch, view.offset
        view.subscribe(peer)
        conversation.subscribe(peer)
        self.assertEqual(view.epoch, epoch)
        self.assertGreaterEqual(view.offset, offset)
        self.assertEqual((conversation.recovered, conversation.afresh), (1, 0))
        self.assertEqual(conversation.entries[sent["seq"]]["text"], "to be delivered")
        connector = self.server.open(sub="c", kind="connector", channel="web")
        waiting = connector.must("outbox.subscribe")["deliveries"]
        self.assertIn(sent["seq"], [d["seq"] for d in waiting if d["contact"] == self.contact])
        type(self).root = self.server.open(sub="root")
        type(self).connector = connector


if __name__ == "__main__":
    main()
