"""What must be true of a history, whatever happened to network and server."""

from collections import defaultdict


def acknowledged_once(history, timelines):
    """Every acknowledged message and comment is there once, where it was said to be; nothing that
    was sent is there twice."""
    places = defaultdict(list)
    for contact, entries in timelines.items():
        for entry in entries:
            if "text" in entry:
                places[entry["text"]].append((contact, entry["seq"]))
    errors = [f"{text} is there {len(found)} times: {found}" for text, found in places.items() if len(found) > 1]
    for op in history:
        if op.text and op.seq and (op.contact, op.seq) not in places[op.text]:
            errors.append(f"{op.text} was acknowledged as {op.contact} {op.seq}; there is {places[op.text]}")
    return errors


def gap_free(timelines):
    return [
        f"{contact}: seqs {[e['seq'] for e in entries][:5]}… have a gap"
        for contact, entries in timelines.items()
        if [e["seq"] for e in entries] != list(range(1, len(entries) + 1))
    ]


def one_offset_each(history):
    """Two commands never share an offset (S1)."""
    seen, errors = {}, []
    for op in history:
        if not op.text or op.seq is None or op.repeated:
            continue
        if seen.setdefault(op.offset, op.text) != op.text:
            errors.append(f"{op.text} and {seen[op.offset]} have offset {op.offset}")
    return errors


def linearizable(history):
    """Per contact: commands take effect in one order that agrees with real time. The order is known,
    it is that of the offsets; so it is enough that whoever began after another had ended comes after
    it (Herlihy and Wing 1990), and that a read sees all that was acknowledged before it began."""
    errors = []
    by_contact = defaultdict(list)
    for op in history:
        if op.contact and op.offset is not None:
            by_contact[op.contact].append(op)
    for contact, ops in by_contact.items():
        events = sorted([(op.began, 1, op) for op in ops] + [(op.ended, 0, op) for op in ops], key=lambda e: e[:2])
        changed = read = seen = 0  # the greatest offset of a change, of anything, the greatest seq
        for _, begins, op in events:
            if begins:
                # A read says the engine's offset, a command the contact's own last one (S4, S7).
                op.must_reach, op.must_see = (max(changed, read) if op.kind == "read" else changed), seen
            elif op.kind == "read":
                read = max(read, op.offset)
            else:
                changed, seen = max(changed, op.offset), max(seen, op.seq or 0)
        for op in ops:
            if op.offset < op.must_reach and not op.repeated:
                errors.append(f"{contact}: {op} is before offset {op.must_reach}, which was acknowledged before it began")
            if op.kind == "read" and op.last_seq < op.must_see:
                errors.append(f"{contact}: {op} does not see seq {op.must_see}")
    return errors
