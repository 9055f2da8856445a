"""A client's copies of what it subscribed to, folded as PROTOCOL.md says, every step checked."""


class FoldedView:
    """A list: from a snapshot, deltas, resets and resumes."""

    def __init__(self, view, **params):
        self.params = {"view": view, **params}
        self.epoch = None
        self.recovered = self.afresh = 0

    def subscribe(self, peer):
        params = dict(self.params)
        if self.epoch:
            params["resume"] = {"epoch": self.epoch, "offset": self.offset}
        result = peer.must("view.subscribe", **params)
        self.sub = result["sub"]
        if result["recovered"]:
            assert self.epoch == result["epoch"] and result["offset"] >= self.offset, result
            assert "rows" not in result
            self.recovered += 1
            self.apply(result)
        else:
            assert "ops" not in result
            self.afresh += self.epoch is not None
            self.replace(result)
        self.epoch = result["epoch"]

    def replace(self, state):
        self.rows = list(state["rows"])
        self.ids = [row["id"] for row in self.rows]
        assert len(set(self.ids)) == len(self.ids)
        self.rest(state)

    def apply(self, delta):
        for op in delta["ops"]:
            gone = op["id"] if op["op"] == "del" else op["row"]["id"]
            if gone in self.ids:
                at = self.ids.index(gone)
                del self.ids[at], self.rows[at]
            else:
                assert op["op"] == "put", f"del of {gone}, which is not in the list"
            if op["op"] == "put":
                before = op.get("before")
                at = self.ids.index(before) if before else len(self.ids)
                self.ids.insert(at, gone)
                self.rows.insert(at, op["row"])
        self.rest(delta)

    def rest(self, state):
        self.offset = state["offset"]
        for key in ("counters", "more", "cursor"):
            if key in state:
                setattr(self, key, state[key])

    def take(self, message):
        """A notification, if it is of this view."""
        params = message.get("params", {})
        if params.get("sub") != self.sub:
            return
        assert params["offset"] > self.offset or message["method"] == "view.reset", message
        if message["method"] == "view.delta":
            self.apply(params)
        elif message["method"] == "view.reset":
            self.replace(params)

    def state(self):
        return self.rows, self.counters, self.more, self.cursor


class FoldedContact:
    """A conversation's entries, by seq."""

    def __init__(self, contact):
        self.contact = contact
        self.epoch = None
        self.entries = {}
        self.recovered = self.afresh = 0

    def subscribe(self, peer):
        params = {"contact": self.contact, "limit": 200}
        if self.epoch:
            params["resume"] = {"epoch": self.epoch, "offset": self.offset}
        result = peer.must("contact.subscribe", **params)
        if result["recovered"]:
            assert all(entry["offset"] > self.offset for entry in result["entries"])
            self.recovered += 1
        else:
            self.afresh += self.epoch is not None
            self.entries = {}
        self.sub, self.epoch = result["sub"], result["epoch"]
        self.fold(result)

    def fold(self, part):
        self.offset = part["offset"]
        for entry in part.get("entries", []):
            self.entries[entry["seq"]] = entry

    def take(self, message):
        params = message.get("params", {})
        if params.get("sub") == self.sub and message["method"] == "contact.delta":
            assert params["offset"] > self.offset, message
            self.fold(params)
