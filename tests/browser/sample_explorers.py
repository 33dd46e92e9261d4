"""Small explorers and a game for the browser tests; the sample notebooks import this file."""

from __future__ import annotations

from nlp4.experiments.confidence import Judged
from nlp4.pictures.confidence import GuessingGame
from nlp4.pictures.controls import choice, count, entry, number, tick
from nlp4.pictures.explorer import Explorer


def sums() -> Explorer[tuple[int, int]]:
    """Add numbers up one by one, some multiple of them; the second slider starts at its end."""
    controls = {"n": count("n", 3, 0, 40), "times": count("times", 2, 0, 2)}
    return Explorer(
        controls,
        lambda n, times: (n, times * sum(range(n + 1))),
        lambda state: f"<svg width='90' height='20'><text y='15'>{state[1]}</text></svg>",
        lambda state: (
            f"the first {state[0]} numbers sum to {sum(range(state[0] + 1))}, {state[1]} in all"
        ),
        name="sums",
    )


def kinds() -> Explorer[str]:
    """Say where one control of each kind stands."""
    controls = {
        "real": number("real", 0.3, 0.1, 0.75, 0.1),
        "option": choice("option", ["one", "two", "three"], "two"),
        "mark": tick("mark", True),
        "text": entry("text", "<two  words>?"),
    }
    return Explorer(
        controls,
        lambda real, **rest: (
            f"real {real:.2f}, " + ", ".join(f"{name} {value!r}" for name, value in rest.items())
        ),
        lambda words: f"<svg width='90' height='20'><text y='15'>{len(words)}</text></svg>",
        lambda words: words,
        name="kinds",
    )


def game() -> GuessingGame:
    """Four answers to judge; those of people with an even number are right, and the surer ones."""
    rows = [
        Judged(f"Person {i}", f"Town {i}", "Bath", i % 2 == 0, 0.9 - 0.5 * (i % 2), 0.4)
        for i in range(8)
    ]
    return GuessingGame(rows, seed=1, number=4)
