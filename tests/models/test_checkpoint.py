"""Tests of `nlp4.models.checkpoint`."""

from __future__ import annotations

import os
import pickle
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp4.data.corpus import load_corpus
from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models import checkpoint
from nlp4.models.asking import greedy
from nlp4.models.checkpoint import (
    load,
    load_model,
    pack,
    pack_rows,
    save,
    save_model,
    unpack,
    unpack_rows,
)
from nlp4.models.gpt import GPT
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError
from nlp4.training.presets import Preset, letters_of, vocabulary_of
from nlp4.training.trainer import Trainer

CONTENT = {
    "weights": {"a": torch.arange(6.0).view(2, 3), "b": torch.tensor([1, 2])},
    "name": "Łódź",
    "steps": [1, 2.5, None, True],
    "pair": (1, "two"),
}


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return vocabulary_of(load_corpus(tiny.write_corpus(tmp_path_factory.mktemp("people"))))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a good checkpoint."""
    path = tmp_path_factory.mktemp("whole") / "model.pt"
    save(path, CONTENT)
    return path.read_bytes()


def moved_model(recipe: Preset, vocabulary: Vocabulary) -> GPT:
    """A model none of whose parameters has the value that it is made with."""
    return moved(recipe.new_model(vocabulary, seed=1))


def moved(model: GPT) -> GPT:
    """That model, each of its parameters changed, ready to answer."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn(p.shape, generator=generator), alpha=0.1)
    return model.eval()


def same(first: object, second: object) -> bool:
    if isinstance(first, torch.Tensor):
        return isinstance(second, torch.Tensor) and torch.equal(first, second)
    if isinstance(first, dict):
        return (
            isinstance(second, dict)
            and first.keys() == second.keys()
            and all(same(first[key], second[key]) for key in first)
        )
    return type(first) is type(second) and first == second


# Round trips


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    save(tmp_path / "state", CONTENT)

    loaded = load(tmp_path / "state")

    assert same({key: loaded[key] for key in CONTENT}, CONTENT)


