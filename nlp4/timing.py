"""How long calls take, measured in turn (A B C A B C ...): a slow moment falls on all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from nlp4.errors import UserError

Call = Callable[[], object]
FEWEST = 3  # rounds


def interleaved(
    calls: Mapping[str, Call], seconds: float, *, clock: Callable[[], float] = time.perf_counter
) -> dict[str, tuple[float, ...]]:
    """Seconds of each call's repeats: one round to warm up, then rounds for about `seconds` in all.

    There are at least `FEWEST` rounds, however long they take. Take the minimum: what else runs on
    the machine can only add to a time. Raises UserError if `seconds` is not positive.
    """
    if not seconds > 0:
        raise UserError(f"seconds = {seconds}: choose more than 0")
    for call in calls.values():
        call()
    found: dict[str, list[float]] = {name: [] for name in calls}
    rounds, spent = 0, 0.0
    while calls and (rounds < FEWEST or spent * (rounds + 1) / rounds <= seconds):
        for name, call in calls.items():
            started = clock()
            call()
            found[name].append(clock() - started)
            spent += found[name][-1]
        rounds += 1
    return {name: tuple(times) for name, times in found.items()}
