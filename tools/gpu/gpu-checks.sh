#!/usr/bin/env bash
# What only a GPU can show, in three runs of under nine minutes each. Every step leaves its report in ./report (or $REPORT) and is not
# done again while the report is there, so a run that was cut off goes on where it stopped.
#   gpu-checks.sh verify      doctor, every test on the CUDA device, every kernel of a training step against the processor, training beside the processor in each
#                             precision, captured against eager steps, 16-bit gradients beside PyTorch's autocast
#   gpu-checks.sh sanitize    compute-sanitizer's memcheck and racecheck over a tiny training; ncu over some kernels
#   gpu-checks.sh bench       images/s and memory beside PyTorch (eager and compiled) in the same run; profiles of a training step and a forward pass; single kernels
# Needs a driver, CUDA's NVRTC, cuBLAS and cuDNN (flixstock doctor names what is missing). What compares with a program that is not installed (PyTorch of $PYTHON,
# compute-sanitizer, ncu) is reported as "not here", never as passed.
#
# A rehearsal without a GPU: REHEARSE=COMMAND gpu-checks.sh verify, where "COMMAND flixstock ..." and "COMMAND bench ..." are the same programs over an emulated GPU
# (tools/gpu/rehearse.sh does it). Sizes shrink, nothing else changes.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
report=${REPORT:-$PWD/report}
mkdir -p "$report"
python=${PYTHON:-python3}
rehearse=${REHEARSE:-}
passed=0 failures=0 missing=0
deadline=$((SECONDS + ${LIMIT:-530}))
readonly NotHere=4

if [ -n "$rehearse" ]; then
    flixstock() { $rehearse flixstock "$@"; }
    bench() { $rehearse bench "$@"; }
    tests() { FLIXSTOCK_TEST_CUDA=emulated ${REHEARSE_TESTS:-false} --results-directory "$report/tests" "$@"; }
    lab() { ${REHEARSE_LAB:-false} "$@"; }
    tests_filter=${TESTS_FILTER:-FullyQualifiedName~LossGolden}
    pictures=40 split=--no-augment side=32 batch=4 check_side=32 check_batch=2
    work="--layers 1,1,1,1 --width 0.125 --image-size 32 --batch-size 4" bench_steps=2 bench_rounds=1 gradient_batch=8
    peer="--python $python --peer-device cpu" lab_device=emulator lab_cases="AbnApply"
else
    export DOTNET_ROOT=$here/runtime
    flixstock() { "$here/runtime/dotnet" "$here/app/flixstock.dll" "$@"; }
    bench() { "$here/runtime/dotnet" "$here/app/Flixstock.Bench.dll" "$@"; }
    tests() { FLIXSTOCK_TEST_CUDA=1 FLIXSTOCK_REQUIRE_NVRTC=1 "$here/runtime/dotnet" "$here/app/Flixstock.Tests.dll" --results-directory "$report/tests" "$@"; }
    lab() { "$here/runtime/dotnet" "$here/app/Flixstock.KernelLab.dll" "$@"; }
    # Cases whose backend is "cuda": the others are of the emulator or of the processor, and have run in CI.
    tests_filter=${TESTS_FILTER:-'Name~"cuda"'}
    pictures=300 split= side=64 batch=16 check_side=64 check_batch=8
    work="--model tresnet_m --image-size 224 --batch-size 256" bench_steps=20 bench_rounds=3 gradient_batch=32
    peer="--python $python" lab_device=cuda lab_cases="Abn Excite Pool SpaceToDepth Activation Add"
fi
tiny="--layers 1,1,1,1 --width 0.25"

not_here() { # NAME WHY
    echo "== $1: not here: $2"
    echo "not here: $2" > "$report/$1.not-here"
    missing=$((missing + 1))
}

# step NAME COMMAND...: the command's output goes to NAME.txt, which gets its name only once the command has ended.
step() {
    local name=$1 status
    shift
    if [ -e "$report/$name.txt" ]; then
        echo "== $name: done before ($(tail -n 1 "$report/$name.txt"))"
        if [ "$(tail -n 1 "$report/$name.txt")" = "exit code 0" ]; then passed=$((passed + 1)); else failures=$((failures + 1)); fi
        return
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
        echo "== $name: no time left in this run; run the same command again"
        failures=$((failures + 1))
        return
    fi
    echo "== $name"
    rm -f "$report/$name.not-here"
    timeout $((deadline - SECONDS)) bash -c "$(declare -f flixstock tests bench lab); $(declare -p here report rehearse python); $*" > "$report/$name.part" 2>&1
    status=$?
    tail -n "${SHOW:-15}" "$report/$name.part"
    if [ "$status" = "$NotHere" ]; then
        not_here "$name" "$(tail -n 1 "$report/$name.part")"
        rm -f "$report/$name.part"
        return
    fi
    echo "exit code $status" >> "$report/$name.part"
    if [ "$status" = 124 ]; then
        echo "$name: cut off by the time limit; run the same command again"
        failures=$((failures + 1))
        return
    fi
    mv "$report/$name.part" "$report/$name.txt"
    if [ "$status" = 0 ]; then passed=$((passed + 1)); else failures=$((failures + 1)); fi
}

