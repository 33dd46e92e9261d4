"""Web pages for people: one for each hand-in, and one about the class for its teacher.

A page is one file: no script, and nothing from elsewhere.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from nlp4.exercises.checks import EXERCISES, NOTEBOOKS
from nlp4.exercises.grading.reports import Report, printable
from nlp4.exercises.grading.roster import Roster, file_names, notebook_of, title_of, whose
from nlp4.exercises.judging import Status, Verdict
from nlp4.support.files import write_text

# What stands for each status: a mark, a letter and words, so that no colour has to be told apart.
_SHOWN: dict[Status, tuple[str, str, str]] = {
    "right": ("✓", "R", "right"),
    "wrong": ("✗", "W", "wrong"),
    "unwritten": ("·", "N", "not written"),
}
_MESSAGES = 3  # that are shown of each exercise
_STYLE = """
:root { color-scheme: light dark; --ink: #24292f; --page: #fff; --soft: #656d76; --line: #d8dee4;
  --right: #0f5c3a; --right-back: #d3efdf; --wrong: #8f2d06; --wrong-back: #fbdccb;
  --unwritten: #4d555e; --unwritten-back: #e6eaee; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --page: #14181d; --soft: #9aa4ae;
  --line: #38414a; --right: #8fe3b5; --right-back: #14402b; --wrong: #ffb695; --wrong-back: #57230d;
  --unwritten: #b9c2cb; --unwritten-back: #2b333b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p, ul { margin: .25rem 0 .75rem; }
ul { padding-left: 1.25rem; }
.soft { color: var(--soft); }
.points { font-size: 1.25rem; font-weight: 600; }
.right { color: var(--right); background: var(--right-back); }
.wrong { color: var(--wrong); background: var(--wrong-back); }
.unwritten { color: var(--unwritten); background: var(--unwritten-back); }
.exercises { list-style: none; padding: 0; }
.exercises > li { border-top: 1px solid var(--line); padding: .75rem 0; }
.exercises h2 { font-size: 1rem; margin: 0; }
.status { border-radius: 4px; padding: .1rem .45rem; white-space: nowrap; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 2px solid; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
caption span { display: block; max-width: calc(100vw - 2rem); }
th, td { border-top: 1px solid var(--line); padding: .35rem .5rem; text-align: right;
  vertical-align: bottom; font-weight: 400; }
th:first-child { text-align: left; min-width: 10rem; }
thead th { color: var(--soft); }
th, td { overflow-wrap: normal; }
.counts { width: 100%; }
.counts code { display: block; }
.bar { display: flex; height: .6rem; margin-top: .3rem; border: 1px solid var(--soft); }
.bar .right { background: var(--right); }
.bar .wrong { background: repeating-linear-gradient(45deg, var(--wrong) 0 3px,
  var(--wrong-back) 3px 6px); }
.bar .unwritten { background: var(--page); }
.matrix td { border: 1px solid var(--page); text-align: center; min-width: 1.9rem; }
.matrix thead th { border: 0; }
.matrix thead th:not(:first-child) { text-align: left; writing-mode: vertical-rl;
  transform: rotate(180deg); white-space: nowrap; }
.matrix tbody th { position: sticky; left: 0; background: var(--page); max-width: 16rem;
  overflow-wrap: anywhere; }
@media (max-width: 30rem) { th, td { padding: .35rem .25rem; }
  th:first-child { min-width: 8rem; } .matrix tbody th { max-width: 8rem; } }
"""


def write_feedback(reports: Sequence[Report], folder: Path) -> list[Path]:
    """Write a page for each hand-in, in their order; return the files.

    A page is whole or not there. Raises UserError if one cannot be written.
    """
    paths = [folder / f"{name}.html" for name in file_names(reports)]
    for path, report in zip(paths, reports, strict=True):
        write_text(path, feedback_page(report))
    return paths


def feedback_page(report: Report) -> str:
    """A page for the learner: the points, then what is said of each exercise.

    Raises UserError if the exercises' notebook needs a package that is not installed.
    """
    notebook = notebook_of(report)
    title = "Your notebook" if notebook is None else title_of(notebook)
    body = [
        f"<h1>{_escaped(title)}</h1>",
        f'<p class="soft">{_escaped(report.notebook)}</p>',
        f'<p class="points">{report.points} of {report.out_of} points</p>',
    ]
    if report.note:
        body.append(f"<p>Note: {_escaped(report.note)}</p>")
    if report.verdicts:
        body += ['<ul class="exercises">', *map(_exercise, report.verdicts), "</ul>"]
    return _page(f"{title}: {report.points} of {report.out_of} points", body)


def _exercise(verdict: Verdict) -> str:
    mark, _, words = _SHOWN[verdict.status]
    status = f'<span class="status {verdict.status}">{mark} {words}</span>'
    points = f"{verdict.points} of {_count(verdict.out_of, 'point')}"
    said = "" if _says_no_more(verdict) else f"\n<p>{_escaped(verdict.message)}</p>"
    head = f"<h2>{_title(verdict.name)}</h2>\n<p>{status} {points} {_code(verdict.name)}</p>"
    return f"<li>{head}{said}</li>"


def _says_no_more(verdict: Verdict) -> bool:
    """Tell whether the message repeats what mark and points say already."""
    exercise = EXERCISES.get(verdict.name)
    return exercise is not None and verdict in (exercise.right(), exercise.unwritten())


def class_page(reports: Sequence[Report], roster: Roster | None = None) -> str:
    """A page for the teacher: where a class is stuck, on what, and who.

    Give one report a learner and notebook, as `kept` does. With a roster, learners are called by
    their names, and those who handed nothing in are named. Raises UserError if an exercise needs
    a package that is not installed.
    """
    of = {n: [report for report in reports if notebook_of(report) == n] for n in NOTEBOOKS}
    body = ["<h1>Where the class is stuck</h1>", f"<p>{_count(len(reports), 'hand-in')}.</p>"]
    for notebook, own in of.items():
        if own:
            body += [f"<h2>{_escaped(title_of(notebook))}</h2>", *_about(own, roster)]
    without = [report for report in reports if notebook_of(report) is None]
    if without:
        told = (f"{r.notebook}: {r.note}" if r.note else r.notebook for r in without)
        body += ["<h2>Without exercises</h2>", *_list(_escaped(each) for each in told)]
    return _page("Where the class is stuck", body)


def _about(reports: Sequence[Report], roster: Roster | None) -> list[str]:
    """What is to be said of one notebook."""
    verdicts: dict[str, list[Verdict]] = {}
    for report in reports:
        for verdict in report.verdicts:
            verdicts.setdefault(verdict.name, []).append(verdict)
    body = [_counts(verdicts, len(reports))]
    body += [line for name, found in verdicts.items() for line in _said(name, found)]
    body += ["<h3>Who is where</h3>", _matrix(list(verdicts), reports, roster)]
    if roster is not None:
        here = {whose(report.notebook, roster) for report in reports}
        missing = [_escaped(each.name) for each in roster.students if each not in here]
        if missing:
            body.append(f"<p>Not handed in ({len(missing)}): {'; '.join(missing)}</p>")
    return body


def _counts(verdicts: dict[str, list[Verdict]], handed_in: int) -> str:
    """The table of exercises: how many are right, wrong and not written, with a bar."""
    head = "".join(f'<th scope="col">{mark} {words}</th>' for mark, _, words in _SHOWN.values())
    rows = []
    for name, found in verdicts.items():
        counted = Counter(verdict.status for verdict in found)
        shares = {status: 100 * counted[status] / len(found) for status in _SHOWN}
        pieces = (f'<span class="{s}" style="width:{w:.4g}%"></span>' for s, w in shares.items())
        bar = f'<div class="bar" aria-hidden="true">{"".join(pieces)}</div>'
        cells = "".join(f"<td>{counted[s]} ({shares[s]:.0f}%)</td>" for s in _SHOWN)
        rows.append(f'<tr><th scope="row">{_title(name)}{_code(name)}{bar}</th>{cells}</tr>')
    caption = (
        f"Exercises, of {_count(handed_in, 'hand-in')}. "
        "The bar is filled where they are right, striped where wrong, empty where not written."
    )
    return _table("counts", caption, f'<th scope="col">exercise</th>{head}', rows)


def _said(name: str, verdicts: Sequence[Verdict]) -> list[str]:
    """The commonest things that were said of wrong answers to an exercise."""
    said = Counter(_mistake(v.message) for v in verdicts if v.status == "wrong")
    if not said:
        return []
    lines = [f"{_escaped(words)} ({count})" for words, count in said.most_common(_MESSAGES)]
    more = sum(said.values()) - sum(count for _, count in said.most_common(_MESSAGES))
    return [
        f"<h3>{_title(name)}: what was said of {_count(said.total(), 'wrong answer')}</h3>",
        *_list(lines + ([f"something else ({more})"] if more else [])),
    ]


def _mistake(message: str) -> str:
    """The message without the numbers, and the line, that only one learner's answer has."""
    words = re.split(r": for |, for ", message, maxsplit=1)[0]
    if words.startswith("for "):
        return "a result that is wrong, by no mistake that is known"
    return re.sub(r"^your line \d+(, `.*`,)? ", "a line ", words)


def _matrix(names: Sequence[str], reports: Sequence[Report], roster: Roster | None) -> str:
    """The table of learners by exercises."""
    head = "".join(f'<th scope="col">{_escaped(name)}</th>' for name in names)
    rows = []
    for who, report in sorted(((_learner(r, roster), r) for r in reports), key=_by_name):
        status = {verdict.name: verdict.status for verdict in report.verdicts}
        cells = "".join(_cell(status.get(name)) for name in names)
        points = f"<td>{report.points}</td>"
        rows.append(f'<tr><th scope="row">{_escaped(who)}</th>{cells}{points}</tr>')
    caption = f"Learners and exercises. {', '.join(f'{x}: {w}' for _, x, w in _SHOWN.values())}."
    top = f'<th scope="col">learner</th>{head}<th scope="col">points</th>'
    return _table("matrix", caption, top, rows)


def _by_name(learner: tuple[str, Report]) -> str:
    return learner[0].casefold()


def _cell(status: Status | None) -> str:
    if status is None:
        return "<td></td>"
    _, letter, words = _SHOWN[status]
    return f'<td class="{status}" title="{words}">{letter}</td>'


def _learner(report: Report, roster: Roster | None) -> str:
    student = None if roster is None else whose(report.notebook, roster)
    return report.notebook if student is None else student.name


# Pieces of pages


def _page(title: str, body: Iterable[str]) -> str:
    lines = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_escaped(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        *body,
        "</main>\n</body>\n</html>\n",
    ]
    return "\n".join(lines)


def _table(kind: str, caption: str, head: str, rows: Iterable[str]) -> str:
    """A table that scrolls by itself where the page is narrow, by the keys too."""
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{_escaped(caption)}">\n'
        f'<table class="{kind}">\n<caption><span>{_escaped(caption)}</span></caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody>\n</table>\n</div>"
    )


def _list(items: Iterable[str]) -> list[str]:
    return ["<ul>", *(f"<li>{item}</li>" for item in items), "</ul>"]


def _title(name: str) -> str:
    exercise = EXERCISES.get(name)
    return _escaped(name if exercise is None else exercise.title)


def _code(name: str) -> str:
    return f'<code class="soft">{_escaped(name)}</code>'


def _escaped(text: str) -> str:
    return html.escape(printable(text))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
