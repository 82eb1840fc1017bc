"""Holds our softmax regression against scikit-learn's LogisticRegression on the same rows.

    python softmax-sklearn.py

needs scikit-learn (measured with 1.9.1) and a build of Cadre. Vectors have length 1, as embeddings do. Prints the largest difference of a
coefficient and of an offset for each problem. With --known prints the small problem that the unit test records, with its solution.
"""

import json
import pathlib
import subprocess
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression


def problem(seed, n, size, classes, cost):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(classes, size))
    labels = rng.integers(classes, size=n)
    rows = centres[labels] + 2 * rng.normal(size=(n, size))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return {"rows": rows.tolist(), "labels": labels.tolist(), "classes": classes, "cost": cost}


def theirs(one):
    model = LogisticRegression(C=one["cost"], tol=1e-10, max_iter=100_000)
    model.fit(np.array(one["rows"]), one["labels"])
    if one["classes"] > 2:
        return model.coef_, model.intercept_
    # Of two classes it holds the difference.
    return np.vstack([-model.coef_ / 2, model.coef_ / 2]), np.array([-model.intercept_[0] / 2, model.intercept_[0] / 2])


if "--known" in sys.argv:
    small = {
        "rows": [[1, 0], [0.9, 0.3], [0.2, 1], [0, 0.8], [-1, -0.5], [-0.7, -1], [0.5, 0.5], [-0.2, 0.1]],
        "labels": [0, 0, 1, 1, 2, 2, 1, 0],
        "classes": 3,
        "cost": 2,
    }
    for one in [small, {**small, "labels": [label % 2 for label in small["labels"]], "classes": 2}]:
        coef, intercept = theirs(one)
        print(json.dumps({**one, "coef": coef.round(8).tolist(), "intercept": intercept.round(8).tolist()}))
    sys.exit()

problems = [
    problem(1, 60, 5, 3, 1.0),
    problem(2, 400, 64, 7, 1.0),
    problem(3, 400, 64, 2, 1.0),
    problem(4, 1500, 384, 20, 10.0),
    problem(5, 300, 16, 4, 0.01),
]
script = pathlib.Path(__file__).with_name("softmax-ours.mjs")
run = subprocess.run(["node", script], input=json.dumps(problems), capture_output=True, text=True, check=True)
for one, ours in zip(problems, json.loads(run.stdout)):
    coef, intercept = theirs(one)
    shape = f'{len(one["rows"])} rows of {len(one["rows"][0])}, {one["classes"]} classes, C = {one["cost"]}'
    off = np.abs(np.array(ours["weights"]).reshape(coef.shape) - coef).max()
    beside = np.abs(np.array(ours["offsets"]) - intercept).max()
    print(f"{shape}: coefficients off by {off:.1e} (largest {np.abs(coef).max():.2f}), offsets by {beside:.1e}")
