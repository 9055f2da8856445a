#!/usr/bin/env bash
# The view engine's property test, long: STEPS random steps in all (default 1,000,000, about 20 minutes on one core), from
# SEED on (default 1), 1,000 steps a seed, each seed another workspace, options, subscribers and pace. After each step every
# folded list and counter equals a recount. The short version is part of ./test. A failure names its seed:
#   INBOXD_PROPERTY_SEED=377 INBOXD_PROPERTY_STEPS=1000 build/release/bin/test_model "S25 S29-S36 every folded*"
#   scripts/view-campaign.sh [SEED] [STEPS]
set -euo pipefail
cd "$(dirname "$0")/.."
seed=${1:-1} steps=${2:-1000000}
length=1000 runs=20
cmake --preset release > /dev/null
cmake --build --preset release --target test_model > /dev/null
failed=0 done=0
for ((at = seed; done < steps; at += runs, done += runs * length)); do
  INBOXD_PROPERTY_SEED=$at INBOXD_PROPERTY_RUNS=$runs INBOXD_PROPERTY_STEPS=$length \
    build/release/bin/test_model "S25 S29-S36 every folded*" > build/view-campaign.log || {
    failed=$((failed + 1))
    grep -E 'FAILED:|INBOXD_PROPERTY_SEED' build/view-campaign.log
  }
  [[ -t 1 ]] && printf '\r%d of %d steps, %d failures ' $((done + runs * length)) "$steps" $failed
done
echo "$done steps from seed $seed: $failed failed"
[[ $failed == 0 ]]
