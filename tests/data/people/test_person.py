"""Tests of `nlp4.data.people.person`."""

from __future__ import annotations

import math
from collections import defaultdict

from nlp4.data.people import generate
from nlp4.data.people.patterns import DEEDS
from nlp4.data.people.person import read_occupations


def test_there_are_enough_occupations_and_their_shares_are_whole() -> None:
    occupations = read_occupations()
    assert len({job.title for job in occupations}) == len(occupations) >= 150
    assert math.isclose(sum(job.share for job in occupations), 1)
    assert all(job.share > 0 for job in occupations)


def test_a_kind_shares_out_what_it_has_evenly() -> None:
    shares = defaultdict(list)
    for job in read_occupations():
        shares[job.kind].append(job.share)
    # The kinds' numbers add up to 101; 14 of them are in a team, and 12 are athletes.
    assert math.isclose(sum(shares["team"]), 14 / 101)
    assert math.isclose(sum(shares["athlete"]), 12 / 101)
    assert all(math.isclose(min(each), max(each)) for each in shares.values())


def test_every_occupation_can_be_told() -> None:
    for job in read_occupations():
        assert job.kind in DEEDS
        assert job.subjects and all(subject and "=" not in subject for subject in job.subjects)
        assert job.title == job.title.strip() and "=" not in job.title
        assert job.who in ("any", "men", "women")
        assert 1800 <= job.since <= 1935


def test_a_title_that_names_its_subject_has_no_other() -> None:
    known = {job.title: job for job in read_occupations()}
    assert known["chemist"].subjects == ("chemistry",)
    assert known["novelist"].subjects == ("historical novels",)
    assert (known["soprano"].who, known["soprano"].kind) == ("women", "music")
    assert len(known["footballer"].subjects) > 1 and known["footballer"].since == 1862


def test_in_every_year_there_is_work_for_both() -> None:
    for gender in ("men", "women"):
        since = [job.since for job in read_occupations() if job.who in ("any", gender)]
        assert sum(year <= 1800 for year in since) > 50


def test_a_person_asks_and_answers_as_in_the_files(corpus: generate.PeopleCorpus) -> None:
    person = corpus.people[0]
    assert person.question == f"Where was {person.name} born?"
    assert person.answer == person.birthplace.name
    asked = [pair for split in ("train", "dev", "test") for pair in corpus.questions(split)]
    assert {(each.question, each.answer) for each in corpus.people} == set(asked)
