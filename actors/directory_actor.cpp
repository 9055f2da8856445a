#include "actors/directory_actor.hpp"

#include <utility>

#include <caf/all.hpp>

#include "actors/contact_actor.hpp"

namespace inboxd::actors {
namespace {

constexpr std::size_t sweep_step =
    8;  // residents looked at for each one brought in beyond the budget
constexpr std::size_t residents_a_spare =
    4;  // of the budget: as many contacts leave at once when a checkpoint has saved them

}  // namespace

DirectoryActor::DirectoryActor(caf::actor_config& config, WorkspacePtr workspace,
                               const std::vector<KnownContact>& known, const Services& services,
                               ContactIds& ids, Residency& residency, caf::actor views)
    : caf::event_based_actor(config),
      services_(services),
      residency_(residency),
      views_(std::move(views)),
      directory_(std::move(workspace), services, ids, *this) {
  directory_.learn(known);
}

caf::behavior DirectoryActor::make_behavior() {
  return {
      then_run<msg::Submit>([this](auto& m) {
        services_.stats->directory.take(m.batch.size());
        for (auto& submission : m.batch) directory_.submit(std::move(submission));
      }),
      then_run<msg::Open>([this](auto& m) { directory_.open(m.client); }),
      then_run<msg::Close>([this](auto& m) { directory_.close(m.client); }),
      then_run<msg::Bounced>([this](auto& m) { directory_.bounced(std::move(m.perform)); }),
      then_run<msg::NotLinked>([this](auto& m) { directory_.not_linked(m.contact, m.pairs); }),
      then_run<msg::HandedOverAll>(
          [this](auto& m) { directory_.handed_over(m.contact, std::move(m.all)); }),
      then_run<msg::MergeOn>(
          [this](auto& m) { directory_.merge_on(m.primary, std::move(m.merge)); }),
      then_run<msg::Merged>([this](auto& m) {
        if (m.base) resting_.erase(m.secondary);
        directory_.merged(m.primary, m.secondary, m.base);
      }),
      then_run<msg::Assigned>([this](auto& m) { directory_.assigned(m.agent, m.contacts); }),
      then_run<msg::Wake>([this](auto& m) {
        for (const auto contact : m.contacts) directory_.wake(contact);
      }),
      [this](msg::SetOutbox& m) { outbox_ = std::move(m.outbox); },
      then_run<msg::GiveUp>([this](auto& m) {
        for (const auto& message : m.messages) directory_.give_up(message);
      }),
      then_run<msg::Retired>([this](auto& m) { retired(m); }),
      [this](msg::Stop&) {
        for (auto& [id, resident] : residents_) caf::anon_send(resident.actor, msg::Stop{});
        for (auto& actor : spare_) caf::anon_send(actor, msg::Stop{});
        quit();
      },
  };
}

void DirectoryActor::on_exit() {
  residents_.clear();
  spare_.clear();
  resting_.clear();
  views_ = nullptr;
  outbox_ = nullptr;
}

void DirectoryActor::give(model::ContactId contact, ContactTask task) {
  auto& known = resident(contact, task.workspace);
  known.used = true;
  if (known.leaving) {
    known.waiting.push_back(std::move(task));
  } else {
    run_.send(known.actor, std::move(task));
  }
}

DirectoryActor::Resident& DirectoryActor::resident(model::ContactId contact,
                                                   const WorkspacePtr& workspace) {
  const auto known = residents_.find(contact);
  if (known != residents_.end()) return known->second;
  if (residents_.size() >= residency_.contacts_max) sweep();
  auto& fresh = residents_[contact];
  fresh.actor = take_actor();
  const auto resting = resting_.find(contact);
  run_.send(fresh.actor, msg::Come{.contact = contact,
                                   .workspace = workspace,
                                   .resting = resting != resting_.end() ? std::move(resting->second)
                                                                        : RestingContact()});
  clock_.push_back(contact);
  residency_.resident.fetch_add(1, std::memory_order_relaxed);
  return fresh;
}

caf::actor DirectoryActor::take_actor() {
  if (spare_.empty())
    return spawn<ContactActor, caf::lazy_init>(services_, caf::actor_cast<caf::actor>(this));
  auto actor = std::move(spare_.back());
  spare_.pop_back();
  return actor;
}

void DirectoryActor::sweep() {
  for (std::size_t step = 0; step < sweep_step && !clock_.empty(); ++step) {
    const auto contact = clock_.front();
    clock_.pop_front();
    auto& seen = residents_.at(contact);
    if (seen.used) {
      seen.used = false;
      clock_.push_back(contact);
    } else {
      seen.leaving = true;  // off the clock; it comes back on if it stays
      run_.send(seen.actor, msg::Retire{});
    }
  }
}

void DirectoryActor::retired(msg::Retired& answer) {
  auto& seen = residents_.at(answer.contact);
  auto waiting = std::move(seen.waiting);
  seen.leaving = false;
  if (answer.gone) {
    if (spare_.size() < residency_.contacts_max / residents_a_spare) {
      spare_.push_back(std::move(seen.actor));
    } else {
      caf::anon_send(seen.actor, msg::Stop{});
    }
    residents_.erase(answer.contact);
    residency_.resident.fetch_sub(1, std::memory_order_relaxed);
    // What was merged away meanwhile left as it was before: it is not this any more.
    if (answer.resting && !directory_.merged_away(answer.contact))
      resting_.insert_or_assign(answer.contact, std::move(answer.resting));
  } else {
    clock_.push_back(answer.contact);
  }
  for (auto& task : waiting) give(answer.contact, std::move(task));
}

void DirectoryActor::postpone(const Origin& origin, Outbox::Place place, Outbox::Place named,
                              Outbox::Failure failure) {
  caf::anon_send(
      outbox_,
      msg::Postpone{
          .origin = origin, .place = place, .named = named, .failure = std::move(failure)});
}

void DirectoryActor::find_assigned(const model::AgentId& agent) {
  caf::anon_send(views_,
                 msg::FindAssigned{.agent = agent, .reply_to = caf::actor_cast<caf::actor>(this)});
}

}  // namespace inboxd::actors