@pytest.mark.parametrize("kind", tiny.KINDS)
def test_a_model_comes_back_with_the_same_logits(
    kind: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    model = moved_model(tiny.KINDS[kind], vocabulary)
    ids = torch.tensor([vocabulary.encode("Where was Ada Quill born?")])

    save_model(tmp_path / "run" / "model.pt", model, vocabulary)
    loaded, alphabet = load_model(tmp_path / "run" / "model.pt")

    assert alphabet == vocabulary
    assert loaded.config == model.config
    assert torch.equal(loaded(ids), model(ids))
    assert greedy(loaded, alphabet, ["Where was Ada Quill born?"]) == greedy(
        model, vocabulary, ["Where was Ada Quill born?"]
    )


QUESTION = "Where was Ada Quill born?"


def recalling(vocabulary: Vocabulary) -> GPT:
    """A model with rows for two people, for two words, and for the spelling of answers."""
    recipe = tiny.preset()
    assert recipe.model.memory is not None
    people, words = ("Ada Quill", "Bram Otter"), ("born", "where")
    letters = letters_of(vocabulary)
    config = replace(
        recipe.model,
        vocabulary_size=len(vocabulary),
        memory=replace(recipe.model.memory, letters=letters, answers=True, isolated=True),
        recall=RecallConfig(people, words, vocabulary.characters, width=8),
    )
    model = moved(GPT(config, torch.Generator().manual_seed(1)))
    assert model.recall is not None
    with torch.no_grad():
        model.recall.people.weight[0] = model.recall.words.weight[0] = 0.0
    return model


@pytest.mark.parametrize("compact", [False, True])
def test_a_model_that_recalls_comes_back_with_its_people_and_words(
    compact: bool, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    model = recalling(vocabulary)
    asked = [QUESTION, "born BRAM OTTER", "Who was Cleo Marsh?"]
    ids = torch.tensor([vocabulary.encode(text.ljust(30, "□")) for text in asked])

    save_model(tmp_path / "model.pt", model, vocabulary, compact=compact)
    loaded, alphabet = load_model(tmp_path / "model.pt")

    assert loaded.config == model.config
    assert loaded.recall is not None and model.recall is not None
    assert loaded.recall.index.row_of == model.recall.index.row_of
    assert torch.equal(loaded.recall.named(ids), model.recall.named(ids))
    assert loaded.recall.named(ids)[:, -1].tolist() == [
        model.recall.index.row_of["Ada Quill"],
        model.recall.index.row_of["Bram Otter"],
        0,
    ]
    assert not loaded.recall.people.weight[0].any()
    assert torch.equal(loaded(ids), model(ids)) != compact
    assert torch.allclose(loaded(ids), model(ids), atol=0.05 if compact else 0.0)
    if not compact:
        assert greedy(loaded, alphabet, asked) == greedy(model, vocabulary, asked)


def test_a_model_older_than_recall_and_answers_has_neither(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    path, model = tmp_path / "model.pt", moved_model(tiny.preset(), vocabulary)
    save_model(path, model, vocabulary)
    content = load(path)
    del content["config"]["recall"], content["config"]["memory"]["answers"]
    save(path, content)

    loaded, _ = load_model(path)
    assert loaded.config == model.config
    assert loaded.recall is None
    ids = torch.tensor([vocabulary.encode(QUESTION)])
    assert torch.equal(loaded(ids), model(ids))


def over_a_pattern(vocabulary: Vocabulary) -> GPT:
    recipe = tiny.preset()
    pattern = BlockPattern(4, window=1, global_=0, random=1, seed=3, per_head=True)
    recipe = replace(recipe, model=replace(recipe.model, attention=pattern))
    return moved_model(recipe, vocabulary)


def test_a_model_over_a_pattern_comes_back_over_that_pattern(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    model = over_a_pattern(vocabulary)
    ids = torch.tensor([vocabulary.encode("Where was Ada Quill born?")])

    save_model(tmp_path / "model.pt", model, vocabulary)
    loaded, _ = load_model(tmp_path / "model.pt")

    assert loaded.config == model.config
    assert torch.equal(loaded(ids), model(ids))
    full = GPT(replace(model.config, attention=None), torch.Generator())
    full.load_state_dict(model.state_dict())
    assert not torch.allclose(full(ids), model(ids), atol=1e-3)


def test_a_model_older_than_the_choice_of_attention_has_full_attention(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    path, model = tmp_path / "model.pt", moved_model(tiny.preset(), vocabulary)
    save_model(path, model, vocabulary)
    content = load(path)
    del content["config"]["attention"]
    save(path, content)

    assert load_model(path)[0].config == model.config


def test_a_training_goes_on_with_its_attention_alone(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path / "people"))
    path = tmp_path / "state"
    begun = tiny.trainer(corpus, path)
    begun.step()
    begun.save()
    content = load(path)
    del content["model"]["attention"]  # as it was before there was a choice
    save(path, content)
    assert tiny.trainer(corpus, path).history.steps == 1

    other = over_a_pattern(vocabulary_of(corpus)).train()
    with pytest.raises(UserError, match=r"another model configuration \(attention None, now"):
        Trainer(other, begun.batches, begun.config, path)


NAME = "characters.weight"


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["config"].update(width=10**9),
        lambda c: c["config"].update(width=-8),
        lambda c: c["config"].update(layers=10**9),
        lambda c: c["config"].update(layers="4"),
        lambda c: c["config"].update(block=10**15),
        lambda c: c["config"].update(foo=1),
        lambda c: c["config"].pop("memory"),
        lambda c: c.update(config=None),
        lambda c: c.update(characters=None),
        lambda c: c.update(weights=[1]),
        lambda c: c.pop("weights"),
        lambda c: c["weights"].pop(NAME),
        lambda c: c["weights"].update({NAME: torch.tensor(1.0)}),
        lambda c: c["weights"].update({NAME: c["weights"][NAME] * torch.nan}),
        lambda c: c["weights"].update({NAME: "x"}),
        lambda c: c["weights"].update({"more": torch.zeros(2)}),
    ],
)
def test_a_model_whose_parts_do_not_fit_is_refused_in_one_line(
    change: Any, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    path = tmp_path / "model.pt"
    save_model(path, tiny.preset().new_model(vocabulary, seed=0), vocabulary)
    content = checkpoint.load(path)
    change(content)
    checkpoint.save(path, content)
    with pytest.raises(UserError, match="do not fit together") as refused:
        checkpoint.load_model(path)
    assert "\n" not in str(refused.value)


def test_a_loaded_model_drops_nothing_out(tmp_path: Path, vocabulary: Vocabulary) -> None:
    model = tiny.preset(dropout=0.5).new_model(vocabulary, seed=0).train()
    save_model(tmp_path / "model.pt", model, vocabulary)

    loaded, _ = load_model(tmp_path / "model.pt")

    ids = torch.tensor([[2, 3, 4]])
    assert not loaded.training
    assert torch.equal(loaded(ids), loaded(ids))


# Damage


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as refused:
        load(path)
    message = str(refused.value)
    assert str(path) in message and "\n" not in message
    return message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path / "model.pt")

    assert "is missing: train first" in message


def test_a_folder_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"not a checkpoint", pickle.dumps({"format": checkpoint.FORMAT}), b"PK\x03\x04"],
    ids=["empty", "one byte", "text", "plain pickle", "the start of a zip"],
)
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)

    assert "delete it and train again" in refusal(path)


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/readme.txt", "hello")
        archive.getinfo("archive/readme.txt").external_attr = 0  # as torch writes it

    assert "delete it and train again" in refusal(path)


