#!/bin/bash -eu
# Builds every target of fuzz/ and packs its seeds; run by ClusterFuzzLite inside its builder image.
cd "$SRC/quorate"
cargo fuzz build --fuzz-dir fuzz --features libfuzzer -O

built="$(find . -path '*/x86_64-unknown-linux-gnu/release/sequence' -not -path '*/deps/*' | head -n 1)"
for folder in fuzz/seeds/*/; do
  target="$(basename "$folder")"
  cp "$(dirname "$built")/$target" "$OUT/"
  zip -qj "$OUT/${target}_seed_corpus.zip" "$folder"*
  printf '[libfuzzer]\nmax_len = 16384\n' > "$OUT/$target.options"
done
