"""Every explorer's prepared states: each can be put, and shows what its title says."""

from __future__ import annotations

import pytest
import torch
from expected import BUILDERS

NAMES = [name for name in BUILDERS if name not in ("sums", "kinds")]  # those are the tests' own

# What the captions must hold for the titles to be true, a text for each state, in their order.
# Where a training, a measuring or a corpus made anew changes one, its title must be looked at.
TOLD = {
    "copy": ("2.54 short", "0.46 to spare", "a logit of 8.03", "a logit of 10.22", "of 26.16"),
    "average": ("gets 43.50%", "gets 49.95%", "gets 49.95%", "gets 49.95%", "gets 12.50%"),
    "noisy-keys": ("41.6% and 58.4%", "50.0% and 50.0%", "has split", "2.1% and 97.9%"),
    "heads": ("0.444", "deviation 0.150", "deviation 0.150", "deviation 0.067", "0.000."),
    "queries": ("50.0% on v_b", "90.3% of draws", "9.5% on v_b", "100.0% on v_a and 0.0%"),
    "crosstalk": ("gets 96.1%", "overlaps 0.87", "gets 99.5%", "overlaps 0.77", "gets 93.8%"),
    "products": ("deviation 8.0", "deviation 1.0", "deviation 2.0", "deviation 1.0"),
    "mask": ("get nothing", "get 62%", "(10%)", "(83%)", "letter 1 (100%)"),
    "positions": ("up to 0.00", "up to 0.00", "3.49 one place back", "up to 4.62"),
    "sampling": ("28.1% to 28.1%", "to 99.8%", "135 characters", "3 characters", "99.2%"),
    "swap": ("'Birmingham' (89%)", "'London' (98%)", "'1924' (96%)"),
    "head-logits": ("does not copy", "so it copies", "does not copy"),
    "patch": ("has 69.5%", "has 0.2%", "has 70.0%"),
    "dose": ("8.3% the false one", "45.8% the false", "3.3% the false", "79.2% the false"),
    "edit": ("3 have at least half", "has 0.0%", "0 have at least half"),
    "cost": ("and 4.1 times", "0.8 times", "32.5 times", "51.8 times", "and 28.9 times BigBird"),
    "spectrum": ("needs rank 51", "needs rank 22", "needs rank 1.", "needs rank 126"),
    "error": ("random one by 200%", "by 101%", "texts by 7%", "own best approximation errs by 0%"),
    "projection": ("10 of the 16", "other 16", "other 0", "other 6", "64 rows, 100%"),
    "pattern": ("15.2%", "63 at most", "2 at most", "5 at most", "12 at most"),
    "distance": ("after 16", "after 6", "of all after 2.", "of all after 62.", "of all after 4."),
    "speed": ("2.74 times", "takes 0.61 times", "takes 10.17 times", "takes 0.84 times"),
    "accuracy": ("37.9%", "lowest 98.8%", "allows 18.3%", "16.0% on average"),
    "parts": ("bigbird 22%", "bigbird 28%", "window 13%"),
    "learning": ("to 8.12 bits", "to 11.96 bits", "to 0.25 bits"),
    "facts": ("44.1%", "1.1% on average", "(47.6%)", "30.3% on average", "1.1% on average"),
    "misinformed": ("220.3 answers", "(14% of", "111.3 answers", "(45% of"),
    "readings": ("25% stored", "54% asked, 190", "94% stored, 66% asked", "91% stored, 74% asked"),
    "reliability": ("is more than", "no more than", "97%, 74% are right", "error 0.092"),
    "abstain": ("(67.0%)", "276/500", "219 of them right", "that is -60 points"),
    "bias": ("0.71 to 0.95, does not", "contains 1", "25 times and true 25", "contains the"),
    "names": ("by no measure", "by whole name, by surname", "by first name"),
    "slips": ("(100%)", "13 of 76 (17%)", "26 of 46 (57%)"),
}
UNMOVED = ("average",)  # shows twice that a move changes nothing


@pytest.fixture(scope="module", autouse=True)
def one_thread_alone(one_thread: None) -> None:
    """Captions tell rounded sums."""
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("name", NAMES)
def test_prepared_states_can_be_put_and_show_what_they_say(name: str) -> None:
    explorer = BUILDERS[name]()
    assert 3 <= len(explorer.lecture) <= 5
    before = None
    told = TOLD.get(name, ("",) * len(explorer.lecture))
    for page, (prepared, words) in enumerate(zip(explorer.lecture, told, strict=True)):
        shown = explorer.answer({"do": "lecture", "page": page})
        assert prepared.title and len(prepared.title) <= 80
        assert {key: explorer.controls[key].value for key in prepared.values} == prepared.values
        assert "<svg" in shown["picture"] and words in shown["caption"]
        assert name in UNMOVED or (shown["picture"], shown["caption"]) != before
        before = shown["picture"], shown["caption"]