@pytest.mark.parametrize("content", [{}, {"format": 99}, [1, 2]])
def test_a_file_of_torchs_own_is_refused(content: object, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "model.pt")

    assert "delete it and train again" in refusal(tmp_path / "model.pt")


damaged = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@damaged
@given(data=st.data())
def test_a_file_cut_short_anywhere_is_refused(data: st.DataObject, whole: bytes) -> None:
    cut = data.draw(st.integers(0, len(whole) - 1))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        path.write_bytes(whole[:cut])

        assert "delete it and train again" in refusal(path)


@damaged
@given(data=st.data())
def test_a_flipped_byte_is_refused_or_without_effect(data: st.DataObject, whole: bytes) -> None:
    """Some bytes of the container mean nothing, such as its dates."""
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = data.draw(st.integers(1, 255))
    altered = bytearray(whole)
    altered[place] ^= flipped
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        path.write_bytes(altered)
        try:
            loaded = load(path)
        except UserError as error:
            assert "delete it and train again" in str(error)
        else:
            assert same({key: loaded[key] for key in CONTENT}, CONTENT)


def test_a_flipped_bit_in_a_weight_is_refused(tmp_path: Path) -> None:
    weights = torch.linspace(1, 2, 50)
    path = tmp_path / "model.pt"
    save(path, {"weights": weights})
    whole = bytearray(path.read_bytes())
    start = bytes(whole).index(weights.numpy().tobytes())

    for place in range(start, start + 200, 7):
        altered = whole.copy()
        altered[place] ^= 1
        path.write_bytes(altered)
        assert "delete it and train again" in refusal(path)


def entry_headers(whole: bytes) -> list[int]:
    """Where the headers of the container's table of contents begin."""
    signature, found = b"PK\x01\x02", []
    while (place := whole.find(signature, found[-1] + 1 if found else 0)) >= 0:
        found.append(place)
    return found


@pytest.mark.parametrize(
    ("offset", "flipped"),
    [(9, 0x08), (10, 0x08), (10, 0x0C), (38, 0x10), (46, 0xFF)],
    ids=["name's coding", "deflate", "bzip2", "marked as a folder", "name"],
)
def test_damage_to_the_table_of_contents_is_refused_or_without_effect(
    offset: int, flipped: int, whole: bytes, tmp_path: Path
) -> None:
    """The checksums cover the entries alone; a wrong table must not bring other weights."""
    path = tmp_path / "model.pt"
    for header in entry_headers(whole):
        altered = bytearray(whole)
        altered[header + offset] ^= flipped
        path.write_bytes(altered)
        try:
            loaded = load(path)
        except UserError:
            continue
        assert same({key: loaded[key] for key in CONTENT}, CONTENT)


# Code in a file


