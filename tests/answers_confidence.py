"""Right and wrong answers to the exercises of `nlp4.exercises.confidence`."""

from __future__ import annotations

import heapq
import itertools
import math
import operator
import statistics
from collections import Counter, defaultdict, deque
from fractions import Fraction
from functools import cmp_to_key

import numpy as np
import torch
from answers import Answers
from scipy.special import bdtr, betainc
from scipy.stats import binned_statistic, binom, binomtest, chi2, mannwhitneyu, rankdata


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


def calibration_by_torch(probabilities, right, bins=10):
    sure, won = torch.tensor(probabilities), torch.tensor(right).double()
    which = (sure * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.float64).index_add(0, which, won - sure)
    return gaps.abs().sum() / len(sure)


def calibration_in_single_precision(probabilities, right, bins=10):
    sure, won = torch.from_numpy(probabilities).float(), torch.from_numpy(right).float()
    edges = torch.linspace(0, 1, bins + 1)
    which = torch.bucketize(sure, edges[1:-1], right=True)
    error = torch.zeros(())
    for b in which.unique():
        inside = which == b
        error += inside.float().mean() * (won[inside].mean() - sure[inside].mean()).abs()
    return error


def calibration_by_digits(probabilities, right, bins=10):
    edges = np.linspace(0, 1, bins + 1)
    edges[-1] += 1
    which = np.digitize(probabilities, edges) - 1
    gaps = [
        (which == b).sum() * abs(right[which == b].mean() - probabilities[which == b].mean())
        for b in np.unique(which)
    ]
    return np.sum(gaps) / which.size


def calibration_by_histograms(probabilities, right, bins=10):
    sums, _ = np.histogram(probabilities, bins, (0, 1), weights=probabilities)
    won, _ = np.histogram(probabilities[right], bins=bins, range=(0, 1))
    return np.abs(won - sums).sum() / probabilities.size


def calibration_by_table(probabilities, right, bins=10):
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    member = np.eye(bins)[which]  # (n, bins)
    return np.einsum("nb,n->b", member, right - probabilities).__abs__().sum() / len(which)


def calibration_by_groups(probabilities, right, bins=10):
    def bin_of(pair):
        return bins - 1 if pair[0] == 1 else math.floor(pair[0] * bins)

    pairs = sorted(zip(probabilities.tolist(), right.tolist(), strict=True))
    gaps = 0
    for _, group in itertools.groupby(pairs, key=bin_of):
        sure, won = zip(*group, strict=True)
        gaps += len(sure) * abs(statistics.fmean(won) - statistics.fmean(sure))
    return gaps / len(pairs)


def calibration_by_fractions(probabilities, right, bins=10):
    held = defaultdict(Fraction)
    for probability, is_right in zip(probabilities.tolist(), right.tolist(), strict=True):
        exact = Fraction(probability)
        held[min(math.floor(exact * bins), bins - 1)] += int(is_right) - exact
    return sum(map(abs, held.values())) / len(right)


def calibration_closed_on_the_right(probabilities, right, bins=10):
    error = 0.0
    for b in range(bins):
        inside = (probabilities > b / bins) & (probabilities <= (b + 1) / bins)
        if b == 0:
            inside |= probabilities == 0
        if np.any(inside):
            error += np.abs(np.sum(right[inside]) - np.sum(probabilities[inside]))
    return np.array(error / len(probabilities))


def calibration_by_recursion(probabilities, right, bins=10):
    def error_from(b):
        if b < 0:
            return 0.0
        low, high = b / bins, 2.0 if b == bins - 1 else (b + 1) / bins
        inside = np.logical_and(low <= probabilities, probabilities < high)
        return abs(float(np.dot(inside, right - probabilities))) + error_from(b - 1)

    return error_from(bins - 1) / len(right)


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


