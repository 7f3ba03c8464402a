"""Writes tests/golden/loss/cap.json: pseudo-labels by the classes' shares of positives, from formulas in NumPy. Run from the repository."""
import json

import numpy as np

PICTURES, CLASSES = 40, 5
random = np.random.default_rng(20261201)
# Steps of 1/4, so that some tie; of equal scores the picture that comes first counts as the higher one.
logits = random.integers(-12, 12, (PICTURES, CLASSES)) / 4
labels = np.where(random.random(logits.shape) < 0.6, -1, (random.random(logits.shape) < 0.3).astype(int))
labels[:, 3] = np.where(labels[:, 3] == 0, -1, labels[:, 3])  # no negative is known: nothing says how often it occurs
prior = np.array([0.3, 0.05, 0.9, 0.5, 0.0])


def annotated_share(column):
    positives, negatives = np.sum(column == 1), np.sum(column == 0)
    return positives / (positives + negatives) if positives and negatives else np.nan


def pseudo_labels(shares, a, b):
    result = np.full(labels.shape, -1)
    for c in range(CLASSES):
        unknown = np.flatnonzero(labels[:, c] < 0)
        n = len(unknown)
        if np.isnan(shares[c]):
            continue
        highest_first = unknown[np.lexsort((unknown, -logits[unknown, c]))]
        positives = int(a * shares[c] * n)
        negatives = min(int(b * (1 - shares[c]) * n), n - positives)
        result[highest_first[:positives], c] = 1
        result[highest_first[n - negatives:], c] = 0
    return result


shares = [annotated_share(labels[:, c]) for c in range(CLASSES)]
cases = [
    {"prior": known is not None, "positives": a, "negatives": b,
     "pseudo": pseudo_labels(shares if known is None else known, a, b).ravel().tolist()}
    for known in (None, prior) for a, b in ((1, 1), (0.8, 0.5), (0, 1), (1, 0))
]
document = {"pictures": PICTURES, "classes": CLASSES, "logits": logits.ravel().tolist(), "labels": labels.ravel().tolist(), "prior": prior.tolist(), "cases": cases}
with open("tests/golden/loss/cap.json", "w") as file:
    json.dump(document, file)
    file.write("\n")
