// Every bound of the product in one place, with its unit. `session.open` reports those that a
// client can meet.
#pragma once

#include <cstddef>
#include <cstdint>

namespace inboxd::model::limits {

// What one contact or message may hold.
inline constexpr std::size_t text_bytes_max =
    std::size_t{16} * 1024;                                 // a message's or comment's text
inline constexpr std::size_t attachments_max = 16;          // a message
inline constexpr std::size_t template_parameters_max = 64;  // a template message
inline constexpr std::size_t url_bytes_max = 2048;
inline constexpr std::size_t name_bytes_max = 256;  // any name or single-line detail
inline constexpr std::size_t tags_max = 64;         // a contact
inline constexpr std::size_t tag_bytes_max = 64;
inline constexpr std::size_t fields_max = 128;  // custom fields of a contact or a workspace
inline constexpr std::size_t field_value_bytes_max = 4096;
inline constexpr std::size_t field_options_max = 256;
inline constexpr std::size_t identities_max = 64;    // channel identities of a contact
inline constexpr std::size_t mentions_max = 64;      // a comment
inline constexpr std::size_t note_bytes_max = 4096;  // a closing note's summary
inline constexpr std::size_t external_id_bytes_max =
    256;  // a platform's id of a customer or message
inline constexpr std::size_t client_id_bytes_max = 128;
inline constexpr std::size_t preview_code_points = 120;  // S10

// A workspace's records.
inline constexpr std::size_t teams_of_agent_max = 256;
// Different ids or tags of one kind in a process, over its life: none is ever given back.
inline constexpr std::size_t names_max = 200'000;
inline constexpr std::size_t origins_max = 64;                  // a webchat channel
inline constexpr std::uint32_t throughput_count_max = 100'000;  // messages, also at once
inline constexpr std::int64_t throughput_per_ms_max = 86'400'000;
inline constexpr std::uint32_t attempts_max = 100;              // of a delivery
inline constexpr std::int64_t retry_delay_ms_max = 86'400'000;  // between two of them

// A connector.
inline constexpr std::size_t deliveries_held_default = 1'000;  // given and not reported on yet
inline constexpr std::size_t deliveries_held_max = 10'000;

// Views.
inline constexpr std::size_t filter_nodes_max = 256;
inline constexpr std::size_t filter_depth_max = 16;
inline constexpr std::size_t filter_values_max = 1024;  // in one `in`, `has_any` …
inline constexpr std::size_t views_max = 20'000;        // custom views of a workspace
inline constexpr std::size_t page_rows_max = 200;       // S38
inline constexpr std::size_t page_rows_default = 50;

// A session.
inline constexpr std::size_t frame_bytes_max =
    std::size_t{256} * 1024;                               // one incoming frame, batches included
inline constexpr std::size_t in_flight_max = 256;          // commands of a session not yet answered
inline constexpr std::size_t subscriptions_max = 256;      // of a session
inline constexpr std::size_t commands_per_s_max = 20'000;  // of a session
inline constexpr std::size_t json_depth_max = 40;          // a filter of full depth fits

/// JSON numbers are exact up to here (S38).
inline constexpr std::int64_t integer_max = (std::int64_t{1} << 53) - 1;

}  // namespace inboxd::model::limits
