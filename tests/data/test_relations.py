"""What the patterns find, against what is true of the embedded people; who stands on which side."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.people.generate import Person, generate
from nlp4.data.relations import (
    LONGEST,
    PLAIN,
    RELATIONS,
    Fact,
    answers,
    facts,
    found,
    people,
    silent,
    write_question_sets,
)
from nlp4.support.files import data_folder


@pytest.fixture(scope="module")
def told() -> list[tuple[Person, str]]:
    """Each of the embedded people with the biography."""
    made = generate()
    pairs = zip(made.people, made.biographies, strict=True)
    return [(person, text) for person, texts in pairs for text in texts]


@pytest.fixture(scope="module")
def embedded() -> Corpus:
    return load_corpus()


def corpus(*biographies: str, train: str = "", dev: str = "", test: str = "") -> Corpus:
    """A corpus of these texts; a side's people are parted by commas and born in Torvale."""

    def questions(names: str, place: str | None = "Torvale") -> tuple[Question, ...]:
        asked = (name.strip() for name in names.split(",") if name)
        return tuple(Question(f"Where was {name} born?", place) for name in asked)

    return Corpus(Path(), biographies, questions(train), questions(dev), questions(test, None))


def truth(person: Person) -> dict[str, str]:
    """What may be asked about everyone."""
    return {
        "birthplace": person.birthplace.name,
        "birth_year": str(person.born.year),
        "occupation": person.career.occupation.title,
        "nationality": person.nationality,
        "death_place": person.death_place.name,
    }


def gives(person: Person, text: str) -> dict[str, bool]:
    """Whether a text gives each relation, told without the patterns, by the truth that it holds."""
    body = text.removeprefix(f"{person.name}. ")
    true = truth(person)
    died = str(person.died.year) if person.died else "still living"
    return {
        "birthplace": person.tells_birthplace,
        "birth_year": true["birth_year"] in body,
        "occupation": re.search(rf"\b{true['occupation']}\b", body) is not None,
        "nationality": f"{true['nationality']} {true['occupation']}" in body,
        "death_place": died in body
        and re.search(rf"(?:died|d\.|--?) [^;.)]*{true['death_place']}", body) is not None,
    }


@pytest.mark.parametrize("relation", RELATIONS[:5])
def test_answers_about_the_embedded_people_are_true(
    relation: str, told: list[tuple[Person, str]]
) -> None:
    right = Counter(
        answers(text)[relation] == truth(person)[relation]
        or (answers(text)[relation] == "professor" and "was professor of" in text)
        for person, text in told
        if relation in answers(text)
    )
    assert right.total() >= 150
    assert right[True] >= 0.99 * right.total()


@pytest.mark.parametrize("relation", RELATIONS[:5])
def test_what_texts_of_embedded_people_give_is_found(
    relation: str, told: list[tuple[Person, str]]
) -> None:
    givers = [text for person, text in told if gives(person, text)[relation]]
    assert len(givers) >= 150
    assert sum(relation in answers(text) for text in givers) >= 0.97 * len(givers)


def test_fields_of_embedded_people_are_their_subjects(told: list[tuple[Person, str]]) -> None:
    trained = {"church": "theology", "medicine": "medicine"}  # what people of a kind studied
    fields = 0
    for person, text in told:
        kind, subject = person.career.occupation.kind, person.career.subject
        field = answers(text).get("field")
        if kind in ("science", "letters") and f"{subject} " in text and "essays" not in text:
            assert field == subject.removeprefix("the "), text
            fields += 1
        elif field is not None:
            assert field in (subject.removeprefix("the "), trained.get(kind, "law")), text
    assert fields >= 200


def test_what_embedded_people_are_known_for_is_their_subject(
    told: list[tuple[Person, str]],
) -> None:
    known = 0
    for person, text in told:
        thing = answers(text).get("known_for", "")
        assert bool(thing) == bool(re.search("(known|remembered) for", text)), text
        assert thing.endswith(person.career.subject.removeprefix("the ")) or not thing, text
        known += bool(thing)
    assert known >= 150


def test_answers_are_short_stretches_of_the_text(embedded: Corpus) -> None:
    for text in embedded.biographies:
        for relation, (start, stop) in found(text).items():
            answer = text[start:stop]
            assert answers(text)[relation] == answer == answer.strip()
            assert 0 < len(answer) <= LONGEST == 40
            assert relation != "birth_year" or re.fullmatch(r"\d{4}", answer)


@pytest.mark.parametrize("text", ["", "Ada", "Ada.", "Ada. ", ". .", "?. (", "Ada Quill. ."])
def test_texts_of_any_form_are_read(text: str) -> None:
    assert answers(text) == {}


def test_long_answers_are_left_out() -> None:
    town = "-".join(["Torvale"] * 5)  # 39 characters
    assert answers(f"Ada Quill. Ada Quill was born in {town}s .") == {"birthplace": f"{town}s"}
    assert answers(f"Ada Quill. Ada Quill was born in {town}ss .") == {}


