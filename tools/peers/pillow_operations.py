"""Writes tests/golden/augmentation/pillow.json: what Pillow makes of one small picture. Run from the repository with Pillow 9.4."""
import base64
import json
import math

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

WIDTH, HEIGHT = 13, 11


def picture():
    pixels = bytearray()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            pixels += bytes([20 + (x * 11) % 211, 15 + (y * 13 + x * x) % 190, 40 + int(90 * (1 + math.sin(x * 0.9 + y * 0.7))) % 200])
    return Image.frombytes("RGB", (WIDTH, HEIGHT), bytes(pixels))


def affine(image, matrix, filter):
    return image.transform(image.size, Image.AFFINE, matrix, filter, fillcolor=(128, 128, 128))


def rotate(image, degrees):
    turned = image.convert("RGBA").rotate(degrees)
    return Image.composite(turned, Image.new("RGBA", turned.size, (128,) * 4), turned).convert("RGB")


def cases(image):
    yield "invert", [], ImageOps.invert(image)
    yield "autocontrast", [], ImageOps.autocontrast(image)
    yield "equalize", [], ImageOps.equalize(image)
    for bits in (4, 5, 8):
        yield "posterize", [bits], ImageOps.posterize(image, bits)
    for threshold in (256 * 2 / 9, 128):
        yield "solarize", [threshold], ImageOps.solarize(image, threshold)
    for factor in (0.1, 0.7, 1, 1.3, 1.9):
        yield "brightness", [factor], ImageEnhance.Brightness(image).enhance(factor)
        yield "contrast", [factor], ImageEnhance.Contrast(image).enhance(factor)
        yield "color", [factor], ImageEnhance.Color(image).enhance(factor)
        yield "sharpness", [factor], ImageEnhance.Sharpness(image).enhance(factor)
    for degrees in (0, 30 / 9, 20, 30):
        yield "rotate", [degrees], rotate(image, degrees)
    for shear in (-0.3, 0.1):
        yield "affine", [1, shear, 0, 0, 1, 0], affine(image, (1, shear, 0, 0, 1, 0), Image.BICUBIC)
        yield "affine", [1, 0, 0, shear, 1, 0], affine(image, (1, 0, 0, shear, 1, 0), Image.BICUBIC)
    yield "affine", [0.8, 0, 1.5, 0, 0.8, 0.25], affine(image, (0.8, 0, 1.5, 0, 0.8, 0.25), Image.BICUBIC)
    for right, down in ((3.4, 0), (-5.6, 0), (0, 2.5), (0, -7.1)):
        yield "translate", [right, down], affine(image, (1, 0, right, 0, 1, down), Image.NEAREST)
    yield "flip", [], ImageOps.mirror(image)


def text(image):
    return base64.b64encode(image.tobytes()).decode()


image = picture()
document = {"width": WIDTH, "height": HEIGHT, "input": text(image), "cases": [{"name": n, "arguments": a, "output": text(o)} for n, a, o in cases(image)]}
with open("tests/golden/augmentation/pillow.json", "w") as file:
    json.dump(document, file, indent=1)
    file.write("\n")
