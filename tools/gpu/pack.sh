#!/usr/bin/env bash
# Packs what a GPU server without .NET needs into one archive: runtime, command, tests, benchmark, checks.
#   tools/gpu/pack.sh [FOLDER]        writes FOLDER/flixstock-gpu.tar.xz (default: artifacts/gpu) and prints its size
# On the server: tar xJf flixstock-gpu.tar.xz && flixstock-gpu/gpu-checks.sh verify
set -euo pipefail
cd "$(dirname "$0")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
output=${1:-artifacts/gpu}
bundle=$output/flixstock-gpu
rm -rf "$bundle" "$output/flixstock-gpu.tar.xz"
mkdir -p "$bundle/app"

# One folder for all programs: what they share is there once. Symbols, documentation and ONNX Runtime stay here.
for project in cli tools/Bench tests; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained false -p:WithOnnxRuntime=false -p:DebugType=none -o "$bundle/app" --nologo -v quiet
done
find "$bundle/app" \( -name '*.pdb' -o -name '*.xml' -o -name '*.dbg' -o -name 'libonnxruntime*' \) -delete
# The script host serves one test of the build script, which has nothing to do on a server.
rm -rf "$bundle/app/runtimes" "$bundle/app/ref"

# One copy of the runtime, as the installed one lays it out.
root=$(dirname "$(readlink -f "$(command -v dotnet)")")
version=$(dotnet --list-runtimes | awk '/^Microsoft.NETCore.App 10\./{v=$2} END{print v}')
mkdir -p "$bundle/runtime/shared/Microsoft.NETCore.App" "$bundle/runtime/host/fxr"
cp "$root/dotnet" "$bundle/runtime/"
cp -r "$root/host/fxr/$version" "$bundle/runtime/host/fxr/"
cp -r "$root/shared/Microsoft.NETCore.App/$version" "$bundle/runtime/shared/Microsoft.NETCore.App/"

# The kernels as PTX, for servers without NVRTC; where this machine has none either, the server must have it.
dotnet "$bundle/app/flixstock.dll" doctor --write-ptx "$bundle/app/ptx" || { rm -rf "$bundle/app/ptx"; echo "no PTX is packed: the server needs NVRTC"; }

mkdir -p "$bundle/tools/peers" "$bundle/kernels"
cp tools/peers/torch_*.py "$bundle/tools/peers/"
cp kernels/*.cu kernels/*.cuh "$bundle/kernels/"
cp tools/gpu/gpu-checks.sh "$bundle/"
git rev-parse HEAD > "$bundle/commit.txt"

tar -C "$output" -c flixstock-gpu | xz -9e -T0 > "$output/flixstock-gpu.tar.xz"
bytes=$(stat -c %s "$output/flixstock-gpu.tar.xz")
echo "$output/flixstock-gpu.tar.xz: $((bytes / 1048576)) MiB ($bytes bytes)"
