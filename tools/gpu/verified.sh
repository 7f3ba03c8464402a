#!/usr/bin/env bash
# What a report of gpu-checks.sh shows of docs/gpu-todo.md, as lines of docs/gpu-verified.md.
#   tools/gpu/verified.sh REPORT-FOLDER [PAGE]
# A claim gets a line where every step that it names has passed; failed, cut off, not here or never tried: none. Lines
# that are there already are not written again.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 REPORT-FOLDER [PAGE]" >&2; exit 2; }
docs=$(cd "$(dirname "$0")/../../docs" && pwd)
summary=$1/summary.txt page=${2:-$docs/gpu-verified.md}
[ -e "$summary" ] || { echo "$summary: not there; give the results folder of gpu-checks.sh" >&2; exit 2; }

# Of which machine and libraries: steps that have to have passed.
passed() { awk -F ' *[|] ' -v name="$1" '$1 == name && $2 == "passed" {print $4}' "$summary"; }
machine=$(passed machine) doctor=$(passed doctor)
[ -n "$machine" ] || { echo "$summary: step machine has not passed, so nothing says which GPU this was" >&2; exit 1; }
[ -n "$doctor" ] || { echo "$summary: step doctor has not passed, so nothing says which libraries" >&2; exit 1; }
facts=$(awk -v machine="$machine" -v doctor="$doctor" 'BEGIN {
    if (split(machine, m, ", ") < 4 || split(doctor, d, "[, :]+") < 4) exit 1
    sub(/^commit /, "", m[2])
    sub(/^driver /, "", m[4])
    printf "| %s | %s | %s | %s | %s | %.9s |", m[1], m[3], m[4], d[2], d[4], m[2]
}') || { echo "$summary: '$machine' and '$doctor' are not what the steps machine and doctor end with" >&2; exit 1; }

if [ ! -e "$page" ]; then
    cat > "$page" <<'END'
# Seen on a GPU

What hardware has shown: one line a claim, which `tools/gpu/verified.sh` makes of a report of
`gpu-checks.sh`. The figures are those of the steps that [gpu-todo.md](gpu-todo.md) names for the
claim; what only failed or was never tried stays there.

| date | device | driver | CUDA | cuDNN | commit | claim | figure |
| --- | --- | --- | --- | --- | --- | --- | --- |
END
fi
written=0
while IFS= read -r line; do
    if grep -qxF -- "$line" "$page"; then continue; fi
    printf '%s\n' "$line" >> "$page"
    written=$((written + 1))
done < <(awk -F ' *[|] *' -v facts="$facts" '
    NR == FNR {
        if ($2 != "passed") next
        figure = $0
        sub(/^[^|]*[|][^|]*[|][^|]*[|] */, "", figure)
        gsub(/[|]/, "/", figure)
        figures[$1] = figure
        next
    }
    /^[|]/ && $3 !~ /^(steps|---|by hand)/ {
        text = $3
        line = ""
        while (match(text, /`[a-z0-9-]+`/)) {
            name = substr(text, RSTART + 1, RLENGTH - 2)
            text = substr(text, RSTART + RLENGTH)
            if (!(name in figures)) next
            line = line (line == "" ? "" : "; ") name ": " figures[name]
        }
        if (line != "") print facts " " $2 " | " line " |"
    }' "$summary" "$docs/gpu-todo.md")
echo "$page: $written new lines; the claims they show leave docs/gpu-todo.md"
