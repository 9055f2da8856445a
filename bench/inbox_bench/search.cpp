#include "bench/inbox_bench/search.hpp"

#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/plain_work.hpp"
#include "bench/inbox_bench/progress.hpp"
#include "bench/inbox_bench/search_corpus.hpp"
#include "bench/inbox_bench/search_past.hpp"
#include "bench/inbox_bench/search_work.hpp"
#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;

constexpr unsigned fill_depth = 16;

double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

/// Messages: the first from each customer in turn, with a profile; then from any.
class CustomerWork final : public PlainWork {
 public:
  /// Who wrote `sent` messages already.
  CustomerWork(const SearchOptions& options, SearchCorpus& corpus, Failures& failures,
               std::uint64_t sent)
      : PlainWork(failures), options_(options), corpus_(corpus), sent_(sent) {}

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             Clock::time_point) override {
    const auto n = sent_++;
    const bool fresh = n < options_.contacts;
    subject = static_cast<std::uint32_t>(fresh ? n : corpus_.random() % options_.contacts);
    model::json::Object request(frame);
    request("jsonrpc", "2.0")("id", id)("method", "inbound.receive");
    model::json::Object params(request.key("params"));
    params("external_id", corpus_.phone(subject))("provider_id", std::to_string(n))("type", "text")(
        "text", corpus_.text());
    if (!fresh) return;
    model::json::Object profile(params.key("profile"));
    profile("first_name", corpus_.first_name(subject))("last_name", corpus_.last_name(subject))(
        "phone", corpus_.phone(subject))("email", corpus_.email(subject));
  }

 private:
  const SearchOptions& options_;
  SearchCorpus& corpus_;
  std::uint64_t sent_;
};

class Search {
 public:
  explicit Search(const SearchOptions& options)
      : options_(options),
        corpus_(options.seed),
        target_(prepared()),
        work_(options_, corpus_, failures_, filled_ ? options.messages : 0),
        admin_(target_.admin_session(loop_)) {}

  void run(Report& report) {
    fill(report);
    wait_for_index(report);
    check(report);
    under_load(report);
    report.failures = failures_.texts();
  }

 private:
  TargetOptions prepared() {
    auto target = options_.target;
    if (!options_.through_store || !target.url.empty()) return target;
    filled_ = true;
    target.prepare = [this](const std::filesystem::path& data) {
      make_search_past(
          data, corpus_, options_.contacts, options_.messages, [this](std::uint64_t done) {
            progress_.say("filling: " + readable(static_cast<double>(done)) + " messages");
          });
      filling_since_ = Clock::now();
    };
    return target;
  }

  void fill(Report& report) {
    set_up_desk(admin_, options_.searchers);
    driver_ = std::make_unique<Driver>(loop_, work_, options_.connections, target_.connectors(),
                                       failures_);
    driver_->open();
    if (filled_) return;
    filling_since_ = Clock::now();
    // In pieces, so that one is told how far it is.
    constexpr std::uint64_t piece = 20'000;
    for (std::uint64_t done = 0; done < options_.messages; done += piece) {
      progress_.say("filling: " + readable(static_cast<double>(done)) + " messages");
      driver_->do_all(std::min(piece, options_.messages - done), fill_depth);
      stop_if_failed();
    }
    report.figure("filling", static_cast<double>(options_.messages) / seconds_since(filling_since_),
                  "messages/s");
  }

