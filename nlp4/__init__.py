"""nlp4: the helper package behind a workbook on attention, transformers and pretraining."""

__version__ = "0.1.0"
