#!/usr/bin/env bash
# What only a GPU can show, in three runs of under nine minutes each. Every step leaves its report in ./report (or $REPORT) and is not
# done again while the report is there, so a run that was cut off goes on where it stopped.
#   gpu-checks.sh verify      doctor, every test on the CUDA device, training on CUDA beside the processor in each precision
#   gpu-checks.sh sanitize    compute-sanitizer's memcheck and racecheck over a tiny training; ncu over the hottest kernels where it works
#   gpu-checks.sh bench       images/s beside PyTorch (eager and compiled) in the same run; profile of a training step
# Needs a driver, CUDA's NVRTC, cuBLAS and cuDNN (flixstock doctor names what is missing); python3 with PyTorch for the comparison only.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export DOTNET_ROOT=$here/runtime DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
report=${REPORT:-$PWD/report}
mkdir -p "$report"
failures=0
deadline=$((SECONDS + ${LIMIT:-530}))

flixstock() { "$here/runtime/dotnet" "$here/app/flixstock.dll" "$@"; }
tests() { "$here/runtime/dotnet" "$here/app/Flixstock.Tests.dll" --results-directory "$report/tests" "$@"; }
bench() { "$here/runtime/dotnet" "$here/app/Flixstock.Bench.dll" "$@"; }

# step NAME COMMAND...: the command's output goes to NAME.txt, which gets its name only once the command has ended.
step() {
    local name=$1 status
    shift
    if [ -e "$report/$name.txt" ]; then
        echo "== $name: done before ($(tail -n 1 "$report/$name.txt"))"
        return
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
        echo "== $name: no time left in this run; run the same command again"
        failures=$((failures + 1))
        return
    fi
    echo "== $name"
    timeout $((deadline - SECONDS)) bash -c "$(declare -f flixstock tests bench); $(declare -p here report); $*" > "$report/$name.part" 2>&1
    status=$?
    tail -n "${SHOW:-15}" "$report/$name.part"
    echo "exit code $status" >> "$report/$name.part"
    if [ "$status" = 124 ]; then
        echo "$name: cut off by the time limit; run the same command again"
        failures=$((failures + 1))
        return
    fi
    mv "$report/$name.part" "$report/$name.txt"
    [ "$status" = 0 ] || failures=$((failures + 1))
}

data() {
    [ -d "$report/data/images_split" ] || { flixstock synth --out "$report/data" --count 300 --size 64 > /dev/null && flixstock split --data "$report/data" > /dev/null; }
}

verify() {
    step doctor flixstock doctor
    step tests-cuda "FLIXSTOCK_TEST_CUDA=1 FLIXSTOCK_REQUIRE_NVRTC=1 tests --filter 'FullyQualifiedName~Cuda|FullyQualifiedName~KernelAgreement|FullyQualifiedName~Golden|FullyQualifiedName~Gradient|FullyQualifiedName~TwentySteps|FullyQualifiedName~FoldedNetwork'"
    data
    step train-cpu flixstock train --data "$report/data" --out "$report/run-cpu" --device cpu --image-size 64 --batch-size 16 --epochs 1 --layers 1,1,1,1 --width 0.25 --overwrite
    for precision in fp32 tf32 bf16 fp16; do
        step "train-$precision" flixstock train --data "$report/data" --out "$report/run-$precision" --device cuda --precision $precision --image-size 64 --batch-size 16 --epochs 1 --layers 1,1,1,1 --width 0.25 --overwrite
    done
    step train-eager flixstock train --data "$report/data" --out "$report/run-eager" --device cuda --precision bf16 --no-graph --image-size 64 --batch-size 16 --epochs 1 --layers 1,1,1,1 --width 0.25 --overwrite
    step graph-equals-eager cmp "$report/run-bf16/last.safetensors" "$report/run-eager/last.safetensors"
    step infer-cuda flixstock validate --data "$report/data" --weights "$report/run-cpu/best.safetensors" --device cuda
}

sanitize() {
    data
    local tiny="train --data $report/data --device cuda --image-size 32 --batch-size 4 --epochs 1 --layers 1,1,1,1 --width 0.25 --no-graph --overwrite"
    for tool in memcheck racecheck; do
        step "$tool" "compute-sanitizer --tool $tool --target-processes all --error-exitcode 9 '$here/runtime/dotnet' '$here/app/flixstock.dll' $tiny --out '$report/run-$tool'"
    done
    step ncu "ncu --target-processes all --set basic --launch-skip 200 --launch-count 60 '$here/runtime/dotnet' '$here/app/flixstock.dll' $tiny --precision bf16 --out '$report/run-ncu'"
}

bench_all() {
    local python=${PYTHON:-python3}
    step bench-train "bench --device cuda --precision bf16 --training-batch 256 --inference-batch 256 --steps 20 --rounds 3 --python '$python'"
    step peer-compiled "'$python' '$here/tools/peers/torch_peer.py' --device cuda --mode train --batch 256 --dtype bf16 --channels-last --compile --steps 20"
    step peer-compiled-infer "'$python' '$here/tools/peers/torch_peer.py' --device cuda --mode infer --batch 256 --dtype bf16 --channels-last --compile --steps 20"
    step profile flixstock profile --device cuda --precision bf16 --batch-size 256 --train
}

case "${1:-}" in
    verify) verify ;;
    sanitize) sanitize ;;
    bench) bench_all ;;
    *) echo "usage: $0 verify | sanitize | bench" >&2; exit 2 ;;
esac
echo "reports in $report; $failures step(s) failed or left"
[ "$failures" = 0 ]
