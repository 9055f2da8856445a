#!/usr/bin/env python3
"""merge.py [--entries N] [--unread] [--bin DIR]: merges a contact with N entries (100,000) into another on the real server,
while a third contact's commands go on. Says when the merge was answered, what memory it took, when the store had it, and how
long the others waited. With --unread the primary has something unread, so that what was read in the other is looked through
(S23). The long timeline comes by `inboxctl import`; at the end `inboxctl verify` must find nothing."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "wire"))

import peer  # noqa: E402

peer.DEADLINE_S = 300
TEXT = "a few words of the customer's, some hundred bytes of them, as they write on a phone, without much ado. " * 2


def inbound(connector, customer, number):
    return connector.must(
        "inbound.receive", external_id=customer, provider_id=f"{customer}-{number}", type="text", text=TEXT
    )["contact"]


def make_office(server, unread):
    """(primary, secondary, another contact); the secondary's last entries are an answer and a message."""
    admin = server.open(sub="root")
    admin.must("channel.put", id="web", kind="webchat", name="Web")
    connector = server.open(sub="c", kind="connector", channel="web")
    primary, secondary, other = (inbound(connector, customer, 1) for customer in "abc")
    if not unread:
        admin.must("contact.read", contact=primary)
    admin.must("message.send", contact=secondary, text=TEXT, client_id="sent")
    inbound(connector, "b", 2)
    admin.must("contact.read", contact=secondary)
    for session in admin, connector:
        session.close()
    return primary, secondary, other


def lengthen(lines, contact, entries):
    """The lines of an export, that contact's timeline continued with read messages in turns of both sides."""
    shapes, last = {}, None
    for line in lines:
        record = json.loads(line)
        if record.get("contact", {}).get("id") == contact:
            last = record["contact"]["last_seq"]
            record["contact"]["last_seq"] = record["contact"]["read_seq"] = entries
        yield record
        entry = record.get("entry", {})
        if entry.get("contact") != contact:
            continue
        shapes[entry.get("direction")] = entry
        if entry["seq"] != last:
            continue
        for seq in range(last + 1, entries + 1):
            more = dict(shapes["in" if seq % 2 else "out"], seq=seq)
            if seq % 2:
                more["provider_id"] = f"p{seq}"
            else:
                sent = {"status": "sent", "at": more["at"]}
                more.update(client_id=f"c{seq}", status="sent", statuses=[*more["statuses"], sent])
            more["offset"] = more.pop("offset")  # the last member
            yield {"entry": more}


def refill(server, bins, contact, entries):
    with tempfile.TemporaryDirectory() as folder:
        exported, longer = os.path.join(folder, "exported"), os.path.join(folder, "longer")
        tool = [str(bins / "inboxctl")]
        subprocess.run([*tool, "export", "--data", server.data(), "--to", exported], check=True, capture_output=True)
        with open(exported) as lines, open(longer, "w") as out:
            for record in lengthen(lines, contact, entries):
                out.write(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n")
        shutil.rmtree(server.data())
        subprocess.run([*tool, "import", "--data", server.data(), "--from", longer], check=True, capture_output=True)


class Others(threading.Thread):
    """Comments on another contact, one after the other; how long each took, by when it was sent."""

    def __init__(self, server, contact):
        super().__init__()
        self.server, self.contact = server, contact
        self.ending, self.waits = threading.Event(), []

    def run(self):
        session = self.server.open(sub="other")
        while not self.ending.wait(0.002):
            sent = time.monotonic()
            session.must("comment.add", contact=self.contact, text="x", client_id=f"o{len(self.waits)}")
            self.waits.append((sent, (time.monotonic() - sent) * 1e3))

    def go_on(self, times):
        enough = len(self.waits) + times
        peer.until(lambda: len(self.waits) >= enough, f"{times} more comments", peer.DEADLINE_S)

    def ms(self, begin, end, share):
        waits = sorted(ms for sent, ms in self.waits if begin <= sent <= end)
        return waits[min(int(len(waits) * share), len(waits) - 1)]


def peak_mib(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--entries", type=int, default=100_000)
    arguments.add_argument("--unread", action="store_true")
    arguments.add_argument("--bin", type=pathlib.Path, default=ROOT / "build" / "release" / "bin")
    options = arguments.parse_args()
    server = peer.Server(str(options.bin / "inboxd"), "--search=off")
    try:
        primary, secondary, other = make_office(server, options.unread)
        server.stop()
        refill(server, options.bin, secondary, options.entries)
        server.start()
        others = Others(server, other)
        others.start()
        others.go_on(500)
        admin = server.open(sub="root")
        admin.socket.settimeout(peer.DEADLINE_S)
        before = peak_mib(server)
        asked = time.monotonic()
        offset = admin.must("contact.merge", contact=primary, **{"from": secondary})["offset"]
        answered = time.monotonic()
        answer_mib = peak_mib(server) - before
        peer.until(lambda: server.metric("inboxd_offset_saved") >= offset, "the merge in the store", peer.DEADLINE_S)
        saved = time.monotonic()
        others.go_on(200)
        others.ending.set()
        others.join()
        print(f"{options.entries:,} entries: merge answered after {answered - asked:.3f} s, {answer_mib:.0f} MiB more at the peak")
        print(f"in the store {saved - answered:.1f} s later, {peak_mib(server) - before:.0f} MiB more than the {before:.0f} before")
        print(f"other commands: before p50 {others.ms(0, asked, 0.5):.1f}, at most {others.ms(0, asked, 1):.0f} ms; "
              f"meanwhile p50 {others.ms(asked, saved, 0.5):.1f}, at most {others.ms(asked - 1, saved + 1, 1):.0f} ms")
        page = admin.must("timeline.page", contact=secondary, before_seq=options.entries)["entries"]
        assert [entry["seq"] for entry in page] == list(range(options.entries - 50, options.entries))
        assert all(entry["contact"] == primary for entry in page)
        server.stop()
        verified = subprocess.run([str(options.bin / "inboxctl"), "verify", "--data", server.data()], capture_output=True, text=True)
        print(verified.stdout.splitlines()[-1])
        return verified.returncode
    finally:
        server.clean_up()


if __name__ == "__main__":
    sys.exit(main())
