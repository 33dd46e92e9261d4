"""The pages for learners and teachers, read again by the standard library's HTML parser."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from nlp4.exercises.checks import EXERCISES, exercises_of
from nlp4.exercises.grading.feedback import class_page, feedback_page, write_feedback
from nlp4.exercises.grading.reports import Report
from nlp4.exercises.grading.roster import Roster, Student
from nlp4.exercises.judging import Verdict
from nlp4.support.errors import UserError

FIRST = "01_attention_copying_and_averaging"
VOID = {"meta", "!doctype"}


class Page(HTMLParser):
    """What a page holds: its elements with their attributes, and the words in each kind of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)
            self.words.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in {*self.open}:
            self.words[tag][-1] += data
        if {"th", "td"} & {*self.open}:
            self.rows[-1][-1] += data


def report(name: str, *statuses: str, note: str = "", message: str = "no") -> Report:
    """A hand-in of notebook 01: r, w or u for each of its first exercises."""
    made = []
    for exercise, status in zip(exercises_of(FIRST), statuses, strict=False):
        made.append(
            {"r": exercise.right(), "w": exercise.wrong(message), "u": exercise.unwritten()}[status]
        )
    return Report(name, tuple(made), note)


HOSTILE = "<script>alert(1)</script>&\"'</style><img src=x>\x1b\udcff"
PAGES = {
    "a learner's": feedback_page(report("ana.ipynb", *"rwu", note="cell 3 raised NameError")),
    "a hostile learner's": feedback_page(report(HOSTILE, *"rwu", note=HOSTILE, message=HOSTILE)),
    "an exercise that is not known": feedback_page(
        Report("x", (Verdict(HOSTILE, "wrong", HOSTILE, 0, 1),))
    ),
    "without exercises": feedback_page(Report(HOSTILE, (), HOSTILE)),
    "the teacher's": class_page([report("a", *"rwu"), report("b", *"wwu")]),
    "a hostile class's": class_page(
        [report(HOSTILE, *"rwu", message=HOSTILE), Report(HOSTILE, (), HOSTILE)],
        Roster((Student(HOSTILE, "9"), Student("y" * 4000, "10"))),
    ),
    "nobody's": class_page([]),
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stands_alone_and_runs_nothing(name: str) -> None:
    text = PAGES[name]
    page = Page(text)
    text.encode()
    attributes = [pair for _, found in page.elements for pair in found.items()]
    assert not {"script", "img", "link", "iframe", "base"} & {tag for tag, _ in page.elements}
    assert not any(key in {"src", "href"} or key.startswith("on") for key, _ in attributes)
    assert not re.search(r"url\(|@import|//", text)
    assert ("html", {"lang": "en"}) in page.elements
    assert any(found.get("name") == "viewport" for tag, found in page.elements if tag == "meta")
    assert "prefers-color-scheme: dark" in page.words["style"][0]
    assert len(page.words["h1"]) == 1 and page.words["title"][0]
    assert "\x1b" not in text


@pytest.mark.parametrize("name", [name for name in PAGES if "hostile" in name or "not kn" in name])
def test_what_a_learner_wrote_is_shown_as_it_was_written(name: str) -> None:
    shown = "<script>alert(1)</script>&\"'</style><img src=x>\\x1b\\udcff"
    assert shown in Page(PAGES[name]).words["main"][0]


def test_a_learners_page() -> None:
    page = Page(PAGES["a learner's"])
    right, wrong, unwritten = page.words["li"]
    assert page.words["h1"] == ["01 Attention copying and averaging"]
    assert page.words["title"] == ["01 Attention copying and averaging: 1 of 4 points"]
    assert "1 of 4 points" in page.words["p"] and "Note: cell 3 raised NameError" in page.words["p"]
    assert right.split("\n") == [
        "A softmax that survives large logits",
        "✓ right 1 of 1 point softmax",
    ]
    assert wrong.split("\n") == ["Attention in two lines", "✗ wrong 0 of 1 point attend", "no"]
    assert unwritten.split("\n") == [
        "The margin that copying takes",
        "· not written 0 of 2 points margin",
    ]


def test_a_message_that_says_more_than_right_is_shown() -> None:
    slow = feedback_page(Report("x", (EXERCISES["margin"].right(", but slow"),)))
    assert "right (2 points), but slow" in Page(slow).words["li"][0]


def test_a_page_without_exercises() -> None:
    page = Page(feedback_page(Report("x.ipynb", (), "is no notebook")))
    assert page.words["p"] == ["x.ipynb", "0 of 0 points", "Note: is no notebook"]
    assert page.words["h1"] == ["Your notebook"] and "ul" not in page.words


NAMES = ["../../x.ipynb", "/etc/x.ipynb", "..", "a/b.ipynb", "a_b.ipynb", "\udcff", "名" * 4000]


def test_each_hand_in_gets_a_page_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    paths = write_feedback([report(name, "r", note=str(i)) for i, name in enumerate(NAMES)], folder)
    assert sorted(folder.iterdir()) == sorted(paths) and len({*paths}) == len(NAMES)
    assert list(tmp_path.iterdir()) == [folder]
    for i, path in enumerate(paths):
        assert f"Note: {i}" in Page(path.read_text("utf-8")).words["p"]
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="choose another place"):
        write_feedback([report("a", "r")], tmp_path / "file")


