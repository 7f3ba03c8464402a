#!/usr/bin/env bash
# gpu-checks.sh on this machine without a GPU: the same script and programs over the PTX emulator, with tiny sizes. Build first.
#   tools/gpu/rehearse.sh [verify | sanitize | bench]...     without arguments all three; reports in artifacts/rehearsal (or $REPORT)
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(find "$root/tests/bin/Release" -name Flixstock.KernelLab.dll -printf '%h\n' | head -n 1)
[ -n "$bin" ] || { echo "build first: dotnet build -c Release" >&2; exit 2; }
export REPORT=${REPORT:-$root/artifacts/rehearsal} REHEARSE="dotnet $bin/Flixstock.KernelLab.dll rehearse" REHEARSE_TESTS="dotnet $bin/Flixstock.Tests.dll" REHEARSE_LAB="dotnet $bin/Flixstock.KernelLab.dll"
status=0
for part in "${@:-verify sanitize bench}"; do
    for one in $part; do "$root/tools/gpu/gpu-checks.sh" "$one" || status=1; done
done
exit $status
