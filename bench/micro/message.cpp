// What one inbound message costs, step by step, without actors, sockets or disk: the frame taken
// apart, the params decoded, the rule decided and applied, the row made, the entry, row and answer
// written.
#include <string>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "model/decide.hpp"
#include "model/entry_json.hpp"
#include "model/event.hpp"
#include "model/row.hpp"
#include "model/row_json.hpp"
#include "net/frame.hpp"
#include "net/method.hpp"

namespace {

using namespace inboxd;

constexpr std::size_t text_bytes = 300;
constexpr model::Timestamp now{1'700'000'000'000};

const std::string& frame_text() {
  static const std::string text =
      R"({"jsonrpc":"2.0","id":4711,"method":"inbound.receive","params":{"external_id":"5215512345678","provider_id":"wamid.0123456789abcdef","type":"text","text":")" +
      std::string(text_bytes, 'x') + "\"}}";
  return text;
}

void frame_parse(benchmark::State& state) {
  const simdjson::padded_string text(frame_text());
  net::Frame frame;
  for (auto _ : state) {
    net::parse_frame(std::string_view(text.data(), text.size()), 64, frame);
    benchmark::DoNotOptimize(frame);
  }
}
BENCHMARK(frame_parse);

void params_decode(benchmark::State& state) {
  const simdjson::padded_string text(frame_text());
  net::Frame frame;
  net::parse_frame(std::string_view(text.data(), text.size()), 64, frame);
  const model::Principal connector{model::PrincipalKind::connector, "c", model::Role::agent,
                                   model::ChannelId("whatsapp-1")};
  const auto* method = net::find_method("inbound.receive");
  for (auto _ : state) {
    std::uint32_t last_sub = 0;
    net::In in(connector, last_sub);
    auto call = method->decode(*method, in, frame.requests.front().params);
    if (!call) state.SkipWithError("refused");
    benchmark::DoNotOptimize(call);
  }
}
BENCHMARK(params_decode);

// A contact that writes again and again.
class Conversation {
 public:
  Conversation() {
    auto& channel = workspace_.channels[model::ChannelId("whatsapp-1")];
    channel.id = model::ChannelId("whatsapp-1");
    channel.kind = model::ChannelKind::whatsapp;
    model::ReceiveInbound message;
    message.id = {1};
    message.channel = channel.id;
    message.external_id = "5215512345678";
    message.provider_id = "wamid.0123456789abcdef";
    message.content.text = std::string(text_bytes, 'x');
    message_ = message;
    contact_.id = {1};
    step();
  }

  model::Decision decide() const {
    static const model::Principal connector{model::PrincipalKind::connector, "c",
                                            model::Role::agent, model::ChannelId("whatsapp-1")};
    const model::Context context{.now = now, .by = connector, .workspace = workspace_};
    return model::decide(contact_, message_, context).value();
  }
  void apply(const model::Decision& decision) { model::apply(contact_, decision.events, {1}); }
  void step() { apply(decide()); }
  model::Row row() const { return model::make_row(contact_, workspace_.channels); }

 private:
  model::Workspace workspace_;
  model::Contact contact_;
  model::Command message_;
};

void message_decide(benchmark::State& state) {
  const Conversation conversation;
  for (auto _ : state) benchmark::DoNotOptimize(conversation.decide());
}
BENCHMARK(message_decide);

void message_decide_and_apply(benchmark::State& state) {
  Conversation conversation;
  for (auto _ : state) conversation.step();
}
BENCHMARK(message_decide_and_apply);

void row_make(benchmark::State& state) {
  const Conversation conversation;
  for (auto _ : state) benchmark::DoNotOptimize(conversation.row());
}
BENCHMARK(row_make);

void row_write(benchmark::State& state) {
  const auto row = Conversation().row();
  std::string out;
  for (auto _ : state) {
    out.clear();
    model::write_row(out, row);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(row_write);

void entry_write(benchmark::State& state) {
  const auto decision = Conversation().decide();
  const auto& entry = std::get<model::EntryAppended>(decision.events.back()).entry;
  std::string out;
  for (auto _ : state) {
    out.clear();
    model::write_entry_open(out, {1}, entry);
    model::close_entry(out, {7});
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(entry_write);

void answer_write(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    net::write_response(
        out, "4711",
        R"("result":{"contact":"c000000000001","seq":2,"offset":7,"duplicate":false})");
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(answer_write);

}  // namespace
