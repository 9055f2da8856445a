// Inside the workspace's `decide`: what has a file of its own.
#pragma once

#include <vector>

#include "model/checks.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

using Changed = Result<std::vector<WorkspaceEvent>>;

// decide_view.cpp
Changed decide_view(const Workspace& workspace, PutView command, const Principal& by);
Changed decide_view(const Workspace& workspace, const DeleteView& command, const Principal& by);

}  // namespace inboxd::model
