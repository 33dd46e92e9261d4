"""Grading: learners' notebooks run out of reach of the grader, which judges what comes back."""
