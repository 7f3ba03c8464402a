#!/usr/bin/env bash
# What the steps of gpu-steps.sh do: step_NAME is the step NAME, with _ for -.

step_machine() {
    uname -srm
    echo "$(nproc) processors, $(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo)"
    echo "libraries .NET and the bundle may need:"
    ldconfig -p 2> /dev/null | grep -E 'libssl|libcrypto|libz\.so|libcuda\.so|libnvrtc' || true
    ( need_torch; "$torch" -c 'import torch; print("PyTorch", torch.__version__, "of CUDA", torch.version.cuda,
        "cuDNN", torch.backends.cudnn.version())' ) || true
    need nvidia-smi
    nvidia-smi || return
    # verified.sh reads this line, and the one below.
    echo "$(date -u +%Y-%m-%d), commit $COMMIT, $(nvidia-smi --format=csv,noheader \
        --query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.mem,power.limit |
        sed -n '1s/, /, driver /p')"
}

step_doctor() {
    [ -z "${REHEARSE:-}" ] || not_here "the GPU of a rehearsal is emulated"
    flixstock doctor --searched | through '$1 == "NVRTC" {cuda = $2} $1 == "cuDNN" {cudnn = $2}
        /^Training on CUDA would work:/ {works = 1} NF {last = $0}
        END {print works ? "CUDA " cuda ", cuDNN " cudnn ": training on CUDA works" : last}'
}

check() { flixstock profile --check --device cuda --precision "$1" $tiny $check; }
step_check_fp32() { check fp32; }
step_check_tf32() { check tf32; }
step_check_bf16() { check bf16; }
step_check_fp16() { check fp16; }

# The row of the benchmark's table, in words that the comparisons below read again.
speed() { # ARGUMENTS...
    bench --device cuda --precision bf16 $full --steps "$steps" --rounds 1 "$@" | through -F '[|]' '
        /, batch / {split($3, rate, " "); gsub(/ /, "", $4); line = rate[1] " images/s, peak " $4 " GiB"}
        END {print line; exit line == ""}'
}
step_speed_train() { speed --train; }
step_speed_infer() { speed --infer; }
step_speed_deterministic() { speed --train --deterministic; }

step_profile_train() { flixstock profile --device cuda --precision bf16 $full --train | telling '^captured'; }
step_profile_infer() { flixstock profile --device cuda --precision bf16 $full --infer | telling '^captured'; }
step_linear() { flixstock profile --device cuda --precision tf32 $full --train --kernel Linear | telling 'Linear'; }

beside_torch() { # MODE OUR-STEP BOUND ARGUMENTS...: fails unless ours is BOUND times as fast
    local mode=$1 ours=$2 bound=$3
    shift 3
    need_torch
    "$torch" "$peers/torch_peer.py" --device "$peer_device" --mode "$mode" $peer_work --dtype bf16 --channels-last \
        --steps 10 --warmup 3 "$@" | through -v ours="$(figure "$ours")" -v step="$ours" -v bound="$bound" '
        match($0, /[0-9.]+ images\/s/) {theirs = substr($0, RSTART) + 0}
        match($0, /peak memory [0-9.]+/) {peak = substr($0, RSTART + 12, RLENGTH - 12)}
        END {
            if (!theirs) exit 1
            line = theirs " images/s, peak " (peak == "" ? "-" : peak) " GiB"
            if (ours + 0 == 0) {print line "; nothing of " step " to compare with"; exit 1}
            printf "%s; ours is %.2f times as fast (at least %s is wanted)\n", line, ours / theirs, bound
            exit ours / theirs < bound
        }'
}
step_torch_train() { beside_torch train speed-train 1.5; }
step_torch_infer() { beside_torch infer speed-infer 1; }
step_torch_train_compiled() { beside_torch train speed-train 1.2 --compile; }
step_torch_infer_compiled() { beside_torch infer speed-infer 1.2 --compile; }
step_memory() {
    local ours theirs
    ours=$(figure speed-train) theirs=$(figure torch-train)
    [ -n "$theirs" ] || theirs=$(figure torch-train-compiled)
    [ -n "$theirs" ] || not_here "no training of PyTorch has passed to compare with"
    awk -v ours="${ours#*peak }" -v theirs="${theirs#*peak }" 'BEGIN {
        if (ours + 0 == 0 || theirs + 0 == 0) {print "no memory of the device was measured"; exit 1}
        printf "%.2f GiB, PyTorch %.2f GiB: %.2f times (at most 0.6 is wanted)\n", ours, theirs, ours / theirs
        exit ours / theirs > 0.6
    }'
}

