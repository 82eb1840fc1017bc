"""Fits python-crfsuite on the features that slots-ours.mjs wrote, one model an intent, each time a line comes in.

    python slots-crfsuite.py FOLDER

L-BFGS, c2 = 0.1, at most 120 iterations, features that come twice at least. The answer is one line of JSON: processor time of handing
over the sentences and training, of tagging, and F1 as conlleval counts it.
"""

import json
import sys
import time

import pycrfsuite

folder = sys.argv[1]


def read(name):
    intent, features, tags = None, [], []
    with open(f"{folder}/{name}", encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if intent is None:
                intent = line
            elif line == "":
                yield intent, features, tags
                intent, features, tags = None, [], []
            else:
                tag, *own = line.split("\t")
                tags.append(tag)
                features.append(own)


def spans(tags):
    found, first = set(), None
    for t, tag in enumerate([*tags, "O"]):
        goes_on = first is not None and tag.startswith("I-") and tag[2:] == tags[t - 1][2:]
        if goes_on:
            continue
        if first is not None:
            found.add((first, t, tags[first][2:]))
        first = None if tag == "O" else t
    return found


train, test = list(read("train")), list(read("test"))
print("{}", flush=True)
for _ in sys.stdin:
    begin = time.process_time()
    taggers = {}
    for intent in sorted({one[0] for one in train}):
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({"c1": 0, "c2": 0.1, "max_iterations": 120, "feature.minfreq": 2})
        for own, features, tags in train:
            if own == intent:
                trainer.append(features, tags)
        trainer.train(f"{folder}/{intent}.crfsuite")
        taggers[intent] = pycrfsuite.Tagger()
        taggers[intent].open(f"{folder}/{intent}.crfsuite")
    trained = time.process_time()
    right = found = wanted = 0
    answers = [taggers[intent].tag(features) for intent, features, _ in test]
    tagged = time.process_time()
    for (_, _, tags), answer in zip(test, answers):
        theirs, ours = spans(tags), spans(answer)
        right += len(theirs & ours)
        found += len(ours)
        wanted += len(theirs)
    print(
        json.dumps(
            {
                "cpu": trained - begin,
                "taggingMs": 1000 * (tagged - trained) / len(test),
                "f1": 2 * right / (found + wanted),
            }
        ),
        flush=True,
    )
