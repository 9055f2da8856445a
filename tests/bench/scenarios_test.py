"""inbox-bench checks what it measures, scenario by scenario: each lie of the relay fails the run, with the right
words, and the same run without it passes."""

import time

from bench_case import BenchCase, but
from lies import (
    COUNTERS, DELIVERY, DELTA, at, before_its_turn, counters_below_zero, each, from_then_on, honest, lost, memory, on_connection,
    once, one_more, refused, replaced, twice, with_woke_twice, without_ops,
)  # fmt: skip
from suite import main

SOON = ["--answer-within", "0.8"]
OUTBOX = ["outbox", "--contacts", "20", "--messages", "200", "--depth", "16", "--held", "30", *SOON]
DESK = [
    "desk", "--connections", "2", "--rate", "200", "--agent-rate", "400", "--agent-connections", "4", "--contacts", "60",
    "--watchers", "6", "--rows", "10", "--warm-up", "0.2", "--duration", "1",
]  # fmt: skip
SOAK = [
    "soak", "--connections", "2", "--rate", "400", "--contacts", "60", "--watchers", "3", "--agent-rate", "20",
    "--warm-up", "0.1", "--duration", "5",
]  # fmt: skip
SNOOZE = [
    "snooze", "--snoozed", "60", "--contacts", "30", "--rate", "60", "--connections", "2", "--watchers", "2",
    "--warm-up", "1.1", "--duration", "0.5", *SOON,
]  # fmt: skip
IDLE = ["idle", "--sessions", "30", "--agents", "3", "--contacts", "20", "--rows", "10", "--duration", "0.3", *SOON]
RECONNECT = [
    "reconnect", "--sessions", "30", "--agents", "3", "--contacts", "20", "--rows", "10", "--stayed", "2",
    "--work", "0.4", "--within", "0.3", *SOON,
]  # fmt: skip
SEARCH = [
    "search", "--contacts", "60", "--messages", "120", "--rate", "100", "--connections", "2", "--queries", "2",
    "--quiet", "0.3", "--patience", "10", *SOON,
]  # fmt: skip
WRONG_LIST = "went wrong|not the list that|not in the list|rows of|rows in a window"
RESUMED = '"recovered":true'
MEMBER = 43  # of idle's connections: one of the crowd who looks at `all`, behind those that fill, stay and warm up
PAGE = '"entries":['
SEARCHER = 4  # of search's connections: behind the admin and two that fill
SEARCH_KINDS = ["contacts: one letter", "contacts: e-mail", "messages: a rare word", "everything: a word"]
HITS = '"hits":['


