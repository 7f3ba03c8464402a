#!/usr/bin/env bash
# Packs what a GPU server without .NET needs into one archive: runtime, command, tests, benchmark, checks.
#   tools/gpu/pack.sh [FOLDER]        writes FOLDER/flixstock-gpu.tar.xz (default: artifacts/gpu), at most 30 MiB
# On the server, in any folder:
#   tar xJf flixstock-gpu.tar.xz && flixstock-gpu/gpu-checks.sh
#   without xz: python3 -c 'import tarfile; tarfile.open("flixstock-gpu.tar.xz").extractall()'
# The tests' golden files are not in it: unpack it inside a checkout, or give gpu-checks.sh --golden.
set -euo pipefail
cd "$(dirname "$0")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
readonly MostMebibytes=30
output=${1:-artifacts/gpu}
bundle=$output/flixstock-gpu archive=$output/flixstock-gpu.tar.xz
rm -rf "$bundle" "$archive"
mkdir -p "$bundle/app" "$bundle/tools/peers"

# What the packed programs never load. Of the app: the script host of one test of the build script, and what rewrites
# assemblies to measure coverage.
unused_app="System.Management.Automation Microsoft.Management.Infrastructure* Microsoft.PowerShell* Markdig*
    System.DirectoryServices System.Management System.CodeDom System.Configuration.ConfigurationManager
    System.Security.Permissions System.Security.Cryptography.Pkcs System.Security.Cryptography.ProtectedData
    System.Windows.Extensions System.Diagnostics.EventLog Microsoft.Win32.Registry.AccessControl Newtonsoft.Json
    Mono.Cecil*"
# Of the runtime: debuggers, other collectors, tracing, other languages, databases, and servers and mail.
unused_native="libmscordaccore.so libmscordbi.so libclrgc.so libclrgcexp.so libcoreclrtraceptprovider.so createdump"
unused_runtime="Microsoft.VisualBasic Microsoft.VisualBasic.Core Microsoft.CSharp System.Data System.Data.Common
    System.Data.DataSetExtensions System.Private.DataContractSerialization System.Runtime.Serialization
    System.ServiceModel.Web System.Transactions System.Transactions.Local System.Linq.AsyncEnumerable
    System.Text.Encoding.CodePages System.Threading.Tasks.Dataflow System.Net.Mail System.Net.Requests System.Net.Quic
    System.Net.HttpListener System.Net.WebSockets System.Net.WebSockets.Client System.Net.WebClient System.Net.Ping
    System.Net.Http.Json System.Net.ServerSentEvents System.Net.WebProxy System.IO.IsolatedStorage
    System.ComponentModel.Annotations System.IO.FileSystem.Watcher System.Web System.Web.HttpUtility"

# One folder for all programs: what they share is there once.
for project in cli tools/Bench tests; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained false -p:WithOnnxRuntime=false \
        -p:WithWebParts=false -p:WithDrawings=false -p:DebugType=none -o "$bundle/app" --nologo -v quiet
done
rm -rf "$bundle/app/runtimes" "$bundle/app/ref"
find "$bundle/app" \( -name '*.pdb' -o -name '*.xml' -o -name '*.dbg' -o -name 'libonnxruntime*' -o \
    -name 'libpsl-native*' \) -delete
for name in $unused_app; do rm -f "$bundle/app/"$name.dll; done
# dotnet starts the programs.
find "$bundle/app" -maxdepth 1 -type f ! -name '*.*' -delete
rm -f "$bundle/app/"{build.manifest*,*.props,*.targets} "$bundle/app/"Flixstock.{Bench,Fuzz,KernelLab,ReadmeRunner} \
    "$bundle/app/"Flixstock.{Samples.CustomNetwork,Stress,Survival,Tests}

# One copy of the runtime, as the installed one lays it out.
root=$(dirname "$(readlink -f "$(command -v dotnet)")")
version=$(dotnet --list-runtimes | awk '/^Microsoft.NETCore.App 10\./{v=$2} END{print v}')
runtime=$bundle/runtime/shared/Microsoft.NETCore.App/$version
mkdir -p "$(dirname "$runtime")" "$bundle/runtime/host/fxr"
cp "$root/dotnet" "$bundle/runtime/"
cp -r "$root/host/fxr/$version" "$bundle/runtime/host/fxr/"
cp -r "$root/shared/Microsoft.NETCore.App/$version" "$runtime"
for name in $unused_native $(printf '%s.dll ' $unused_runtime); do
    rm "$runtime/$name" || { echo "take $name off the lists of pack.sh" >&2; exit 1; }
done

# The host misses what a list names and the folder has not.
python3 - "$bundle/app/"*.deps.json "$runtime/"*.deps.json <<'END'
import json, os, sys
for path in sys.argv[1:]:
    there = set(os.listdir(os.path.dirname(path)))
    with open(path, encoding="utf-8") as file:
        dependencies = json.load(file)
    for target in dependencies["targets"].values():
        for package in target.values():
            for kind in ("runtime", "native", "resources", "runtimeTargets"):
                for name in [name for name in package.get(kind, {}) if os.path.basename(name) not in there]:
                    del package[kind][name]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dependencies, file)
END

# The kernels as PTX, for servers without NVRTC; where this machine has none either, the server must have it.
packed="$bundle/runtime/dotnet"
"$packed" "$bundle/app/flixstock.dll" doctor --write-ptx "$bundle/app/ptx" ||
    { rm -rf "$bundle/app/ptx"; echo "no PTX is packed: the server needs NVRTC"; }

cp tools/peers/torch_*.py "$bundle/tools/peers/"
cp tools/gpu/gpu-checks.sh tools/gpu/gpu-steps.sh tools/gpu/gpu-bodies.sh "$bundle/"
git rev-parse HEAD > "$bundle/commit.txt"

# On what is left each program starts, and a training goes through, which draws at its end.
try=$(mktemp -d)
trap 'rm -rf "$try"' EXIT
flixstock() { "$packed" "$bundle/app/flixstock.dll" "$@" --quiet > "$try/log" || { cat "$try/log" >&2; exit 1; }; }
flixstock synth --out "$try/data" --count 40 --size 32
flixstock split --data "$try/data" --no-augment
flixstock train --data "$try/data" --out "$try/run" --device cpu --layers 1,1,1,1 --width 0.125 --image-size 32 \
    --epochs 2
"$packed" "$bundle/app/Flixstock.Bench.dll" --help > /dev/null
"$packed" "$bundle/app/Flixstock.KernelLab.dll" list AbnApply > /dev/null
"$packed" "$bundle/app/Flixstock.Tests.dll" --filter "FullyQualifiedName~UnknownActivationTests" --progress off \
    --results-directory "$try/tests" > "$try/log" || { cat "$try/log" >&2; exit 1; }

tar -C "$output" -c flixstock-gpu | xz -9e -T0 > "$archive"
bytes=$(stat -c %s "$archive")
echo "$archive: $(awk -v bytes="$bytes" 'BEGIN {printf "%.1f", bytes / 1048576}') MiB ($bytes bytes)"
if [ "$bytes" -gt $((MostMebibytes * 1048576)) ]; then
    echo "$archive: more than $MostMebibytes MiB; name what the programs do not load in the lists of pack.sh" >&2
    exit 1
fi
