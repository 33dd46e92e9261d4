"""Training: the loop, the recipes, the runs that resume, and what a model then scores."""

from nlp4.training import evaluation, ladder, presets, runs, shipped, trainer

__all__ = ["evaluation", "ladder", "presets", "runs", "shipped", "trainer"]
