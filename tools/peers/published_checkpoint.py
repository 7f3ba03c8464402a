#!/usr/bin/env python3
"""Makes a checkpoint of the published form with PyTorch, and its scores: what the reader of .pth files is compared with.

  python3 published_checkpoint.py --model tresnet_m --classes 9605 --bottleneck-head --out m.pth
  python3 published_checkpoint.py --model tresnet_m --classes 9605 --bottleneck-head --out m.pth --picture photo.jpg more.png
  python3 published_checkpoint.py --model tresnet_m --load ours.pth

Weights come from a hash of the names (h = splitmix64(fnv1a64(name) + i), u = (h >> 40) / 2^24), so no file is needed to have them again. The file holds
model, num_classes and idx_to_class. With --load they come from a file instead, which must have exactly the model's tensors. With --picture: prints a line for
every picture, its probabilities and the --top-k likeliest classes, the picture stretched to --size pixels. Without: the logits of the hashed input. Needs torch and numpy; Pillow for pictures.
"""
import argparse, json
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F


class ABN(nn.Module):
    def __init__(self, channels, slope):
        super().__init__()
        self.slope = slope
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        x = F.batch_norm(x, self.running_mean, self.running_var, self.weight.abs() + 1e-5, self.bias, False, 0.1, 1e-5)
        return x if self.slope is None else F.leaky_relu(x, self.slope)


def conv_abn(cin, cout, k, slope):
    return nn.Sequential(nn.Conv2d(cin, cout, k, padding=k // 2, bias=False), ABN(cout, slope))


class Blur(nn.Module):
    def forward(self, x):
        a = torch.tensor([1.0, 2.0, 1.0])
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), (a[:, None] * a / 16).repeat(x.shape[1], 1, 1, 1), stride=2, groups=x.shape[1])


class SE(nn.Module):
    def __init__(self, channels, reduced):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, reduced, 1), nn.Conv2d(reduced, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class Block(nn.Module):
    def __init__(self, cin, planes, stride, se, bottleneck, slope):
        super().__init__()
        cout = planes * (4 if bottleneck else 1)
        spatial = conv_abn(planes if bottleneck else cin, planes, 3, slope)
        spatial = nn.Sequential(spatial, Blur()) if stride == 2 else spatial
        if bottleneck:
            self.conv1, self.conv2, self.conv3 = conv_abn(cin, planes, 1, slope), spatial, conv_abn(planes, cout, 1, None)
        else:
            self.conv1, self.conv2 = spatial, conv_abn(planes, cout, 3, None)
        if stride == 2 or cin != cout:
            pool = [nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)] if stride == 2 else []
            self.downsample = nn.Sequential(*pool, conv_abn(cin, cout, 1, None))
        if se:
            self.se = SE(planes, max(planes * 4 // 8, 64)) if bottleneck else SE(cout, max(cout // 4, 64))
        self.bottleneck = bottleneck

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        y = self.conv2(self.conv1(x))
        y = self.se(y) if hasattr(self, "se") else y
        y = self.conv3(y) if self.bottleneck else y
        return F.relu(y + shortcut)


class Head(nn.Module):
    def __init__(self, features, classes, width=512):
        super().__init__()
        self.embedding_generator, self.FC = nn.Sequential(nn.Linear(features, width)), nn.Linear(width, classes)

    def forward(self, x):
        return self.FC(self.embedding_generator(x))


class TResNet(nn.Module):
    VARIANTS = {
        "tresnet_m": ((3, 4, 11, 3), 64, False), "tresnet_l": ((4, 5, 18, 3), 76, False),
        "tresnet_xl": ((4, 5, 24, 3), 83, False), "tresnet_l_v2": ((3, 4, 23, 3), 64, True),
    }

    def __init__(self, name, classes, bottleneck_head):
        super().__init__()
        layers, width, v2 = self.VARIANTS[name]
        self.body, cin = nn.Sequential(), width
        self.body.add_module("conv1", conv_abn(48, width, 3, 1e-6 if v2 else 1e-2))
        for i, n in enumerate(layers):
            planes, bottleneck, stage = width << i, v2 or i >= 2, []
            for j in range(n):
                stage.append(Block(cin, planes, 2 if i and not j else 1, i < 3, bottleneck, 1e-6 if v2 else 1e-3))
                cin = planes * (4 if bottleneck else 1)
            self.body.add_module(f"layer{i + 1}", nn.Sequential(*stage))
        self.head = nn.Module()
        self.head.fc = Head(cin, classes) if bottleneck_head else nn.Linear(cin, classes)

    def forward(self, x):
        n, c, h, w = x.shape
        x = x.view(n, c, h // 4, 4, w // 4, 4).permute(0, 3, 5, 1, 2, 4).reshape(n, c * 16, h // 4, w // 4)
        return self.head.fc(self.body(x).mean((2, 3)))


def uniform(name, count):
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        h = np.uint64(seed) + np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        h = h ^ (h >> np.uint64(31))
    return (h >> np.uint64(40)).astype(np.float64) / 2**24


def fill(model):
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        u = uniform(name, tensor.numel()).reshape(tensor.shape)
        if tensor.dim() > 1:
            value = (2 * u - 1) * np.sqrt(3.0 / (tensor.numel() // tensor.shape[0]))
        elif name.endswith((".bias", "running_mean")):
            value = (u - 0.5) * 0.2
        else:
            value = 0.5 + u
        tensor.copy_(torch.from_numpy(value.astype(np.float32)))


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--model", default="tresnet_m", choices=TResNet.VARIANTS)
    a.add_argument("--classes", type=int, default=21)
    a.add_argument("--bottleneck-head", action="store_true")
    a.add_argument("--labels", help="CSV of class ids and names; without it ids are /m/0, /m/1, ...")
    a.add_argument("--out", help="the checkpoint to write")
    a.add_argument("--load", help="a file to take the weights from")
    a.add_argument("--picture", nargs="+", default=[])
    a.add_argument("--size", type=int, default=224)
    a.add_argument("--top-k", type=int, default=20)
    o = a.parse_args()
    ids = [f"/m/{i}" for i in range(o.classes)]
    if o.labels:
        ids = [line.split(",")[0] for line in open(o.labels, encoding="utf-8").read().splitlines()[1:]][: o.classes]
    model = TResNet(o.model, o.classes, o.bottleneck_head).eval()
    with torch.no_grad():
        if o.load:
            loaded = torch.load(o.load, map_location="cpu", weights_only=True)
            model.load_state_dict(loaded.get("model", loaded), strict=True)
        else:
            fill(model)
        if o.out:
            torch.save({"model": model.state_dict(), "num_classes": o.classes, "idx_to_class": dict(enumerate(ids))}, o.out)
        for picture in o.picture:
            from PIL import Image
            pixels = np.asarray(Image.open(picture).convert("RGB").resize((o.size, o.size), Image.BILINEAR))
            scores = torch.sigmoid(model(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255))[0]
            best = torch.argsort(-scores, stable=True)[: o.top_k].tolist()
            print(json.dumps({"best": [[i, ids[i], float(scores[i])] for i in best], "probabilities": scores.tolist()}))
        if not o.picture:
            x = torch.from_numpy(uniform("input", 3 * o.size**2).astype(np.float32)).view(1, 3, o.size, o.size)
            print(json.dumps({"logits": model(x)[0].tolist()}))


if __name__ == "__main__":
    main()
