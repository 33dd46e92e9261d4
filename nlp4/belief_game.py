"""The game of notebook 04: tell right answers from wrong ones by their text alone."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np

from nlp4.belief_scenes import Game, new_game
from nlp4.confidence import Judged
from nlp4.explorer import MimeBundle
from nlp4.svg_confidence import game_picture


class GuessingGame(widgets.VBox):
    """Two buttons below a question and the model's answer; at the end, the learner's score.

    In the page its parts carry the CSS classes `nlp4-game`, `nlp4-game-right`,
    `nlp4-game-wrong` and `nlp4-game-words`. Raises UserError as `new_game` does.
    """

    def __init__(self, judged: Sequence[Judged], seed: int = 0, number: int = 20) -> None:
        self._judged, self._seed, self._number = judged, seed, number
        self._words, self._picture = widgets.HTML(), widgets.HTML()
        self._buttons = {
            "right": widgets.Button(description="it is right"),
            "wrong": widgets.Button(description="it is wrong"),
        }
        again = widgets.Button(description="new game")
        for name, button in self._buttons.items():
            button.add_class(f"nlp4-game-{name}")
            button.on_click(self._pressed)
        again.on_click(lambda _: self.restart())
        self.game = new_game(judged, np.random.default_rng(seed), number)
        row = widgets.HBox([*self._buttons.values(), again])
        super().__init__([self._words, row, self._picture])
        self.add_class("nlp4-game")
        self._words.add_class("nlp4-game-words")
        self._show()

    def say(self, right: bool) -> None:
        """Judge the question that is shown. Raises UserError if all are judged."""
        self.game = self.game.say(right)
        self._show()

    def restart(self) -> None:
        """Draw other questions and begin again."""
        self._seed += 1
        self.game = new_game(self._judged, np.random.default_rng(self._seed), self._number)
        self._show()

    @property
    def words(self) -> str:
        """The question that is shown, or at the end both scores."""
        return game_words(self.game)

    def _pressed(self, button: Any) -> None:
        self.say(button is self._buttons["right"])

    def _show(self) -> None:
        over = self.game.next is None
        for button in self._buttons.values():
            button.disabled = over
        self._words.value = f'<p style="max-width:46em">{html.escape(self.words)}</p>'
        self._picture.value = game_picture(self.game) if over else ""

    def _repr_mimebundle_(self, **options: Any) -> MimeBundle:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return bundle | {"text/plain": self.words}, {}


def game_words(game: Game) -> str:
    """What the game says now."""
    n = len(game.questions)
    if game.next is not None:
        return (
            f"{len(game.said) + 1} of {n}. Where was {game.next.name} born? "
            f"The model says: {game.next.answer}."
        )
    hits = sum(said == row.right for said, row in zip(game.said, game.questions, strict=True))
    learner, model = game.learner, game.model
    assert learner and model  # half of the answers are right
    low, high = learner.interval
    return (
        f"You judged {hits} of {n} answers rightly. Your AUROC is {learner.value:.2f} (95% "
        f"interval {low:.2f} to {high:.2f}); that of the model's confidence, on the same "
        f"questions, is {model.value:.2f}. A coin has 0.5."
    )
