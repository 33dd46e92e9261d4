"""Birth, death and study in sentences made up for the purpose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp4.data import extraction
from nlp4.data.extraction import Bounds

NAME = "Ada Quill"


def told(find: Callable[..., Bounds | None], text: str, *name: str) -> str | None:
    bounds = find(text, *name)
    return None if bounds is None else text[slice(*bounds)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ada Quill (born 3 May 1931 in Torvale, Ohio) is a potter .", "Torvale"),
        ("Ada Quill (3 May 1931 Torvale - 4 June 1990 Northam) was a potter .", "Torvale"),
        (
            "Ada Quill (* 3. May 1931 in Torvale; † 4 June 1990 in Northam) was a potter .",
            "Torvale",
        ),
        ("Ada Quill (Torvale, 3 May 1931 -- Northam, 1990) was a potter .", "Torvale"),
        ("Ada Quill (born 1931-05-03 in Torvale) is a potter .", "Torvale"),
        ("Born Ada Finch, 3 May 1931, in Torvale, Quill threw pots .", "Torvale"),
        ("Born to Bram Quill and his wife Cleo in Torvale, Quill threw pots .", "Torvale"),
        ("Born in the small town of Torvale, Quill threw pots .", "Torvale"),
        ("Quill was born and raised on a dairy farm in rural Torvale .", "Torvale"),
        ("Quill left Torvale, where she was born in 1931, for Northam .", "Torvale"),
        ("Ada Quill is a native of Torvale and a potter .", "Torvale"),
        ("Born in Torvale of Irish parents, Quill threw pots .", "Torvale"),
        # Of several words the course takes the next part, if there is one.
        ("Born in New Torvale, Ohio, Quill threw pots .", "Ohio"),
        ("Born in New Torvale, Quill threw pots .", "New Torvale"),
        ("Ada Quill (born Cleo Quill Marsh, 3 May 1931) is a potter .", None),
        ("Her father, a baker, was born in Torvale .", None),
        ("In 1931 Quill moved to Torvale .", None),
    ],
)
def test_birthplaces(text: str, place: str | None) -> None:
    assert told(extraction.birthplace, text, NAME) == place


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("Ada Quill (born 3 May 1931 in Torvale) is a potter .", "1931"),
        ("Ada Quill (c. 1731 -- 4 June 1790) was a potter .", "1731"),
        ("Born in Torvale, Ohio, on May 3, 1931, Quill threw pots .", "1931"),
        ("Quill was born in Torvale to a baker and his wife in 1931 .", "1931"),
        ("Ada Quill, born in Torvale (1931), is a potter .", "1931"),
        ("Born in Torvale, Quill threw pots in 1951 .", None),
        ("Quill was born in Torvale, moved to Northam as a child, and won a medal in 1951 .", None),
        ("Quill worked as a potter in Torvale (1951 -- 1960) .", None),
        ("The son of Bram Quill (died 1810), he was born in Torvale .", None),
    ],
)
def test_years_of_birth(text: str, year: str | None) -> None:
    assert told(extraction.birth_year, text) == year


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Ada Quill (3 May 1931 Torvale - 4 June 1990 Northam, Ohio) was a potter .", "Northam"),
        ("Ada Quill (born 1931, Torvale; d. 4 June 1990, New Northam) .", "New Northam"),
        ("Ada Quill (Torvale, 3 May 1931 -- Northam, 4 June 1990) was a potter .", "Northam"),
        ("Quill was born in Torvale and died of a fever in 1990 in Northam .", "Northam"),
        ("Quill was born in Torvale in 1931, and died there in 1990 .", "Torvale"),
        ("Ada Quill (3 May 1931 Torvale - 4 June 1990) was a potter .", None),
        ("Ada Quill (born 3 May 1931 in Torvale) is a potter .", None),
        ("Ada Quill (born 3-11-1931 Torvale; died 3-12-1990) was a potter .", None),
        ("Ada Quill (3 May 1931 Torvale, Ohio-4 June 1990 Northam) was a potter .", "Northam"),
        ("Quill was a child when her father died in Northam .", None),
        ("Quill died in World War I .", None),
    ],
)
def test_places_of_death(text: str, place: str | None) -> None:
    assert told(extraction.death_place, text, NAME) == place


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Quill studied molecular biology at the University of Torvale .", "molecular biology"),
        (
            "Quill is professor of cellular and molecular biology .",
            "cellular and molecular biology",
        ),
        ("Quill taught Greek and Latin from 1951 until 1960 .", "Greek and Latin"),
        ("Quill taught the history of art in Torvale .", "history of art"),
        ("Quill earned a bachelor's degree in 1951 and a PhD in botany .", "botany"),
        ("Quill received a Master of Music degree in Torvale .", "Music"),
        ("Quill earned a doctorate in physics and taught chemistry .", "physics"),
        ("Quill studied in Torvale and taught in Northam .", None),
        ("Quill studied with Cleo Marsh for two years .", None),
        ("Quill, whose father taught botany, threw pots .", None),
    ],
)
def test_fields(text: str, topic: str | None) -> None:
    assert told(extraction.field, text) == topic


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Quill is known for her books on beetles .", "books on beetles"),
        ("Quill is best known for work on the foundations of botany .", "foundations of botany"),
        ("Quill is remembered for her jars, bowls, and large plates .", None),
        (
            "Quill is known for her role as Doctor Marsh in the first seven series of a comedy .",
            "role as Doctor Marsh",
        ),
        ("Quill is known for her work with the Torvale Symphonic Wind Orchestra of 1951 .", None),
        ("Quill is known for her jars, bowls and plates .", "jars, bowls and plates"),
        ("Quill is known for her jars, and often stayed in Torvale .", "jars"),
        ("Quill is known as Cleo .", None),
        ("Quill went to a school renowned for producing potters .", None),
    ],
)
def test_what_people_are_known_for(text: str, thing: str | None) -> None:
    assert told(extraction.known_for, text) == thing


def test_kin_are_told_from_the_person() -> None:
    def about_kin(text: str) -> bool:
        return extraction.about_kin(text, text.index("was"))

    assert about_kin("Quill was") is False
    assert about_kin("Quill's father, a baker, was")
    assert about_kin("Quill, where her brother was")
    assert not about_kin("Quill, the third daughter of a baker, was")
    assert not about_kin("Born to Bram Quill and his wife Cleo, Quill was")
    assert not about_kin("Quill's father died, and she was")
