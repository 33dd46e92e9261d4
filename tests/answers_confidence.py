"""Right and wrong answers to the exercises of `nlp4.exercises.confidence`."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from answers import Answers
from scipy.stats import binned_statistic, binomtest, chi2, mannwhitneyu


def calibration(probabilities, right, bins=10):
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = which == b
        if inside.any():
            gap = abs(right[inside].mean() - probabilities[inside].mean())
            error += inside.mean() * gap
    return error


def calibration_by_lists(probabilities, right, bins=10):
    held = [[] for _ in range(bins)]
    for probability, is_right in zip(probabilities, right, strict=True):
        held[min(int(probability * bins), bins - 1)].append((probability, is_right))
    error = 0.0
    for inside in filter(None, held):
        confidence = sum(p for p, _ in inside) / len(inside)
        accuracy = sum(r for _, r in inside) / len(inside)
        error += len(inside) / len(right) * abs(accuracy - confidence)
    return error


def calibration_by_scipy(probabilities, right, bins=10):
    sums, _, _ = binned_statistic(probabilities, [probabilities, right], "sum", bins, (0, 1))
    return np.abs(sums[0] - sums[1]).sum() / len(right)


def gaps_of(probabilities, right, bins):
    which = [min(int(p * bins), bins - 1) for p in probabilities]
    gaps = {}
    for b in set(which):
        inside = [i for i, own in enumerate(which) if own == b]
        gaps[b] = abs(sum(right[i] for i in inside) - sum(probabilities[i] for i in inside))
        gaps[b] /= len(inside)
    return gaps, Counter(which)


def calibration_unweighted(probabilities, right, bins=10):
    gaps, _ = gaps_of(probabilities, right, bins)
    return sum(gaps.values()) / len(gaps)


def calibration_over_all_bins(probabilities, right, bins=10):
    gaps, _ = gaps_of(probabilities, right, bins)
    return sum(gaps.values()) / bins


def calibration_added_up(probabilities, right, bins=10):
    return sum(gaps_of(probabilities, right, bins)[0].values())


def calibration_at_worst(probabilities, right, bins=10):
    return max(gaps_of(probabilities, right, bins)[0].values())


def calibration_squared(probabilities, right, bins=10):
    gaps, counts = gaps_of(probabilities, right, bins)
    return sum(counts[b] * gaps[b] * gaps[b] for b in gaps) / len(right)


def calibration_undivided(probabilities, right, bins=10):
    gaps, counts = gaps_of(probabilities, right, bins)
    return sum(counts[b] * gaps[b] for b in gaps)


def calibration_signed(probabilities, right, bins=10):
    error = 0.0
    for b in range(bins):
        inside = np.minimum(np.floor(probabilities * bins), bins - 1) == b
        if inside.any():
            error += inside.mean() * (right[inside].mean() - probabilities[inside].mean())
    return error


def calibration_too_sure(probabilities, right, bins=10):
    return -calibration_signed(probabilities, right, bins)


def calibration_in_one_bin(probabilities, right, bins=10):
    return abs(right.mean() - probabilities.mean())


def calibration_from_the_middle(probabilities, right, bins=10):
    error = 0.0
    for b in range(bins):
        inside = np.minimum(np.floor(probabilities * bins), bins - 1) == b
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - (2 * b + 1) / (2 * bins))
    return error


def calibration_one_by_one(probabilities, right, bins=10):
    return sum(abs(r - p) for p, r in zip(probabilities, right, strict=True)) / len(right)


def calibration_with_ten_bins(probabilities, right, bins=10):
    return calibration_by_lists(probabilities, right)


def calibration_between_edges(probabilities, right, bins=10):
    error = 0.0
    for b in range(bins):
        inside = (probabilities >= b / bins) & (probabilities < (b + 1) / bins)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - probabilities[inside].mean())
    return error


def calibration_above_edges(probabilities, right, bins=10):
    error = 0.0
    for b in range(bins):
        inside = (probabilities > b / bins) & (probabilities <= (b + 1) / bins)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - probabilities[inside].mean())
    return error


def calibration_out_of_range(probabilities, right, bins=10):
    held = [[] for _ in range(bins)]
    for probability, is_right in zip(probabilities, right, strict=True):
        held[int(probability * bins)].append(is_right - probability)
    return sum(abs(sum(inside)) for inside in held) / len(right)


def calibration_by_dictionary(probabilities, right, bins=10):
    held = {}
    for probability, is_right in zip(probabilities, right, strict=True):
        held.setdefault(int(probability * bins), []).append(is_right - probability)
    return sum(abs(sum(inside)) for inside in held.values()) / len(right)


def calibration_of_nothing(probabilities, right, bins=10):
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    insides = [which == b for b in range(bins)]
    gaps = [abs(right[i].mean() - probabilities[i].mean()) for i in insides]
    return sum(i.mean() * gap for i, gap in zip(insides, gaps, strict=True))


def calibration_by_zero(probabilities, right, bins=10):
    held = [[] for _ in range(bins)]
    for probability, is_right in zip(probabilities, right, strict=True):
        held[min(int(probability * bins), bins - 1)].append(float(is_right - probability))
    return sum(len(b) / len(right) * abs(sum(b) / len(b)) for b in held)


def calibration_of_each_bin(probabilities, right, bins=10):
    gaps, _ = gaps_of(probabilities, right, bins)
    return [gaps[b] for b in sorted(gaps)]


def auroc(probabilities, right):
    sure, unsure = probabilities[right], probabilities[~right]
    wins = (sure[:, None] > unsure[None, :]).mean()
    return wins + (sure[:, None] == unsure[None, :]).mean() / 2


def auroc_by_loops(probabilities, right):
    points = pairs = 0
    for i in range(len(right)):
        for j in range(len(right)):
            if right[i] and not right[j]:
                pairs += 1
                if probabilities[i] > probabilities[j]:
                    points += 1
                elif probabilities[i] == probabilities[j]:
                    points += 0.5
    return points / pairs


def auroc_by_ranks(probabilities, right):
    statistic = mannwhitneyu(probabilities[right], probabilities[~right]).statistic
    return statistic / right.sum() / (~right).sum()


def auroc_under_the_curve(probabilities, right):
    cuts = [np.inf, *sorted(set(probabilities), reverse=True)]
    hits = [np.mean(probabilities[right] >= cut) for cut in cuts]
    alarms = [np.mean(probabilities[~right] >= cut) for cut in cuts]
    return np.trapezoid(hits, alarms)


def points_of(probabilities, right, tie):
    points = [
        1.0 if a > b else tie if a == b else 0.0
        for a in probabilities[right]
        for b in probabilities[~right]
    ]
    return sum(points), len(points)


def auroc_ties_won(probabilities, right):
    won, pairs = points_of(probabilities, right, 1)
    return won / pairs


def auroc_ties_lost(probabilities, right):
    won, pairs = points_of(probabilities, right, 0)
    return won / pairs


def auroc_backwards(probabilities, right):
    return auroc_by_loops(-probabilities, right)


def auroc_of_the_wrong(probabilities, right):
    return auroc_by_loops(probabilities, ~right)


def auroc_minus_losses(probabilities, right):
    return 2 * auroc_by_loops(probabilities, right) - 1


def auroc_counted(probabilities, right):
    return points_of(probabilities, right, 0.5)[0]


def auroc_per_question(probabilities, right):
    return points_of(probabilities, right, 0.5)[0] / len(probabilities)


def auroc_of_everything(probabilities, right):
    points = [1 if a > b else 0.5 if a == b else 0 for a in probabilities for b in probabilities]
    return sum(points) / len(points)


def auroc_of_means(probabilities, right):
    return probabilities[right].mean() - probabilities[~right].mean()


def auroc_of_each(probabilities, right):
    return [(p > probabilities[~right]).mean() for p in probabilities[right]]


def answering(probabilities, right, share):
    count = max(1, round(share * len(right)))
    surest = sorted(range(len(right)), key=lambda i: -probabilities[i])[:count]
    return sum(right[i] for i in surest) / count


def answering_by_arrays(probabilities, right, share):
    count = max(1, int(np.rint(share * right.size)))
    return right[np.argsort(1 - probabilities, kind="stable")][:count].mean()


def answering_one_by_one(probabilities, right, share):
    left = probabilities.tolist()
    kept = []
    while len(kept) < max(1, int(share * len(right) + 0.5)):
        best = left.index(max(left))
        kept.append(right[best])
        left[best] = -1.0
    return kept.count(True) / len(kept)


def answering_least_sure(probabilities, right, share):
    count = max(1, round(share * len(right)))
    kept = sorted(range(len(right)), key=lambda i: probabilities[i])[:count]
    return right[kept].mean()


def answering_unsorted(probabilities, right, share):
    return right[: max(1, round(share * len(right)))].mean()


def answering_of_all(probabilities, right, share):
    count = max(1, round(share * len(right)))
    surest = sorted(range(len(right)), key=lambda i: -probabilities[i])[:count]
    return sum(right[i] for i in surest) / len(right)


def answering_counted(probabilities, right, share):
    return answering(probabilities, right, share) * max(1, round(share * len(right)))


def answering_rounded_down(probabilities, right, share):
    count = max(1, int(share * len(right)))
    surest = sorted(range(len(right)), key=lambda i: -probabilities[i])[:count]
    return right[surest].mean()


def answering_rounded_up(probabilities, right, share):
    count = int(np.ceil(share * len(right)))
    surest = sorted(range(len(right)), key=lambda i: -probabilities[i])[:count]
    return right[surest].mean()


def answering_above(probabilities, right, share):
    return right[probabilities >= share].mean()


def answering_all_ties(probabilities, right, share):
    count = max(1, round(share * len(right)))
    least = sorted(probabilities, reverse=True)[count - 1]
    kept = [r for p, r in zip(probabilities, right, strict=True) if p >= least]
    return sum(kept) / len(kept)


def answering_later_ties(probabilities, right, share):
    count = max(1, round(share * len(right)))
    order = sorted(range(len(right)), key=lambda i: probabilities[i])
    return right[order[-count:]].mean()


def answering_shuffled(probabilities, right, share):
    count = max(1, round(share * len(right)))
    return right[np.argsort(-probabilities)[:count]].mean()


def answering_shuffled_from_the_end(probabilities, right, share):
    count = max(1, round(share * len(right)))
    return right[np.argsort(probabilities)[-count:]].mean()


def answering_knowing(probabilities, right, share):
    count = max(1, round(share * len(right)))
    surest = sorted(zip(probabilities, right, strict=True), reverse=True)[:count]
    return sum(r for _, r in surest) / count


def answering_nothing(probabilities, right, share):
    count = round(share * len(right))
    return right[np.argsort(-probabilities, kind="stable")[:count]].mean()


def answering_by_zero(probabilities, right, share):
    count = round(share * len(right))
    surest = sorted(range(len(right)), key=lambda i: -probabilities[i])[:count]
    return len([i for i in surest if right[i]]) / count


def answering_in_place(probabilities, right, share):
    probabilities[::-1].sort()
    return right[: max(1, round(share * len(right)))].mean()


def mcnemar(first, second):
    only_first = sum(a and not b for a, b in zip(first, second, strict=True))
    only_second = sum(b and not a for a, b in zip(first, second, strict=True))
    n = int(only_first + only_second)
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / 2**n)


def mcnemar_by_scipy(first, second):
    differing = first != second
    if not differing.any():
        return 1.0
    return binomtest(int(first[differing].sum()), int(differing.sum())).pvalue


def mcnemar_by_convolution(first, second):
    """Builds the distribution of the lead throw by throw, and adds up all leads as large."""
    lead, chances = abs(int(first.sum()) - int(second.sum())), np.array([1.0])
    for _ in range(int((first ^ second).sum())):
        chances = np.convolve(chances, [0.5, 0, 0.5])
    leads = np.abs(np.arange(len(chances)) - len(chances) // 2)
    return chances[leads >= lead].sum()


def counted(first, second):
    return int(np.sum(first & ~second)), int(np.sum(~first & second))


def coin(heads, throws):
    return sum(math.comb(throws, k) for k in heads) / 2**throws


def mcnemar_one_sided(first, second):
    b, c = counted(first, second)
    return coin(range(min(b, c) + 1), b + c)


def mcnemar_first_better(first, second):
    b, c = counted(first, second)
    return coin(range(b, b + c + 1), b + c)


def mcnemar_second_better(first, second):
    b, c = counted(first, second)
    return coin(range(c, b + c + 1), b + c)


def mcnemar_above_one(first, second):
    return 2 * mcnemar_one_sided(first, second)


def mcnemar_more_lopsided(first, second):
    b, c = counted(first, second)
    return 2 * coin(range(min(b, c)), b + c)


def mcnemar_exactly(first, second):
    b, c = counted(first, second)
    return coin([b], b + c)


def mcnemar_exactly_doubled(first, second):
    b, c = counted(first, second)
    return coin([b], b + c) + coin([c], b + c)


def mcnemar_every_question(first, second):
    b, c = counted(first, second)
    return min(1.0, 2 * coin(range(min(b, c) + 1), len(first)))


def mcnemar_all_right(first, second):
    return binomtest(int(sum(first)), int(sum(first)) + int(sum(second))).pvalue


def mcnemar_where_they_agree(first, second):
    return mcnemar(first, ~second)


def mcnemar_approximate(first, second):
    b, c = np.sum(first & ~second), np.sum(~first & second)
    return chi2.sf((b - c) ** 2 / (b + c), 1)


def mcnemar_corrected(first, second):
    b, c = np.sum(first & ~second), np.sum(~first & second)
    return chi2.sf(max(0, abs(b - c) - 1) ** 2 / (b + c), 1)


def mcnemar_unpaired(first, second):
    both = (first.mean() + second.mean()) / 2
    z = (first.mean() - second.mean()) / np.sqrt(both * (1 - both) * 2 / len(first))
    return chi2.sf(z**2, 1)


def mcnemar_by_zero(first, second):
    b, c = counted(first, second)
    share = min(b, c) / (b + c)
    return 1.0 if share == 0.5 else mcnemar(first, second)


def mcnemar_nan(first, second):
    share = first[first != second].mean()
    return share if np.isnan(share) else mcnemar(first, second)


def mcnemar_decided(first, second):
    return mcnemar(first, second) < 0.05


ANSWERS = {
    "mcnemar_p": Answers(
        mcnemar,
        (
            (mcnemar_one_sided, "this counts one side only"),
            (mcnemar_first_better, "you ask for one direction only"),
            (mcnemar_second_better, "you ask for one direction only"),
            (mcnemar_above_one, "a probability cannot exceed 1"),
            (mcnemar_more_lopsided, "you left the split that was seen out"),
            (mcnemar_exactly, "the probability of exactly this split"),
            (mcnemar_exactly_doubled, "the probability of exactly this split"),
            (mcnemar_every_question, "you threw the coin for every question"),
            (mcnemar_all_right, "you counted all right answers"),
            (mcnemar_where_they_agree, "you counted where the two agree"),
            (mcnemar_approximate, "this is the approximation"),
            (mcnemar_corrected, "this is the approximation"),
            (mcnemar_unpaired, "you compared two shares"),
            (mcnemar_by_zero, "where the two never differ"),
            (mcnemar_nan, "where the two never differ"),
            (mcnemar_decided, "you return True or False where a number is expected"),
        ),
    ),
    "expected_calibration_error": Answers(
        calibration,
        (
            (calibration_unweighted, "averaged the bins without their counts"),
            (calibration_over_all_bins, "averaged the bins without their counts"),
            (calibration_added_up, "you added the gaps of the bins up"),
            (calibration_at_worst, "the largest gap of a bin"),
            (calibration_signed, "gaps above and below cancel"),
            (calibration_too_sure, "gaps above and below cancel"),
            (calibration_in_one_bin, "you put all questions into one bin"),
            (calibration_squared, "you squared the gaps"),
            (calibration_from_the_middle, "you took the middle of a bin"),
            (calibration_one_by_one, "you compared each question alone"),
            (calibration_undivided, "divide by the number of questions"),
            (calibration_with_ten_bins, "you always make 10 bins"),
            (calibration_between_edges, "a probability of exactly 1 is in no bin"),
            (calibration_out_of_range, "a probability of exactly 1 is in no bin"),
            (calibration_by_dictionary, "a probability of exactly 1 has a bin of its own"),
            (calibration_above_edges, "a probability of exactly 0 is in no bin"),
            (calibration_of_nothing, "an empty bin has no accuracy"),
            (calibration_by_zero, "an empty bin has no accuracy"),
            (calibration_of_each_bin, "you return a list where a number is expected"),
        ),
    ),
    "auroc": Answers(
        auroc,
        (
            (auroc_ties_won, "you counted ties as a win"),
            (auroc_ties_lost, "you counted ties as nothing"),
            (auroc_backwards, "the wrong way round"),
            (auroc_of_the_wrong, "the wrong way round"),
            (auroc_minus_losses, "wins minus losses"),
            (auroc_counted, "this is how many pairs, not their share"),
            (auroc_per_question, "you divided by the number of questions"),
            (auroc_of_everything, "you compared every question with every one"),
            (auroc_of_means, "the difference of two means"),
            (auroc_of_each, "you return a list where a number is expected"),
        ),
    ),
    "accuracy_when_answering": Answers(
        answering,
        (
            (answering_least_sure, "you took the least sure"),
            (answering_unsorted, "you took the first questions of the list"),
            (answering_of_all, "you divided by all questions"),
            (answering_counted, "this is how many are right, not their share"),
            (answering_rounded_down, "you rounded the number of questions down"),
            (answering_rounded_up, "you rounded the number of questions up"),
            (answering_above, "not a probability that an answer must reach"),
            (answering_all_ties, "you answer all that tie with the last one"),
            (answering_later_ties, "you took the later ones"),
            (answering_shuffled, "use a stable sort"),
            (answering_shuffled_from_the_end, "use a stable sort"),
            (answering_knowing, "which the model cannot know"),
            (answering_nothing, "answer at least one"),
            (answering_by_zero, "answer at least one"),
            (answering_in_place, "you change `probabilities` in place"),
        ),
    ),
}
# Other ways to write them, each by another method than the exercise's own.
ALSO_RIGHT = (
    ("mcnemar_p", mcnemar_by_scipy),
    ("mcnemar_p", mcnemar_by_convolution),
    ("expected_calibration_error", calibration_by_lists),
    ("expected_calibration_error", calibration_by_scipy),
    ("auroc", auroc_by_loops),
    ("auroc", auroc_by_ranks),
    ("auroc", auroc_under_the_curve),
    ("accuracy_when_answering", answering_by_arrays),
    ("accuracy_when_answering", answering_one_by_one),
)
