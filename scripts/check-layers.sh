#!/usr/bin/env bash
# Checks that includes go one way only (apps -> net -> actors -> persistence -> model) and that model/ is pure.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0

# complain WHAT PATTERN FOLDER...: every line of the folders' sources that matches is an error.
complain() {
  local what=$1 pattern=$2 hits
  shift 2
  hits=$(grep -rnE --include='*.[ch]pp' "$pattern" "$@" 2> /dev/null || true)
  [[ $hits ]] || return 0
  printf '%s\n' "$hits" | while IFS= read -r hit; do printf '%s   <- %s\n' "$hit" "$what"; done
  bad=1
}

# may_include FOLDER OTHERS: which of our own folders FOLDER may name.
may_include() {
  [[ -d $1 ]] || return 0
  local every='model|persistence|actors|net|apps|bench|tests' others
  others=$(tr '|' '\n' <<< "$every" | grep -vxE "$1|$2" | paste -sd'|')
  [[ $others ]] || return 0
  complain "$1/ must not know that folder" "^ *# *include *[\"<]($others)/" "$1"
}
may_include model ''
may_include persistence 'model'
may_include actors 'model|persistence'
may_include net 'model|persistence|actors'
may_include apps 'model|persistence|actors|net'
may_include bench 'model|persistence|actors|net|apps'  # of apps, the client library
# The end-to-end client shares no code with net/: a mistake in our codec must not cancel itself out.
may_include tests/support 'tests|model|persistence|actors'

include='^ *# *include *["<]'
complain "model/ is pure: no library but Boost's containers" \
  "$include(caf|rocksdb|xapian|simdjson|spdlog|fmt|openssl|jwt|CLI|boost/(asio|beast|filesystem|interprocess|thread|process|chrono|date_time))" model
# The table of names is the one thing that all threads share (model/ids.hpp).
mapfile -t no_threads < <(find model -name '*.[ch]pp' ! -name 'symbol_table.*')
complain "model/ is pure: no files, threads, randomness" \
  "$include(fstream|iostream|filesystem|cstdio|thread|mutex|shared_mutex|condition_variable|future|atomic|random|ctime|unistd\.h|sys/|fcntl\.h)" "${no_threads[@]}"
complain "model/ is pure: time is a parameter" \
  '(system_clock|steady_clock|high_resolution_clock|[^_a-z]time *\( *(NULL|nullptr|0)|clock_gettime|gettimeofday)' model
complain "CAF stays inside actors/" "${include}caf/" net apps persistence
complain "the engine's face shows no CAF" "${include}caf/" actors/engine.hpp actors/outlet.hpp actors/request.hpp
for folder in tests/*/; do
  [[ $folder == tests/support/ ]] || complain "tests include tests/support/catch.hpp" "${include}catch2/" "$folder"
done

[[ $bad == 0 ]] || { echo "check-layers: the lines above break the layering of docs/ARCHITECTURE.md" >&2; exit 1; }
