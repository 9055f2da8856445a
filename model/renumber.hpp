// What a merge does to the entries that it moves (R14, S23).
#pragma once

#include "model/entry.hpp"

namespace inboxd::model {

/// The entry goes behind `base` others: its seq, and what an earlier merge's event says of the
/// seqs of those that came with it, for they go along.
void renumber(Entry& entry, Seq base);

}  // namespace inboxd::model