class TheBenchFails(BenchCase):
    def test_not_when_all_is_true(self):
        for scenario, what_is_timed in (
            (OUTBOX, "send to delivery"), (SNOOZE, "to delta"), (IDLE, "a session's opening"),
            (RECONNECT, "a client's way back"), (SEARCH, "a search"),
        ):  # fmt: skip
            result = self.passes(scenario)
            self.assertTrue(result["checks"], scenario[0])
            timed = sum(what_is_timed in moment["latencies"] for moment in result["moments"])
            self.assertGreater(timed, 0, scenario[0])
            self.assertTrue(result["phases"], scenario[0])

    # ── desk ──

    def test_desk_says_what_agents_did_in_the_ratios_asked_for(self):
        result = self.passes([*DESK, "--acts", "reply=50,assign=30,done=20"])
        rows = {row[0]: row for row in result["tables"][0]["rows"]}
        self.assertEqual(rows["reply"][1], "50 %")
        self.assertEqual(rows["read"][1:4], ["0 %", "0", "0 %"])
        done = {name: int(row[2]) for name, row in rows.items()}
        self.assertGreater(sum(done.values()), 400)
        self.assertGreater(done["reply"], done["assign"])
        self.assertGreater(done["assign"], done["done"])

    def test_desk_when_agents_did_something_else(self):
        """Every reply refused as a conflict and counted so; but what is refused otherwise fails."""
        self.fails(DESK, at(20, '"entry":', refused), "refused")

    def test_desk_when_a_badge_is_wrong(self):
        lie = one_more(r'("unread_messages":)(\d+)')
        self.fails(DESK, each(COUNTERS, lie), "counters of .* are .* instead of")

    def test_desk_follows_the_daily_curve(self):
        """Four seconds are a day: the first is night, the busiest is half past ten."""
        day = but(DESK, "--rate", "400", "--warm-up", "0", "--duration", "4")
        per_s = [moment["per_s"] for moment in self.passes([*day, "--daily-curve"])["moments"]]
        self.assertLess(per_s[0], 100)
        self.assertGreater(max(per_s[2:5]), 600)
        self.assertAlmostEqual(sum(per_s) / len(per_s), 400, delta=60)

    def test_agents_and_customers_think(self):
        """50 ms on average: four agents and twice two customers at a time do some 80 things a second each."""
        result = self.passes(
            but(DESK, "--rate", "0", "--depth", "2", "--think", "0.05", "--agent-rate", "0", "--agent-think", "0.05",
                "--duration", "3")
        )  # fmt: skip
        answers, acts = (result["latencies"][name]["count"] for name in ("send to answer", "agent's act to answer"))
        for count in (answers, acts):  # of 240; a busy machine makes it fewer
            self.assertLess(count, 300)
            self.assertGreater(count, 80)

    # ── soak ──

    def test_soak_when_memory_grows_with_the_messages(self):
        """Some hundred bytes a message, under the ups and downs of checkpoints."""
        grows = memory(lambda n: 500_000_000 + n * 16_000 + n % 2 * 10_000)
        self.fails(SOAK, honest, "memory grows by .* bytes a message", grows)

    def test_soak_not_when_memory_only_goes_up_and_down(self):
        self.passes(SOAK, honest, memory(lambda n: 500_000_000 + n % 2 * 100_000))

    # ── outbox ──

    def test_outbox_when_a_delivery_comes_twice(self):
        self.fails(OUTBOX, at(7, DELIVERY, twice), "delivered after|deliveries|messages")

    def test_outbox_when_a_delivery_comes_before_its_turn(self):
        self.fails(OUTBOX, before_its_turn, "was delivered after")

    def test_outbox_when_a_delivery_is_lost(self):
        self.fails(OUTBOX, at(3, DELIVERY, lost), "nothing came for 800 ms: of 200 messages .* delivered")

    def test_outbox_when_a_send_is_refused(self):
        self.fails(OUTBOX, at(20, '"client_id"', refused), "unavailable")

    def test_outbox_when_a_status_is_not_there(self):
        lie = replaced(r'"status":"read"', '"status":"delivered"')
        self.fails(OUTBOX, each(PAGE, lie), "\\d+ messages have all their statuses")

    # ── snooze ──

    def test_snooze_when_some_never_wake(self):
        lie = replaced(r'("snoozed":\{"contacts":)\d+', r"\g<1>7")
        self.fails(SNOOZE, each(COUNTERS, lie), "7 never woke|some woke before their time")

    def test_snooze_when_some_wake_too_soon(self):
        lie = replaced(r'("snoozed":\{"contacts":)\d+', r"\g<1>7")
        self.fails(SNOOZE, each('"counters":{"snoozed"', lie), "7 contacts are snoozed, not 60")

    def test_snooze_when_one_woke_twice(self):
        self.fails(SNOOZE, each('"event":"woke"', with_woke_twice), "woke 2 times")

    def test_snooze_when_a_wake_is_not_in_the_timeline(self):
        self.fails(SNOOZE, each(PAGE, replaced('"event":"woke"', '"event":"updated"')), "woke 0 times")

    def test_snooze_when_a_list_is_wrong(self):
        self.fails(SNOOZE, from_then_on(4, DELTA, without_ops), WRONG_LIST)

    # ── idle and reconnect ──

    def test_idle_when_a_subscription_is_not_answered(self):
        self.fails(IDLE, on_connection(MEMBER, each('"id":4,', lost)), "snapshots did not come in time")

    def test_idle_when_one_list_is_wrong(self):
        lie = one_more(r'("unread":)(\d+)')
        self.fails(IDLE, on_connection(MEMBER, at(1, '"rows":[{', lie)), "the list of \\S+ went wrong: row \\d+ is")

    def test_idle_when_one_badge_is_wrong(self):
        lie = one_more(r'("unread_messages":)(\d+)')
        self.fails(IDLE, on_connection(MEMBER, at(1, '"id":3,', lie)), "counters of .* are .* instead of")

    def test_reconnect_when_what_was_missed_is_lost(self):
        self.fails(RECONNECT, each(RESUMED, replaced(r'"ops":\[.*\](?=,"counters")', '"ops":[]')), WRONG_LIST)

    def test_reconnect_when_a_resume_is_not_answered(self):
        self.fails(RECONNECT, once(at(1, RESUMED, lost)), "the crowd's return did not come|" + WRONG_LIST)

    def test_reconnect_when_it_goes_back_in_time(self):
        lie = replaced(r'("recovered":true|"offset":)\d+', r"\g<1>1")
        self.fails(RECONNECT, each(RESUMED, lie), "resumed at 1, before \\d+")

    def test_reconnect_when_who_never_was_there_is_told_to_go_on(self):
        lie = replaced('"recovered":false', '"recovered":true')
        self.fails(RECONNECT, each('"recovered":false', lie), "recovered without a resume")

    def test_reconnect_when_a_badge_is_below_zero(self):
        self.fails(RECONNECT, each(COUNTERS, counters_below_zero), "counters of .* below zero")

    def test_reconnect_when_who_stayed_is_not_answered(self):
        self.fails(RECONNECT, at(40, '"duplicate":', lost), "\\d requests were not answered within 800 ms")

    # ── search ──

    def test_search_by_several_at_once_asks_as_often_as_it_should(self):
        result = self.passes(but(SEARCH, "--queries", "12", "--searchers", "4"))
        self.assertIn("4 searching", result["title"])
        self.assertEqual([result["latencies"][kind]["count"] for kind in SEARCH_KINDS], [12] * len(SEARCH_KINDS))

    def test_search_in_an_open_loop_counts_from_when_it_was_due(self):
        """One answer comes half a second late: what was due meanwhile, 50 a second, waited for it."""

        def stalls(text):
            time.sleep(0.5)  # this is the lie; nothing is waited for

        scenario = but(SEARCH, "--queries", "60", "--searchers", "1", "--search-rate", "50", "--answer-within", "5")
        result = self.passes(scenario, on_connection(SEARCHER, at(30, HITS, stalls)))
        first = result["latencies"][SEARCH_KINDS[0]]
        self.assertGreaterEqual(first["count"], 60)
        self.assertGreater(first["p90_ms"], 200)

    def test_search_when_the_wrong_customer_is_found(self):
        lie = replaced(r'"name":"[^"]*"', '"name":"Nobody Known"')
        self.fails(SEARCH, each(HITS, lie), "does not lead to")

    def test_search_when_a_hit_belongs_to_another(self):
        lie = replaced(r'("entry":\{"contact":)"[^"]*"', r'\g<1>"c000000009999"')
        self.fails(SEARCH, each(HITS, lie), "a message of c000000009999 as one of")

    def test_search_when_a_search_is_not_answered(self):
        self.fails(SEARCH, on_connection(SEARCHER, at(5, HITS, lost)), "did not answer everything")

    def test_search_when_a_search_is_refused(self):
        self.fails(SEARCH, on_connection(SEARCHER, at(5, HITS, refused)), "search refused: .*unavailable")

    def test_search_when_the_index_never_catches_up(self):
        lie = replaced(r'"behind":\d+', '"behind":5')
        self.fails(but(SEARCH, "--patience", "0.5"), each(HITS, lie), "the index did not catch up in time")

    def test_search_when_messages_are_not_answered(self):
        self.fails(SEARCH, from_then_on(65, '"duplicate":', lost), "not answered within|did not answer everything")


if __name__ == "__main__":
    main()
