// What a message says, as params: shared by `message.send` and `inbound.receive`.
#pragma once

#include <optional>

#include "model/entry.hpp"
#include "model/error.hpp"
#include "net/kinds.hpp"

namespace inboxd::net {

struct ContentParams {
  model::MessageType type = model::MessageType::text;
  std::string text;
  std::vector<model::Attachment> attachments;
  std::optional<model::Location> location;
  std::optional<model::Template> template_;
};

/// The type says what must be there: text a text, attachment at least one, and so on. What belongs
/// to another type is refused, but for a text beside attachments, a location or a template.
model::Result<model::Content> content_of(ContentParams&& params);

/// The params' entries of the table, for a `P` that derives from ContentParams.
template <class P>
Define<P>&& with_content(Define<P>&& define) {
  using C = ContentParams;
  return std::move(define)
      .template optional<&C::text, kinds::Text<kinds::limits::text_bytes_max>>("text", "The words.")
      .template optional<&C::attachments, kinds::Attachments>("attachments", "Files, by URL.")
      .template optional<&C::location, kinds::LocationObject>("location", "A place.")
      .template optional<&C::template_, kinds::TemplateObject>("template",
                                                               "A pre-approved message.");
}

}  // namespace inboxd::net
