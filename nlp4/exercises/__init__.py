"""The exercises: what is asked, how an answer is judged, learners' copies, and points."""

from nlp4.exercises.checks import check, verdict, yours_or_ours
from nlp4.support.files import notebooks_folder

__all__ = ["check", "notebooks_folder", "verdict", "yours_or_ours"]
