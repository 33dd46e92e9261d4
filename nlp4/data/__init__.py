"""Texts and questions, what is hidden in them, and the batches that a model learns from."""

from nlp4.data.corpus import Corpus, Question, load_corpus
from nlp4.data.vocabulary import MASK, PAD, Vocabulary

__all__ = ["MASK", "PAD", "Corpus", "Question", "Vocabulary", "load_corpus"]
