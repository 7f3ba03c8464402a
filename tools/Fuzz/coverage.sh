#!/usr/bin/env bash
# Which branches of the readers of weights a fuzz run takes, counted by coverlet. Build first: dotnet build -c Release.
#   tools/Fuzz/coverage.sh [INPUTS] [LEAST]    5000 inputs; exit code 1 where less than LEAST % of the branches is taken (90)
set -uo pipefail
cd "$(dirname "$0")/../.."
inputs=${1:-5000} least=${2:-90}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
program=$(find tests/bin/Release -name Flixstock.Tests.dll | head -n 1)
[ -n "$program" ] || { echo "build first: dotnet build -c Release" >&2; exit 2; }
FLIXSTOCK_FUZZ_INPUTS=$inputs dotnet "$program" --filter "FullyQualifiedName~FuzzTests.ALongerRun" --results-directory "$results" \
    --coverlet --coverlet-output-format cobertura --coverlet-include "[Flixstock.Engine]*" > "$results/log" 2>&1 || { cat "$results/log"; exit 1; }
report=$(find "$results" -name "*cobertura*.xml" | head -n 1)
[ -n "$report" ] || { echo "coverlet wrote no report:" >&2; cat "$results/log" >&2; exit 2; }
# Everything that reads .pth and .safetensors, nothing that writes: a file's lines with branches are counted once.
awk -v least="$least" '
    /<class / { match($0, /filename="[^"]*"/); file = substr($0, RSTART + 10, RLENGTH - 11); sub(/.*\//, "", file); path = $0 }
    /<line / && /branch="[Tt]rue"/ {
        if (path !~ /Weights\/(Torch\/|(SafetensorsFile(\.Read)?|WeightsFile(\.Torch)?|WeightsChoice|WeightsEntry|NetworkNames|ForeignFile|ShardIndex)\.cs)/ || file ~ /Writ/) next
        match($0, /number="[0-9]+"/); key = file ":" substr($0, RSTART + 8, RLENGTH - 9)
        match($0, /\([0-9]+\/[0-9]+\)/); split(substr($0, RSTART + 1, RLENGTH - 2), part, "/")
        if (!(key in ways)) { ways[key] = part[2]; all[file] += part[2] }
        if (part[1] > gone[key]) { taken[file] += part[1] - gone[key]; gone[key] = part[1] }
    }
    END {
        for (file in all) { printf "  %-26s %5d %5d %6.1f %%\n", file, all[file], taken[file], 100 * taken[file] / all[file] | "sort"; total += all[file]; sum += taken[file] }
        close("sort")
        if (total == 0) { print "no branch of the readers was found"; exit 2 }
        printf "  %-26s %5d %5d %6.1f %%\n", "all", total, sum, 100 * sum / total
        exit 100 * sum / total < least ? 1 : 0
    }' "$report"
