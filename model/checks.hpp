// Inside the model: checks of what commands carry, each an error that names the field and the
// limit. `field` is the path that the caller sees, such as `set.phone` or `tags_add[2]`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/command.hpp"
#include "model/error.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

using Checked = std::optional<Error>;  // nothing: it is fine

Error too_large(std::string_view field, std::size_t bytes, std::size_t bytes_max);
Error too_many(std::string_view field, std::size_t count, std::size_t count_max);
std::string item_path(std::string_view list, std::size_t index);

/// Valid UTF-8 of that size at most; line breaks are fine.
Checked check_text(std::string_view field, std::string_view text, std::size_t bytes_max);
/// The same, on one line: no control characters.
Checked check_line(std::string_view field, std::string_view text, std::size_t bytes_max);
/// The same, and not blank.
Checked check_name(std::string_view field, std::string_view text, std::size_t bytes_max);
Checked check_chosen_id(std::string_view field, std::string_view id);
Checked check_time(std::string_view field, Timestamp t);

/// check_content.cpp: what a message says. Only inbound ones may be `unsupported`.
Checked check_content(const Content& content, Direction direction);

/// check_details.cpp. Values come back in their one form (E.164, `pt-BR`, …); an empty text clears.
Result<DetailsPatch> check_patch(std::string_view prefix, const DetailsPatch& patch,
                                 const Workspace& workspace);
Result<Details> check_profile(const Details& profile);
Checked check_tags(std::string_view field, const std::vector<std::string>& tags);
Checked check_identities(std::string_view field, const std::vector<ExternalIdentity>& identities);
/// S39: `field[i].channel` is not_found if there is no such channel.
Checked check_channels_exist(std::string_view field,
                             const std::vector<ExternalIdentity>& identities,
                             const Workspace& workspace);

}  // namespace inboxd::model
