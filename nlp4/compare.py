"""The experiment of notebook 03: one encoder, many attentions, two tasks, equal steps, equal time.

A run is one task, one attention, one seed and one budget; each is kept as soon as it is finished,
and never repeated. What there is to run stands in `compare_settings`, what a run trains in
`compare_models`, how in `compare_training`, what is kept in `compare_results`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nlp4.compare_models import task_of
from nlp4.compare_results import Results, checksum
from nlp4.compare_settings import Run, Settings, require_room, sizes_of
from nlp4.compare_table import Row
from nlp4.compare_training import pace, train
from nlp4.corpus import Corpus
from nlp4.long_tasks import Task

Say = Callable[[str], None]


def compare(
    corpus: Corpus,
    out: Path,
    runs: Sequence[Run],
    sizes: Mapping[str, Settings] | None = None,
    *,
    data_options: Sequence[str] = (),
    say: Say = print,
) -> list[Row]:
    """Do the runs that `out` does not hold yet; write `compare.json` and `compare.md` after each.

    Returns the rows of all finished runs in `out`, those of earlier calls too: other tasks,
    variants or seeds may be added later, or by another process at the same time. `sizes` are each
    task's settings, by default `SIZES`; `data_options` are the words of the command that chose the
    corpus. Where nothing is left to do, nothing is trained, and what is there is gathered. Raises
    UserError if `out` was made with other settings or data or a variant does not fit,
    KeyboardInterrupt after an interruption.
    """
    sizes = sizes_of(runs) if sizes is None else sizes_of(runs, sizes=sizes)
    require_room(runs, sizes)
    results = Results(out, sizes, checksum(corpus), tuple(data_options))
    results.claim()
    tasks = {name: task_of(name, settings, corpus) for name, settings in sizes.items()}
    left = [run for run in runs if not results.holds(run)]
    if left:
        say(_expected(left, sizes, tasks, len(runs)))
    _do(left, results, tasks, len(runs), say)
    return results.gather()


def _do(
    left: Sequence[Run], results: Results, tasks: Mapping[str, Task], every: int, say: Say
) -> None:
    for number, run in enumerate(left, 1):
        label = f"{number}/{len(left)} {run.name}"
        try:
            row = train(run, results.sizes[run.task], tasks[run.task], label=label)
        except KeyboardInterrupt:
            kept = every - len(left) + number - 1
            raise KeyboardInterrupt(
                f"stopped; {kept} of {every} runs are kept, the same command does the rest"
            ) from None
        results.keep(run, row)
        say(f"{label}: {row[row['measure']]:.3f} {row['measure']}, {row['seconds']:.0f} s")


def _expected(
    left: list[Run], sizes: Mapping[str, Settings], tasks: Mapping[str, Task], every: int
) -> str:
    """How long the runs will take, by a few steps of each attention that has steps to take."""
    kinds = {(run.task, run.variant): run for run in left if run.budget == "steps"}
    paces = {kind: pace(run, sizes[run.task], tasks[run.task]) for kind, run in kinds.items()}
    seconds = sum(
        sizes[run.task].steps * paces[run.task, run.variant]
        if run.budget == "steps"
        else 60 * sizes[run.task].minutes
        for run in left
    )
    done = every - len(left)
    return f"{len(left)} runs, about {seconds / 60:.0f} minutes; {done} are finished already"
