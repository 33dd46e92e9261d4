"""Small model files: one byte for each number in a matrix, two bytes for any other.

Each row of a matrix keeps one scale and 8-bit integers, which round a number by at most 0.4% of the
row's largest. Rows that are zero, such as those of an n-gram memory that no text ever read, are
left out.
"""

from __future__ import annotations

import pickle
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nlp4.data.vocabulary import Vocabulary
from nlp4.maths.block_pattern import BlockPattern
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.models.memory import Letters, MemoryConfig
from nlp4.models.recall import RecallConfig
from nlp4.support.errors import UserError
from nlp4.support.files import replacing

Packed = Tensor | dict[str, Tensor]  # half-precision numbers, or the rows of a matrix
_LARGEST = 127  # of an 8-bit integer, the same on both sides of zero


def pack(weights: dict[str, Tensor]) -> dict[str, Packed]:
    """Pack a model's weights by name: matrices as rows of bytes, the others in half precision."""
    return {
        name: pack_rows(tensor) if tensor.ndim == 2 else tensor.half()
        for name, tensor in weights.items()
    }


def unpack(weights: dict[str, Packed]) -> dict[str, Tensor]:
    """Undo `pack`, but for the rounding; weights that were never packed stay as they are."""
    return {
        name: unpack_rows(packed) if isinstance(packed, dict) else packed.float()
        for name, packed in weights.items()
    }


def pack_rows(table: Tensor) -> dict[str, Tensor]:
    """Keep the rows of `(rows, width)` that are not zero, as 8-bit integers and a scale each."""
    kept = table.ne(0).any(dim=1).nonzero().squeeze(1)
    rows = table[kept]
    scales = rows.abs().amax(dim=1) / _LARGEST
    bytes_ = (rows / scales[:, None]).round().to(torch.int8)
    shape = torch.tensor(table.shape)
    return {"kept": kept.int(), "scales": scales, "bytes": bytes_, "shape": shape}


def unpack_rows(packed: dict[str, Tensor]) -> Tensor:
    """The dense table `(rows, width)` of what `pack_rows` kept."""
    table = torch.zeros(*packed["shape"].tolist())
    table[packed["kept"].long()] = packed["bytes"].float() * packed["scales"][:, None]
    return table


FORMAT = 2  # raised when an older model would be read wrongly; 2: no word reaches across a mask
_UNREADABLE = (  # what zipfile and torch raise, whichever byte of a checkpoint is altered
    zipfile.BadZipFile,
    zlib.error,
    pickle.UnpicklingError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


def save(path: Path, content: dict[str, Any]) -> None:
    """Write tensors, numbers, strings and containers of them; the old file stays until the end."""
    with replacing(path) as temporary:
        torch.save({"format": FORMAT, **content}, temporary)


def load(path: Path) -> dict[str, Any]:
    """Read what `save` wrote. Code in the file is refused, not run (`weights_only`).

    Raises UserError for a file that is missing, cut short, altered or of another kind.
    """
    if not path.is_file():
        raise UserError(f"{path} is missing: train first, or name the folder of a finished run")
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()  # torch does not compare the checksums itself
            marked = any(entry.external_attr for entry in archive.infolist())
        if damaged is not None or marked:  # torch reads an entry marked as a folder as empty
            raise zipfile.BadZipFile(damaged)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        raise UserError(
            f"{path} is cut short, damaged or not a checkpoint ({type(error).__name__}): "
            "delete it and train again"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"{path} is not a checkpoint of this version: delete it and train again")
    return content


def save_model(path: Path, model: GPT, vocabulary: Vocabulary, *, compact: bool = False) -> None:
    """Write all that asking needs: the model's configuration and weights, and its alphabet.

    `compact` rounds the weights (see the module): to ship a model, not to train it further.
    """
    weights = model.state_dict()
    content = {
        "config": asdict(model.config),
        "characters": list(vocabulary.characters),
        "weights": pack(weights) if compact else weights,
    }
    save(path, content)


def load_model(path: Path) -> tuple[GPT, Vocabulary]:
    """Read a model for asking, in evaluation mode.

    Raises UserError as `load` does, and for a model whose parts do not fit together.
    """
    content = load(path)
    if "characters" not in content:
        raise UserError(f"{path} holds a training's state, not a model: name the run's model.pt")
    try:
        config, weights = _config(content["config"]), unpack(content["weights"])
        vocabulary = Vocabulary(tuple(content["characters"]))
        _refuse_misfits(config, weights)
        model = GPT(config, torch.Generator().manual_seed(0))
        model.load_state_dict(weights)
    except (TypeError, KeyError, AttributeError, RuntimeError, ValueError, UserError) as error:
        raise UserError(
            f"{path} holds a model whose parts do not fit together ({type(error).__name__}): "
            "delete it and train again"
        ) from None
    return model.eval(), vocabulary


def _refuse_misfits(config: ModelConfig, weights: dict[str, Tensor]) -> None:
    """Raises ValueError before a model is made that would fill the memory, or answer with NaN."""
    blocks = {name.split(".")[1] for name in weights if name.startswith("blocks.")}
    sizes = weights["characters.weight"].shape, len(blocks)
    if sizes != ((config.vocabulary_size, config.width), config.layers):
        raise ValueError("other sizes than the configuration's")
    if not all(bool(weight.isfinite().all()) for weight in weights.values()):
        raise ValueError("a weight is no number")


def _config(fields: dict[str, Any]) -> ModelConfig:
    """Undo `asdict`, which turns the configurations inside into dictionaries too."""
    memory, attention = fields["memory"], fields.get("attention")  # older files: full attention
    recall = fields.get("recall")
    if memory is not None:
        memory = MemoryConfig(**memory | {"letters": Letters(**memory["letters"])})
    if attention is not None:
        attention = BlockPattern(**attention)
    if recall is not None:
        recall = RecallConfig(**recall)
    return ModelConfig(**fields | {"memory": memory, "recall": recall, "attention": attention})
