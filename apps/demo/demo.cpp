#include "apps/demo/demo.hpp"

#include <map>
#include <random>
#include <thread>

#include <spdlog/spdlog.h>

#include "apps/demo/desk.hpp"
#include "apps/demo/platform.hpp"
#include "apps/demo/story.hpp"

namespace inboxd::demo {
namespace {

constexpr std::size_t told_at_once = 12;
constexpr double mean_gap_s = 4;              // between two things that customers do, at pace 1
constexpr std::uint32_t newcomers_max = 200;  // of one run, so that a forgotten demo does not grow
constexpr std::uint32_t newcomers_from = 1'000'000;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

class Demo::Impl {
 public:
  explicit Impl(DemoOptions options)
      : options_(std::move(options)),
        desk_(loop_, options_),
        random_(std::random_device{}()),
        run_(std::to_string(now_ms())) {
    for (const auto& channel : channels())
      platforms_.push_back(std::make_unique<Platform>(
          loop_, options_, channel, [this](const std::string& who) { on_heard(who); }));
  }

  void start() {
    thread_ = std::thread([this] {
      desk_.open([this] { open_platforms(); });
      loop_.run();
    });
  }

  void stop() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
    for (auto& platform : platforms_) platform->close();
    desk_.close_agents();
  }

 private:
  /// A customer in the demo's memory, and how far their script is.
  struct Customer {
    Person person;
    std::size_t line = 0;
    bool waiting = false;  // for an answer
  };
  struct Telling {
    Customer* customer = nullptr;
    std::vector<Step> steps;
    std::size_t next = 0;
    std::string contact;
  };

  void open_platforms() {
    auto waiting = std::make_shared<std::size_t>(platforms_.size());
    for (auto& platform : platforms_)
      platform->open([this, waiting] {
        if (*waiting > 0 && --*waiting == 0) tell_all();
      });
  }

  Platform& platform_of(const Person& person) { return *platforms_[person.channel]; }

  // Histories. Each contact's steps one after the other, some contacts at a time.
  void tell_all() {
    for (std::size_t i = 0; i < told_at_once; ++i) tell_next();
  }

  void tell_next() {
    if (told_ == options_.contacts) {
      if (++idle_tellers_ == told_at_once) on_seeded();
      return;
    }
    Customer& customer = add_customer(told_++);
    auto telling = std::make_shared<Telling>(Telling{&customer, history(customer.person), 0, ""});
    take_step(telling);
  }

  void take_step(const std::shared_ptr<Telling>& telling) {
    if (telling->next == telling->steps.size()) return tell_next();
    const Step& step = telling->steps[telling->next++];
    Customer& customer = *telling->customer;
    const std::string id =
        "demo-" + std::to_string(customer.person.number) + "-" + std::to_string(telling->next);
    using What = Step::What;
    if (step.what == What::write || step.what == What::reply || step.what == What::comment) {
      ++customer.line;
      if (step.what != What::comment) customer.waiting = step.what == What::write;
    }
    auto done = [this, telling](const client::Reply& reply) { on_step(*telling, reply, telling); };
    if (step.what == What::write) {
      platform_of(customer.person).write(customer.person, id, step.text, done);
    } else {
      desk_.act(step, customer.person, telling->contact, id, done);
    }
  }

  void on_step(Telling& telling, const client::Reply& reply,
               const std::shared_ptr<Telling>& shared) {
    if (!reply.ok) {
      spdlog::warn("demo: history of {}: {}", telling.customer->person.number, reply.error_text());
      if (telling.contact.empty()) return tell_next();
    } else if (telling.contact.empty()) {
      telling.contact = std::string_view(reply.body["contact"].get_string().value());
      bool duplicate = false;
      // Told when the demo was started before: what became of it is the visitor's.
      if (reply.body["duplicate"].get(duplicate) == simdjson::SUCCESS && duplicate) {
        telling.customer->line = telling.customer->person.script->lines.size();
        return tell_next();
      }
    }
    take_step(shared);
  }

  void on_seeded() {
    spdlog::info("demo: {} contacts are here", told_);
    desk_.close_agents();
    for (auto& platform : platforms_) platform->hurry(false);
    if (options_.seeded) options_.seeded();
    if (options_.pace > 0) schedule();
  }