  /// Until a search says that nothing is behind and nothing is missing.
  void wait_for_index(Report& report) {
    const auto from = Clock::now();
    for (bool whole = false; !whole;) {
      search("contacts", "zzzzzz", [&](simdjson::dom::element result) {
        std::uint64_t behind = 1;
        bool partial = true;
        whole = result["behind"].get(behind) == simdjson::SUCCESS && behind == 0 &&
                result["partial"].get(partial) == simdjson::SUCCESS && !partial;
        progress_.say("indexing: " + readable(static_cast<double>(behind)) + " commits behind");
      });
      if (Clock::now() - from > options_.patience)
        throw std::runtime_error("the index did not catch up in time");
      if (!whole) pass(std::chrono::milliseconds(200));
    }
    const auto documents = static_cast<double>(options_.messages + options_.contacts);
    report.figure(filled_ ? "indexing" : "indexing, while filling and after",
                  documents / seconds_since(filling_since_), "documents/s");
    if (!filled_)
      report.figure("catching up after the last message", seconds_since(from), "s", false);
    if (!target_.own()) return;
    std::uintmax_t bytes = 0;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(target_.engine().data() / "search")) {
      if (file.is_regular_file()) bytes += file.file_size();
    }
    report.figure("index on disk", static_cast<double>(bytes) / 1e6, "MB", false);
  }

  std::uint32_t anybody() {
    return static_cast<std::uint32_t>(corpus_.random() % options_.contacts);
  }

  /// Known customers are found, each alone by its number.
  void check(Report& report) {
    constexpr unsigned looked_up = 50;
    for (unsigned i = 0; i < looked_up; ++i) {
      const auto n = anybody();
      search("contacts", corpus_.phone(n), [&](simdjson::dom::element result) {
        const simdjson::dom::array hits = result["hits"].get_array().value();
        std::string_view found;
        if (hits.size() != 1 || hits.at(0)["contact"]["name"].get(found) != simdjson::SUCCESS ||
            found != corpus_.name(n))
          failures_.add(corpus_.phone(n) + " does not lead to " + corpus_.name(n));
      });
    }
    if (failures_.count() == 0)
      report.checks.push_back(std::to_string(looked_up) +
                              " customers found by their number, each alone");
  }

  void under_load(Report& report) {
    Histogram before, during;
    const auto kinds = search_kinds();
    std::vector<Histogram> by_kind(kinds.size());
    if (options_.rate > 0) driver_->start_open(options_.rate);
    pass(std::min(options_.quiet, std::chrono::milliseconds(1'000)));
    SearchWork work(corpus_, options_.contacts, failures_);
    Driver searchers(loop_, work, options_.searchers, target_.agents(), failures_);
    searchers.open();
    std::vector<const Histogram*> searches;
    for (const auto& histogram : by_kind) searches.push_back(&histogram);
    MomentTaker course(
        loop_, report.course, progress_,
        {.what = "searches",
         .done = [&searchers] { return searchers.answered(); },
         .latencies = {{"a search", searches}, {"message to answer", {&before, &during}}},
         .server = target_.pid()});
    course.phase("messages without searches");
    driver_->measure(&before);
    pass(options_.quiet);
    driver_->measure(&during);
    const auto from = Clock::now();
    const Costs costs(target_.pid());
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      course.phase(kinds[i].name);
      work.ask(kinds[i]);
      searchers.measure(&by_kind[i]);
      ask_all(searchers);
      report.latencies.emplace_back(kinds[i].name, by_kind[i]);
    }
    course.take();
    course.stop();
    const auto count = static_cast<double>(searchers.answered());
    report.figure("searches", count / seconds_since(from), "/s");
    costs.report(report, seconds_since(from), count);
    driver_->measure(nullptr);
    driver_->stop();
    if (failures_.count() == 0)
      report.checks.push_back(readable(count) +
                              " searches under load found whom they meant, and showed why");
    if (before.count() > 0)
      report.latencies.emplace_back("message to answer, without searches", before);
    if (during.count() > 0)
      report.latencies.emplace_back("message to answer, while it is searched", during);
  }

  /// `--queries` of them and their answers; in an open loop those that are under way then, too.
  void ask_all(Driver& searchers) {
    if (options_.search_rate <= 0) {
      searchers.do_all(options_.queries, 1);
    } else {
      const auto enough = searchers.answered() + options_.queries;
      searchers.start_open(options_.search_rate);
      const std::chrono::duration<double> due(options_.queries / options_.search_rate);
      loop_.run_until(
          [&] { return searchers.answered() >= enough || failures_.count() > 0; },
          Clock::now() + std::chrono::duration_cast<Clock::duration>(due) + target_.patience());
      searchers.stop();
      if (searchers.answered() < enough && failures_.count() == 0)
        failures_.add("searches were answered more slowly than they were asked");
    }
    stop_if_failed();
  }

  void search(const std::string& scope, const std::string& query, const Session::Read& read) {
    std::string params;
    {
      model::json::Object object(params);
      object("query", query)("limit", 20);
      if (!scope.empty()) object.key("scope") += "[\"" + scope + "\"]";
    }
    admin_.must("search", params, read);
  }

  void pass(std::chrono::milliseconds time) {
    loop_.run_until([this] { return failures_.count() > 0; }, Clock::now() + time);
    stop_if_failed();
  }
  void stop_if_failed() const {
    if (failures_.count() > 0) throw std::runtime_error(failures_.texts().front());
  }

  const SearchOptions& options_;
  Progress progress_;
  client::Loop loop_;
  Failures failures_;
  SearchCorpus corpus_;
  bool filled_ = false;  // through the store, before the start
  Clock::time_point filling_since_;
  Target target_;
  CustomerWork work_;
  Session admin_;
  std::unique_ptr<Driver> driver_;
};

}  // namespace

Report run_search(const SearchOptions& options) {
  Report report;
  report.scenario = "search";
  report.title =
      readable(options.contacts) + " contacts, " + readable(static_cast<double>(options.messages)) +
      " messages, " + readable(options.rate) + " messages/s come in meanwhile, " +
      std::to_string(options.searchers) + " searching" +
      (options.search_rate > 0 ? ", open loop, " + readable(options.search_rate) + " searches/s"
                               : ", one after the other");
  report.options = {{"contacts", std::to_string(options.contacts)},
                    {"messages", std::to_string(options.messages)},
                    {"connections", std::to_string(options.connections)},
                    {"through_store", options.through_store ? "yes" : "no"},
                    {"rate", readable(options.rate)},
                    {"quiet_s", readable_s(options.quiet)},
                    {"searchers", std::to_string(options.searchers)},
                    {"search_rate", readable(options.search_rate)},
                    {"queries", std::to_string(options.queries)},
                    {"seed", std::to_string(options.seed)}};
  Search(options).run(report);
  return report;
}

}  // namespace inboxd::bench
