"""Reading a corpus: sound files come back whole, and each fault is named with its mend."""

from __future__ import annotations

import errno
import os
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import DEV_SIZE, TRAIN_SIZE, people, quick, write_corpus

from nlp4.data.corpus import (
    BIOGRAPHIES,
    DEV,
    TEST,
    TRAIN,
    Corpus,
    Question,
    load_corpus,
    read_questions,
    require_dev,
    split_by_person,
)
from nlp4.support.errors import UserError

COURSE_DATA = os.environ.get("NLP4_COURSE_DATA")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def refusal(folder: Path, **options: int) -> str:
    """Load a corpus that must be refused, and return the message, which must be one line."""
    with pytest.raises(UserError) as caught:
        load_corpus(folder, **options)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    message = str(caught.value)
    assert message
    assert len(message.splitlines()) == 1
    return message


def change_line(path: Path, number: int, change: Callable[[bytes], bytes]) -> None:
    lines = path.read_bytes().split(b"\n")
    lines[number - 1] = change(lines[number - 1])
    path.write_bytes(b"\n".join(lines))


# file, line, how it is spoilt, what the message must name, and the mend
FAULTS: dict[str, tuple[str, int, Callable[[bytes], bytes], str, str]] = {
    "byte order mark": (
        TRAIN,
        1,
        lambda line: b"\xef\xbb\xbf" + line,
        "byte order mark",
        "save it as UTF-8 without one",
    ),
    "CRLF": (TRAIN, 3, lambda line: line + b"\r", "CRLF", "save the file with Unix line ends"),
    "CRLF in the last line": (DEV, 6, lambda line: line + b"\r", "CRLF", "Unix line ends"),
    "Latin-1": (BIOGRAPHIES, 4, lambda line: line + b" \xe9t\xe9", "not UTF-8", "save the file"),
    "half a character": (BIOGRAPHIES, 30, lambda line: line + b"\xc3", "not UTF-8", "UTF-8"),
    "control character": (BIOGRAPHIES, 2, lambda line: b"ab\x07" + line, "U+0007", "delete it"),
    "line separator": (BIOGRAPHIES, 2, lambda line: "a\u2028".encode() + line, "U+2028", "delete"),
    "empty line": (BIOGRAPHIES, 7, lambda line: b"", "the line is empty", "delete it"),
    "line of spaces": (TRAIN, 7, lambda line: b"  ", "the line is empty", "delete it"),
    "empty last line": (TRAIN, 20, lambda line: line + b"\n", "empty", "delete it"),
    "comma for tab": (TRAIN, 5, lambda line: line.replace(b"\t", b","), "no tab", "one tab"),
    "spaces for tab": (DEV, 2, lambda line: line.replace(b"\t", b"    "), "no tab", "one tab"),
    "two tabs": (TRAIN, 6, lambda line: line + b"\tLondon", "more than one tab", "one tab"),
    "question alone": (TRAIN, 8, lambda line: line.split(b"\t")[0], "no tab", "write the question"),
    "no answer": (TRAIN, 9, lambda line: line.split(b"\t")[0] + b"\t", "no place", "add the"),
    "blank answer": (TRAIN, 9, lambda line: line.split(b"\t")[0] + b"\t ", "no place", "add the"),
    "another form": (
        TRAIN,
        10,
        lambda line: b"Where did Ada live?\tLeeds",
        "Where did Ada live?",
        "reword the question",
    ),
    "no name": (TRAIN, 11, lambda line: b"Where was  born?\tLeeds", "form", "reword the question"),
    "a model's mask": (BIOGRAPHIES, 3, lambda line: line + "⁇".encode(), "'⁇'", "replace it"),
    "a model's padding": (TEST, 2, lambda line: "□".encode() + line, "'□' at column 1", "replace"),
    "another form in test": (TEST, 2, lambda line: b"Who?", "'Who?'", "reword the question"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_line_is_named_with_file_line_and_mend(folder: Path, fault: str) -> None:
    name, number, change, what, mend = FAULTS[fault]
    change_line(folder / name, number, change)
    message = refusal(folder)
    where = f"{folder / name}, line {number + (fault == 'empty last line')}: "
    assert message.startswith(where)
    assert what in message
    assert mend in message.rpartition(": ")[2]


def test_every_control_character_and_line_break_is_refused(folder: Path) -> None:
    breaks = [c for c in map(chr, range(0x3000)) if len(f"a{c}b".splitlines()) > 1]
    controls = [c for c in map(chr, range(0x3000)) if unicodedata.category(c) == "Cc"]
    original = (folder / BIOGRAPHIES).read_bytes()
    for character in {*breaks, *controls} - {"\n", "\t"}:
        (folder / BIOGRAPHIES).write_bytes(b"a" + character.encode() + b"b\n" + original)
        assert f"line 1: control character U+{ord(character):04X} at column 2" in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\n"])
@pytest.mark.parametrize("name", [BIOGRAPHIES, TRAIN, DEV, TEST])
def test_an_empty_file_is_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    message = refusal(folder)
    assert message.startswith(f"{folder / name}, line 1: the file is empty: fill it")


@pytest.mark.parametrize("name", [BIOGRAPHIES, TRAIN])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refusal(folder).startswith(f"{folder / name} is missing: put it there")


@pytest.mark.skipif(os.name != "posix", reason="pipes")
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/null")])
def test_what_is_no_file_is_refused_and_not_waited_for(
    folder: Path, make: Callable[[Path], None]
) -> None:
    (folder / TRAIN).unlink()
    make(folder / TRAIN)
    assert refusal(folder).startswith(f"{folder / TRAIN} is no file: put a text file there")


def test_a_file_larger_than_any_memory_is_refused_unread(folder: Path) -> None:
    os.truncate(folder / BIOGRAPHIES, 10**12)  # it has holes, and takes no room
    told = f"{folder / BIOGRAPHIES} has 1,000,000,000,000 bytes, more than the 1,000,000,000 that"
    assert refusal(folder).startswith(told)


def test_a_file_that_may_not_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)  # root may read everything
    told = f"{folder / BIOGRAPHIES} cannot be read (Permission denied): let it be read"
    assert refusal(folder).startswith(told)


def test_too_few_dev_questions_are_told_with_what_may_be_given(folder: Path) -> None:
    corpus = load_corpus(folder)
    require_dev(corpus, len(corpus.dev))
    for few, needed, told in ((0, 1, "no"), (1, 2, "1")):
        with pytest.raises(UserError, match=f"{told} dev questions, where {needed} or more"):
            require_dev(load_corpus(folder, dev_from_train=few), needed)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    message = refusal(tmp_path / "nowhere")
    assert message.startswith(f"{tmp_path / 'nowhere'} is not a folder: ")
    assert BIOGRAPHIES in message


def test_a_file_in_place_of_the_folder_is_named(folder: Path) -> None:
    assert refusal(folder / TRAIN).startswith(f"{folder / TRAIN} is not a folder: ")


def test_a_missing_dev_file_can_be_mended_as_its_message_says(folder: Path) -> None:
    (folder / DEV).unlink()
    message = refusal(folder)
    assert message.startswith(f"{folder / DEV} is missing: ")
    assert "--dev-from-train 400" in message
    assert "--dev-from-train 0" in message
    assert len(load_corpus(folder, dev_from_train=7).dev) == 7
    assert load_corpus(folder, dev_from_train=0).dev == ()


def test_a_sound_corpus_comes_back_whole(folder: Path) -> None:
    everyone = people()
    corpus = load_corpus(folder)
    assert corpus.biographies == tuple(p.biography for p in everyone)
    questions = corpus.train + corpus.dev
    assert [q.name for q in questions] == [p.name for p in everyone[: TRAIN_SIZE + DEV_SIZE]]
    assert [q.place for q in questions] == [p.place for p in everyone[: TRAIN_SIZE + DEV_SIZE]]
    assert len(corpus.dev) == DEV_SIZE
    assert [q.name for q in corpus.test] == [p.name for p in everyone[TRAIN_SIZE + DEV_SIZE :]]
    assert {q.place for q in corpus.test} == {None}
    assert corpus.notes == ()


def test_a_final_newline_is_optional(folder: Path) -> None:
    before = load_corpus(folder)
    for name in (BIOGRAPHIES, TRAIN, DEV, TEST):
        (folder / name).write_bytes((folder / name).read_bytes().removesuffix(b"\n"))
    assert load_corpus(folder) == before


def test_test_questions_are_optional(folder: Path) -> None:
    (folder / TEST).unlink()
    assert load_corpus(folder).test == ()


def test_repeated_questions_and_shared_people_are_noted_and_kept(folder: Path) -> None:
    lines = (folder / TRAIN).read_bytes().splitlines(keepends=True)
    (folder / TRAIN).write_bytes(b"".join([*lines, lines[0], lines[4], lines[7]]))
    with (folder / DEV).open("ab") as stream:
        stream.write(lines[1] + lines[2])
    corpus = load_corpus(folder)
    assert (len(corpus.train), len(corpus.dev)) == (TRAIN_SIZE + 3, DEV_SIZE + 2)
    repeated, shared = corpus.notes
    assert repeated.startswith("3 training questions")
    assert shared.startswith("2 people stand in both train and dev")


def test_the_checksum_follows_the_files_that_training_reads(folder: Path) -> None:
    before = load_corpus(folder).checksum()
    assert load_corpus(folder).checksum() == before
    for name in (BIOGRAPHIES, TRAIN):
        spoilt = shutil.copytree(folder, folder.parent / f"without {name}")
        change_line(spoilt / name, 1, lambda line: line + b" x")
        assert load_corpus(spoilt).checksum() != before


def test_a_question_in_another_form_has_its_text_for_a_name() -> None:
    assert Question("Where was Ada Okafor born?").name == "Ada Okafor"
    assert Question("Where was Where was born? born?").name == "Where was born?"
    assert Question("Who was Ada Okafor?").name == "Who was Ada Okafor?"


def asked(*names: str) -> tuple[Question, ...]:
    """A question about each name; the place tells the questions about one person apart."""
    return tuple(Question(f"Where was {n} born?", f"place {i}") for i, n in enumerate(names))


@quick
@given(
    names=st.lists(st.sampled_from([f"P{i}" for i in range(12)]), min_size=1, max_size=30),
    held_back=st.integers(0, 12),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_split_keeps_each_person_on_one_side(names: list[str], held_back: int, seed: int) -> None:
    questions, people_asked = asked(*names), set(names)
    if held_back >= len(people_asked):
        with pytest.raises(UserError, match=f"hold back between 0 and {len(people_asked) - 1}"):
            split_by_person(questions, held_back, seed)
        return
    rest, held = split_by_person(questions, held_back, seed)
    held_names = [q.name for q in held]
    assert len(held_names) == len(set(held_names)) == held_back
    assert rest == tuple(q for q in questions if q.name not in held_names)
    assert {q.name for q in rest} | set(held_names) == people_asked
    assert all(q == next(r for r in questions if r.name == q.name) for q in held)
    assert split_by_person(questions, held_back, seed) == (rest, held)


def test_a_negative_split_is_refused() -> None:
    with pytest.raises(UserError, match="--dev-from-train -1"):
        split_by_person(asked("A", "B"), -1, 0)


def test_splits_of_two_seeds_differ_and_the_order_of_the_file_does_not_matter() -> None:
    questions = asked(*(f"P{i}" for i in range(40)))
    splits = [split_by_person(questions, 10, seed)[1] for seed in range(5)]
    assert len(set(splits)) == 5
    assert split_by_person(questions[::-1], 10, 3)[1] == splits[3]
    # Each of 40 people is held back in a quarter of 400 splits: 100 times, sd 8.7, so 5 sd.
    counts = Counter(q for seed in range(400) for q in split_by_person(questions, 10, seed)[1])
    assert len(counts) == 40
    assert all(abs(count - 100) < 44 for count in counts.values())


def test_a_part_holds_as_many_people_as_asked_for(folder: Path) -> None:
    corpus = load_corpus(folder)
    part = corpus.part(12, 4, seed=1)
    assert (len(part.biographies), len(part.train), len(part.dev)) == (12, 8, 4)
    names = {q.name for q in part.train + part.dev}
    assert {p.biography for p in people() if p.name in names} == set(part.biographies)
    assert set(part.train) < set(corpus.train)
    assert set(part.dev) < set(corpus.dev)
    assert part == corpus.part(12, 4, seed=1)
    assert part.train != corpus.part(12, 4, seed=2).train
    assert all(part.answerable(q) for q in part.train + part.dev)


@pytest.mark.parametrize("number, dev", [(TRAIN_SIZE + 5, 4), (10, DEV_SIZE + 1), (3, 4)])
def test_a_part_larger_than_the_whole_is_refused(folder: Path, number: int, dev: int) -> None:
    with pytest.raises(UserError, match="people asked for, but there are"):
        load_corpus(folder).part(number, dev)


BIOGRAPHY_TEXTS = (
    "John F. Doe. John Doe (born 1950 in Leeds) is a potter .",
    "Asa Yancey, Sr. Asa Yancey was born in Atlanta .",
    "Ann Lee, Jr.. Ann Lee was born in Cork .",
    "Kim Poe. Kim Poe was born in Oslo .",
    "Kim Poe. The other Kim Poe grew up in Lima .",
)


@pytest.mark.parametrize(
    "name, place, expected",
    [
        ("John F. Doe", "Leeds", True),
        ("John F. Doe", "Atlanta", False),  # stands in somebody else's biography
        ("John F", "Leeds", True),  # a name that a biography may be read to open with
        ("John", "Leeds", False),
        ("John F. Do", "Leeds", False),
        ("Asa Yancey, Sr.", "Atlanta", True),
        ("Asa Yancey, Sr", "Atlanta", True),
        ("Asa Yancey", "Atlanta", False),
        ("Ann Lee, Jr.", "Cork", True),
        ("Kim Poe", "Oslo", True),
        ("Kim Poe", "Lima", True),
        ("Kim Poe", "Rome", False),
        ("Nobody Known", "Oslo", False),
        ("Kim Poe", None, False),
    ],
)
def test_answerable(name: str, place: str | None, expected: bool) -> None:
    corpus = Corpus(Path(), BIOGRAPHY_TEXTS, (), (), ())
    assert corpus.answerable(Question(f"Where was {name} born?", place)) is expected


@pytest.mark.skipif(not COURSE_DATA, reason="NLP4_COURSE_DATA names no folder")
def test_the_course_files_read_as_they_are_known_to_be() -> None:
    corpus = load_corpus(str(COURSE_DATA), dev_from_train=0)
    assert len(corpus.biographies) == 2_937
    assert len({*"".join(corpus.biographies)}) == pytest.approx(253, abs=1)
    assert len(corpus.train) == 2_000
    assert corpus.notes == ("9 training questions are asked twice",)
    assert len({q.text for q in corpus.train}) == 1_991
    places = Counter(q.place for q in corpus.train)
    assert (len(places), places["London"], places["Paris"]) == (500, 91, 74)
    assert sum(corpus.answerable(q) for q in corpus.train) == 1_904


@pytest.mark.skipif(not COURSE_DATA, reason="NLP4_COURSE_DATA names no folder")
def test_the_course_files_split_by_person() -> None:
    corpus = load_corpus(str(COURSE_DATA), dev_from_train=400)
    assert len(corpus.dev) == 400
    assert not {q.name for q in corpus.train} & {q.name for q in corpus.dev}
    assert len({q.name for q in corpus.train}) == 1_591
    assert len(read_questions(Path(str(COURSE_DATA)) / TRAIN)) == 2_000


def test_a_part_holds_each_person_once(tmp_path: Path) -> None:
    twice = [Question("Where was Ada born?", "Leeds"), Question("Where was Bo born?", "Hull")] * 2
    corpus = Corpus(tmp_path, ("Ada. Born .", "Bo. Born ."), tuple(twice), (), (), ("a note",))
    for seed in range(5):
        part = corpus.part(2, 0, seed)
        assert sorted(q.name for q in part.train) == ["Ada", "Bo"]
        assert part.notes == ()


def test_spaces_around_a_place_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "q.tsv"
    path.write_text("Where was Ada born?\t Leeds \n", "utf-8")
    assert read_questions(path)[0].place == "Leeds"
