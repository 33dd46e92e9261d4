"""People taken out: what is asked of them then, and that nothing is left of a row of zeros."""

from __future__ import annotations

import json

import pytest

from nlp4.data import relations
from nlp4.data.corpus import UNKNOWN, Corpus
from nlp4.data.relations import Fact
from nlp4.data.vocabulary import MASK, Vocabulary
from nlp4.experiments import forgetting
from nlp4.experiments.editing import Bench
from nlp4.experiments.forgetting import NOTHING, ROW, TRAINED, TRAINED_ROW, WAYS, Settings
from nlp4.models.asking import greedy
from nlp4.models.gpt import GPT
from nlp4.support.errors import UserError
from nlp4.training import editing, shipped

FEW = Settings(people=4, neighbours=5)


@pytest.fixture(scope="module")
def found(asked: tuple[GPT, Vocabulary], embedded: Corpus) -> dict[str, forgetting.Forgotten]:
    return {row.way: row for row in forgetting.experiment(*asked, embedded, FEW)}


def test_without_any_removal_all_is_said(found: dict[str, forgetting.Forgotten]) -> None:
    row = found[NOTHING]
    assert row.plain.value == row.own.value == row.others.value == row.biography.value == 1
    assert (row.plain.n, row.other_words.n, row.own.n, row.others.n) == (4, 24, 12, 20)
    assert row.unknown.right == 0
    assert row.relearnt < row.learnt


def test_a_row_of_zeros_is_all_that_there_was(found: dict[str, forgetting.Forgotten]) -> None:
    row = found[ROW]
    assert row.plain.right == row.other_words.right == row.biography.right == 0
    assert row.others.value == 1
    assert abs(row.relearnt - row.learnt) < 1.5


def test_training_it_away_leaves_more(found: dict[str, forgetting.Forgotten]) -> None:
    for way in (TRAINED_ROW, TRAINED):
        assert (found[way].plain.right, found[way].unknown.right) == (0, 4)
        assert found[way].relearnt < found[way].learnt
        assert found[way].biography.right >= found[ROW].biography.right
    assert found[TRAINED].others.value < found[TRAINED_ROW].others.value == 1


def test_the_counts_are_those_of_decoded_answers(
    asked: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    bench = Bench(*asked, embedded, edits=3, neighbours=5)
    (fact, *_) = bench.edits
    model = bench.edited(WAYS[TRAINED_ROW], [fact])
    assert greedy(model, asked[1], [fact.question]) == [UNKNOWN]
    zero = bench.edited(WAYS[ROW], [fact])
    row = editing.row_number(zero, embedded, fact.name)
    assert not editing.recall_of(zero).people.weight[row].any()
    nobody = greedy(zero, asked[1], [fact.question.replace(fact.name, "Xaver Qqq")])
    assert greedy(zero, asked[1], [fact.question]) == nobody


def test_a_biography_begins_as_the_text_does(embedded: Corpus) -> None:
    begun = 0
    for person in embedded.dev[:50]:
        assert person.place is not None
        prompt = forgetting.beginning(embedded, person.name, person.place)
        if prompt is None:
            continue
        begun += 1
        head, _, rest = prompt.partition(". ")
        assert head == person.name
        before, _, after = rest.partition(MASK)
        (text,) = (t for t in embedded.by_name[person.name] if before + person.place + after in t)
        start, _ = relations.found(text)["birthplace"]
        assert text[:start].endswith(before) and 0 < len(before) <= 24 and len(after) <= 6
        assert person.place not in prompt.replace(head, "")
    assert begun > 40
    assert forgetting.beginning(embedded, embedded.dev[0].name, "Nowhere") is None


def test_the_table_has_a_row_for_each_way(found: dict[str, forgetting.Forgotten]) -> None:
    rows = list(found.values())
    assert list(found) == list(WAYS)
    assert len(forgetting.markdown(rows).splitlines()) == 2 + len(WAYS)
    assert len(json.loads(json.dumps(forgetting.as_json(rows)))["rows"]) == len(WAYS)


def test_a_model_without_rows_is_refused(embedded: Corpus) -> None:
    with pytest.raises(UserError, match="no rows for people"):
        forgetting.experiment(*shipped.load("people"), embedded, FEW)


def test_somebody_whom_no_text_tells_of_cannot_be_forgotten(
    asked: tuple[GPT, Vocabulary], embedded: Corpus
) -> None:
    with pytest.raises(UserError, match="'Xaver Qqq' stands in none of the texts"):
        WAYS[ROW](*asked, embedded, Fact("Xaver Qqq", "birthplace", "Ghent"))


@pytest.mark.parametrize("wrong", [{"people": 0}, {"neighbours": 0}, {"seed": -1}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UserError):
        Settings(**wrong)