step_kernels() {
    local case
    for case in "${kernel_cases[@]}"; do lab run "$case" --device "$lab_device" --type bf16 || return; done
    echo "${#kernel_cases[@]} cases agree"
}

# run_tests FILTER: a skipped test has shown nothing, so it is no success.
run_tests() {
    tests --filter "$1" --output Detailed --progress off --results-directory "$WORK/tests" | through '
        /^skipped / {getline; if (reason == "") {reason = $0; sub(/^ +/, "", reason)}}
        /^ *(total|failed|succeeded|skipped): / {sub(/:/, "", $1); n[$1] = $2}
        END {
            printf "%d passed, %d failed, %d skipped of %d%s\n", n["succeeded"], n["failed"], n["skipped"], n["total"],
                n["skipped"] ? ": " reason : ""
            exit n["failed"] || !n["total"] ? 1 : n["skipped"] ? 4 : 0
        }'
}
# Cases whose backend is the GPU: all others are of the emulator or of the processor, and have run in CI.
on_gpu='Name~"cuda"|Name~"cuda-'
step_tests_agreement() { run_tests "FullyQualifiedName~OurKernelsAgree&($on_gpu)${agreement:+&Name~$agreement}"; }
step_tests_libraries() { run_tests "FullyQualifiedName~LibrariesAgree&($on_gpu)"; }
step_tests_cuda() {
    [ -z "${GOLDEN:-}" ] || export FLIXSTOCK_GOLDEN=$GOLDEN
    run_tests "FullyQualifiedName!~GpuAgreementTests&($on_gpu)${others:+&FullyQualifiedName~$others}"
}

data() {
    [ ! -d "$WORK/data" ] || return 0
    rm -rf "$WORK/data.part"
    flixstock synth --out "$WORK/data.part" --count "$pictures" --size "$side" --quiet &&
        flixstock split --data "$WORK/data.part" $split --quiet && mv "$WORK/data.part" "$WORK/data"
}
# trained NAME ARGUMENTS...: a run in $WORK/runs/NAME, and what it printed in NAME.txt, which is there once it is done.
trained() {
    local run=$WORK/runs/$1
    shift
    [ ! -e "$run.txt" ] || { cat "$run.txt"; return; }
    mkdir -p "$WORK/runs" && data || return
    flixstock train --data "$WORK/data" --out "$run" --image-size "$side" --batch-size "$batch" --epochs 1 $tiny \
        --overwrite "$@" 2>&1 | tee "$run.part" && mv "$run.part" "$run.txt"
}
same_bytes() { # FILE ONE OTHER
    cmp "$WORK/runs/$2/$1" "$WORK/runs/$3/$1" && echo "$1 of both runs: the same $(stat -c %s "$WORK/runs/$2/$1") bytes"
}
# Without --deterministic cuDNN may take engines whose sums differ from run to run, with and without a graph.
step_graph_equals_eager() {
    trained first --device cuda --precision bf16 --deterministic &&
        trained eager --device cuda --precision bf16 --deterministic --no-graph &&
        same_bytes last.safetensors first eager
}
step_deterministic() {
    trained first --device cuda --precision bf16 --deterministic &&
        trained second --device cuda --precision bf16 --deterministic && same_bytes last.safetensors first second
}
step_average_warmup() {
    trained warm --device cuda --precision fp32 --deterministic --ema-warmup on &&
        trained warm-eager --device cuda --precision fp32 --deterministic --ema-warmup on --no-graph &&
        same_bytes average.safetensors warm warm-eager
}

