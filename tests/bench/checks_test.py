"""inbox-bench checks what it measures: behind a relay that lies about one thing, each run fails, and
says why. Without a lie the same run passes. Here lists, counters and answers; scenarios_test.py has the
rest."""

import re
import time

from bench_case import BenchCase, but
from lies import (
    ANSWER, DELTA, at, counters_below_zero, del_of_nobody, each, from_then_on, lost, older_version, once, one_more,
    other_sub, put_behind_nobody, put_last, refused, swapped, twice, without_dels, without_last_op, without_ops,
)  # fmt: skip
from suite import main

INGEST = [
    "ingest", "--connections", "2", "--depth", "4", "--contacts", "60", "--watchers", "6", "--rows", "10",
    "--warm-up", "0.1", "--duration", "0.7",
]  # fmt: skip
# Changes that leave most of the rows alone, a few at a time.
SLOW = [
    "ingest", "--connections", "2", "--rate", "60", "--contacts", "60", "--watchers", "6", "--rows", "10",
    "--warm-up", "0.2", "--duration", "1.5",
]  # fmt: skip


class TheBenchFails(BenchCase):
    def test_not_when_all_is_true(self):
        for scenario in (INGEST, SLOW):
            result = self.passes(scenario)
            lists = next(check for check in result["checks"] if "lists folded" in check)
            self.assertRegex(lists, "[1-9]\\d* times meanwhile with one that subscribed just then")
            self.assertRegex(lists, "[1-9]\\d* times with one another")

    def test_when_all_deltas_are_lost(self):
        self.fails(INGEST, from_then_on(3, DELTA), "the list of .* went wrong|is missing")

    def test_when_one_watcher_loses_one_delta(self):
        """Also when the next one makes the list right again."""
        self.fails(SLOW, once(at(4, DELTA, lost)), "is missing between|not in the list|it is not the list that")

    def test_when_one_watcher_loses_one_delta_that_the_next_makes_good(self):
        busy = but(INGEST, "--duration", "1.5", "--assigned", "0")  # `mine` is watched by one alone
        self.fails(busy, once(at(4, DELTA, lost)), "is missing between|not in the list|it is not the list that")

    def test_when_a_windows_only_watcher_loses_a_delta_that_the_next_makes_good(self):
        """One contact, whose row each delta puts anew: nothing but their number tells."""
        alone = but(INGEST, "--watchers", "1", "--contacts", "1", "--connections", "1", "--depth", "1")
        self.passes(alone)
        self.fails(alone, once(at(3, DELTA, lost)), "\\d+ deltas were sent, and \\d+ came")

    def test_when_all_lose_the_same_ops(self):
        """Nobody differs from the others: a client that subscribes just then does."""
        self.fails(SLOW, from_then_on(4, DELTA, without_ops), "it is not the list that|not in the list|rows of")

    def test_when_an_op_is_lost(self):
        self.fails(INGEST, each(DELTA, without_last_op), "went wrong|not in the list|stands behind|rows of|rows in a")

    def test_when_a_del_is_lost(self):
        self.fails(INGEST, at(3, DELTA, without_dels), "1\\d rows in a window of 10")

    def test_when_a_row_stands_before_nobody(self):
        self.fails(SLOW, at(3, DELTA, put_behind_nobody), "put before c000000009999, which is not in the list")

    def test_when_a_row_goes_that_is_not_there(self):
        self.fails(SLOW, at(3, DELTA, del_of_nobody), "del of c000000009999, which is not in the list")

    def test_when_a_row_stands_in_the_wrong_place(self):
        self.fails(SLOW, from_then_on(3, DELTA, put_last), "stands behind|not in the list|it is not the list that")

    def test_when_a_delta_comes_twice(self):
        self.fails(INGEST, at(3, DELTA, twice), "does not come after|not in the list")

    def test_when_deltas_change_places(self):
        self.fails(INGEST, swapped(3, DELTA), "does not come after|not in the list|is missing|rows of|rows in a")

    def test_when_a_delta_is_for_somebody_else(self):
        self.fails(SLOW, at(3, DELTA, other_sub), "a delta of another subscription, s77")

    def test_when_a_row_is_wrong(self):
        self.fails(INGEST, each(DELTA, one_more(r'("version":)(\d+)')), "row \\d+ is")

    def test_when_a_row_goes_back(self):
        self.fails(SLOW, from_then_on(4, DELTA, older_version), "goes back from version \\d+ to 0|row \\d+ is")

    def test_when_a_counter_is_wrong(self):
        lie = one_more(r'("unread_messages":)(\d+)')
        self.fails(INGEST, each(DELTA, lie), "counters .* instead of")

    def test_when_a_counter_is_below_zero(self):
        self.fails(INGEST, at(3, DELTA, counters_below_zero), "counters below zero")

    def test_when_counters_and_rows_differ(self):
        lie = lambda text: [re.sub(r'"contacts":\d+', '"contacts":3', text)]  # noqa: E731
        self.fails(INGEST, at(3, DELTA, lie), "rows of 3 contacts|counters that cannot be")

    def test_when_a_message_is_refused(self):
        self.fails(INGEST, at(40, ANSWER, refused), "refused")

    def test_when_a_message_is_answered_twice(self):
        self.fails(INGEST, at(40, ANSWER, twice), "not asked, or twice")

    def test_when_a_message_is_not_answered(self):
        for number in (10, 60):  # while filling and while measuring
            self.fails(
                [*INGEST, "--answer-within", "0.7"], at(number, ANSWER, lost),
                "did not answer everything|not answered within 700 ms|was not answered, and",
            )  # fmt: skip

    def test_when_a_list_is_not_answered(self):
        self.fails(
            [*INGEST, "--answer-within", "0.7"], each('"rows":', lost), "the watchers' snapshots did not come in time"
        )

    def test_when_a_message_is_taken_for_a_duplicate(self):
        lie = lambda text: [text.replace('"duplicate":false', '"duplicate":true')]  # noqa: E731
        self.fails(INGEST, at(40, ANSWER, lie), "taken for a duplicate")

    def test_when_a_message_seems_to_be_another_contacts(self):
        lie = lambda text: [re.sub(r'"contact":"[^"]*"', '"contact":"c000000009999"', text)]  # noqa: E731
        self.fails(INGEST, at(60, ANSWER, lie), "customer \\d+ is")

    def test_not_for_a_stall_but_counts_what_waited(self):
        """Coordinated omission: the server answers nothing for half a second. In an open loop all that was
        due meanwhile waited, sent or not, and a tenth of what came in that second waited long."""

        def stalls(text):
            time.sleep(0.5)  # this is the lie; nothing is waited for

        scenario = [
            "ingest", "--connections", "1", "--rate", "800", "--contacts", "60", "--watchers", "3",
            "--warm-up", "0.1", "--duration", "1",
        ]  # fmt: skip
        result = self.passes(scenario, at(150, ANSWER, stalls))
        self.assertGreater(result["latencies"]["send to answer"]["p90_ms"], 200)

    def test_counts_what_is_answered_only_after_the_end(self):
        """A stall that lasts until the measuring is over: what was due in it was not fast, it was not answered."""

        def stalls(text):
            time.sleep(1.2)  # this is the lie; nothing is waited for

        scenario = [
            "ingest", "--connections", "1", "--rate", "400", "--contacts", "60", "--watchers", "3",
            "--warm-up", "0.1", "--duration", "1",
        ]  # fmt: skip
        answers = self.passes(scenario, at(250, ANSWER, stalls))["latencies"]["send to answer"]
        self.assertGreater(answers["count"], 390)
        self.assertGreater(answers["p90_ms"], 300)


if __name__ == "__main__":
    main()
