"""What liar.py can be told to do with the server's texts. Each gives, for each connection, a function that gets a text
and gives the texts that are handed on (None: that text, unchanged)."""

import json
import re

DELTA = '"method":"view.delta"'
COUNTERS = '"method":"counters.delta"'
ANSWER = '"duplicate":'  # of a customer's message
DELIVERY = '"method":"outbox.deliver"'


def honest():
    return lambda text: None


def packed(message):
    return [json.dumps(message, separators=(",", ":"))]


def at(number, wanted, lie):
    """Of the texts that hold `wanted`, lies about the one with this number."""

    def make():
        seen = 0

        def look(text):
            nonlocal seen
            if wanted not in text:
                return None
            seen += 1
            return lie(text) if seen == number else None

        return look

    return make


def each(wanted, lie):
    return lambda: lambda text: lie(text) if wanted in text else None


def once(make):
    """Only the first connection that has something to lie about."""
    lied = []

    def made():
        look = make()
        me = object()

        def first(text):
            texts = look(text) if not lied or lied[0] is me else None
            if texts is not None and not lied:
                lied.append(me)
            return texts

        return first

    return made


def on_connection(number, make):
    """Only on the connection that is made with this number."""
    made = []

    def count():
        made.append(None)
        return make() if len(made) == number else honest()

    return count


def swapped(number, wanted):
    """The one with this number comes after the next."""

    def make():
        seen = 0
        held = None

        def look(text):
            nonlocal seen, held
            if wanted not in text:
                return None
            seen += 1
            if seen == number:
                held = text
                return []
            if held is not None:
                texts, held = [text, held], None
                return texts
            return None

        return look

    return make


def from_then_on(number, wanted, lie=lambda text: []):
    """From this one on they are lost, or lied about."""

    def make():
        seen = 0

        def look(text):
            nonlocal seen
            seen += wanted in text
            return lie(text) if wanted in text and seen >= number else None

        return look

    return make


# ── lies ──


def lost(text):
    return []


def twice(text):
    return [text, text]


def refused(text):
    error = {"code": -32000, "message": "no", "data": {"reason": "unavailable"}}
    return packed({"jsonrpc": "2.0", "id": json.loads(text)["id"], "error": error})


def replaced(pattern, by):
    """Each place that matches; None, the truth, where none does."""

    def lie(text):
        other = re.sub(pattern, by, text)
        return [other] if other != text else None

    return lie


def one_more(pattern):
    """The number that the pattern's second group finds."""
    return replaced(pattern, lambda m: f"{m[1]}{int(m[2]) + 1}")


def in_params(change):
    """`change(params)` says whether it changed something."""

    def lie(text):
        message = json.loads(text)
        return packed(message) if change(message["params"]) else None

    return lie


@in_params
def without_last_op(params):
    params["ops"] = params["ops"][:-1]
    return True


@in_params
def without_dels(params):
    ops = [op for op in params["ops"] if op["op"] != "del"]
    changed = len(ops) < len(params["ops"])
    params["ops"] = ops
    return changed


@in_params
def without_ops(params):
    params["ops"] = []
    return True


def puts(params):
    return [op for op in params.get("ops", []) if op["op"] == "put"]


@in_params
def put_behind_nobody(params):
    for op in puts(params):
        op["before"] = "c000000009999"
    return bool(puts(params))


@in_params
def del_of_nobody(params):
    params["ops"].append({"op": "del", "id": "c000000009999"})
    return True


@in_params
def put_last(params):
    """The first row stands at the end."""
    for op in puts(params)[-1:]:
        params["ops"].append({**op, "before": None})
    return bool(puts(params))


@in_params
def other_sub(params):
    params["sub"] = "s77"
    return True


def counters_below_zero(text):
    return replaced(r'"unread_messages":\d+', '"unread_messages":-3')(text)


def older_version(text):
    return replaced(r'("version":)\d+', r"\g<1>0")(text)


def memory(bytes_of):
    """A server that says in its metrics that it keeps as much as that, the n-th time it is asked."""
    asked = 0

    def lie(page):
        nonlocal asked
        asked += 1
        page = re.sub(r"(?m)^(inboxd_store_memory_bytes) .*$", r"\1 0", page)
        return re.sub(r"(?m)^(inboxd_allocated_bytes) .*$", rf"\1 {bytes_of(asked)}", page)

    return lie


def with_woke_twice(text):
    """A page of a timeline."""
    message = json.loads(text)
    entries = message["result"]["entries"]
    woke = [entry for entry in entries if entry.get("event") == "woke"]
    message["result"]["entries"] = entries + woke
    return packed(message)


def before_its_turn():
    """A contact's second delivery says that it is its first entry."""
    known = set()

    def look(text):
        if DELIVERY not in text:
            return None
        message = json.loads(text)
        for delivery in message["params"]["deliveries"]:
            if delivery["contact"] in known:
                delivery["seq"] = 1
            known.add(delivery["contact"])
        return packed(message)

    return look