# beside_processor PRECISION SHARE: the losses of two short trainings that begin alike may differ by this share.
loss_of() { sed -n 's/.*validation loss \([0-9.]*\).*/\1/p' "$WORK/runs/$1.txt" | tail -n 1; }
beside_processor() {
    trained cpu --device cpu && trained "$1" --device cuda --precision "$1" || return
    awk -v name="$1" -v cpu="$(loss_of cpu)" -v own="$(loss_of "$1")" -v share="$2" 'BEGIN {
        if (!cpu || !own) {print "no validation loss was printed"; exit 1}
        off = own > cpu ? own / cpu - 1 : 1 - own / cpu
        printf "validation loss %s, the processor %s: %.2f %% apart (at most %s %%)\n", own, cpu, 100 * off, 100 * share
        exit off > share
    }'
}
step_train_fp32() { beside_processor fp32 0.02; }
step_train_tf32() { beside_processor tf32 0.03; }
step_train_bf16() { beside_processor bf16 0.05; }
step_train_fp16() { beside_processor fp16 0.05; }
step_infer() {
    trained cpu --device cpu > /dev/null || return
    flixstock validate --data "$WORK/data" --weights "$WORK/runs/cpu/best.safetensors" --device cuda \
        --out "$WORK/validated" | telling 'mAP'
}

gradients() {
    need_torch
    bench gradients --device cuda --precision "$1" ${full%--batch-size*} --batch-size "$gradient_batch" \
        --python "$torch" --peer-device "$peer_device"
}
step_gradients_bf16() { gradients bf16; }
step_gradients_fp16() { gradients fp16; }

# A file that a process writes into the cache is a kernel compiled or an algorithm searched for.
kept() { ls -l --time-style=full-iso "$XDG_CACHE_HOME/flixstock/kernels"; }
step_second_start() {
    local began first second after_first
    export XDG_CACHE_HOME=$WORK/fresh
    rm -rf "$XDG_CACHE_HOME"
    began=${EPOCHREALTIME/[.,]/}
    bench --device cuda --precision bf16 $tiny $check --train --steps 1 --rounds 1 && after_first=$(kept) || return
    first=$((${EPOCHREALTIME/[.,]/} - began)) began=${EPOCHREALTIME/[.,]/}
    bench --device cuda --precision bf16 $tiny $check --train --steps 1 --rounds 1 || return
    second=$((${EPOCHREALTIME/[.,]/} - began))
    diff <(echo "$after_first") <(kept) || { echo "the second process wrote into the cache again"; return 1; }
    echo "first process $((first / 1000)) ms, second $((second / 1000)) ms, which compiled and searched for nothing"
}
step_count_ignored() {
    trained ignored --device cuda --precision bf16 --simulate-partial-type rps --simulate-partial-param 0.5 \
        --count-ignored | telling 'hidden positives|validation loss'
}
step_batch_auto() {
    data && flixstock train --data "$WORK/data" --out "$WORK/runs/auto" --image-size "$side" --batch-size auto \
        --epochs 1 $tiny --device cuda --overwrite 2>&1 | telling 'batch|validation loss'
}

# Few steps: under these programs each takes a hundred times as long.
watched() { # PROGRAM ARGUMENTS...
    need "$1"
    data && rm -rf "$WORK/few" && mkdir "$WORK/few" || return
    flixstock synth --out "$WORK/few" --count 16 --size 32 --quiet &&
        flixstock split --data "$WORK/few" --no-augment --quiet || return
    "$@" "${program[@]}" train --data "$WORK/few" --out "$WORK/runs/watched" --image-size 32 --batch-size 8 \
        --epochs 1 $tiny --device cuda --precision bf16 --no-graph --overwrite
}
sanitized() {
    watched compute-sanitizer --tool "$1" --target-processes all --error-exitcode 9 |
        telling '(ERROR|RACECHECK) SUMMARY'
}
step_memcheck() { sanitized memcheck; }
step_racecheck() { sanitized racecheck; }
step_ncu() {
    watched ncu --target-processes all --set basic --clock-control none --launch-skip 200 --launch-count 40
}
step_nsys() {
    need nsys
    nsys profile --trace cuda,nvtx --force-overwrite true --output "$WORK/nsys" \
        "${program[@]}" profile --device cuda $tiny $check --nvtx &&
        nsys stats --report nvtx_sum "$WORK/nsys.nsys-rep" | telling 'body'
}
