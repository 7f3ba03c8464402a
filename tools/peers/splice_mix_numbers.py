"""Writes tests/golden/augmentation/splice_mix.json: mixed pictures and unions of labels, by NumPy alone; Pillow confirms the pixels. Run from the repository, with NumPy 1.24 and Pillow 9.4."""
import base64
import json

import numpy
from PIL import Image

SIZE, PICTURES = 11, 6
GRIDS = [
    (1, 2, [0, 3]), (2, 1, [5, 4]), (1, 2, [-1, 2]), (2, 2, [1, 0, 3, 2]), (2, 2, [4, -1, -1, -1]), (2, 2, [5, 5, 0, -1]),
    (2, 3, [0, 1, 2, 3, 4, 5]), (3, 2, [5, 4, 3, 2, 1, 0]), (2, 3, [-1, 3, -1, -1, 1, -1]),
]

y, x, channel, number = numpy.meshgrid(*[numpy.arange(n) for n in (SIZE, SIZE, 3, PICTURES)], indexing="ij")
pictures = ((37 * number + 19 * y * (channel + 1) + 7 * x * x + 11 * x * number + 83 * channel) % 256).astype(numpy.uint8).transpose(3, 0, 1, 2)

# A class for every pair of values, in both orders, and more: what the first pictures say of it. The rest by a rule.
values = numpy.array([1, 0, -1])
labels = numpy.empty((PICTURES, 12), int)
for k in range(12):
    labels[:, k] = values[(k // 3 ** (numpy.arange(PICTURES) % 3) + numpy.arange(PICTURES) // 3 * (k % 2)) % 3]
soft = numpy.where(labels < 0, numpy.where((numpy.arange(12) + numpy.arange(PICTURES)[:, None]) % 4 == 0, -1, (numpy.arange(12) + 1) / 16 + numpy.arange(PICTURES)[:, None] / 32), labels)


def matrix(size):
    """[size, SIZE] triangle as wide as two new pixels, the weights of each adding up to 1, as whole numbers of 2^-22."""
    scale = SIZE / size
    centres = (numpy.arange(size) + 0.5) * scale
    weights = numpy.maximum(0, 1 - abs(numpy.arange(SIZE) + 0.5 - centres[:, None]) / max(scale, 1))
    return numpy.floor(weights / weights.sum(1, keepdims=True) * 2**22 + 0.5).astype(int)


def shrink(picture, width, height):
    """Along x, then along y, rounded in between, as the network's pictures are resized."""
    narrow = (numpy.einsum("xs,ysc->yxc", matrix(width), picture.astype(int)) + 2**21) >> 22
    small = ((numpy.einsum("yr,rxc->yxc", matrix(height), narrow) + 2**21) >> 22).astype(numpy.uint8)
    assert (small == numpy.asarray(Image.fromarray(picture).resize((width, height), Image.BILINEAR))).all()
    return small


def mix(rows, columns, tiles):
    mixed = numpy.zeros((SIZE, SIZE, 3), numpy.uint8)
    for place, tile in enumerate(tiles):
        top, bottom = (numpy.array([0, 1]) + place // columns) * SIZE // rows
        left, right = (numpy.array([0, 1]) + place % columns) * SIZE // columns
        if tile >= 0:
            mixed[top:bottom, left:right] = shrink(pictures[tile], right - left, bottom - top)
    return mixed


def case(rows, columns, tiles):
    there = [tile for tile in tiles if tile >= 0]
    own, chance = labels[there], soft[there]
    union = numpy.where((own == 1).any(0), 1, numpy.where((own == 0).all(0), 0, -1))
    both = numpy.where((chance == 1).any(0), 1, numpy.where((chance < 0).any(0), -1, 1 - (1 - chance).prod(0)))
    return {
        "rows": rows, "columns": columns, "tiles": tiles, "picture": base64.b64encode(mix(rows, columns, tiles).tobytes()).decode(),
        "labels": union.tolist(), "soft": both.tolist(),
    }


document = {
    "size": SIZE, "pictures": base64.b64encode(pictures.tobytes()).decode(), "labels": labels.tolist(), "soft": soft.tolist(),
    "cases": [case(*grid) for grid in GRIDS],
}
with open("tests/golden/augmentation/splice_mix.json", "w") as file:
    json.dump(document, file)
    file.write("\n")
