// CRC-32C (Castagnoli), the checksum of every journal record and segment header.
#pragma once

#include <cstdint>
#include <string_view>

namespace inboxd::persistence {

/// Of `bytes`; with `before`, of what `before` is the checksum of followed by `bytes`. Uses the
/// processor's instruction where it has one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The same without the instruction, for machines that lack it and for the test that compares them.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0);

}  // namespace inboxd::persistence
