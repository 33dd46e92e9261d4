"""What the browser must find in each notebook: fill this in when an explorer is added.

PAGES names each notebook's explorers, in the order in which they stand on the page. BUILDERS
makes the same explorer in the test's own process; the two must say the same at every position.
EXPECTED is the independent word on it: from the controls' values, by a closed form and without
the package's code, a text that must stand in the caption.
"""

from __future__ import annotations

import copy
import heapq
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist, fmean
from typing import Any

import numpy as np
import sample_explorers
import torch

from nlp4.data.corpus import Corpus, load_corpus
from nlp4.data.people.background import Background, background_of
from nlp4.data.relations import PLAIN, facts
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments import confidence
from nlp4.models.asking import attention_weights, greedy
from nlp4.models.gpt import GPT
from nlp4.pictures import gallery
from nlp4.pictures.explorer import Explorer
from nlp4.training import shipped

PAGES: dict[str, tuple[str, ...]] = {
    "00_start_here": ("copy",),
    "01_attention_copying_and_averaging": (
        "copy",
        "plane",
        "average",
        "pair",
        "noisy-keys",
        "heads",
        "queries",
        "crosstalk",
    ),
    "02_build_the_transformer": ("products", "mask", "positions", "sampling", "walk"),
    "03_pretraining_and_knowledge": ("corruption", "cloze", "ask", "gaze"),
    "04_linformer_and_bigbird": (
        "cost",
        "spectrum",
        "error",
        "projection",
        "pattern",
        "distance",
        "speed",
        "accuracy",
        "parts",
        "learning",
    ),
    "05_what_the_model_believes": (
        "facts",
        "misinformed",
        "readings",
        "reliability",
        "abstain",
        "bias",
        "names",
        "slips",
    ),
    "06_inside_the_model": ("swap", "head-logits", "patch", "edit", "dose"),
}


@cache
def _corpus() -> Corpus:
    return load_corpus().part(people=1_000, dev=400, seed=0)


def _products(at: Mapping[str, Any]) -> str:
    spread = 1.0 if at["divided"] else math.sqrt(at["d"])
    return f"a score has the standard deviation {spread:.1f} ("


def _mask(at: Mapping[str, Any]) -> str:
    if at["masked"]:
        return "Later letters get nothing."
    text = at["text"]
    streams, model, _ = _streams(text)
    layer = model.layers[at["layer"] - 1]
    x = layer.norm_1(streams[2 * at["layer"] - 2])
    turns = model.cosines[: len(text)], model.sines[: len(text)]
    q, k, _ = layer.attention.queries_keys_values(x, turns)
    row = min(at["row"], len(text)) - 1
    with torch.no_grad():
        logits = (k[0, at["head"] - 1] @ q[0, at["head"] - 1, row]).numpy() / math.sqrt(32)
    odds = np.exp(at["scale"] * (logits - logits.max()))
    return f"Later letters get {odds[row + 1 :].sum() / odds.sum():.0%}"


def _positions(at: Mapping[str, Any]) -> str:
    content = np.random.default_rng(at["seed"]).standard_normal(at["d"])
    if at["kind"] == "rotary":
        return f"turned: {content @ content / math.sqrt(at['d']):.2f} at distance 0"
    return "with a row of the table added"


def _sampling(at: Mapping[str, Any]) -> str:
    text = _answered(_WALKED)
    _, model, vocabulary = _streams(text)
    place = len(_WALKED) + at["letter"] - 1
    with torch.no_grad():
        sure = model(torch.tensor([vocabulary.encode(text)]))[0, place].softmax(-1)
    letter = vocabulary.characters[int(sure.argmax())]
    return f"letter, {letter!r}, goes from {float(sure.max()):.1%} to"


_WALKED = "Where was Julian Noble born?"


@cache
def _answered(question: str) -> str:
    return f"{question}{MASK}{greedy(*shipped.load('people_plain'), [question])[0]}"


@cache
def _streams(text: str) -> tuple[list[torch.Tensor], GPT, Vocabulary]:
    """The stream after each half of each layer, by the GPT's own modules."""
    model, vocabulary = shipped.load("people_plain")
    with torch.no_grad():
        x, turns = model.embed(torch.tensor([vocabulary.encode(text)]))
        streams = [x]
        for layer in model.layers:
            streams.append(x + layer.attention(layer.norm_1(x), turns, causal=True))
            x = layer(x, turns)
            streams.append(x)
    return streams, model, vocabulary


