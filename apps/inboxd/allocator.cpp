// jemalloc's settings, which it reads from this symbol; without jemalloc nobody reads it. A message
// touches some thirty places all over the heap: with huge pages most of them need no walk through
// the page tables (docs/decisions/0081). Freed memory is kept for half a minute, large pieces too:
// checkpoints free and take hundreds of megabytes every few seconds, and the kernel zeroes each
// page that it gives back.
extern "C" {
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): jemalloc's own declaration
extern const char* malloc_conf;
const char* malloc_conf =
    "thp:always,metadata_thp:always,oversize_threshold:0,dirty_decay_ms:30000";
}