  // Life. Every few seconds something happens.
  void schedule() {
    std::exponential_distribution<double> gap(options_.pace / mean_gap_s);
    after(std::min(gap(random_), 5 * mean_gap_s / options_.pace) + 0.3, [this] {
      happen();
      schedule();
    });
  }

  void happen() {
    const unsigned dice = random_() % 100;
    if (dice < 15 && newcomers_ < newcomers_max) {
      const auto number = newcomers_from +
                          static_cast<std::uint32_t>(now_ms() / 1000 % newcomers_from) +
                          newcomers_++;
      return speak(add_customer(number));
    }
    Customer& customer = *by_number_[random_() % by_number_.size()];
    if (customer.waiting && dice < 60) {
      const auto& pool = names(customer.person.language).reminders;
      return write(customer, customer.person.say(pool[random_() % pool.size()]));
    }
    if (customer.waiting || !next_lines_left(customer)) {
      const auto& pool = names(customer.person.language).reopenings;
      return write(customer, customer.person.say(pool[random_() % pool.size()]));
    }
    speak(customer);
  }

  // An agent's message was read: the customer thinks, types, answers.
  void on_heard(const std::string& external_id) {
    const auto found = by_external_id_.find(external_id);
    if (found == by_external_id_.end() || seeding()) return;
    Customer& customer = *found->second;
    customer.waiting = false;
    const bool more = next_lines_left(customer);
    if (!more && random_() % 100 < 45) return;
    after(2 + random_() % 6, [this, &customer, more] {
      platform_of(customer.person).type(customer.person, true);
      after(3 + random_() % 7, [this, &customer, more] {
        platform_of(customer.person).type(customer.person, false);
        if (more) return speak(customer);
        const auto& pool = names(customer.person.language).endings;
        write(customer, std::string(pool[random_() % pool.size()]));
      });
    });
  }

  bool next_lines_left(const Customer& customer) const {
    auto line = customer.line;
    return !next_lines(customer.person, line).empty();
  }

  // The next lines of the script, with a pause between them.
  void speak(Customer& customer) {
    double pause_s = 0;
    for (const auto& text : next_lines(customer.person, customer.line)) {
      after(pause_s, [this, &customer, text] { write(customer, text); });
      pause_s += 2 + random_() % 4;
    }
  }

  void write(Customer& customer, const std::string& text) {
    customer.waiting = true;
    platform_of(customer.person)
        .write(customer.person, "demo-" + run_ + "-" + std::to_string(++written_), text,
               [](const client::Reply& reply) {
                 if (!reply.ok) spdlog::warn("demo: {}", reply.error_text());
               });
  }

  Customer& add_customer(std::uint32_t number) {
    auto customer = std::make_unique<Customer>(Customer{person(number)});
    by_external_id_[customer->person.external_id] = customer.get();
    return *by_number_.emplace_back(std::move(customer));
  }

  bool seeding() const { return idle_tellers_ < told_at_once; }

  void after(double seconds, std::function<void()> action) {
    loop_.after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)),
                std::move(action));
  }

  DemoOptions options_;
  client::Loop loop_;
  Desk desk_;
  std::vector<std::unique_ptr<Platform>> platforms_;
  std::vector<std::unique_ptr<Customer>> by_number_;
  std::map<std::string, Customer*> by_external_id_;
  std::mt19937 random_;
  std::string run_;  // tells this run's provider ids from others'
  std::uint32_t told_ = 0;
  std::size_t idle_tellers_ = 0;
  std::uint32_t newcomers_ = 0;
  std::uint64_t written_ = 0;
  std::thread thread_;
};

Demo::Demo(DemoOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Demo::~Demo() {
  stop();
}
void Demo::start() {
  impl_->start();
}
void Demo::stop() {
  impl_->stop();
}

std::vector<Link> links(const DemoOptions& options, std::string_view base_url) {
  std::vector<Link> all;
  for (const auto& agent : agents()) {
    const auto token = options.mint({.sub = std::string(agent.id),
                                     .workspace = options.workspace,
                                     .kind = "agent",
                                     .role = std::string(agent.role),
                                     .ttl = std::chrono::hours(7 * 24)});
    all.push_back({std::string(agent.name), std::string(agent.role),
                   std::string(base_url) + "/#token=" + token});
  }
  all.push_back({"Website", "visitor",
                 std::string(base_url) + "/chat?channel=chat&workspace=" + options.workspace});
  return all;
}

}  // namespace inboxd::demo
