// jemalloc's settings, which it reads from this symbol; without jemalloc nobody reads it. A message
// touches some thirty places all over the heap: with huge pages most of them need no walk through
// the page tables (docs/decisions/0081).
extern "C" {
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): jemalloc's own declaration
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:always";
}
