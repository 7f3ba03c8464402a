#!/usr/bin/env bash
# gpu-checks.sh on this machine without a GPU: the same script and programs over the PTX emulator, with tiny sizes.
# Build first. Takes the options of gpu-checks.sh; the results are in artifacts/rehearsal unless --out says otherwise.
#   tools/gpu/rehearse.sh [--step NAME]...
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(find "$root/tests/bin/Release" -name Flixstock.KernelLab.dll -printf '%h\n' | head -n 1)
[ -n "$bin" ] || { echo "build first: dotnet build -c Release" >&2; exit 2; }
export OUT=${OUT:-$root/artifacts/rehearsal} LIMIT=${LIMIT:-3600}
export REHEARSE="dotnet $bin/Flixstock.KernelLab.dll rehearse"
export REHEARSE_TESTS="dotnet $bin/Flixstock.Tests.dll" REHEARSE_LAB="dotnet $bin/Flixstock.KernelLab.dll"
exec "$root/tools/gpu/gpu-checks.sh" "$@"
