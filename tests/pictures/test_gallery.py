"""Tests of `nlp4.pictures.gallery`."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest

from nlp4.pictures import gallery

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def saved() -> dict[str, str]:
    """The caption that is saved with each explorer of the notebooks, by its name."""
    found = {}
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                if name := output.get("metadata", {}).get("nlp4", {}).get("explorer"):
                    found[name] = output["data"]["text/plain"]
    return found


SAVED = saved()


def test_the_notebooks_explorers_are_all_there_and_no_others() -> None:
    assert set(gallery.EXPLORERS) == set(SAVED)


# What the notebook trains or asks live may come out otherwise on another machine.
@pytest.mark.parametrize("name", sorted(set(SAVED) - {"gaze", "ask"}))
def test_an_explorer_is_made_as_in_its_notebook(name: str) -> None:
    made = gallery.explorer(name)
    assert (made.name, made.caption) == (name, SAVED[name])


def test_stills_show_further_states_in_pictures_and_words() -> None:
    made = gallery.explorer("mask")
    stills = gallery.stills("mask")
    assert len(stills) == 2
    for (drawn, words), prepared in zip(stills, made.lecture[1:3], strict=True):
        assert words.startswith(prepared.title) and drawn != made.svg
        assert ET.fromstring(drawn).tag.endswith("svg")
    assert gallery.stills("nobody") == []


def test_the_readme_counts_them() -> None:
    live = sum(shown.live for shown in gallery.EXPLORERS.values())
    readme = (NOTEBOOKS[0].parents[1] / "README.md").read_text("utf-8")
    assert f"{live} of the {len(gallery.EXPLORERS)} explorers are live" in readme
