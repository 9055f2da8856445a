#include "actors/contact_run.hpp"

#include <caf/actor_system.hpp>
#include <caf/ref_counted.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace inboxd::actors {
namespace {

/// Resumes some actors one after the other, as a worker does with each (caf/scheduler/worker.hpp).
class Job final : public caf::ref_counted, public caf::resumable {
 public:
  explicit Job(std::vector<caf::resumable*> ready) : ready_(std::move(ready)) {}

  resume_result resume(caf::execution_unit* worker, std::size_t max_throughput) override {
    for (auto* actor : ready_) {
      switch (actor->resume(worker, max_throughput)) {
        case resume_later: worker->exec_later(actor); break;
        case done:
        case awaiting_message: caf::intrusive_ptr_release(actor); break;
        case shutdown_execution_unit: break;  // only the scheduler's own last job says so
      }
    }
    ready_.clear();
    return done;
  }
  subtype_t subtype() const override { return function_object; }
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

 private:
  std::vector<caf::resumable*> ready_;
};

}  // namespace

void ContactRun::schedule() {
  if (ready_.empty()) return;
  auto& scheduler = system().scheduler();
  if (ready_.size() == 1) {
    scheduler.enqueue(ready_.front());
  } else {
    scheduler.enqueue(new Job(ready_));
  }
  ready_.clear();
}

}  // namespace inboxd::actors