def _walk(at: Mapping[str, Any]) -> str:
    text = _answered(at["question"])
    streams, model, vocabulary = _streams(text)
    names = ["what enters", "attention 1", "perceptron 1", "attention 2", "perceptron 2"]
    stream = streams[names.index(at["depth"])][0, min(at["place"], len(text)) - 1]
    with torch.no_grad():
        likely = model.head(model.norm(stream)).softmax(-1)
    letter = vocabulary.characters[int(likely.argmax())]
    return f"it would write {letter!r} next, with {float(likely.max()):.1%}"


@cache
def _judged() -> tuple[confidence.Judged, ...]:
    return confidence.experiment(*shipped.load("people"), load_corpus()).judged


@cache
def _background() -> Background | None:
    return background_of(load_corpus())


BUILDERS: dict[str, Callable[[], Explorer[Any]]] = {
    "sums": sample_explorers.sums,
    "kinds": sample_explorers.kinds,
    **{name: partial(gallery.explorer, name) for name in gallery.EXPLORERS},
}


def _copy(at: Mapping[str, Any]) -> str:
    n, scale = at["n"], at["scale"]
    others = {
        "all equal": [0.0] * (n - 1),
        "spread out": [scale * (i / max(n - 2, 1) - 0.5) for i in range(n - 1)],
        "one rival": [0.8 * scale] + [0.0] * (n - 2),
    }[at["others"]]
    by = at["divisor"]
    needed = by * math.log(99 * math.fsum(math.exp(z / by) for z in others))
    return f"it needs a logit of {needed:.2f}"


# Angle in degrees and length of the plane's keys.
_PLANE = ((20, 1), (150, 0.95), (265, 1.05), (95, 0.3), (80, 0.9), (205, 0.8), (320, 0.9), (40, 1))


def _plane(at: Mapping[str, Any]) -> str:
    moved = zip(_PLANE[: at["number"]], at["places"], strict=False)
    keys = [(angle + turn, length * by) for (angle, length), (turn, by, _) in moved]
    turn = [math.cos(math.radians(angle - at["angle"])) * length for angle, length in keys]
    powers = [math.exp(at["length"] * t) for t in turn]
    if at["length"] == 0:
        return f"Every key gets {1 / len(keys):.1%}"
    best = max(range(len(keys)), key=powers.__getitem__)
    return f"Key {best + 1} wins with {powers[best] / math.fsum(powers):.1%} of the weight"


def _pair(at: Mapping[str, Any]) -> str:
    gap = at["c"] * (at["length_a"] ** 2 - at["length_b"] ** 2)
    if at["how"] == "c (k_a + k_b)":
        return f"of what the two have, k_a has {1 / (1 + math.exp(-gap)):.1%}."
    return "of what the two have, k_a has "


def _average(at: Mapping[str, Any]) -> str:
    two = 1 / (2 + (at["n"] - 2) * math.exp(at["c2"] - at["c1"]))
    return f"each of the two gets {two:.2%}"


def _noisy_keys(at: Mapping[str, Any]) -> str:
    unit, query = 4 * at["alpha"] + at["stretch"], at["query_alpha"]
    if query:
        unit += query * (2 + at["stretch"] + 2 * at["alpha"] * at["n"])
        return f"exact standard deviation {at['beta'] * math.sqrt(unit):.3f}"
    if unit == 0:
        return "Without noise nothing varies"
    return f"the density splits in two at scale {math.sqrt(2 / unit):.2f}"


def _heads(at: Mapping[str, Any]) -> str:
    if at["heads"] == 1:
        return "by itself"
    if not at["stretch"]:
        return "of draws."
    s, reach = NormalDist(1, at["stretch"] ** 0.5), math.log(at["n"] - 1) / at["beta"]
    if at["alpha"] > 0 and at["how"] == "k·q":
        return f"a large scale, in {s.cdf(0):.1%}"
    if at["alpha"] > 0:
        return "no exact figure"
    if at["how"].endswith("length 1"):
        reach = 99.0 * (reach > 1)
    low = -reach if at["how"].startswith("|") else -99.0
    return f"(exact: {s.cdf(reach) - s.cdf(low):.1%})"


