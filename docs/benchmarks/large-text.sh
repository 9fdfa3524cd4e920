#!/bin/sh
# Trains on generated text that is larger than the memory allowed, and prints the most of heap and of resident
# memory that was seen. From the repository's root:  sh docs/benchmarks/large-text.sh [MEGABYTES] [HEAP]
set -eu
megabytes=${1:-5000}
heap=${2:-1g}
work=$(mktemp -d "${TMPDIR:-/tmp}/ergometer-large.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM

# Ten megabytes of words of a skewed distribution, the same at every run, again and again.
awk 'BEGIN {
  srand(5)
  for (i = 0; i < 60000; i++) {
    letters = 1 + int(9 * rand())
    word[i] = ""
    for (j = 0; j < letters; j++) word[i] = word[i] substr("etaoinshrdlucmfwypvbgk", 1 + int(22 * rand()), 1)
  }
  for (bytes = 10000000; bytes > 0; bytes -= length(line) + 1) {
    line = ""
    for (k = 0; k < 200; k++) line = line " " word[int(exp(log(60000) * rand())) - 1]
    print line
  }
}' >"$work/block.txt"
repetition=0
while [ "$repetition" -lt $((megabytes / 10)) ]; do
  echo "$repetition"
  cat "$work/block.txt"
  repetition=$((repetition + 1))
done >"$work/text.txt"

ERGOMETER_JAVA_OPTIONS="-Xmx$heap -Xlog:gc:file=$work/gc.log" ./ergometer train --data "$work/text.txt" \
  --tokenizer byte --data-cache "$work/cache" --run "$work/run" --steps 200 --eval-every 100 --no-metrics &
process=$!
while kill -0 "$process" 2>/dev/null; do
  grep -E '^(RssAnon|RssFile)' "/proc/$process/status" 2>/dev/null || true
  sleep 1
done | awk '{ if ($2 > most[$1]) most[$1] = $2 }
  END { for (kind in most) printf "%s at most %d MB\n", kind, most[kind] / 1024 }'
wait "$process"
sed -n 's/.*->\([0-9]*\)M(.*/\1/p' "$work/gc.log" | sort -n | tail -n 1 | sed 's/.*/heap after a collection at most & MB/'
