#!/usr/bin/env python3
"""Gradients of one training step in PyTorch, in float64 and under autocast, of weights and a batch that lie in a folder.

  python3 torch_gradients.py --folder F --device cuda --dtype bf16 --model tresnet_m

Reads F/weights.safetensors (published names) and F/batch.safetensors (pixels, labels); writes F/float64.safetensors and F/autocast.safetensors.
The most likely un-annotated labels are not left out: which ones those are is no matter of rounding. Needs only torch (1.13 or later).
"""
import argparse, json, os, struct
import torch, torch.nn as nn
from torch_peer import SE, BlurPool, TResNet, selective_loss

TYPES = {"F32": torch.float32, "U8": torch.uint8, "I8": torch.int8, "I64": torch.int64}


def read(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = bytearray(f.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        dtype, (begin, end) = TYPES[entry["dtype"]], entry["data_offsets"]
        if end > begin:
            size = torch.empty(0, dtype=dtype).element_size()
            tensors[name] = torch.frombuffer(data, dtype=dtype, count=(end - begin) // size, offset=begin).reshape(entry["shape"])
    return tensors


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().to(torch.float32).cpu().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def published(model, layers):
    """Our name of every parameter."""
    names = {}

    def conv_abn(module, prefix):
        names[prefix + ".0.weight"] = module[0].weight
        names[prefix + ".1.weight"], names[prefix + ".1.bias"] = module[1].weight, module[1].bias

    conv_abn(model.body[0], "body.conv1")
    blocks = iter(list(model.body)[1:])
    for stage, count in enumerate(layers):
        for j in range(count):
            block, prefix = next(blocks), f"body.layer{stage + 1}.{j}"
            blurred = any(isinstance(step, BlurPool) for step in block.body)
            convolutions = [step for step in block.body if isinstance(step, nn.Sequential)]
            for i, step in enumerate(convolutions):
                halves = blurred and i == (1 if len(convolutions) == 3 else 0)
                conv_abn(step, f"{prefix}.conv{i + 1}" + (".0" if halves else ""))
            for step in block.body:
                if isinstance(step, SE):
                    for part in ("fc1", "fc2"):
                        names[f"{prefix}.se.{part}.weight"], names[f"{prefix}.se.{part}.bias"] = getattr(step, part).weight, getattr(step, part).bias
            if isinstance(block.shortcut, nn.Sequential):
                conv_abn(block.shortcut[-1], f"{prefix}.downsample.{len(block.shortcut) - 1}")
    names["head.fc.weight"], names["head.fc.bias"] = model.fc.weight, model.fc.bias
    return names


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--folder", required=True)
    a.add_argument("--device", default="cpu")
    a.add_argument("--dtype", default="bf16", choices=("fp32", "tf32", "fp16", "bf16"))
    a.add_argument("--model", default="tresnet_m")
    a.add_argument("--layers", required=True)
    a.add_argument("--width", type=float, default=1.0)
    a.add_argument("--classes", type=int, default=21)
    a.add_argument("--threads", type=int, default=0)
    o = a.parse_args()
    if o.threads:
        torch.set_num_threads(o.threads)
    cuda = o.device.startswith("cuda")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = o.dtype == "tf32"
    layers = [int(n) for n in o.layers.split(",")]
    weights, batch = read(os.path.join(o.folder, "weights.safetensors")), read(os.path.join(o.folder, "batch.safetensors"))
    half = {"fp16": torch.float16, "bf16": torch.bfloat16}.get(o.dtype)
    scale = 1024.0 if o.dtype == "fp16" else 1.0
    for kind in ("float64", "autocast"):
        model = TResNet(o.model, o.classes, layers, o.width).to(o.device)
        names = published(model, layers)
        with torch.no_grad():
            for name, parameter in names.items():
                parameter.copy_(weights[name].to(o.device))
        x = batch["pixels"].to(o.device).permute(0, 3, 1, 2).contiguous()
        if kind == "float64":
            model, x = model.double(), x.double() / 255
            names = published(model, layers)
        else:
            x = x.float() / 255
            if cuda:
                model = model.to(memory_format=torch.channels_last)
                model.nhwc = True
        model.train()
        with torch.autocast("cuda" if cuda else "cpu", dtype=half or torch.bfloat16, enabled=kind == "autocast" and half is not None):
            logits = model(x)
        loss = selective_loss(logits, batch["labels"].to(o.device), 0)
        (loss * (scale if kind == "autocast" else 1)).backward()
        write(os.path.join(o.folder, kind + ".safetensors"),
              {name: parameter.grad / (scale if kind == "autocast" else 1) for name, parameter in names.items()})
        print(f"torch {torch.__version__} {kind}: loss {float(loss):.9g}")


if __name__ == "__main__":
    main()
