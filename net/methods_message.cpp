// Writing: messages, comments, and reading them back; search.
#include "net/content.hpp"
#include "net/methods.hpp"

namespace inboxd::net {

model::Result<model::Content> content_of(ContentParams&& p) {
  using model::MessageType;
  const auto name = std::string(name_of(p.type));
  const auto required = [&](std::string_view field) {
    return model::invalid(std::string(field), "It is required with the type " + name + ".");
  };
  const auto foreign = [&](std::string_view field) {
    return model::invalid(std::string(field), "It does not go with the type " + name + ".");
  };
  if (p.type == MessageType::text && p.text.empty()) return required("text");
  if (p.type == MessageType::attachment && p.attachments.empty()) return required("attachments");
  if (p.type == MessageType::location && !p.location) return required("location");
  if (p.type == MessageType::template_ && !p.template_) return required("template");
  if (p.type != MessageType::attachment && !p.attachments.empty()) return foreign("attachments");
  if (p.type != MessageType::location && p.location) return foreign("location");
  if (p.type != MessageType::template_ && p.template_) return foreign("template");
  model::Content content;
  content.type = p.type;
  content.text = std::move(p.text);
  content.attachments = std::move(p.attachments);
  content.location = std::move(p.location);
  content.template_ = std::move(p.template_);
  return content;
}

namespace {

using namespace kinds;
using actors::Request;
using model::Result;
namespace request = actors::request;

constexpr std::string_view client_id_doc =
    "The sender's own id: the same one again does nothing twice (R10).";

struct SendParams : ContentParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
  std::optional<model::ChannelId> channel;
  std::string tag, client_id;
  std::optional<model::Seq> expect_seq;
};

Result<Call> make_send(SendParams&& p, In&) {
  if (p.type == model::MessageType::unsupported) {
    return model::invalid("type", "Expected one of text attachment location template.");
  }
  auto content = content_of(std::move(static_cast<ContentParams&>(p)));  // its content alone
  if (!content) return content.error();
  model::SendMessage send;
  send.channel = p.channel;
  send.content = std::move(*content);
  send.tag = std::move(p.tag);
  send.client_id = std::move(p.client_id);
  send.expect_seq = p.expect_seq;
  return Request(request::OnContact{p.contact, std::move(send), p.expect_version});
}

Method send() {
  using P = SendParams;
  return with_content(
             Define<P>("message.send", access::people,
                       "Sends a message to the customer (R2, R7). Outside the channel's window: "
                       "`window_closed`.")
                 .required<&P::contact, ContactRef>("contact", "To whom.")
                 .optional<&P::channel, Ref<model::ChannelId>>(
                     "channel", "Through which; absent: the one that the contact last wrote on.")
                 .optional<&ContentParams::type, MessageTypeName>("type", "`text` if absent."))
      .optional<&P::tag, Detail>("tag", "`human_agent` widens a messenger window to 7 days.")
      .optional<&P::client_id, ClientId>("client_id", client_id_doc)
      .optional<&P::expect_seq, SeqOrZero>(
          "expect_seq", "Refuse with `conflict` unless this is the contact's `last_seq`.")
      .optional<&P::expect_version, VersionNumber>("expect_version", "Likewise for `version`.")
      .result(INBOXD_SCHEMA("EntryChanged"), "The new entry.")
      .make(make_send);
}

struct CommentParams {
  model::ContactId contact;
  std::optional<model::Version> expect_version;
  std::string text;
  std::vector<model::AgentId> mentions;
  std::string client_id;
};

Method comment() {
  using P = CommentParams;
  return Define<P>("comment.add", access::people, "Adds a comment that the customer never sees.")
      .required<&P::contact, ContactRef>("contact", "On whom.")
      .required<&P::text, Text<limits::text_bytes_max, 1>>("text", "The words.")
      .optional<&P::mentions, List<Ref<model::AgentId>, limits::mentions_max>>("mentions",
                                                                               "Agents to notify.")
      .optional<&P::client_id, ClientId>("client_id", client_id_doc)
      .optional<&P::expect_version, VersionNumber>(
          "expect_version", "Refuse with `conflict` unless this is the contact's version.")
      .result(INBOXD_SCHEMA("EntryChanged"), "The new entry.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::OnContact{
            p.contact,
            model::AddComment{std::move(p.text), std::move(p.mentions), std::move(p.client_id)},
            p.expect_version});
      });
}

struct PageParams {
  model::ContactId contact;
  std::optional<model::Seq> before_seq;
  std::size_t limit = limits::page_rows_default;
};

Method page() {
  using P = PageParams;
  return Define<P>("timeline.page", access::people, "A page of a contact's timeline, ascending.")
      .required<&P::contact, ContactRef>("contact", "Whose.")
      .optional<&P::before_seq, SeqNumber>("before_seq",
                                           "Entries before this one; absent: the last.")
      .optional<&P::limit, Limit>("limit", "How many; 50 if absent.")
      .result(INBOXD_SCHEMA("Page"), "The entries, and whether there are earlier ones.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::PageTimeline{p.contact, p.before_seq, p.limit});
      });
}

using SearchScope = request::Search::Scope;

struct Scope {
  using type = SearchScope;
  static bool read(In& in, Value& value, SearchScope& out) {
    const std::vector<std::string_view> names{"contacts", "messages", "comments"};
    std::string_view name;
    if (!read_enum_name(in, value, name)) return false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] != name) continue;
      out = static_cast<SearchScope>(i);
      return true;
    }
    return no_such_name(in, names);
  }
  static std::string schema() { return enum_schema({"contacts", "messages", "comments"}); }
};

struct SearchParams {
  std::string query;
  std::optional<std::vector<SearchScope>> scopes;
  std::optional<model::ViewId> view;
  std::size_t limit = 20;
  std::optional<std::string> cursor;
};

Result<Call> make_search(SearchParams&& p, In&) {
  if (p.scopes && p.scopes->empty()) {
    return model::invalid("scope", "Expected one at least; without `scope` all are searched.");
  }
  return Request(request::Search{std::move(p.query),
                                 std::move(p.scopes).value_or(std::vector<SearchScope>{}), p.view,
                                 p.limit, std::move(p.cursor)});
}

Method search() {
  using P = SearchParams;
  constexpr std::size_t query_bytes_max = 1024;
  constexpr std::size_t scopes_max = 3;
  return Define<P>(
             "search", access::people,
             "Contacts, messages and comments in which every word occurs (S43, docs/SEARCH.md).")
      .required<&P::query, Text<query_bytes_max, 1>>(
          "query",
          "Words, each a prefix; \"phrases\"; tag: channel: assignee: status: "
          "before: after:; - negates.")
      .optional<&P::scopes, List<Scope, scopes_max>>(
          "scope", "Where to look, one at least; absent: everywhere.")
      .optional<&P::view, ViewRef>("view", "Only contacts of this view.")
      .optional<&P::limit, Limit>("limit", "How many; 20 if absent.")
      .optional<&P::cursor, Text<query_bytes_max, 1>>("cursor", "To go on where a result ended.")
      .result(INBOXD_SCHEMA("SearchResult"), "Hits, best first.")
      .make(make_search);
}

}  // namespace

std::vector<Method> message_methods() {
  std::vector<Method> m;
  m.push_back(send());
  m.push_back(comment());
  m.push_back(page());
  m.push_back(search());
  return m;
}

}  // namespace inboxd::net