def calibration_over_their_range(probabilities, right, bins=10):
    edges = np.linspace(probabilities.min(), probabilities.max(), bins + 1)
    which = np.clip(np.digitize(probabilities, edges) - 1, 0, bins - 1)
    gaps = [abs((right - probabilities)[which == b].sum()) for b in range(bins)]
    return sum(gaps) / len(right)


def calibration_by_plain_histogram(probabilities, right, bins=10):
    counts, edges = np.histogram(probabilities, bins=bins)
    sums, _ = np.histogram(probabilities, bins=edges, weights=probabilities)
    won, _ = np.histogram(probabilities, bins=edges, weights=right * 1.0)
    return np.abs(won - sums).sum() / counts.sum()


def calibration_up_to_the_largest(probabilities, right, bins=10):
    return calibration_between(probabilities, right, np.linspace(0, probabilities.max(), bins + 1))


def calibration_from_the_smallest(probabilities, right, bins=10):
    return calibration_between(probabilities, right, np.linspace(probabilities.min(), 1, bins + 1))


def calibration_from_a_half(probabilities, right, bins=10):
    return calibration_between(probabilities, right, np.linspace(0.5, 1, bins + 1))


def calibration_between(probabilities, right, edges):
    which = np.clip(np.searchsorted(edges, probabilities, "right") - 1, 0, len(edges) - 2)
    return np.abs(np.bincount(which, right - probabilities)).sum() / len(right)


def calibration_of_equal_mass(probabilities, right, bins=10):
    parts = np.array_split(probabilities.argsort(kind="stable"), bins)
    return sum(
        len(part) / len(right) * abs(right[part].mean() - probabilities[part].mean())
        for part in parts
        if len(part)
    )


def calibration_one_bin_fewer(probabilities, right, bins=10):
    edges = np.linspace(0, 1, bins)
    which = np.clip(np.digitize(probabilities, edges) - 1, 0, max(0, bins - 2))
    return sum(abs((right - probabilities)[which == b].sum()) for b in set(which)) / len(right)


def calibration_one_bin_more(probabilities, right, bins=10):
    return calibration_by_lists(probabilities, right, bins + 1)


def calibration_to_the_nearest_edge(probabilities, right, bins=10):
    which = [round(p * bins) for p in probabilities]
    gaps = (right - probabilities)[None] * (np.arange(bins + 1)[:, None] == which)
    return abs(gaps.sum(axis=1)).sum() / len(right)


def calibration_by_root(probabilities, right, bins=10):
    return math.sqrt(calibration_squared(probabilities, right, bins))


def calibration_of_medians(probabilities, right, bins=10):
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    return sum(
        (which == b).mean() * abs(right[which == b].mean() - np.median(probabilities[which == b]))
        for b in np.unique(which)
    )


def calibration_weighed_by_right_ones(probabilities, right, bins=10):
    gaps, _ = gaps_of(probabilities, right, bins)
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    return sum(gap * right[which == b].sum() for b, gap in gaps.items()) / max(1, right.sum())


def calibration_until_an_empty_bin(probabilities, right, bins=10):
    which, error = np.minimum((probabilities * bins).astype(int), bins - 1), 0.0
    for b in sorted(set(which)):
        if b and b - 1 not in which:
            break
        error += abs((right - probabilities)[which == b].sum()) / len(right)
    return error


def calibration_without_the_last(probabilities, right, bins=10):
    gaps, counts = gaps_of(probabilities, right, bins)
    return sum(counts[b] * gaps[b] for b in gaps if b < bins - 1) / len(right)


def calibration_too_sure_only(probabilities, right, bins=10):
    which = np.minimum((probabilities * bins).astype(int), bins - 1)
    surplus = np.bincount(which, probabilities - right)
    return surplus[surplus > 0].sum() / len(right)


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


def auroc_by_mean_ranks(probabilities, right):
    ranks, hits = rankdata(probabilities), int(np.count_nonzero(right))
    return (ranks[right].sum() - hits * (hits + 1) / 2) / (hits * (len(right) - hits))


