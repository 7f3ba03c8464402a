#!/usr/bin/env bash
# What only a GPU can show, for a GPU that is lent for 15 minutes, at most 10 in one call, and gives three files back.
#   gpu-checks.sh [OPTIONS]       does the steps that are not done yet, the most telling first, within LIMIT seconds
#   gpu-checks.sh --list          the steps: name, seconds at most, what it does
#   gpu-checks.sh --step NAME     one step on the terminal, without a box and without a trace in the results
# Options, each with the variable that does the same:
#   --out FOLDER     OUT          the results (./gpu-report):
#                                   summary.txt  a line a step: name, result, seconds, the telling figure
#                                   log.txt      everything the steps printed
#                                   state.tgz    what the next call on another machine needs
#   --state FILE     STATE        state.tgz of an earlier call, made by the same commit
#   --golden FOLDER  GOLDEN       tests/golden of a checkout; without it the checkout around this script, if any
#   --limit SECONDS  LIMIT        of this call (540); a step starts only where its whole box still fits
# A step is done when its line is in the summary, and is then not done again. A step that its box cut off gets no line;
# a later call tries it once more, in twice the box, after every step that was never tried. So the same command is
# given again until it says that nothing is left, also after it was killed. What needs a program that is not installed
# is "not here", never passed. Exit code: 0 nothing failed, 1 a step failed, 2 wrong arguments, 3 steps are left.
#
# Needs a driver, CUDA's NVRTC, cuBLAS and cuDNN; PyTorch of $PYTHON, of /opt/*/.venv or of python3 is the peer.
# Without a GPU: REHEARSE=COMMAND, where "COMMAND flixstock ..." and "COMMAND bench ..." are the same programs over an
# emulated one (tools/gpu/rehearse.sh). Sizes shrink, nothing else changes.
set -uo pipefail
self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")
here=${self%/*}
stop() { echo "gpu-checks.sh: $*" >&2; exit 2; }

list='' only=''
while [ $# -gt 0 ]; do
    case $1 in
        --list) list=1; shift; continue ;;
        --out | --state | --golden | --limit | --step) [ $# -gt 1 ] || stop "$1 needs a value" ;;
        *) stop "$1: no such option; give --list, --step, --out, --state, --golden or --limit" ;;
    esac
    case $1 in
        --out) OUT=$2 ;;
        --state) STATE=$2 ;;
        --golden) GOLDEN=$2 ;;
        --limit) LIMIT=$2 ;;
        --step) only=$2 ;;
    esac
    shift 2
done
limit=${LIMIT:-540}
[[ $limit =~ ^[0-9]+$ ]] || stop "--limit $limit: give a whole number of seconds"
absolute() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }
OUT=$(absolute "${OUT:-gpu-report}")
[ -z "${GOLDEN:-}" ] || GOLDEN=$(absolute "$GOLDEN")
[ -z "${GOLDEN:-}" ] || [ -d "$GOLDEN" ] || stop "--golden $GOLDEN: no such folder; give tests/golden of a checkout"
# What steps leave for each other; beside the results, so that a finished file moves there in one piece.
WORK=${WORK:-$OUT.work}
if [ -e "$here/commit.txt" ]; then
    read -r COMMIT < "$here/commit.txt"
else
    COMMIT=$(git -C "$here" rev-parse HEAD 2> /dev/null) || COMMIT=unknown
fi
export OUT GOLDEN WORK COMMIT
# shellcheck source=tools/gpu/gpu-steps.sh
source "$here/gpu-steps.sh"
if [ -n "$list" ]; then
    for name in "${names[@]}"; do printf '%-20s %4d  %s\n' "$name" "${boxes[$name]}" "${abouts[$name]}"; done
    exit
fi
if [ -n "$only" ]; then
    [ -n "${boxes[$only]:-}" ] || stop "--step $only: no such step; --list shows them"
    mkdir -p "$WORK/cache" || stop "$WORK: cannot be made; set WORK to a folder for what the steps leave"
    "step_${only//-/_}"
    exit
fi

mkdir -p "$OUT" || stop "$OUT: cannot be made; give --out another folder"
mkdir -p "$WORK/cache" || stop "$WORK: cannot be made; set WORK to a folder for what the steps leave"
summary=$OUT/summary.txt log=$OUT/log.txt state=$OUT/state.tgz cut=$WORK/cut-off.txt
say() { echo "$*" | tee -a "$log"; }

# usable FILE: whether a state is whole and of this commit; says why not.
usable() {
    local commit
    if ! gzip -t "$1" 2> /dev/null || ! commit=$(tar xzOf "$1" commit.txt 2> /dev/null); then
        say "$1: is not whole, so it is left aside"
    elif [ "$commit" != "$COMMIT" ]; then
        say "$1: is of commit $commit, this is $COMMIT, so it is left aside"
    else
        return 0
    fi
    return 1
}

# A line without an end was being written when an earlier call was killed: that step is not done.
if [ -s "$summary" ] && [ -n "$(tail -c 1 "$summary")" ]; then sed -i '$d' "$summary"; fi
if [ -s "$summary" ] && [ -e "$WORK/commit.txt" ] && [ "$(< "$WORK/commit.txt")" != "$COMMIT" ]; then
    stop "$OUT has results of commit $(< "$WORK/commit.txt"), this is $COMMIT; give --out another folder"
elif [ -e "$WORK/commit.txt" ] && [ "$(< "$WORK/commit.txt")" != "$COMMIT" ]; then
    rm -rf "$WORK" && mkdir -p "$WORK/cache" || stop "$WORK: cannot be emptied; set WORK to another folder"
fi
echo "$COMMIT" > "$WORK/commit.txt"
[ ! -e "$state" ] || usable "$state" || rm -f "$state"
given=${STATE:-$state}
if [ -n "${STATE:-}" ] && [ ! -e "$STATE" ]; then say "$STATE: is not there, so everything begins anew"; fi
if [ -e "$given" ] && [ ! -s "$summary" ] && { [ "$given" = "$state" ] || usable "$given"; }; then
    tar xzf "$given" -C "$WORK" && mv "$WORK/summary.txt" "$summary" && say "$given: goes on from there"
fi
touch "$summary" "$cut"

declare -A finished=() was_cut=()
while read -r name _; do [ -z "$name" ] || finished[$name]=1; done < "$summary"
while read -r name; do was_cut[$name]=1; done < "$cut"

# Everything but the summary's line may be lost at any moment; so this comes after it.
keep() {
    cp "$summary" "$WORK/summary.txt"
    tar cf "$WORK/state.part" -I 'gzip -1' -C "$WORK" commit.txt summary.txt cut-off.txt cache &&
        mv -f "$WORK/state.part" "$state"
}

child=
trap '[ -z "$child" ] || kill -TERM "$child" 2> /dev/null; exit 130' INT TERM HUP
attempt() { # NAME SECONDS
    local name=$1 box=$2 began=$SECONDS from=0 status result
    echo "===== $name, at most $box s" >> "$log"
    from=$(stat -c %s "$log")
    timeout -k 5 "$box" bash "$self" --step "$name" >> "$log" 2>&1 < /dev/null &
    child=$!
    wait "$child"
    status=$? child=
    # What was killed for its memory is a failure, not a matter of time.
    if [ "$status" = 124 ] || { [ "$status" = 137 ] && [ $((SECONDS - began)) -ge "$box" ]; }; then
        [ -n "${was_cut[$name]:-}" ] || echo "$name" >> "$cut"
        was_cut[$name]=1
        say "$name: cut off after $box s; another call tries it again once all others have been tried"
        keep
        return
    fi
    case $status in
        0) result=passed ;;
        4) result='not here' ;;
        *) result=failed ;;
    esac
    printf '%-20s | %-8s | %4d s | %s\n' "$name" "$result" "$((SECONDS - began))" \
        "$(tail -c "+$((from + 1))" "$log" | awk -v status="$status" 'NF {last = $0} END {
            sub(/^ +/, "", last)
            gsub(/  +/, "  ", last)
            print last == "" ? "exit code " status : substr(last, 1, 160)
        }')" >> "$summary"
    finished[$name]=1
    tail -n 1 "$summary" | tee -a "$log"
    keep
}

tried() { [ -n "${finished[$1]:-}${was_cut[$1]:-}" ]; }
tried_before=''
for name in "${names[@]}"; do [ -z "${was_cut[$name]:-}" ] || tried_before+=" $name"; done
for name in "${names[@]}"; do
    if tried "$name" || { [ -n "${waits[$name]}" ] && ! tried "${waits[$name]}"; }; then continue; fi
    [ $((SECONDS + boxes[$name])) -gt "$limit" ] || attempt "$name" "${boxes[$name]}"
done
untried=''
for name in "${names[@]}"; do tried "$name" || untried+=" $name"; done
for name in $tried_before; do
    if [ -n "$untried${finished[$name]:-}" ]; then continue; fi
    [ $((SECONDS + 2 * boxes[$name])) -gt "$limit" ] || attempt "$name" $((2 * boxes[$name]))
done

left=$untried
for name in "${!was_cut[@]}"; do [ -n "${finished[$name]:-}" ] || left+=" $name"; done
count() { awk -F ' *[|] ' -v result="$1" '$2 == result {n++} END {print n + 0}' "$summary"; }
failures=$(count failed)
echo "$(count passed) passed, $failures failed, $(count 'not here') not here${left:+, left:$left}; results in $OUT"
[ -z "$left" ] || echo "the rest: the same command again; on another machine with --state $state"
[ "$failures" = 0 ] || exit 1
[ -z "$left" ] || exit 3