def _queries(at: Mapping[str, Any]) -> str:
    turn, quarter = math.radians(at["turn"]), NormalDist(1, at["stretch"] ** 0.5).inv_cdf(0.25)
    own = [math.exp(at["first"] * quarter), math.exp(at["second"] * math.sin(turn) * quarter)]
    others = [at["n"] - 1, math.exp(at["second"] * math.cos(turn)) + at["n"] - 2]
    low = fmean(a / (a + b) for a, b in zip(own, others, strict=True))
    return f"Half of all draws put between {low:.1%} and"


def _crosstalk(at: Mapping[str, Any]) -> str:
    angles = (np.arange(200_000) + 0.5) * np.pi / 200_000
    shares = np.sin(angles) ** (at["d"] - 2)  # of directions at that angle from a given one
    mean = (np.exp(at["scale"] * (np.cos(angles) - 1)) * shares).sum() / shares.sum()
    return f"it gets at least {1 / (1 + (at['n'] - 1) * mean):.1%}"


def _cloze(at: Mapping[str, Any]) -> str:
    return f"Given '{_corpus().biographies[at['biography']][:4]}"


def _cost(at: Mapping[str, Any]) -> str:
    n, w, k = at["n"], 256, min(at["k"], at["n"])
    rows = k if at["mixed_first"] else n
    mixings = 1 if at["mixed_first"] and at["shared"] else 2
    full = 4 * n * w + 2 * n * n
    ours = 2 * n * w + 2 * rows * w + mixings * n * k + 2 * n * k
    return f"{full * w / 1e9:.2f} billion multiply-adds, {full / ours:.1f} times those"


def _spectrum(at: Mapping[str, Any]) -> str:
    if at["source"] == "previous token" and at["scale"]:  # else each looks everywhere
        # Values: the root of 2 once (positions 0 and 1 both take from 0), 126 ones, a zero.
        held = next(k for k in range(1, 128) if math.sqrt(2) + k - 1 >= 0.9 * (math.sqrt(2) + 126))
        return f"the first {held} hold 90%"
    # The plain mean of the places that a head may see: a matrix of rank 1 without the mask.
    seen = np.tril(np.ones((128, 128))) if at["causal"] else np.ones((128, 128))
    values = np.linalg.svd(seen / seen.sum(1, keepdims=True))[1]
    held = next(k for k in range(1, 129) if values[:k].sum() >= 0.9 * values.sum())
    return f"the first {held} hold 90%" if at["scale"] == 0 else f": {held}, and rank"


def _error(at: Mapping[str, Any]) -> str:
    noise = 129 / at["k"] if at["shared"] else 1 + 128 / at["k"]
    return f"errs by {noise**0.5:.0%} of P."


def _projection(at: Mapping[str, Any]) -> str:
    k = at["k"]
    if at["kind"] in ("means of runs", "block by block"):
        leaking = sum(run[-1] >= at["reader"] for run in np.array_split(np.arange(64), k))
    elif at["kind"] == "random (Gaussian)":
        leaking = k if at["reader"] < 64 else 0
    else:
        return f"64 places become {k} rows"
    return f"{leaking} of the {k} rows hold something of them"


def _results(name: str) -> Any:
    """A stored file's content; None if it is missing."""
    path = Path(__file__).resolve().parents[2] / "data" / "results" / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def _speed(at: Mapping[str, Any]) -> str:
    stored = _results("attention")
    if stored is None:
        return "attention.json is missing"
    kind, _, mode = at["what"].partition(", ")
    wanted = ("full", at["n"], mode)
    cell = next(c for c in stored["cells"] if (c["name"], c["n"], c["mode"]) == wanted)
    values = [1e3 * s for s in cell["seconds"]] if kind == "time" else [cell["megabytes"]]
    if not values or values[0] is None:
        return "not measured"
    shown = f"{min(values):,.0f}" if min(values) >= 100 else f"{min(values):.3g}"
    return f"full attention {shown} {'ms' if kind == 'time' else 'MB'}"