def auroc_by_torch(probabilities, right):
    sure, won = torch.tensor(probabilities), torch.tensor(right)
    leads = sure[won].unsqueeze(1) - sure[~won].unsqueeze(0)
    return torch.heaviside(leads, torch.tensor(0.5, dtype=leads.dtype)).mean()


def auroc_in_single_precision(probabilities, right):
    sure = torch.from_numpy(probabilities).float()
    good, poor = sure[torch.from_numpy(right)], sure[torch.from_numpy(~right)]
    table = (good[:, None] > poor).float() + 0.5 * (good[:, None] == poor).float()
    return table.mean()


def auroc_by_product(probabilities, right):
    good = [p for p, r in zip(probabilities, right, strict=True) if r]
    poor = [p for p, r in zip(probabilities, right, strict=True) if not r]
    return statistics.mean((a > b) + (a == b) / 2 for a, b in itertools.product(good, poor))


def auroc_by_signs(probabilities, right):
    leads = np.sign(np.subtract.outer(probabilities[right], probabilities[~right]))
    return np.array((1 + leads.mean()) / 2)


def auroc_by_search(probabilities, right):
    poor = np.sort(probabilities[~right])
    below = np.searchsorted(poor, probabilities[right], "left")
    up_to = np.searchsorted(poor, probabilities[right], "right")
    return np.mean(below + up_to) / 2 / len(poor)


def auroc_by_fractions(probabilities, right):
    """Goes down the list of distinct probabilities, and counts the wrong ones that are left."""
    good, poor = Counter(probabilities[right].tolist()), Counter(probabilities[~right].tolist())
    won = Fraction(0)
    for p, n in good.items():
        won += n * sum(m for q, m in poor.items() if q < p) + Fraction(n * poor[p], 2)
    return won / (good.total() * poor.total())


def auroc_of_losses(probabilities, right):
    sure, unsure = np.meshgrid(probabilities[right], probabilities[~right])
    return 1 - np.where(sure < unsure, 1.0, np.where(sure > unsure, 0.0, 0.5)).mean()


def auroc_by_recursion(probabilities, right):
    def won(good, poor):
        if not good or not poor:
            return 0
        if good[0] == poor[0]:
            n, m = good.count(good[0]), poor.count(poor[0])
            return n * m / 2 + n * (len(poor) - m) + won(good[n:], poor[m:])
        return len(poor) + won(good[1:], poor) if good[0] > poor[0] else won(good, poor[1:])

    good, poor = (sorted(probabilities[which].tolist(), reverse=True) for which in (right, ~right))
    return won(good, poor) / (len(good) * len(poor))


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


def auroc_by_order(probabilities, right):
    ranks = np.empty(len(right))
    ranks[np.argsort(probabilities, kind="stable")] = np.arange(len(right))
    return (ranks[right][:, None] > ranks[~right]).mean()


def auroc_step_by_step(probabilities, right):
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(right[order]) / right.sum()
    alarms = np.cumsum(~right[order]) / (~right).sum()
    return np.trapezoid([0, *hits], [0, *alarms])


def auroc_pair_by_pair(probabilities, right):
    pairs = list(zip(probabilities[right], probabilities[~right], strict=False))
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)


def auroc_earlier_only(probabilities, right):
    pairs = [
        (probabilities[i], probabilities[j])
        for i in range(len(right))
        for j in range(i + 1, len(right))
        if right[i] and not right[j]
    ]
    return sum((a > b) + (a == b) / 2 for a, b in pairs) / max(1, len(pairs))


def auroc_over_all_pairs(probabilities, right):
    n = len(right)
    return points_of(probabilities, right, 0.5)[0] / (n * (n - 1) / 2)


def auroc_above_the_mean(probabilities, right):
    bar = probabilities[~right].mean()
    return ((probabilities[right] > bar) + (probabilities[right] == bar) / 2).mean()


def auroc_above_the_surest(probabilities, right):
    bar = probabilities[~right].max()
    return ((probabilities[right] > bar) + (probabilities[right] == bar) / 2).mean()