def test_only_the_first_thousand_characters_are_read() -> None:
    assert "known_for" in answers(f"Ada Quill. {'a ' * 480}is known for her jars .")
    assert "known_for" not in answers(f"Ada Quill. {'a ' * 500}is known for her jars .")


def test_every_plain_wording_has_one_place_for_the_name() -> None:
    assert tuple(PLAIN) == RELATIONS
    assert all(re.findall(r"\bX\b", wording) == ["X"] for wording in PLAIN.values())
    fact = Fact("Max X. Quill", "birth_year", "1931")
    assert fact.question == "When was Max X. Quill born?"


def test_embedded_people_stand_where_they_are_asked_about(embedded: Corpus) -> None:
    sides = people(embedded)
    for side in ("train", "dev", "test"):
        assert list(getattr(sides, side)) == [q.name for q in getattr(embedded, side)]
    assert sides.other == ()
    for relation, split in facts(embedded).items():
        unsaid = silent(embedded)[relation]
        for side in ("train", "dev", "test"):
            names = [fact.name for fact in getattr(split, side)] + list(getattr(unsaid, side))
            assert sorted(names) == sorted(getattr(sides, side)), relation


def test_nobody_stands_on_two_sides() -> None:
    # A question may keep the last period of a name.
    small = corpus(
        *("Ada Quill. A", "Bram Otter, Jr.. B", "Cleo Marsh. C", "Dora Finch. D", "Dora Finch. E"),
        train="Ada Quill, Cleo Marsh",
        dev="Cleo Marsh, Bram Otter",
        test="Ada Quill",
    )
    small = Corpus(
        small.folder,
        small.biographies,
        small.train,
        (*small.dev[:1], Question("Where was Bram Otter, Jr. born?", "Torvale")),
        small.test,
    )
    sides = people(small)
    assert sides.train == ("Ada Quill", "Cleo Marsh")
    assert sides.dev == ("Bram Otter, Jr.",)
    assert sides.test == ()
    assert sides.other == ("Dora Finch",)


def test_birthplaces_of_train_and_dev_are_the_corpus_own() -> None:
    texts = [f"{name} Quill. Quill was born in Northam in 1931 ." for name in ("Ada", "Bo", "Cy")]
    split = facts(corpus(*texts, train="Ada Quill", dev="Bo Quill", test="Cy Quill"))
    assert split["birthplace"].train == (Fact("Ada Quill", "birthplace", "Torvale"),)
    assert split["birthplace"].dev == (Fact("Bo Quill", "birthplace", "Torvale"),)
    assert split["birthplace"].test == (Fact("Cy Quill", "birthplace", "Northam"),)
    assert split["birth_year"].train == (Fact("Ada Quill", "birth_year", "1931"),)


def test_namesakes_with_different_answers_are_left_out() -> None:
    namesakes = corpus(
        "Ada Quill. Ada Quill was a Danish potter .",
        "Ada Quill. Ada Quill (born 1931) was a Danish botanist .",
        train="Ada Quill",
    )
    split, unsaid = facts(namesakes), silent(namesakes)
    assert split["occupation"].train == unsaid["occupation"].train == ()
    assert split["nationality"].train == (Fact("Ada Quill", "nationality", "Danish"),)
    assert split["birth_year"].train == (Fact("Ada Quill", "birth_year", "1931"),)
    assert split["death_place"].train == ()
    assert unsaid["death_place"].train == ("Ada Quill",)


def test_question_sets_hold_the_facts(tmp_path: Path) -> None:
    small = corpus(
        "Ada Quill. Ada Quill was a Danish potter .",
        "Bram Otter. Bram Otter died in Hull in 1990 .",
        train="Ada Quill",
        dev="Bram Otter",
    )
    write_question_sets(small, tmp_path)
    lines = {
        str(path.relative_to(tmp_path)): path.read_text("utf-8") for path in tmp_path.glob("*/*")
    }
    assert set(lines) == {f"{side}/{r}.tsv" for side in ("train", "dev") for r in RELATIONS}
    assert {path: text for path, text in lines.items() if text} == {
        "train/birthplace.tsv": "Where was Ada Quill born?\tTorvale\tbirthplace\n",
        "train/occupation.tsv": "What was Ada Quill's occupation?\tpotter\toccupation\n",
        "train/nationality.tsv": "What nationality was Ada Quill?\tDanish\tnationality\n",
        "dev/birthplace.tsv": "Where was Bram Otter born?\tTorvale\tbirthplace\n",
        "dev/death_place.tsv": "Where did Bram Otter die?\tHull\tdeath_place\n",
    }


def test_stored_counts_are_those_of_the_embedded_people(embedded: Corpus) -> None:
    stored = json.loads((data_folder() / "results" / "relations.json").read_text("utf-8"))
    split, unsaid = facts(embedded), silent(embedded)
    assert stored["people"]["facts"] == {
        relation: {
            "train": len(split[relation].train),
            "dev": len(split[relation].dev),
            "silent in train": len(unsaid[relation].train),
            "silent in dev": len(unsaid[relation].dev),
        }
        for relation in RELATIONS
    }
    for relation, lines in stored["course"]["read by hand"]["found"].items():
        assert lines["right"] >= 0.95 * lines["read"], relation
