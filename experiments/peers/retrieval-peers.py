"""Recall and time a query of rank_bm25 and bm25s on a file of SQuAD, for retrieval-speed.mjs. Prints one JSON object.

    python retrieval-peers.py rank_bm25|bm25s SQUAD.json[.gz]
"""

import gzip
import json
import re
import sys
import time

import numpy
import Stemmer

library, path = sys.argv[1:3]
stem = Stemmer.Stemmer("english")
with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
    articles = json.load(file)["data"]
paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
texts = [paragraph["context"] for paragraph in paragraphs]
questions = [(qa["question"], place) for place, paragraph in enumerate(paragraphs) for qa in paragraph["qas"]]

if library == "rank_bm25":
    from rank_bm25 import BM25Okapi

    def terms(text):
        return stem.stemWords(re.findall(r"\w+", text.lower()))

    index = BM25Okapi([terms(text) for text in texts])

    def search(question):
        scores = index.get_scores(terms(question))
        return numpy.argsort(scores)[::-1][:5]
else:
    import bm25s

    def terms(list_of_texts):
        return bm25s.tokenize(list_of_texts, stopwords=None, stemmer=stem, show_progress=False)

    index = bm25s.BM25()
    index.index(terms(texts), show_progress=False)

    def search(question):
        return index.retrieve(terms([question]), k=5, show_progress=False)[0][0]

for question, _ in questions[:50]:
    search(question)
began = time.process_time()
found = [search(question) for question, _ in questions]
seconds = time.process_time() - began
print(
    json.dumps(
        {
            "microseconds": seconds / len(questions) * 1e6,
            "at1": sum(int(f[0]) == place for f, (_, place) in zip(found, questions)) / len(questions),
            "at5": sum(place in f for f, (_, place) in zip(found, questions)) / len(questions),
        }
    )
)
