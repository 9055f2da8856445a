"""/metrics against what was really done, and the dashboard against /metrics."""

import json
import os
import re

from peer import until
from suite import ServerCase, main

SAMPLE = re.compile(r'^([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? ([0-9.e+-]+)$')
DASHBOARD = os.path.join(os.path.dirname(__file__), "../../deploy/grafana-dashboard.json")


class Metrics(ServerCase):
    def samples(self):
        """{(name, labels): value}; fails on what is not Prometheus' text format."""
        found = {}
        self.types = {}
        for line in self.server.get("/metrics")[2].decode().splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.assertNotIn(name, self.types)
                self.types[name] = kind
            elif not line.startswith("# HELP "):
                match = SAMPLE.match(line)
                self.assertTrue(match, line)
                found[match[1], match[2] or ""] = float(match[3])
        return found

    def test_every_metric_has_a_type_and_a_help(self):
        self.samples()
        text = self.server.get("/metrics")[2].decode()
        for name, kind in self.types.items():
            with self.subTest(metric=name):
                self.assertIn(kind, ("counter", "gauge", "histogram"))
                self.assertIn(f"# HELP {name} ", text)
                self.assertEqual(kind == "counter", name.endswith("_total"))

    def test_histograms_are_cumulative_and_end_in_their_count(self):
        self.server.open().must("contact.create", first_name="one")
        found = self.samples()
        for name, kind in self.types.items():
            if kind != "histogram":
                continue
            with self.subTest(metric=name):
                buckets = [value for (n, _), value in found.items() if n == name + "_bucket"]
                self.assertEqual(buckets, sorted(buckets))
                self.assertEqual(buckets[-1], found[name + "_count", ""])
                self.assertEqual(found[name + "_bucket", '{le="+Inf"}'], found[name + "_count", ""])

    def test_they_count_what_is_done(self):
        admin = self.server.open(sub="counter")
        admin.must("view.subscribe", view="mine")
        admin.must("contact.create", first_name="first")  # the agent's own record is on disk before it
        before = self.samples()
        for i in range(10):
            admin.must("contact.create", first_name=f"c{i}")
        refused = admin.call("contact.create", colour="red")["error"]["data"]["reason"]
        self.assertEqual(admin.call("no.such")["error"]["code"], -32601)
        after = self.samples()

        def grown(name, labels=""):
            return after[name, labels] - before.get((name, labels), 0)

        self.assertEqual(grown("inboxd_requests_total", '{method="contact.create",result="ok"}'), 10)
        self.assertEqual(grown("inboxd_requests_total", f'{{method="contact.create",result="{refused}"}}'), 1)
        self.assertEqual(grown("inboxd_requests_total", '{method="",result="method_not_found"}'), 1)
        self.assertEqual(grown("inboxd_request_seconds_count"), 10)
        self.assertEqual(grown("inboxd_commits_total"), 10)
        self.assertEqual(grown("inboxd_commit_batch_size_sum"), 10)
        self.assertEqual(grown("inboxd_offset_released"), 10)
        self.assertEqual(grown("inboxd_contacts_resident"), 10)
        self.assertEqual(after["inboxd_agents_resident", ""], 1)
        # One client that waits for each answer: a sync each.
        self.assertEqual(grown("inboxd_journal_sync_seconds_count"), 10)
        self.assertEqual(grown("inboxd_journal_syncs_total"), 10)
        self.assertGreater(grown("inboxd_journal_sync_seconds_sum"), 0)
        # Views follow after the answer.
        until(lambda: self.samples()["inboxd_view_changes_total", ""] - before["inboxd_view_changes_total", ""] >= 10,
              "the views' changes")  # fmt: skip
        self.assertGreater(self.samples()["inboxd_view_update_seconds_count", ""], 0)
        mailboxes = lambda: sum(v for (name, _), v in self.samples().items() if name == "inboxd_mailbox")
        until(lambda: mailboxes() == 0, "empty mailboxes")
        self.assertGreater(after["process_resident_memory_bytes", ""], 1 << 20)

    def test_the_outbox_is_counted_by_kind_of_channel(self):
        admin = self.server.open(sub="boss", role="admin")
        retry = {"attempts": 3, "delay_ms": 1, "delay_max_ms": 1, "ack_timeout_ms": 60_000}
        admin.must("channel.put", id="tg", kind="telegram", name="Telegram", retry=retry)
        connector = self.server.open(sub="c", kind="connector", channel="tg")
        contact = connector.must("inbound.receive", external_id="1", provider_id="1", type="text", text="hi")["contact"]
        before = self.samples()
        seqs = [admin.must("message.send", contact=contact, text=f"m{i}")["entry"]["seq"] for i in range(3)]

        def grown(name):
            sample = f"inboxd_outbox_{name}", '{kind="telegram"}'
            return self.samples()[sample] - before[sample]

        until(lambda: grown("pending") == 3, "three pending")
        self.assertEqual(grown("connectors"), 0)
        connector.must("outbox.subscribe")
        until(lambda: grown("connectors") == 1, "one connector")
        error = {"code": "5", "message": "no"}
        connector.must("outbox.failed", contact=contact, seq=seqs[0], retry=True, error=error)
        until(lambda: grown("retries_total") == 1, "one retry")
        connector.must("outbox.sent", contact=contact, seq=seqs[0], provider_id="a")
        connector.must("outbox.failed", contact=contact, seq=seqs[1], error=error)
        until(lambda: (grown("pending"), grown("sent_total"), grown("failed_total")) == (1, 1, 1), "one each")
        connector.close()
        until(lambda: grown("connectors") == 0, "none")
        self.assertEqual(grown("pending"), 1)

    def test_the_dashboard_draws_metrics_that_are_there(self):
        with open(DASHBOARD) as file:
            dashboard = json.load(file)
        there = self.server.get("/metrics")[2].decode()
        # A sanitizer brings its own allocator, which counts nothing.
        absent = {"inboxd_allocated_bytes", "inboxd_allocator_resident_bytes"} if "ASAN_OPTIONS" in os.environ else set()
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                for name in set(re.findall(r"(?:inboxd|process)_[a-z_]+", target["expr"])) - absent:
                    with self.subTest(panel=panel["title"], metric=name):
                        self.assertIn(f"# TYPE {name.removesuffix('_bucket')} ", there)


if __name__ == "__main__":
    main()