class Touch:
    """Unpickling this makes a file: what an attacker's checkpoint would do, but harmless."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.open, (str(self.path), os.O_CREAT | os.O_WRONLY)


def test_the_code_would_run_if_it_were_let(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Touch(tmp_path / "touched")))

    assert (tmp_path / "touched").exists()


@pytest.mark.parametrize("legacy", [False, True])
def test_code_in_a_checkpoint_is_refused_and_never_run(legacy: bool, tmp_path: Path) -> None:
    content = {"format": checkpoint.FORMAT, "weights": Touch(tmp_path / "touched")}
    path = tmp_path / "model.pt"
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)

    assert "delete it and train again" in refusal(path)
    with pytest.raises(UserError):
        load_model(path)

    assert not (tmp_path / "touched").exists()


def test_code_in_a_plain_pickle_is_refused_and_never_run(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(pickle.dumps({"format": 1, "weights": Touch(tmp_path / "touched")}))

    assert "delete it and train again" in refusal(path)

    assert not (tmp_path / "touched").exists()


def test_a_trainings_state_is_not_a_model(tmp_path: Path) -> None:
    corpus = load_corpus(tiny.write_corpus(tmp_path / "corpus"))
    tiny.trainer(corpus, tmp_path / "model.state", steps=1).run()

    with pytest.raises(UserError, match=r"a training's state, not a model: name the run's model"):
        load_model(tmp_path / "model.state")


# Writing


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(os.listdir(folder))


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "state"
    save(path, CONTENT)

    with pytest.raises((AttributeError, pickle.PicklingError)):
        save(path, {"weights": lambda: None})

    assert names(tmp_path) == ["state"]
    assert same(load(path)["weights"], CONTENT["weights"])


def table(seed: int, rows: int = 30, width: int = 16, empty: tuple[int, ...] = ()) -> torch.Tensor:
    """Random rows of very different sizes, some of them zero."""
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.logspace(-4, 3, rows)[:, None]
    found = torch.randn(rows, width, generator=generator) * sizes
    found[list(empty)] = 0.0
    return found


@given(seed=st.integers(0, 10_000))
def test_a_number_moves_by_less_than_half_a_hundredth_of_its_rows_largest(seed: int) -> None:
    before = table(seed)
    moved = (unpack_rows(pack_rows(before)) - before).abs().amax(dim=1)
    assert (moved <= 0.005 * before.abs().amax(dim=1)).all()


def test_rows_that_were_never_read_are_left_out_and_come_back_as_zeros() -> None:
    before = table(1, empty=(0, 7, 29))
    packed = pack_rows(before)
    assert packed["bytes"].dtype == torch.int8
    assert packed["kept"].tolist() == [row for row in range(30) if row not in (0, 7, 29)]
    after = unpack_rows(packed)
    assert after.shape == before.shape
    assert not after[[0, 7, 29]].any()


def test_an_untouched_memory_packs_into_nothing() -> None:
    packed = pack_rows(torch.zeros(5, 4))
    assert packed["bytes"].numel() == 0
    assert torch.equal(unpack_rows(packed), torch.zeros(5, 4))


def test_matrices_are_packed_by_rows_and_the_rest_in_half_precision() -> None:
    weights = {"head.weight": table(2), "norm.bias": torch.linspace(0, 1, 7)}
    packed = pack(weights)
    assert isinstance(packed["head.weight"], dict)
    assert torch.equal(packed["norm.bias"], weights["norm.bias"].half())
    assert {name: w.dtype for name, w in unpack(packed).items()} == dict.fromkeys(
        weights, torch.float32
    )


@pytest.mark.parametrize("kind", tiny.KINDS)
def test_a_compact_file_keeps_matrices_by_rows(
    kind: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    model = moved_model(tiny.KINDS[kind], vocabulary)
    save_model(tmp_path / "model.pt", model, vocabulary, compact=True)
    weights, state = load(tmp_path / "model.pt")["weights"], model.state_dict()
    assert weights.keys() == state.keys()
    by_rows = {name for name, packed in weights.items() if isinstance(packed, dict)}
    assert by_rows == {name for name, tensor in state.items() if tensor.ndim == 2} != set()


def test_weights_that_were_not_packed_stay_as_they_are() -> None:
    weights = {"head.weight": table(2)}
    assert torch.equal(unpack(dict(weights))["head.weight"], weights["head.weight"])


@pytest.mark.parametrize("memory", [True, False])
def test_a_compact_file_is_smaller_and_says_nearly_the_same(memory: bool, tmp_path: Path) -> None:
    vocabulary = vocabulary_of(load_corpus(tiny.write_corpus(tmp_path / "people")))
    model = tiny.preset(memory=memory).new_model(vocabulary, seed=0).eval()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn(p.shape, generator=torch.Generator().manual_seed(1)) * 0.05)
    save_model(tmp_path / "full.pt", model, vocabulary)
    save_model(tmp_path / "small.pt", model, vocabulary, compact=True)

    loaded, alphabet = load_model(tmp_path / "small.pt")

    ids = torch.tensor([vocabulary.encode("Where was Ada Quill born?")])
    assert alphabet == vocabulary
    assert loaded.config == model.config
    assert torch.allclose(loaded(ids), model(ids), atol=0.05)
    assert not torch.equal(loaded(ids), model(ids))
    full, small = ((tmp_path / f"{name}.pt").stat().st_size for name in ("full", "small"))
    assert small < 0.75 * full
