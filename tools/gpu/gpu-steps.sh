#!/usr/bin/env bash
# The steps of gpu-checks.sh, which sources this file. A step's last line is its telling figure; its exit code is 0 for
# passed, 4 for "what it needs is not here", and anything else for failed. What a step needs of another one it makes
# itself where it is not there yet, except for figures to compare with: those steps wait for the one they name.
declare -a names=()
declare -A boxes=() abouts=() waits=()
step() { names+=("$1"); boxes[$1]=$2; abouts[$1]=$3; waits[$1]=${4:-}; }

step machine 45 "GPU, driver, processors, libraries and PyTorch of this machine"
step doctor 60 "the libraries are found and each passes its self-test"
step check-bf16 60 "every operation of a training step beside the processor's"
step speed-train 120 "images/s of a training step"
step profile-train 60 "where the time of a training step goes"
step speed-infer 50 "images/s of inference"
step torch-train 75 "PyTorch's images/s of the same training step" speed-train
step torch-infer 60 "PyTorch's images/s of the same inference" speed-infer
step check-fp32 40 "as check-bf16"
step kernels 90 "single kernels: agreement, time, share of a copy's bandwidth"
step check-tf32 40 "as check-bf16"
step check-fp16 40 "as check-bf16"
step graph-equals-eager 60 "a training of captured steps ends in the same bytes as an eager one"
step deterministic 60 "two trainings with --deterministic end in the same bytes"
step tests-agreement 60 "every call of our kernels beside the reference kernels, in each precision"
step tests-libraries 120 "every call of cuBLAS and cuDNN beside the reference kernels, in each precision"
step tests-cuda 120 "the other tests whose backend is the GPU"
step torch-train-compiled 150 "PyTorch compiled: training" speed-train
step torch-infer-compiled 120 "PyTorch compiled: inference" speed-infer
step memory 5 "peak memory of training beside PyTorch's" torch-train
step train-fp32 60 "a small training beside the processor's, from the same beginning"
step train-tf32 60 "as train-fp32"
step train-bf16 60 "as train-fp32"
step train-fp16 60 "as train-fp32"
step infer 40 "the processor's weights validated on the GPU"
step gradients-bf16 90 "errors of 16-bit gradients beside those of PyTorch's autocast"
step gradients-fp16 90 "as gradients-bf16"
step profile-infer 50 "where the time of a forward pass goes"
step speed-deterministic 60 "images/s of training with --deterministic"
step linear 40 "linear layers, shape by shape"
step second-start 90 "a second process finds kernels and algorithms kept by the first"
step average-warmup 60 "captured and eager trainings end in the same average of the weights"
step count-ignored 60 "counting left-out labels in captured steps"
step batch-auto 120 "an epoch with the batch that --batch-size auto finds"
step memcheck 120 "compute-sanitizer over two steps of a tiny training"
step racecheck 150 "as memcheck"
step ncu 90 "Nsight Compute over some kernels, clocks left alone"
step nsys 60 "layers and phases as Nsight Systems names them"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 XDG_CACHE_HOME=$WORK/cache
packed() { "$here/runtime/dotnet" "$@"; }
if [ -n "${REHEARSE:-}" ]; then
    program=($REHEARSE flixstock)
    flixstock() { $REHEARSE flixstock "$@"; }
    bench() { $REHEARSE bench "$@"; }
    lab() { ${REHEARSE_LAB:-false} "$@"; }
    tests() { FLIXSTOCK_TEST_CUDA=emulated ${REHEARSE_TESTS:-false} "$@"; }
    pictures=40 split=--no-augment side=32 batch=4 check="--image-size 32 --batch-size 2"
    full="--layers 1,1,1,1 --width 0.125 --image-size 32 --batch-size 4" steps=2 gradient_batch=8 lab_device=emulator
    kernel_cases=("AbnApply slope=0.01 inPlace=False") peer_work="--layers 1,1,1,1 --width 0.125 --size 32 --batch 4"
    peer_device=cpu agreement=${REHEARSE_AGREEMENT:-"Average"} others=${REHEARSE_OTHERS:-LossGolden}
else
    program=("$here/runtime/dotnet" "$here/app/flixstock.dll")
    export DOTNET_ROOT=$here/runtime
    flixstock() { packed "$here/app/flixstock.dll" "$@"; }
    bench() { packed "$here/app/Flixstock.Bench.dll" "$@"; }
    lab() { packed "$here/app/Flixstock.KernelLab.dll" "$@"; }
    tests() { FLIXSTOCK_TEST_CUDA=1 FLIXSTOCK_NO_EMULATOR=1 packed "$here/app/Flixstock.Tests.dll" "$@"; }
    pictures=300 split='' side=64 batch=16 check="--image-size 64 --batch-size 8"
    full="--image-size 224 --batch-size 256" steps=20 gradient_batch=32 lab_device=cuda
    # Few and without a shape: the reference kernels, which they are compared with, are slow.
    kernel_cases=(
        "AbnStatistics pictureMean=False" "AbnApply slope=0.01 inPlace=False" "AbnBackward gamma=1 training=True"
        "AbnResidualReluBackward signs" "AbnExciteResidualReluBackward training=True inPlace=False"
        "AbnApplyGateForward inPlace=True" "BlurPool" "SpaceToDepthForward"
    )
    peer_work="--size 224 --batch 256" peer_device=cuda agreement='' others=''
    [ -x "$here/runtime/dotnet" ] || [ -n "$list" ] ||
        stop "$here/runtime: no .NET runtime; unpack the bundle of tools/gpu/pack.sh, or set REHEARSE"
fi
tiny="--layers 1,1,1,1 --width 0.25"
peers=$here/tools/peers
[ -d "$peers" ] || peers=${here%/*}/peers

not_here() { echo "not here: $*"; exit 4; }
need() { command -v "$1" > /dev/null || not_here "$1 is not installed"; }

# telling PATTERN: passes lines on and says the last one that matches once more.
telling() { through -v pattern="$1" '$0 ~ pattern {last = $0} END {if (last != "") print last}'; }
# through ARGUMENTS...: passes lines on as they come, also to a log that is read after a kill, and then to awk.
through() { tee "$WORK/output.txt" && awk "$@" "$WORK/output.txt"; }

# The Python that has PyTorch, as $torch.
need_torch() {
    local candidates=("${PYTHON:-}") candidate
    [ -n "${PYTHON:-}" ] || candidates=(/opt/*/.venv/bin/python python3)
    for candidate in "${candidates[@]}"; do
        if "$candidate" -c 'import torch' 2> /dev/null; then torch=$candidate; return; fi
    done
    not_here "${candidates[*]}: no Python with PyTorch; set PYTHON"
}

# figure STEP: what stands in the summary of a step that passed.
figure() {
    [ ! -e "$OUT/summary.txt" ] || awk -F ' *[|] ' -v name="$1" '$1 == name && $2 == "passed" {
        sub(/^[^|]*[|][^|]*[|][^|]*[|] /, ""); print}' "$OUT/summary.txt"
}

source "$here/gpu-bodies.sh"