# step_with PROGRAM NAME COMMAND...: only where the program is installed.
step_with() {
    local program=$1
    shift
    if command -v "$program" > /dev/null; then step "$@"; else not_here "$1" "$program is not installed"; fi
}

data() {
    [ -d "$report/data/images_split" ] || { flixstock synth --out "$report/data" --count "$pictures" --size "$side" > /dev/null && flixstock split --data "$report/data" $split > /dev/null; }
}

train() { # NAME ARGUMENTS...
    local name=$1
    shift
    step "$name" flixstock train --data "'$report/data'" --out "'$report/run-$name'" --image-size "$side" --batch-size "$batch" --epochs 1 $tiny --overwrite "$@"
}

same_bytes() { # NAME ONE OTHER
    step "$1" cmp "'$report/run-$2/last.safetensors'" "'$report/run-$3/last.safetensors'"
}

verify() {
    local precision
    if [ -n "$rehearse" ]; then not_here doctor "the GPU of a rehearsal is emulated"; else step doctor flixstock doctor; fi
    for precision in fp32 tf32 bf16 fp16; do
        step "check-$precision" flixstock profile --check --device cuda --precision $precision $tiny --image-size $check_side --batch-size $check_batch
    done
    data
    train train-cpu --device cpu
    for precision in fp32 tf32 bf16 fp16; do
        train "train-$precision" --device cuda --precision $precision
    done
    # Without --deterministic cuDNN may take engines whose sums differ from run to run, with and without a graph.
    train train-deterministic-1 --device cuda --precision bf16 --deterministic
    train train-deterministic-2 --device cuda --precision bf16 --deterministic
    same_bytes deterministic train-deterministic-1 train-deterministic-2
    train train-eager --device cuda --precision bf16 --deterministic --no-graph
    same_bytes graph-equals-eager train-deterministic-1 train-eager
    step infer-cuda flixstock validate --data "'$report/data'" --weights "'$report/run-train-cpu/best.safetensors'" --device cuda --out "'$report'"
    step tests-cuda "tests --filter '$tests_filter'"
    for precision in bf16 fp16; do
        step "gradients-$precision" bench gradients --device cuda --precision $precision ${work%--batch-size*} --batch-size $gradient_batch $peer
    done
}

sanitize() {
    local tool program="'$here/runtime/dotnet' '$here/app/flixstock.dll'"
    [ -z "$rehearse" ] || program="$rehearse flixstock"
    data
    local training="train --data '$report/data' --device cuda --image-size 32 --batch-size 4 --epochs 1 $tiny --no-graph --overwrite"
    for tool in memcheck racecheck; do
        step_with compute-sanitizer "$tool" "compute-sanitizer --tool $tool --target-processes all --error-exitcode 9 $program $training --out '$report/run-$tool'"
    done
    step_with ncu ncu "ncu --target-processes all --set basic --launch-skip 200 --launch-count 60 $program $training --precision bf16 --out '$report/run-ncu'"
}

bench_all() {
    if "$python" -c 'import torch' 2> /dev/null; then
        step bench "bench --device cuda --precision bf16 $work --steps $bench_steps --rounds $bench_rounds $peer --compile"
        # What the table leaves out is not here either.
        if grep -q "not here" "$report/bench.txt" 2> /dev/null; then not_here bench-compiled "$(tail -n 2 "$report/bench.txt" | head -n 1)"; fi
    else
        not_here bench-peers "$python has no PyTorch"
        step bench-alone "bench --device cuda --precision bf16 $work --steps $bench_steps --rounds $bench_rounds"
    fi
    step profile-train "flixstock profile --device cuda --precision bf16 $work --train"
    step profile-infer "flixstock profile --device cuda --precision bf16 $work --infer"
    step kernels "for part in $lab_cases; do lab run \$part --device $lab_device || exit 1; done"
}

case "${1:-}" in
    verify) verify ;;
    sanitize) sanitize ;;
    bench) bench_all ;;
    *) echo "usage: $0 verify | sanitize | bench" >&2; exit 2 ;;
esac
echo "$1: $passed passed, $failures failed or left, $missing not here; reports in $report" | tee "$report/$1.summary"
[ "$failures" = 0 ]
