"""How long calls take, measured in turn (A B C A B C ...): a slow moment falls on all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from nlp4.errors import UserError

Call = Callable[[], object]
FEWEST, MOST = 3, 300  # repeats
ONCE = 10.0  # seconds: a call that takes longer is made once


def interleaved(
    calls: Mapping[str, Call], seconds: float, *, clock: Callable[[], float] = time.perf_counter
) -> dict[str, tuple[float, ...]]:
    """Seconds of each call's repeats, about `seconds` of repeats a call, in turn.

    A first round warms up, and settles the numbers of repeats; it counts for calls over `ONCE`.
    Take the minimum: what else runs on the machine can only add to a time. Raises UserError if
    `seconds` is not positive.
    """
    if not seconds > 0:
        raise UserError(f"seconds = {seconds}: choose more than 0")

    def spent_by(call: Call) -> float:
        started = clock()
        call()
        return clock() - started

    first = {name: spent_by(call) for name, call in calls.items()}
    repeats = {name: repeats_of(spent, seconds) for name, spent in first.items()}
    found: dict[str, list[float]] = {name: [first[name]] * (not repeats[name]) for name in calls}
    rounds = max(repeats.values(), default=0)
    for i in range(rounds):
        for name, call in calls.items():
            # The fewer repeats are spread evenly over the rounds of the more.
            if (i + 1) * repeats[name] // rounds > i * repeats[name] // rounds:
                found[name].append(spent_by(call))
    return {name: tuple(times) for name, times in found.items()}


def repeats_of(first: float, seconds: float) -> int:
    """How often to repeat a call whose first run took `first` seconds; 0 if that one is enough."""
    return 0 if first > ONCE else min(max(int(seconds / max(first, 1e-9)), FEWEST), MOST)
