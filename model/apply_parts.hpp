// Inside `apply`: the folds that have a file of their own.
#pragma once

#include "model/event.hpp"

namespace inboxd::model {

/// apply_entry.cpp: a new entry at the end of the timeline.
void append_entry(Contact& contact, const Entry& entry);
/// apply_merge.cpp: S23.
void take_over(Contact& contact, const TookOver& merge);
void end_merged(Contact& contact, const MergedInto& merge);

}  // namespace inboxd::model
