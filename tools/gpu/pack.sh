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

# What the packed programs never load. Of the app: the script host of one test of the build script, what rewrites
# assemblies to measure coverage, the shaping of right-to-left text, and starters of programs that dotnet starts.
unused_app="System.Management.Automation Microsoft.Management.Infrastructure* Microsoft.PowerShell* Markdig*
    System.DirectoryServices System.Management System.CodeDom System.Configuration.ConfigurationManager
    System.Security.Permissions System.Security.Cryptography.Pkcs System.Security.Cryptography.ProtectedData
    System.Windows.Extensions System.Diagnostics.EventLog Microsoft.Win32.Registry.AccessControl Newtonsoft.Json
    Mono.Cecil* HarfBuzzSharp SkiaSharp.HarfBuzz"
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
        -p:DebugType=none -o "$bundle/app" --nologo -v quiet
done
rm -rf "$bundle/app/runtimes" "$bundle/app/ref"
find "$bundle/app" \( -name '*.pdb' -o -name '*.xml' -o -name '*.dbg' -o -name 'libonnxruntime*' -o \
    -name 'libpsl-native*' -o -name 'libHarfBuzzSharp*' \) -delete
for name in $unused_app; do rm -f "$bundle/app/"$name.dll; done
find "$bundle/app" -maxdepth 1 -type f ! -name '*.*' -delete
rm -f "$bundle/app/"Flixstock.{Bench,Fuzz,KernelLab,ReadmeRunner,Samples.CustomNetwork,Stress,Survival,Tests}
# Without these the host takes every assembly that lies beside the program, and misses none of the above.
rm -f "$bundle/app/"*.deps.json

# One copy of the runtime, as the installed one lays it out.
root=$(dirname "$(readlink -f "$(command -v dotnet)")")
version=$(dotnet --list-runtimes | awk '/^Microsoft.NETCore.App 10\./{v=$2} END{print v}')
runtime=$bundle/runtime/shared/Microsoft.NETCore.App/$version
mkdir -p "$(dirname "$runtime")" "$bundle/runtime/host/fxr"
cp "$root/dotnet" "$bundle/runtime/"
cp -r "$root/host/fxr/$version" "$bundle/runtime/host/fxr/"
cp -r "$root/shared/Microsoft.NETCore.App/$version" "$runtime"
# A file that its list names must be there, so both go together.
python3 - "$runtime" $unused_native $(printf '%s.dll ' $unused_runtime) <<'END'
import json, os, sys
folder, unused = sys.argv[1], set(sys.argv[2:])
path = os.path.join(folder, "Microsoft.NETCore.App.deps.json")
with open(path, encoding="utf-8") as file:
    dependencies = json.load(file)
for target in dependencies["targets"].values():
    for package in target.values():
        for kind in ("runtime", "native"):
            for name in [name for name in package.get(kind, {}) if os.path.basename(name) in unused]:
                del package[kind][name]
for name in unused:
    try:
        os.remove(os.path.join(folder, name))
    except FileNotFoundError:
        sys.exit(f"{folder}: {name} is not there; take it off the lists of pack.sh")
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

# Each program starts on what is left.
"$packed" "$bundle/app/flixstock.dll" --version > /dev/null
"$packed" "$bundle/app/Flixstock.Bench.dll" --help > /dev/null
"$packed" "$bundle/app/Flixstock.KernelLab.dll" list AbnApply > /dev/null
"$packed" "$bundle/app/Flixstock.Tests.dll" --filter "FullyQualifiedName~UnknownActivationTests" --progress off \
    --results-directory "$output/tests" > "$output/tests.log" || { cat "$output/tests.log" >&2; exit 1; }

tar -C "$output" -c flixstock-gpu | xz -9e -T0 > "$archive"
bytes=$(stat -c %s "$archive")
echo "$archive: $(awk -v bytes="$bytes" 'BEGIN {printf "%.1f", bytes / 1048576}') MiB ($bytes bytes)"
if [ "$bytes" -gt $((MostMebibytes * 1048576)) ]; then
    echo "$archive: more than $MostMebibytes MiB; name what the programs do not load in the lists of pack.sh" >&2
    exit 1
fi