def _runs(at: Mapping[str, Any], variant: str | None = None) -> list[Any] | None:
    """Stored trainings at the rate that did best on dev with the lowest seed; None: no file."""
    stored = _results("compare")
    wanted = (at["task"], variant or at["variant"], at["budget"].removeprefix("equal "))
    if stored is None:
        return None
    found = [r for r in stored["runs"] if (r["task"], r["variant"], r["budget"]) == wanted]
    tried = [r for r in found if r["seed"] == min(r["seed"] for r in found)]
    tried.sort(key=lambda r: (r["measure"] != "bits" and r["dev_accuracy"], -r["dev_bits"]))
    return [r for r in found if r["rate"] == tried[-1]["rate"]]


def _accuracy(at: Mapping[str, Any]) -> str:
    runs = _runs(at)
    if not runs:
        return "compare.json is missing" if runs is None else "was not trained"
    mean = fmean(run[run["measure"]] for run in runs)
    shown = f"{mean:.3f} bits" if at["task"] == "characters" else f"{mean:.1%}"
    return f"{shown} on average of {len(runs)} seed"


def _parts(at: Mapping[str, Any]) -> str:
    runs = _runs(at, "full")
    if not runs:
        return "compare.json is missing" if runs is None else "was not trained"
    asked = [run["by part"][at["part"] - 1] for run in runs]
    asked = [share for share in asked if share is not None]
    return f": full {fmean(asked):.0%}" if asked else "nothing is asked"


def _learning(at: Mapping[str, Any]) -> str:
    runs = _runs(at)
    if not runs:
        return "compare.json is missing" if runs is None else "was not trained"
    return f"to {fmean(run['curve'][-1][1] for run in runs):.2f} bits"


