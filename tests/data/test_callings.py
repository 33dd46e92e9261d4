"""Nationalities and occupations in sentences made up for the purpose."""

from __future__ import annotations

import pytest

from nlp4.data import callings


def told(text: str) -> tuple[str | None, str | None]:
    found = callings.nationality(text), callings.occupation(text)
    nationality, occupation = (None if b is None else text[slice(*b)] for b in found)
    return nationality, occupation


@pytest.mark.parametrize(
    ("text", "nationality", "occupation"),
    [
        ("Ada Quill (born 1931) was a Czech potter and designer .", "Czech", "potter"),
        (
            "Ada Quill is a former Lebanese-American tennis player .",
            "Lebanese-American",
            "tennis player",
        ),
        ("Ada Quill is a New Zealand water polo player .", "New Zealand", "water polo player"),
        ("Ada Quill is a retired Northern Irish footballer .", "Northern Irish", "footballer"),
        ("Ada Quill is a French-born British author .", "British", "author"),
        ("Ada Quill is an African-American academic .", "American", "academic"),
        (
            "Ada Quill, a Danish landscape painter, was born in Torvale .",
            "Danish",
            "landscape painter",
        ),
        (
            "Ada Quill (1820 - 1890), police inspector, was born in Torvale .",
            None,
            "police inspector",
        ),
        (
            "The Scottish classical pianist Ada Quill came from Torvale .",
            "Scottish",
            "classical pianist",
        ),
        (
            "Ada Quill (a Polish Benedictine nun, born 1931) wrote hymns .",
            "Polish",
            "Benedictine nun",
        ),
        ("Ada Quill, a potter, was born in Torvale and was a baker .", None, "potter"),
        ("Ada Quill is Dutch professor of botany .", "Dutch", "professor"),
        ("Quill worked as a school inspector .", None, "school inspector"),
        ("Ada Quill is a well known Danish artist .", "Danish", "artist"),
        ("Ada Quill is an English born potter .", None, None),
        ("Ada Quill is a Canadian football quarterback .", None, "football quarterback"),
        ("Quill was of Danish descent .", None, None),
        ("As a mill owner, Quill made a fortune .", None, "mill owner"),
        ("Ada Quill began as an engraver in Torvale .", None, "engraver"),
        ("Ada Quill is a native of Torvale, Ohio and a botanist .", None, "botanist"),
        ("Ada Quill is a still life and portrait painter .", None, "portrait painter"),
        ("Ada Quill was a surgeon remembered for her hands .", None, "surgeon"),
        ("Ada Quill is a member of the Canadian parliament .", None, None),
        ("Ada Quill is a player of the French horn .", None, None),
        ("Ada Quill was a French horn player .", None, "horn player"),
        ("Quill taught Greek and Latin in Torvale .", None, None),
        ("Quill was born in Torvale, where her father was a German baker .", None, None),
        ("Quill was born in Torvale, the second daughter of Bram Quill, a baker .", None, None),
        ("Ada Quill, the youngest daughter of a baker, threw pots .", None, None),
        ("Ada Quill is the eldest daughter of a baker and a teacher .", None, None),
    ],
)
def test_who_people_are(text: str, nationality: str | None, occupation: str | None) -> None:
    assert told(text) == (nationality, occupation)
