#include "persistence/checkpointer.hpp"

#include "persistence/store.hpp"
#include "tests/persistence/journal_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace inboxd;
using namespace inboxd::persistence;
using inboxd::tests::JournalFixture;

TEST_CASE_METHOD(JournalFixture, "The store on disk never gets ahead of a journal that is not") {
  const bool as_files = GENERATE(false, true);  // those are durable without being asked for it
  start(SyncPolicy::none);                      // only the checkpointer asks for syncs
  tests::TempDir temp;
  StateStore store({.path = temp / "store"});
  Checkpointer checkpointer(
      store, journal.get(),
      {.files_bytes_min = as_files ? 0 : CheckpointerOptions{}.files_bytes_min, .threaded = false},
      {});
  const auto commit = [&] {
    write("a record");
    Change change{.offset = released.back().offset, .workspace = model::WorkspaceId("default")};
    change.workspace_created = true;
    checkpointer.add({change});
  };
  commit();
  checkpointer.checkpoint(!as_files);
  CHECK(store.durable() == model::Offset{1});

  commit();
  disk.syncs_until_failure = 0;
  checkpointer.checkpoint(!as_files);
  CHECK(journal->failed());
  CHECK(store.applied_offset() == model::Offset{2});
  CHECK(store.durable() == model::Offset{1});
}
