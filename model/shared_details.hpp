// Details as contacts and the rows made of them share them. Most visitors of a web page never have
// any: those have the same, which takes no memory of theirs.
#pragma once

#include <memory>

#include "model/contact.hpp"

namespace inboxd::model {

/// Without any: one for all, for ever, and counted by nobody.
std::shared_ptr<const Details> no_details();

/// To be a contact's: `no_details` if there are none.
std::shared_ptr<const Details> share(Details details);

}  // namespace inboxd::model
