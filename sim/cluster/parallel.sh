#!/usr/bin/env bash
# Explores one world in parts with GNU parallel and puts the parts' answers together.
#
#   ./parallel.sh FOLDER PARTS [JOBS] -- ARGUMENTS OF quorate explore
#   ./parallel.sh parts 4 -- --accounts 6 --max-cosignatories 3 --max-cosigned 3 --max-depth 2 --max-cosignatures 2 \
#       --find locked-alive --find over-cap --to-the-end
#
# A part that is there already is not run again, so a run that was cut short goes on.
# Several machines: SSHLOGINS=machine-1,machine-2 (the same quorate on each, in the same place).
set -euo pipefail

folder=${1:?a folder for the parts} parts=${2:?how many parts}
shift 2
jobs=2
if [[ ${1:-} != -- ]]; then
    jobs=${1:?jobs, or -- and the arguments}
    shift
fi
[[ ${1:-} == -- ]] || { echo "expected -- before the arguments of quorate explore" >&2; exit 2; }
shift
quorate=$(command -v "${QUORATE:-quorate}") || { echo "quorate is not found; set QUORATE to it" >&2; exit 2; }

mkdir -p "$folder"
waiting=()
for part in $(seq "$parts"); do
    [[ -s $folder/part-$part.json ]] || waiting+=("$part")
done
if ((${#waiting[@]})); then
    # Each answer comes back through parallel itself, so no file needs to be shared.
    parallel --jobs "$jobs" ${SSHLOGINS:+--sshlogin "$SSHLOGINS"} --results "$folder/run-{}/" --quote \
        "$quorate" explore "$@" --shard "{}/$parts" --format json ::: "${waiting[@]}" >"$folder/log" || true
    for part in "${waiting[@]}"; do
        # An answer is printed whole or not at all; exit code 1 (something was found) has one too.
        [[ -s $folder/run-$part/stdout ]] || { cat "$folder/run-$part/stderr" >&2; exit 2; }
        mv "$folder/run-$part/stdout" "$folder/part-$part.json"
        rm -r "$folder/run-$part"
    done
fi
answers=()
for part in $(seq "$parts"); do
    answers+=("$folder/part-$part.json")
done
exec "$quorate" explore --format json --merge "${answers[@]}"