# The teacher's page

CLASS = [
    report("ana_1.ipynb", *"rrw"),
    report("ben_2.ipynb", *"rwu", message="you averaged the keys: for n = 3 you return 1"),
    report("cy_3.ipynb", *"rwu", message="you averaged the keys: for n = 9 you return 7"),
    report("unknown.ipynb", *"uww", message="you forgot to scale, for n = 3, eps = 1"),
]
ROSTER = Roster(
    tuple(Student(name, str(i)) for i, name in enumerate(["ana", "Ben", "Cy", "Dee"], start=1))
)


def test_counts_and_shares_of_every_exercise() -> None:
    page = Page(class_page(CLASS))
    head, *rows = page.rows[:4]
    assert head == ["exercise", "✓ right", "✗ wrong", "· not written"]
    assert rows == [
        ["A softmax that survives large logitssoftmax", "3 (75%)", "0 (0%)", "1 (25%)"],
        ["Attention in two linesattend", "1 (25%)", "3 (75%)", "0 (0%)"],
        ["The margin that copying takesmargin", "0 (0%)", "2 (50%)", "2 (50%)"],
    ]
    widths = [found["style"] for tag, found in page.elements if "style" in found]
    assert widths[:3] == ["width:75%", "width:0%", "width:25%"]
    assert "4 hand-ins." in page.words["p"]


def test_every_table_can_be_read_aloud() -> None:
    page = Page(class_page(CLASS, ROSTER))
    counted = Counter(tag for tag, _ in page.elements)
    assert counted["table"] == counted["caption"] == 2
    heads = [found.get("scope") for tag, found in page.elements if tag == "th"]
    assert Counter(heads) == {"col": 4 + 5, "row": 3 + 4}
    scrolls = [found for _, found in page.elements if found.get("role") == "region"]
    assert all(found["tabindex"] == "0" and found["aria-label"] for found in scrolls)
    assert len(scrolls) == 2


def test_one_mistake_is_one_group() -> None:
    page = Page(class_page(CLASS))
    said = [item for item in page.words["li"] if "(" in item]
    assert said == [
        "you averaged the keys (2)",
        "you forgot to scale (1)",
        "no (1)",
        "you forgot to scale (1)",
    ]


MESSAGES = {
    "for n = 3, eps = 0.1 you return 4": "a result that is wrong, by no mistake that is known",
    "your line 3, `a[0]`, stopped with KeyError: 0, for n = 1": "a line stopped with KeyError: 0",
    "your line 3 stopped with KeyError: 0, for n = 1": "a line stopped with KeyError: 0",
    "your function ran for 10 seconds without an end, for n = 1: when?": (
        "your function ran for 10 seconds without an end"
    ),
    "could not be judged: does a cell change the workbook?": (
        "could not be judged: does a cell change the workbook?"
    ),
}


@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_one_learners_own_is_left_out_of_a_group(message: str) -> None:
    page = Page(class_page([report("a", "w", message=message)]))
    assert page.words["li"] == [f"{MESSAGES[message]} (1)"]


def test_rare_messages_are_counted_together() -> None:
    said = [*"aabbcd", *"efc"]
    page = Page(class_page([report(str(i), "w", message=words) for i, words in enumerate(said)]))
    assert page.words["li"] == ["a (2)", "b (2)", "c (2)", "something else (3)"]
    assert page.words["h3"][0].endswith("what was said of 9 wrong answers")


def test_learners_and_exercises() -> None:
    page = Page(class_page(CLASS, ROSTER))
    assert page.rows[4:] == [
        ["learner", "softmax", "attend", "margin", "points"],
        ["ana", "R", "R", "W", "2"],
        ["Ben", "R", "W", "N", "1"],
        ["Cy", "R", "W", "N", "1"],
        ["unknown.ipynb", "N", "W", "W", "0"],
    ]
    assert "Not handed in (1): Dee" in page.words["p"]
    coloured = [found["class"] for tag, found in page.elements if tag == "td" and "class" in found]
    assert coloured[:3] == ["right", "right", "wrong"]


def test_notebooks_stand_apart_and_those_without_exercises_at_the_end() -> None:
    third = Report("x", tuple(e.unwritten() for e in exercises_of("03_pretraining_and_knowledge")))
    page = Page(class_page([third, Report("y", (), "is no notebook"), *CLASS]))
    assert page.words["h2"] == [
        "01 Attention copying and averaging",
        "03 Pretraining and knowledge",
        "Without exercises",
    ]
    assert page.words["li"][-1] == "y: is no notebook"