def auroc_at_a_half(probabilities, right):
    return ((probabilities >= 0.5) == right).mean()


def auroc_among_untied(probabilities, right):
    leads = probabilities[right][:, None] - probabilities[~right]
    return (leads > 0).sum() / max(1, (leads != 0).sum())


def auroc_nearly_tied(probabilities, right):
    leads = (probabilities[right][:, None] - probabilities[~right]).round(2)
    return (leads > 0).mean() + (leads == 0).mean() / 2


def auroc_floor_of_ties(probabilities, right):
    leads = probabilities[right][:, None] - probabilities[~right]
    return ((leads > 0).sum() + (leads == 0).sum() // 2) / leads.size


def auroc_at_least_a_half(probabilities, right):
    found = auroc_by_loops(probabilities, right)
    return max(found, 1 - found)


def auroc_of_leads(probabilities, right):
    return np.clip(probabilities[right][:, None] - probabilities[~right], 0, None).mean()


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


def answering_by_torch(probabilities, right, share):
    count = max(1, round(share * len(right)))
    order = torch.argsort(torch.tensor(probabilities), descending=True, stable=True)
    return torch.tensor(right)[order[:count]].double().mean()


def answering_in_single_precision(probabilities, right, share):
    sure, won = torch.from_numpy(probabilities).float(), torch.from_numpy(right).float()
    count = max(1, round(share * len(won)))
    return won[sure.sort(descending=True, stable=True).indices][:count].mean()


def answering_by_heap(probabilities, right, share):
    count = max(round(share * right.size), 1)
    best = heapq.nlargest(count, range(right.size), key=probabilities.__getitem__)
    return statistics.mean(int(right[i]) for i in best)


def answering_by_keys(probabilities, right, share):
    order = np.lexsort((np.arange(len(right)), -probabilities))
    return np.average(right, weights=np.isin(np.arange(len(right)), order[: most(right, share)]))


def most(right, share):
    return max(1, math.floor(share * len(right) + 0.5))


def answering_by_pairs(probabilities, right, share):
    pairs = zip(probabilities.tolist(), right.tolist(), strict=True)
    kept = sorted(pairs, key=operator.itemgetter(0), reverse=True)[: most(right, share)]
    return Fraction(sum(r for _, r in kept), len(kept))


def answering_by_ranks(probabilities, right, share):
    """The rank of a question: how many are surer, and how many as sure come before it."""
    surer = (probabilities[None] > probabilities[:, None]).sum(axis=1)
    before = np.tril(probabilities[None] == probabilities[:, None], -1).sum(axis=1)
    return np.array(right[surer + before < most(right, share)].mean())


def answering_by_cumulation(probabilities, right, share):
    order = np.argsort(-probabilities, kind="mergesort")
    return (np.cumsum(right[order]) / np.arange(1, len(right) + 1))[most(right, share) - 1]


def answering_from_the_back(probabilities, right, share):
    n = len(right)
    order = n - 1 - np.argsort(probabilities[::-1], kind="stable")[::-1]
    return sum(right[order[: most(right, share)]].tolist()) / most(right, share)


def answering_level_by_level(probabilities, right, share):
    levels = defaultdict(deque)
    for p, r in zip(probabilities, right, strict=True):
        levels[p].append(bool(r))
    line = itertools.chain.from_iterable(levels[p] for p in sorted(levels, reverse=True))
    kept = list(itertools.islice(line, most(right, share)))
    return np.float64(kept.count(True)) / len(kept)


def answering_by_comparing(probabilities, right, share):
    def surer(i, j):
        return probabilities[j] - probabilities[i] or i - j

    order = sorted(range(len(right)), key=cmp_to_key(surer))
    return float(np.take(right, order[: most(right, share)]).mean())


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


def answering_best_by_luck(probabilities, right, share):
    order = sorted(range(len(right)), key=lambda i: (-probabilities[i], bool(right[i])))
    return right[order[: most(right, share)]].mean()


def answering_by_quantile(probabilities, right, share):
    return right[probabilities >= np.quantile(probabilities, 1 - share)].mean()


def answering_of_right_ones(probabilities, right, share):
    count = most(right, share)
    kept = np.argsort(-probabilities, kind="stable")[:count]
    return right[kept].sum() / max(1, right.sum())


def answering_weighed(probabilities, right, share):
    kept = np.argsort(-probabilities, kind="stable")[: most(right, share)]
    return (probabilities * right)[kept].sum() / max(1e-9, probabilities[kept].sum())


def answering_confidence(probabilities, right, share):
    return np.sort(probabilities)[::-1][: most(right, share)].mean()


def answering_one_more(probabilities, right, share):
    return right[np.argsort(-probabilities, kind="stable")[: most(right, share) + 1]].mean()


def answering_the_rest(probabilities, right, share):
    rest = np.argsort(-probabilities, kind="stable")[most(right, share) :]
    return right[rest].mean() if len(rest) else 0.0


def answering_zero_for_none(probabilities, right, share):
    count = round(share * len(right))
    kept = sorted(range(len(right)), key=lambda i: -probabilities[i])[:count]
    return right[kept].mean() if kept else 0.0


def answering_everything(probabilities, right, share):
    return right.mean()


def answering_in_hundreds(probabilities, right, share):
    return 100 * answering(probabilities, right, share)


def answering_with_the_count(probabilities, right, share):
    return answering(probabilities, right, share), most(right, share)


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


def mcnemar_by_cdf(first, second):
    only_first, only_second = np.sum(first & ~second), np.sum(second & ~first)
    n = only_first + only_second
    return np.minimum(1, 2 * binom.cdf(min(only_first, only_second), n, 0.5))


def mcnemar_by_beta(first, second):
    differ = Counter(zip(first.tolist(), second.tolist(), strict=True))
    few, many = sorted((differ[True, False], differ[False, True]))
    return 1.0 if few == many else 2 * betainc(many, few + 1, 0.5)


def mcnemar_by_bdtr(first, second):
    few, many = sorted((int(np.sum(first > second)), int(np.sum(first < second))))
    return np.array(min(1.0, 2 * bdtr(few, few + many, 0.5)))


def mcnemar_by_logs(first, second):
    a, b = int((first & ~second).sum()), int((~first & second).sum())
    n, logs = a + b, []
    for i in range(min(a, b) + 1):
        ways = math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
        logs.append(ways - n * math.log(2))
    return min(1.0, 2 * math.fsum(map(math.exp, logs)))


def mcnemar_by_fractions(first, second):
    a = len([1 for x, y in zip(first, second, strict=True) if x > y])
    b = len([1 for x, y in zip(first, second, strict=True) if x < y])
    tail = sum(Fraction(math.comb(a + b, i), 2 ** (a + b)) for i in range(min(a, b) + 1))
    return min(Fraction(1), 2 * tail)


def mcnemar_by_triangle(first, second):
    def row(n):
        ways = [1]
        for _ in range(n):
            ways = [x + y for x, y in zip([0, *ways], [*ways, 0], strict=True)]
        return ways

    a, b = int(np.logical_and(first, ~second).sum()), int(np.logical_and(~first, second).sum())
    ways = row(a + b)
    return min(1, 2 * sum(ways[: min(a, b) + 1]) / sum(ways))


def mcnemar_by_ratios(first, second):
    a, b = int((first & ~second).sum()), int((second & ~first).sum())
    n, term = a + b, 0.5 ** (a + b)
    tail = term
    for i in range(1, min(a, b) + 1):
        term *= (n - i + 1) / i
        tail += term
    return 2 * tail if 2 * tail < 1 else 1.0


def mcnemar_by_torch(first, second):
    first, second = torch.from_numpy(first), torch.from_numpy(second)
    a, b = (first & ~second).sum(), (second & ~first).sum()
    i = torch.arange(int(torch.minimum(a, b)) + 1, dtype=torch.float64)
    n = (a + b).double()
    logs = torch.lgamma(n + 1) - torch.lgamma(i + 1) - torch.lgamma(n - i + 1) - n * math.log(2)
    return (2 * logs.exp().sum()).clamp(max=1)


def mcnemar_in_single_precision(first, second):
    a, b = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    chances = torch.ones(1)
    for _ in range(a + b):
        chances = (torch.cat([chances, torch.zeros(1)]) + torch.cat([torch.zeros(1), chances])) / 2
    return torch.clamp(2 * chances[: min(a, b) + 1].sum(), max=1)


def mcnemar_throw_by_throw(first, second):
    """The probability of `few` heads or less, with throws still to come."""
    few, many = sorted((int((first & ~second).sum()), int((~first & second).sum())))
    heads = {0: 1.0}
    for _ in range(few + many):
        thrown = defaultdict(float)
        for k, p in heads.items():
            thrown[k] += p / 2
            thrown[k + 1] += p / 2
        heads = thrown
    return min(1.0, 2 * sum(p for k, p in heads.items() if k <= few))


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


def mcnemar_first_counted(first, second):
    b, c = counted(first, second)
    return min(1.0, 2 * coin(range(b + 1), b + c))


def mcnemar_second_counted(first, second):
    b, c = counted(first, second)
    return min(1.0, 2 * coin(range(c + 1), b + c))


def mcnemar_overflowing(first, second):
    b, c = (first & ~second).sum(), (~first & second).sum()
    n, k = b + c, min(b, c)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n)