def _pattern(at: Mapping[str, Any]) -> str:
    blocks = 1024 // at["block"]
    if not (at["window"] or at["global_"] or at["random"]):
        return "sees nothing"
    pairs = 0
    for row in range(blocks):
        seen = set(range(min(at["global_"], blocks)))
        if at["window"]:
            seen |= set(range(row - at["window"] // 2, row + at["window"] // 2 + 1))
        if row < at["global_"]:
            seen = set(range(blocks))
        limit = row + 1 if at["causal"] else blocks
        near = len(seen & set(range(limit)))
        pairs += min(near + at["random"], limit)
    whole = blocks * (blocks + 1) // 2 if at["causal"] else blocks**2
    if at["own"] and pairs < whole:
        return f" of blocks: {pairs / whole:.1%}, "
    return f"{pairs / whole:.1%} of the pairs"


def _distance(at: Mapping[str, Any]) -> str:
    back, half = at["distance"], at["window"] // 2
    if at["random"]:
        return f"{back} block{'s' * (back != 1)} before a question in the last one arrives after"
    walk = math.ceil(back / half) if half else math.inf
    if back > 63 - at["global_"]:
        walk = min(walk, 1)
    elif at["global_"] and not at["causal"]:
        walk = min(walk, 2)
    if walk == math.inf:
        return "never arrives"
    return f"arrives after {walk} layer{'s' * (walk != 1)}."


def _facts(at: Mapping[str, Any]) -> str:
    stored = _results("facts_or_language")
    if stored is None:
        return "facts_or_language.json is missing"
    marks = "".join(row["marks"] for row in stored["rows"] if row["text"] == at["text"])
    return f"{marks.count('1') / len(marks):.1%} on average" if marks else "no model of"


def _readings(at: Mapping[str, Any]) -> str:
    stored = _results("readings")
    if stored is None:
        return "readings.json is missing"
    wanted = (at["steps"], at["mixed"] == "mixed in", 1)
    rows = [r for r in stored["rows"] if (r["steps"], r["mixed"], r["wordings"]) == wanted]
    if not rows:
        return "readings.json holds no training"
    kept = [a for r in rows for s, a in zip(r["stored"], r["asked"], strict=True) if s == "1"]
    return f"{kept.count('1')} of the {len(kept)} stored ones"


def _misinformed(at: Mapping[str, Any]) -> str:
    stored = _results("facts_or_language")
    if stored is None:
        return "facts_or_language.json is missing"
    marks = {(row["text"], row["seed"]): row["marks"] for row in stored["rows"]}
    people = np.random.default_rng(at["people"]).permutation(500).tolist()
    told = set(people[: round(5 * at["share"])])
    right = fmean(
        sum(marks["misinformed" if i in told else "right", seed][i] == "1" for i in range(500))
        for seed in range(3)
    )
    return f"If {len(told)} of 500 people are told wrongly, {right:.1f} answers are right"


@cache
def _search(question: str, beams: int, temperature: float, memory: bool) -> str:
    """The best answer of all, the most probable beginning going on first; one beam: greedy."""
    model, vocabulary = copy.deepcopy(shipped.load("people"))
    assert model.memory is not None
    if not memory:
        torch.nn.init.zeros_(model.memory.table.weight)
    start = f"{question}{MASK}"
    waiting = [(0.0, start)]
    while True:
        surprise, text = heapq.heappop(waiting)
        if text != start and text.endswith(MASK):
            said = text.removeprefix(start).removesuffix(MASK)
            return f"The model says {said!r} with probability {math.exp(-surprise):.1%}"
        with torch.no_grad():
            logits = model(torch.tensor([vocabulary.encode(text)]))[0, -1] / temperature
        following = zip(
            (-logits.double().log_softmax(-1)).tolist(), vocabulary.characters, strict=True
        )
        for more, character in sorted(following)[: 1 if beams == 1 else None]:
            heapq.heappush(waiting, (surprise + more, text + character))


def _asked_box(at: Mapping[str, Any]) -> str:
    if at["temperature"] > 1:  # too many beginnings are about as probable
        beams = f"{at['beams']} beam{'s' * (at['beams'] != 1)}"
        rows = "the memory's rows added" if at["memory"] else "no rows of the memory"
        return f"({beams}, temperature {at['temperature']:g}, {rows})."
    return _search(at["question"], at["beams"], at["temperature"], at["memory"])


def _reliability(at: Mapping[str, Any]) -> str:
    pairs = sorted(
        (1 / (1 + (1 / row.probability - 1) ** (1 / at["temperature"])), row.right)
        for row in _judged()
    )
    n, number = len(pairs), at["number"]
    if at["spacing"] == "equal mass":
        cuts = [math.ceil(n * i / number) for i in range(number + 1)]
        bins = [pairs[low:high] for low, high in pairwise(cuts)]
    else:
        which = [min(int(sure * number), number - 1) for sure, _ in pairs]
        bins = [[p for p, b in zip(pairs, which, strict=True) if b == i] for i in range(number)]
    error = sum(abs(math.fsum(right - sure for sure, right in each)) for each in bins) / n
    return f"calibration error {error:.3f} with"


def _abstain(at: Mapping[str, Any]) -> str:
    kept = [row.right for row in _judged() if 100 * row.probability >= at["threshold"]]
    if at["price"] != 1:
        points = sum(1 if right else -at["price"] for right in kept)
        return f"At a price of {at['price']} for a wrong answer, that is {points} points."
    if not kept:
        return "the model abstains 500 times"
    return f"answers {len(kept)} of 500 questions ({len(kept) / 500:.1%}). Right are {sum(kept)}/"


def _bias(at: Mapping[str, Any]) -> str:
    dev, judged, known = load_corpus().dev, _judged(), _background()
    if known is None and at["by"] != "place":
        return "not known for this corpus"
    if at["by"] == "origin of the name" and known:
        right: dict[str, list[bool]] = {}
        for row in judged:
            right.setdefault(known.origin[row.name], []).append(row.right)
        rows = sorted(right.items(), key=lambda item: (-len(item[1]), item[0]))
        name, won = rows[at["rank"] - 1]
        return f"Names of {name}: {sum(won)}/{len(won)} right"
    lists = [[row.answer for row in judged], [question.place or "" for question in dev]]
    if at["by"] == "country" and known:
        lists = [[known.country.get(place, "?") for place in each] for each in lists]
    told, true = map(Counter, lists)
    places = sorted({*told, *true}, key=lambda place: (-told[place] - true[place], place))
    place = [each for each in places if true[each] >= 5][at["rank"] - 1]
    return f"{place} is answered {told[place]} times and true {true[place]} times"


def _letters(a: str, b: str) -> int:
    """Letters to change, by the table."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
    return row[-1]


def _names(at: Mapping[str, Any]) -> str:
    corpus = load_corpus()
    name = corpus.dev[at["person"] - 1].name
    nearest = min(_letters(name, other) for other in {question.name for question in corpus.train})
    return f", {nearest} letter{'s' * (nearest != 1)} away"


def _slips(at: Mapping[str, Any]) -> str:
    people = load_corpus().dev[:150]
    answers = greedy(*shipped.load("people_plain"), [question.text for question in people])
    known = sum(answer == q.place for answer, q in zip(answers, people, strict=True))
    return f", without {known} of {known} (100%)" if at["number"] == 0 else f" of {known} ("


@cache
def _asked(question: str) -> str:
    return greedy(*shipped.load("people_asked"), [question])[0]


def _swap(at: Mapping[str, Any]) -> str:
    """An occupation is that of the person whose row is read, as the texts tell it."""
    if at["relation"] != "occupation":
        return "answers are the row's."
    (grid,) = gallery.EXPLORERS["swap"].given()
    whose = grid.names[at["row"] - 1]
    told = {fact.name: fact.answer for fact in facts(load_corpus())["occupation"].dev}
    return f": the model says {told[whose]!r} ("


def _head_logits(at: Mapping[str, Any]) -> str:
    model, vocabulary = shipped.load("people_asked")
    ids = torch.tensor(vocabulary.encode(at["question"] + MASK))
    weight = float(attention_weights(model, ids)[at["layer"] - 1][at["head"] - 1, -1].max())
    if abs(weight - 1 + at["eps"]) < 1e-5:
        return f"Head {at['layer']}.{at['head']} gives "
    return "so it copies." if weight >= 1 - at["eps"] else "so it does not copy."


def _patch(at: Mapping[str, Any]) -> str:
    """Without a patch both questions have the answers that decoding gives."""
    (maps,) = gallery.EXPLORERS["patch"].given()
    found = maps[at["person"] - 1]
    if min(at["place"], len(found.question)) == 1:
        return f"The donor {found.donor!r} has no place beside"
    return f"; {_asked(found.question.removesuffix(MASK))!r} has "


def _edit(at: Mapping[str, Any]) -> str:
    (edits,) = gallery.EXPLORERS["edit"].given()
    found = edits[at["person"] - 1]
    before = _asked(PLAIN["birthplace"].replace("X", found.name))
    return f" and {before!r} " if at["strength"] else "Of 3 other answers, 3 have at least half"


def _dose(at: Mapping[str, Any]) -> str:
    """The rows of the file, their seeds added up, on straight lines between the doses."""
    names = {"all through": "mixed", "in the first half": "early", "in the second half": "late"}
    stored, order = _results("doses"), names[at["order"]]
    rows = [row["doses"] for row in stored["rows"] if row["order"] == order]
    doses = [group["dose"] for group in rows[0]]
    false = [
        sum(groups[i]["false"] for groups in rows) / sum(groups[i]["n"] for groups in rows)
        for i in range(len(doses))
    ]
    return f" and {np.interp(at['dose'], doses, false):.1%} the false one"


EXPECTED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "sums": lambda at: f"the first {at['n']} numbers sum to {at['n'] * (at['n'] + 1) // 2}",
    "copy": _copy,
    "plane": _plane,
    "pair": _pair,
    "average": _average,
    "noisy-keys": _noisy_keys,
    "heads": _heads,
    "queries": _queries,
    "crosstalk": _crosstalk,
    "corruption": lambda at: "moves to the end",
    "cloze": _cloze,
    "cost": _cost,
    "spectrum": _spectrum,
    "error": _error,
    "projection": _projection,
    "pattern": _pattern,
    "distance": _distance,
    "speed": _speed,
    "accuracy": _accuracy,
    "parts": _parts,
    "learning": _learning,
    "facts": _facts,
    "misinformed": _misinformed,
    "readings": _readings,
    "reliability": _reliability,
    "abstain": _abstain,
    "bias": _bias,
    "names": _names,
    "slips": _slips,
    "swap": _swap,
    "head-logits": _head_logits,
    "patch": _patch,
    "edit": _edit,
    "dose": _dose,
    "ask": _asked_box,
    "products": _products,
    "mask": _mask,
    "positions": _positions,
    "sampling": _sampling,
    "walk": _walk,
    "gaze": lambda at: f"head {at['head']} of layer {at['layer']}",
}
