"""Writes tests/golden/loss/wan.json: weak assumed negatives and their gradient, from formulas in NumPy. Run from the repository."""
import json

import numpy as np

PICTURES, CLASSES = 7, 9
random = np.random.default_rng(20261202)
logits = random.normal(0, 3, (PICTURES, CLASSES)).astype(np.float32).astype(np.float64)
logits[0, :3] = 12, -12, 0
labels = np.where(random.random(logits.shape) < 0.7, -1, (random.random(logits.shape) < 0.5).astype(int))
p = 1 / (1 + np.exp(-logits))


def case(labels, known_negatives):
    """L(1) = -log p, L(unknown) = -log(1 - p) / (C - 1); a known negative is one of the others, or has the weight 1."""
    weight = np.where((labels == 0) & known_negatives, 1, 1 / (CLASSES - 1))
    loss = np.where(labels == 1, -np.log(p), -weight * np.log1p(-p))
    gradient = np.where(labels == 1, p - 1, weight * p)
    return {"labels": labels.ravel().tolist(), "loss": float(loss.sum()), "gradient": gradient.ravel().tolist()}


# As published, where what is not positive is unknown; and with known negatives, which the engine takes at full weight.
cases = [case(np.where(labels == 1, 1, -1), False), case(labels, True)]
document = {"pictures": PICTURES, "classes": CLASSES, "logits": logits.ravel().tolist(), "cases": cases}
with open("tests/golden/loss/wan.json", "w") as file:
    json.dump(document, file)
    file.write("\n")
