"""The models: attention of three kinds, a GPT and an encoder around it, and how to ask them."""

from nlp4.models.attention import Attend, attend
from nlp4.models.bigbird import BigBird
from nlp4.models.encoder import Encoder, EncoderConfig
from nlp4.models.gpt import GPT, ModelConfig
from nlp4.models.linformer import Linformer, LinformerConfig

__all__ = [
    "GPT",
    "Attend",
    "BigBird",
    "Encoder",
    "EncoderConfig",
    "Linformer",
    "LinformerConfig",
    "ModelConfig",
    "attend",
]
