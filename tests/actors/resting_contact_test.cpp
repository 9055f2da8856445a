#include "actors/resting_contact.hpp"

#include <memory>
#include <utility>

#include "tests/persistence/random_office.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;

TEST_CASE("a contact at rest shares its row and comes back as it was") {
  tests::RandomOffice office(7);
  for (int i = 0; i < 300; ++i) office.commit();
  for (const auto& [id, contact] : office.contacts) {
    const auto row =
        std::make_shared<const model::Row>(model::make_row(contact, office.workspace.channels));
    actors::RestingContact resting(contact, row);
    REQUIRE(resting.row() == row);
    REQUIRE(resting.contact() == contact);
    const auto copied = resting;
    const auto moved = std::move(resting);
    REQUIRE(copied.contact() == contact);
    REQUIRE(moved.contact() == contact);
    REQUIRE_FALSE(actors::RestingContact(actors::RestingContact()));
  }
}