def mcnemar_half_of_the_seen(first, second):
    b, c = counted(first, second)
    return min(1.0, 2 * coin(range(min(b, c) + 1), b + c) - coin([b], b + c))


def mcnemar_of_the_larger(first, second):
    b, c = counted(first, second)
    return min(1.0, 2 * coin(range(max(b, c) + 1), b + c))


def mcnemar_complement(first, second):
    return 1 - mcnemar(first, second)


def mcnemar_without_none(first, second):
    b, c = counted(first, second)
    return min(1.0, 2 * coin(range(1, min(b, c) + 1), b + c))


def mcnemar_normal(first, second):
    b, c = counted(first, second)
    return math.erfc((abs(b - c) - 0.5) / math.sqrt(2 * (b + c))) if b + c else 1.0


def mcnemar_halved(first, second):
    b, c = counted(first, second)
    return min(1.0, 2 * coin(range(min(b, c) + 1), b + c)) / 2


def mcnemar_floored(first, second):
    b, c = counted(first, second)
    ways = sum(math.comb(b + c, i) for i in range(min(b, c) + 1))
    return min(1.0, 2 * ways // 2 ** (b + c))


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


def answered(rng):
    n = int(rng.integers(1, 12) if rng.random() < 0.3 else rng.integers(5, 400))
    first, second = rng.random(n) < rng.random(), rng.random(n) < rng.random()
    drawn = rng.random()
    if drawn < 0.4:
        second = np.where(rng.random(n) < rng.random(), first, second)
    elif drawn < 0.5:
        second = ~first if rng.random() < 0.5 else first.copy()
    elif drawn < 0.6:
        second = first[rng.permutation(n)]
    elif drawn < 0.7:
        first = first | second
    return (first, second) if rng.random() < 0.5 else (second, first)


def confident(rng):
    """Confidences and what came of them, none on the edge of two bins."""
    n, bins = (int(rng.integers(1, most)) for most in (rng.choice([20, 200]), rng.choice([6, 31])))
    among = rng.choice(bins, int(rng.integers(1, rng.choice([2, bins + 1]))), replace=False)
    if rng.random() < 0.4:
        among = np.append(among, [0, bins - 1])
    probabilities = (rng.choice(among, n) + rng.uniform(0.001, 0.999, n)) / bins
    probabilities = rng.choice(probabilities, n)  # some more than once
    ends = rng.choice([0.0, 1.0], n)
    probabilities = np.where(rng.random(n) < rng.choice([0, 0, 0.2, 0.5]), ends, probabilities)
    if rng.random() < 0.1 and bins < 9:
        probabilities = np.where(probabilities < 0.03, 1e-9, probabilities)
    return probabilities, rng.random(n) < chances_of(rng, probabilities), bins


def chances_of(rng, probabilities):
    """How probable it is to be right: as said, less, more, or whatever was said."""
    drawn, chance = rng.random(), rng.uniform(0.2, 0.8)
    if drawn < 0.7:  # those of 0 and 1 are wrong where the others are right, or they are alike
        ends = 1 - round(chance) if drawn < 0.5 else chance
        return np.where(np.isin(probabilities, (0, 1)), ends, chance)
    powers = probabilities ** rng.choice([0.2, 1, 5])
    return powers if rng.random() < 0.8 else 1 - powers


def levels(rng, n):
    """Confidences with ties, from few levels or many; different ones are 0.001 apart or more."""
    steps = int(rng.choice([1, 2, 5, 10, 100, 1000]))
    low, high = np.sort(rng.integers(0, steps + 1, 2))
    found = rng.integers(low, high + 1, n) / steps
    return np.where(rng.random(n) < rng.choice([0, 0.3]), rng.choice([0, 0.001, 1], n), found)


def told_apart(rng):
    n = int(rng.integers(2, 9) if rng.random() < 0.3 else rng.integers(2, 90))
    probabilities = levels(rng, n)
    right = rng.random(n) < rng.choice([probabilities, 1 - probabilities, np.full(n, rng.random())])
    one, other = rng.choice(n, 2, replace=False)
    right[one], right[other] = True, False
    return probabilities, right


def answered_in_part(rng):
    n = int(rng.integers(1, 9) if rng.random() < 0.3 else rng.integers(1, 300))
    probabilities = levels(rng, n)
    right = rng.random(n) < rng.choice([probabilities, np.full(n, rng.random())])
    share = float(rng.choice([0, 1, 0.01, 0.1, 0.5, rng.random(), rng.random()]))
    while abs(share * n % 1 - 0.5) < 0.05:  # halves are rounded in more than one way
        share = rng.random()
    return probabilities, right, share


ANSWERS = {
    "mcnemar_p": Answers(
        right=(
            mcnemar,
            mcnemar_by_scipy,
            mcnemar_by_convolution,
            mcnemar_by_cdf,
            mcnemar_by_beta,
            mcnemar_by_bdtr,
            mcnemar_by_logs,
            mcnemar_by_fractions,
            mcnemar_by_triangle,
            mcnemar_by_ratios,
            mcnemar_by_torch,
            mcnemar_in_single_precision,
            mcnemar_throw_by_throw,
        ),
        wrong=(
            (mcnemar_one_sided, "this counts one side only"),
            (mcnemar_first_better, "you ask for one direction only"),
            (mcnemar_second_better, "you ask for one direction only"),
            (mcnemar_first_counted, "you take the first's count"),
            (mcnemar_second_counted, "you take the second's count"),
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
            (mcnemar_overflowing, "hold no 2**63"),
            (mcnemar_by_zero, "where the two never differ"),
            (mcnemar_nan, "where the two never differ"),
            (mcnemar_decided, "you return True or False where a number is expected"),
            (mcnemar_half_of_the_seen, ""),
            (mcnemar_of_the_larger, ""),
            (mcnemar_complement, ""),
            (mcnemar_without_none, ""),
            (mcnemar_normal, ""),
            (mcnemar_halved, ""),
            (mcnemar_floored, ""),
        ),
        inputs=answered,
    ),
    "expected_calibration_error": Answers(
        right=(
            calibration,
            calibration_by_lists,
            calibration_by_scipy,
            calibration_by_torch,
            calibration_in_single_precision,
            calibration_by_digits,
            calibration_by_histograms,
            calibration_by_table,
            calibration_by_groups,
            calibration_by_fractions,
            calibration_closed_on_the_right,
            calibration_by_recursion,
        ),
        wrong=(
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
            (calibration_over_their_range, "your bins span the probabilities that occur"),
            (calibration_by_plain_histogram, "your bins span the probabilities that occur"),
            (calibration_of_equal_mass, "your bins hold equally many questions"),
            (calibration_one_bin_fewer, "you made one bin fewer"),
            (calibration_to_the_nearest_edge, "you rounded to the nearest edge"),
            (calibration_between_edges, "a probability of exactly 1 is in no bin"),
            (calibration_out_of_range, "a probability of exactly 1 is in no bin"),
            (calibration_by_dictionary, "a probability of exactly 1 has a bin of its own"),
            (calibration_above_edges, "a probability of exactly 0 is in no bin"),
            (calibration_of_nothing, "an empty bin has no accuracy"),
            (calibration_by_zero, "an empty bin has no accuracy"),
            (calibration_of_each_bin, "you return a list where a number is expected"),
            (calibration_up_to_the_largest, ""),
            (calibration_from_the_smallest, ""),
            (calibration_from_a_half, ""),
            (calibration_one_bin_more, ""),
            (calibration_by_root, ""),
            (calibration_of_medians, ""),
            (calibration_weighed_by_right_ones, ""),
            (calibration_until_an_empty_bin, ""),
            (calibration_without_the_last, ""),
            (calibration_too_sure_only, ""),
        ),
        inputs=confident,
    ),
    "auroc": Answers(
        right=(
            auroc,
            auroc_by_loops,
            auroc_by_ranks,
            auroc_under_the_curve,
            auroc_by_mean_ranks,
            auroc_by_torch,
            auroc_in_single_precision,
            auroc_by_product,
            auroc_by_signs,
            auroc_by_search,
            auroc_by_fractions,
            auroc_of_losses,
            auroc_by_recursion,
        ),
        wrong=(
            (auroc_ties_won, "you counted ties as a win"),
            (auroc_ties_lost, "you counted ties as nothing"),
            (auroc_backwards, "the wrong way round"),
            (auroc_of_the_wrong, "the wrong way round"),
            (auroc_minus_losses, "wins minus losses"),
            (auroc_counted, "this is how many pairs, not their share"),
            (auroc_per_question, "you divided by the number of questions"),
            (auroc_of_everything, "you compared every question with every one"),
            (auroc_of_means, "the difference of two means"),
            (auroc_by_order, "equally sure questions got different ranks"),
            (auroc_of_each, "you return a list where a number is expected"),
            (auroc_step_by_step, ""),
            (auroc_pair_by_pair, ""),
            (auroc_earlier_only, ""),
            (auroc_over_all_pairs, ""),
            (auroc_above_the_mean, ""),
            (auroc_above_the_surest, ""),
            (auroc_at_a_half, ""),
            (auroc_among_untied, ""),
            (auroc_nearly_tied, ""),
            (auroc_floor_of_ties, ""),
            (auroc_at_least_a_half, ""),
            (auroc_of_leads, ""),
        ),
        inputs=told_apart,
    ),
    "accuracy_when_answering": Answers(
        right=(
            answering,
            answering_by_arrays,
            answering_one_by_one,
            answering_by_torch,
            answering_in_single_precision,
            answering_by_heap,
            answering_by_keys,
            answering_by_pairs,
            answering_by_ranks,
            answering_by_cumulation,
            answering_from_the_back,
            answering_level_by_level,
            answering_by_comparing,
        ),
        wrong=(
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
            (answering_best_by_luck, ""),
            (answering_by_quantile, ""),
            (answering_of_right_ones, ""),
            (answering_weighed, ""),
            (answering_confidence, ""),
            (answering_one_more, ""),
            (answering_the_rest, ""),
            (answering_zero_for_none, ""),
            (answering_everything, ""),
            (answering_in_hundreds, ""),
            (answering_with_the_count, ""),
        ),
        inputs=answered_in_part,
    ),
}
