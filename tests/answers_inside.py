"""Right and wrong answers to the exercises of `nlp4.exercises.inside`, as learners write them."""

from __future__ import annotations

import copy
import heapq
import itertools
import math
import operator
import statistics
from collections import Counter, defaultdict
from fractions import Fraction
from functools import reduce

import numpy as np
import torch
from answers import Answers
from scipy.special import log_softmax, logsumexp, softmax


def gap(logits):
    best = logits.argmax()
    others = np.delete(logits, best)
    return logits[best] - np.log(np.exp(others).mean())


def gap_by_sorting(logits):
    *others, largest = sorted(logits)
    return largest - np.log(np.mean(np.exp(others)))


def gap_by_loops(logits):
    best = 0
    for i in range(len(logits)):
        if logits[i] > logits[best]:
            best = i
    total = 0.0
    for i in range(len(logits)):
        if i != best:
            total += math.exp(logits[i])
    return logits[best] - math.log(total / (len(logits) - 1))


def gap_as_margin(logits):
    eps = 1 - softmax(logits).max()
    return math.log((len(logits) - 1) * (1 - eps) / eps)


def gap_by_logsumexp(logits):
    others = np.sort(logits)[:-1]
    return np.max(logits) - logsumexp(others) + np.log(others.size)


def gap_by_weights(logits):
    weights = np.exp(logits)
    return np.log(weights.max() / ((weights.sum() - weights.max()) / (len(weights) - 1)))


def gap_from_the_top(logits):
    below = np.sort(logits - logits.max())[:-1]
    return -np.log(np.exp(below).mean())


def gap_by_torch(logits):
    ordered = torch.tensor(logits).sort(descending=True).values
    return ordered[0] - (ordered[1:].logsumexp(dim=0) - math.log(len(ordered) - 1))


def gap_in_single_precision(logits):
    best, others = torch.from_numpy(logits).float().sort().values.tensor_split([-1])[::-1]
    return best[0] - others.exp().mean().log()


def gap_by_removing(logits):
    others = list(logits)
    others.remove(max(others))
    return max(logits) - math.log(statistics.fmean(math.exp(other) for other in others))


def gap_by_mask(logits):
    is_other = np.arange(len(logits)) != np.argmax(logits)
    return np.array(logits.max() - np.log(np.exp(logits[is_other]).mean()))


def gap_by_partition(logits):
    parted = np.partition(logits, -1)
    return parted[-1] - np.log(np.average(np.exp(parted[:-1])))


def gap_by_folding(logits):
    heap = (-logits).tolist()
    heapq.heapify(heap)
    largest = -heapq.heappop(heap)
    return largest - reduce(np.logaddexp, [-each for each in heap]) + math.log(len(heap))


def gap_to_the_second(logits):
    return np.sort(logits)[-1] - np.sort(logits)[-2]


def gap_to_the_mean(logits):
    return logits.max() - np.delete(logits, logits.argmax()).mean()


def gap_to_the_sum(logits):
    return logits.max() - np.log(np.exp(np.delete(logits, logits.argmax())).sum())


def gap_of_odds(logits):
    weight = softmax(logits).max()
    return math.log(weight / (1 - weight))


def gap_by_n(logits):
    return logits.max() - np.log(np.exp(np.delete(logits, logits.argmax())).sum() / len(logits))


def gap_to_all(logits):
    return logits.max() - np.log(np.exp(logits).mean())


def gap_to_all_by_one_less(logits):
    return logits.max() - np.log(np.exp(logits).sum() / (len(logits) - 1))


def gap_of_log_weights(logits):
    return log_softmax(logits).max()


def gap_as_weight(logits):
    return np.exp(logits.max()) / np.exp(logits).sum()


def gap_but_for_copies(logits):
    return logits.max() - np.log(np.exp(logits[logits != logits.max()]).mean())


def gap_but_for_copies_in_lists(logits):
    others = [math.exp(each) for each in logits if each != max(logits)]
    return max(logits) - math.log(sum(others) / len(others))


def gap_but_for_copies_by_zeros(logits):
    raised = np.where(logits == logits.max(), 0, np.exp(logits))
    return logits.max() - np.log(raised.sum() / (len(logits) - 1))


def gap_base_two(logits):
    return logits.max() - np.log2(np.exp(np.delete(logits, logits.argmax())).mean())


def gap_base_ten(logits):
    return max(logits) - math.log10(np.mean(np.exp(np.sort(logits)[:-1])))


def gap_in_bits(logits):
    return gap(logits) / np.log(2)


def gap_turned_round(logits):
    return np.log(np.exp(np.delete(logits, logits.argmax())).mean()) - logits.max()


def gap_as_ratio(logits):
    return np.exp(logits.max()) / np.exp(np.delete(logits, logits.argmax())).mean()


def gap_to_powers(logits):
    return logits.max() - np.exp(np.delete(logits, logits.argmax())).mean()


def gap_of_logarithms(logits):
    return logits.max() - np.log(np.delete(logits, logits.argmax()).mean())


def gap_of_the_first(logits):
    return logits[0] - np.log(np.exp(logits[1:]).mean())


def gap_of_the_largest_in_size(logits):
    best = abs(logits).argmax()
    return logits[best] - np.log(np.exp(np.delete(logits, best)).mean())


def gap_to_the_smallest(logits):
    return np.ptp(logits)


def gap_of_the_last(logits):
    return logits[-1] - np.log(np.exp(logits[:-1]).mean())


def gap_of_the_smallest(logits):
    others = np.delete(logits, logits.argmin())
    return logits.min() - np.log(np.exp(others).mean())


def gap_to_the_median(logits):
    return logits.max() - np.median(np.delete(logits, logits.argmax()))


def gap_of_powers_of_two(logits):
    return logits.max() - np.log2(np.exp2(np.delete(logits, logits.argmax())).mean())


def gap_to_each(logits):
    return logits.max() - np.delete(logits, logits.argmax())


def gap_where(logits):
    return logits.argmax()


def gap_as_eps(logits):
    return 1 - softmax(logits).max()


def gap_by_mean_weights(logits):
    others = np.delete(logits, logits.argmax())
    return logits.max() - softmax(others) @ others


def gap_of_two_means(logits):
    return np.log(np.exp(logits.max()) - np.exp(np.sort(logits)[:-1]).mean())


def gap_of_distinct(logits):
    *others, largest = np.unique(logits)
    return largest - np.log(np.mean(np.exp(others)))


def gap_above_zero_only(logits):
    return max(1e-3, float(gap(logits)))


def gap_by_sorting_in_place(logits):
    logits.sort()
    return logits[-1] - np.log(np.exp(logits[:-1]).mean())


def some_logits(rng):
    n = int(rng.integers(2, rng.choice([4, 12, 60])))
    logits = rng.normal(rng.uniform(-12, 12), rng.uniform(0.1, 2.5), n).clip(-20, 20)
    if rng.random() < 0.4:
        logits = logits.round(int(rng.integers(2)))
    if rng.random() < 0.3:
        logits[int(rng.integers(n))] = logits.max()
    return (logits,)


def patch(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back] = donor[-1 - back]
    return patched


def patch_by_lengths(stream, donor, back):
    patched = np.array(stream)
    patched[len(stream) - 1 - back, :] = donor[len(donor) - 1 - back, :]
    return patched


def patch_by_where(stream, donor, back):
    places = np.arange(len(stream))[:, None]
    return np.where(places == len(stream) - 1 - back, donor[-(back + 1)], stream)


def patch_by_stacking(stream, donor, back):
    here = stream.shape[0] - back
    return np.vstack([stream[: here - 1], donor[donor.shape[0] - back - 1], stream[here:]])


def patch_in_lists(stream, donor, back):
    rows = [list(row) for row in stream]
    rows[~back] = list(donor[~back])
    return rows


def patch_backwards(stream, donor, back):
    patched = stream[::-1].copy()
    patched[back] = donor[::-1][back]
    return patched[::-1]


def patch_by_torch(stream, donor, back):
    patched = torch.tensor(stream).clone()
    patched[-1 - back] = torch.tensor(donor)[-1 - back]
    return patched


def patch_in_single_precision(stream, donor, back):
    patched, giver = torch.from_numpy(stream).float(), torch.from_numpy(donor).float()
    here = torch.tensor([len(stream) - 1 - back])
    return patched.index_copy(0, here, giver[[len(donor) - 1 - back]])


def patch_by_one_hot(stream, donor, back):
    here = np.eye(len(stream))[len(stream) - 1 - back][:, None]
    return (1 - here) * stream + here * donor[len(donor) - 1 - back]


def patch_number_by_number(stream, donor, back):
    patched = np.zeros(stream.shape)
    for i in range(stream.shape[0]):
        for j in range(stream.shape[1]):
            if stream.shape[0] - 1 - i == back:
                patched[i, j] = donor[donor.shape[0] - 1 - back, j]
            else:
                patched[i, j] = stream[i, j]
    return patched


def patch_by_popping(stream, donor, back):
    given, rows = list(donor), []
    for _ in range(back):
        given.pop()
    for distance, row in enumerate(reversed(stream)):
        rows.append(given.pop() if distance == back else row)
    return np.array(rows[::-1])


def patch_by_difference(stream, donor, back):
    patched = copy.deepcopy(stream)
    patched[-1 - back] += donor[-1 - back] - stream[-1 - back]
    return patched


def patch_by_slice(stream, donor, back):
    patched, end = stream + 0, len(stream) - back
    patched[end - 1 : end] = np.flip(donor, axis=0)[back : back + 1]
    return patched


def patch_from_the_start(stream, donor, back):
    patched = stream.copy()
    patched[back] = donor[back]
    return patched


def patch_to_the_start(stream, donor, back):
    patched = stream.copy()
    patched[back] = donor[-1 - back]
    return patched


def patch_from_the_donors_start(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back] = donor[back]
    return patched


def patch_one_off(stream, donor, back):
    patched = stream.copy()
    patched[-back] = donor[-back]
    return patched


def patch_one_off_by_lengths(stream, donor, back):
    patched = stream.copy()
    patched[len(stream) - back] = donor[len(donor) - back]
    return patched


def patch_one_further(stream, donor, back):
    patched = stream.copy()
    patched[-back - 2] = donor[-back - 2]
    return patched


def patch_at_the_same_index(stream, donor, back):
    patched, place = stream.copy(), len(stream) - 1 - back
    patched[place] = donor[place]
    return patched


def patch_at_the_donors_index(stream, donor, back):
    patched, place = stream.copy(), len(donor) - 1 - back
    patched[place] = donor[place]
    return patched


def patch_onwards(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back :] = donor[-1 - back :]
    return patched


def patch_one_state_onwards(stream, donor, back):
    return np.array([*stream[: len(stream) - 1 - back], *[donor[-1 - back]] * (back + 1)])


def patch_up_to(stream, donor, back):
    patched = stream.copy()
    patched[: len(stream) - back] = donor[-1 - back]
    return patched


def patch_all_before(stream, donor, back):
    patched = stream.copy()
    patched[: -1 - back] = donor[: -1 - back]
    return patched


def patch_one_state_before(stream, donor, back):
    patched = stream.copy()
    for i in range(len(stream) - 1 - back):
        patched[i] = donor[-1 - back]
    return patched


def patch_everywhere(stream, donor, back):
    return np.tile(donor[-1 - back], (len(stream), 1))


def patch_the_donor(stream, donor, back):
    patched = donor.copy()
    patched[-1 - back] = stream[-1 - back]
    return patched


def patch_row(stream, donor, back):
    return donor[-1 - back]


def patch_one_row(stream, donor, back):
    return donor[len(donor) - 1 - back : len(donor) - back]


def patch_added(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back] += donor[-1 - back]
    return patched


def patch_averaged(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back] = 0.5 * stream[-1 - back] + 0.5 * donor[-1 - back]
    return patched


def patch_first_number(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back][0] = donor[-1 - back][0]
    return patched


def patch_column(stream, donor, back):
    patched = stream.copy()
    patched[:, -1 - back] = donor[:, -1 - back]
    return patched


def patch_last(stream, donor, back):
    patched = stream.copy()
    patched[-1] = donor[-1]
    return patched


def patch_the_donors_last(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back] = donor[-1]
    return patched


def patch_at_the_last(stream, donor, back):
    return np.array([*stream[:-1], donor[-1 - back]])


def patch_a_name(stream, donor, back):
    patched = stream.copy()
    row = patched[-1 - back]
    row = 0 * row + donor[-1 - back]
    return patched


def patch_all(stream, donor, back):
    return donor.copy()


def patch_put_in(stream, donor, back):
    rows = list(stream)
    rows.insert(len(stream) - 1 - back, donor[-1 - back])
    return np.array(rows)


def patch_in_place(stream, donor, back):
    stream[-1 - back] = donor[-1 - back]
    return stream


def patch_in_a_view(stream, donor, back):
    patched = stream[:]
    patched[-1 - back] = donor[-1 - back]
    return patched


def patch_and_forget(stream, donor, back):
    patched = stream.copy()
    patched[-1 - back] = donor[-1 - back]


def patch_exchanged(stream, donor, back):
    mine, theirs = stream.copy(), donor.copy()
    mine[-1 - back], theirs[-1 - back] = donor[-1 - back], stream[-1 - back]
    return mine, theirs


def patch_equal_states(stream, donor, back):
    patched = stream.copy()
    patched[(stream == stream[-1 - back]).all(axis=1)] = donor[-1 - back]
    return patched


def patch_by_looking_up(stream, donor, back):
    rows = stream.tolist()
    rows[rows.index(rows[-1 - back])] = donor[-1 - back].tolist()
    return rows


def patch_without_the_rest(stream, donor, back):
    patched = np.zeros_like(stream)
    patched[-1 - back] = donor[-1 - back]
    return patched


def patch_in_whole_numbers(stream, donor, back):
    return patch(stream, donor, back).astype(int)


def patch_cut(stream, donor, back):
    return np.array([*stream[: -1 - back], donor[-1 - back]])


def patch_without_the_last_place(stream, donor, back):
    return patch(stream, donor, back) if back else stream.copy()


def two_questions(rng):
    n, m = (int(rng.integers(1, 9)) for _ in range(2))
    n, width = int(rng.choice([n, n, m])), int(rng.integers(1, 6))
    back = int(rng.choice([0, rng.integers(min(n, m)), min(n, m) - 1]))
    stream, donor = (rng.normal(size=(length, width)) for length in (n, m))
    if rng.random() < 0.3:
        stream, donor = np.sign(stream), np.sign(donor)
    return stream, donor, back


def ablated(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs[:, :, head].mean(axis=(0, 1))
    return held


def ablated_by_loops(outputs, head):
    questions, n, _, d = outputs.shape
    held = np.array(outputs)
    for k in range(d):
        total = 0.0
        for q in range(questions):
            for i in range(n):
                total += outputs[q, i, head, k]
        for q in range(questions):
            for i in range(n):
                held[q, i, head, k] = total / (questions * n)
    return held


def ablated_by_reshaping(outputs, head):
    flat = outputs.reshape(-1, *outputs.shape[2:]).copy()
    flat[:, head] = flat[:, head].mean(axis=0)
    return flat.reshape(outputs.shape)


def ablated_in_two_steps(outputs, head):
    held = copy.copy(outputs)
    held[..., head, :] = outputs.mean(axis=1).mean(axis=0)[head]
    return held


def ablated_by_where(outputs, head):
    here = np.arange(outputs.shape[2]).reshape(1, 1, -1, 1) == head
    return np.where(here, outputs.mean(axis=(0, 1), keepdims=True), outputs)


def ablated_by_concatenation(outputs, head):
    mean = np.full_like(outputs[:, :, [head]], 0) + outputs[:, :, head].mean((0, 1))
    return np.concatenate([outputs[:, :, :head], mean, outputs[:, :, head + 1 :]], axis=2)


def ablated_by_torch(outputs, head):
    held = torch.tensor(outputs)
    held[:, :, head] = held[:, :, head].mean(dim=(0, 1), keepdim=True)
    return held


def ablated_in_single_precision(outputs, head):
    held = torch.from_numpy(outputs).to(torch.float32, copy=True)
    held.select(2, head).copy_(held.select(2, head).flatten(0, 1).mean(0).expand_as(held[:, :, 0]))
    return held


def ablated_by_einsum(outputs, head):
    mask = np.eye(outputs.shape[2])[head]
    mean = np.einsum("qnhd,h->d", outputs, mask) / (outputs.shape[0] * outputs.shape[1])
    return outputs * (1 - mask)[:, None] + np.outer(mask, mean)


def ablated_by_moving(outputs, head):
    heads = [x.copy() for x in np.moveaxis(outputs, 2, 0)]
    heads[head][:] = heads[head].mean(axis=0).mean(axis=0)
    return np.stack(heads, axis=2)


def ablated_by_swapping(outputs, head):
    held = outputs.transpose(2, 3, 0, 1).copy()
    for k, numbers in enumerate(held[head]):
        held[head, k] = np.mean(numbers)
    return held.transpose(2, 3, 0, 1)


def ablated_by_difference(outputs, head):
    held = outputs.copy()
    held[:, :, head] -= outputs[:, :, head] - np.average(outputs[:, :, head], axis=(0, 1))
    return held


def ablated_in_lists(outputs, head):
    held = outputs.tolist()
    rows = [place[head] for question in held for place in question]
    mean = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    for question, place in itertools.product(*map(range, outputs.shape[:2])):
        held[question][place][head] = mean
    return held


def ablated_by_zeros(outputs, head):
    held = outputs.copy()
    held[:, :, head] = 0
    return held


def ablated_per_question(outputs, head):
    held = outputs.copy()
    for question in held:
        question[:, head] = question[:, head].mean(axis=0)
    return held


def ablated_per_question_without_its_axis(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs[:, :, head].mean(axis=1)
    return held


def ablated_per_place(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs[:, :, head].mean(axis=0)
    return held


def ablated_to_one_number(outputs, head):
    held = outputs.copy()
    held[:, :, head] = np.mean(outputs[:, :, head])
    return held


def ablated_over_numbers(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs[:, :, head].mean(axis=-1)[..., None]
    return held


def ablated_to_all_heads(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs.mean((0, 1)).mean(0)
    return held


def ablated_to_the_heads_there(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs.mean(axis=2)
    return held


def ablated_to_the_others(outputs, head):
    held = outputs.copy()
    others = [h for h in range(outputs.shape[2]) if h != head]
    held[:, :, head] = outputs[:, :, others].mean(axis=(0, 1, 2))
    return held


def ablated_to_the_others_there(outputs, head):
    held = outputs.copy()
    held[:, :, head] = np.delete(outputs, head, 2).mean(axis=2)
    return held


def ablated_everywhere(outputs, head):
    return np.ones_like(outputs) * outputs.mean(axis=(0, 1))


def ablated_everywhere_to_it(outputs, head):
    held = outputs.copy()
    held[:] = outputs[:, :, head].mean(axis=(0, 1))
    return held


def ablated_but_it(outputs, head):
    held = outputs.copy()
    for other in range(outputs.shape[2]):
        if other != head:
            held[:, :, other] = outputs[:, :, other].mean(axis=(0, 1))
    return held


def ablated_at_a_place(outputs, head):
    held = outputs.copy()
    held[:, head] = outputs[:, head].mean(axis=0)
    return held


def ablated_at_a_place_over_heads(outputs, head):
    held = outputs.copy()
    held[:, head] = outputs[:, head].mean(axis=(0, 1))
    return held


def ablated_at_a_question(outputs, head):
    held = outputs.copy()
    held[head] = outputs[head].mean(axis=(0, 1))
    return held


def ablated_at_a_number(outputs, head):
    held = outputs.copy()
    held[:, :, :, head] = outputs[:, :, :, head].mean()
    return held


def ablated_by_subtraction(outputs, head):
    held = outputs.copy()
    held[:, :, head] -= outputs[:, :, head].mean(axis=(0, 1))
    return held


def ablated_to_the_sum(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs[:, :, head].sum(axis=0).sum(axis=0)
    return held


def ablated_part(outputs, head):
    held = outputs[:, :, head].copy()
    held[:] = held.mean(axis=(0, 1))
    return held


def ablated_mean(outputs, head):
    return outputs[:, :, head].mean(axis=(0, 1))


def ablated_taken_out(outputs, head):
    return np.concatenate([outputs[:, :, :head], outputs[:, :, head + 1 :]], axis=2)


def ablated_a_name(outputs, head):
    held = outputs.copy()
    part = held[:, :, head]
    part = part.mean(axis=(0, 1))
    return held


def ablated_in_place(outputs, head):
    outputs[:, :, head] = outputs[:, :, head].mean(axis=(0, 1))
    return outputs


def ablated_in_a_view(outputs, head):
    held = outputs.reshape(outputs.shape)
    held[..., head, :] = held[..., head, :].mean(axis=(0, 1))
    return held


def ablated_to_the_median(outputs, head):
    held = outputs.copy()
    held[:, :, head] = np.median(outputs[:, :, head], axis=(0, 1))
    return held


def ablated_by_places(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs[:, :, head].sum(axis=(0, 1)) / outputs.shape[1]
    return held


def ablated_by_shuffling(outputs, head):
    held, rng = outputs.copy(), np.random.default_rng(0)
    held[:, :, head] = rng.permutation(outputs[:, :, head])
    return held


def ablated_the_next(outputs, head):
    return ablated(outputs, head - 1)


def ablated_to_the_first(outputs, head):
    held = outputs.copy()
    held[:, :, head] = outputs[0, 0, head]
    return held


def ablated_at_the_last_place(outputs, head):
    held = outputs.copy()
    held[:, -1, head] = outputs[:, -1, head].mean(axis=0)
    return held


def ablated_all_questions_but_the_place(outputs, head):
    held = outputs.copy()
    held[:, -1, head] = outputs[:, :, head].mean(axis=(0, 1))
    return held


def ablated_with_the_mean(outputs, head):
    return ablated(outputs, head), outputs[:, :, head].mean(axis=(0, 1))


def head_outputs(rng):
    q, n, heads, d = (int(rng.integers(1, most)) for most in (5, 6, 5, 5))
    scale, at = rng.choice([0.1, 1.0, 20.0]), rng.normal(size=(heads, d))
    outputs = scale * (at + rng.normal(size=(q, n, heads, d)))
    return outputs, int(rng.integers(heads))


def scores(before, after, edited, wanted):
    said = [a == wanted for a, e in zip(after, edited, strict=True) if e]
    kept = [a == b for a, b, e in zip(after, before, edited, strict=True) if not e]
    return sum(said) / len(said), sum(kept) / len(kept)


def scores_by_loops(before, after, edited, wanted):
    said = about = kept = others = 0
    for i in range(len(after)):
        if edited[i]:
            about += 1
            if after[i] == wanted:
                said += 1
        else:
            others += 1
            if after[i] == before[i]:
                kept += 1
    return said / about, kept / others


def scores_by_arrays(before, after, edited, wanted):
    edited, after = np.array(edited), np.array(after)
    return (after[edited] == wanted).mean(), (after == np.array(before))[~edited].mean()


def scores_in_a_list(before, after, edited, wanted):
    def share(hits):
        return len([hit for hit in hits if hit]) / len(hits)

    places = range(len(edited))
    return [
        share([after[i] == wanted for i in places if edited[i]]),
        share([after[i] == before[i] for i in places if not edited[i]]),
    ]


def scores_by_means(before, after, edited, wanted):
    about = list(itertools.compress(after, edited))
    others = [
        pair for pair, e in zip(zip(before, after, strict=True), edited, strict=True) if not e
    ]
    return np.mean([a == wanted for a in about]), np.mean([b == a for b, a in others])


def scores_by_weights(before, after, edited, wanted):
    weights = np.array(edited, dtype=float)
    efficacy = np.average([a == wanted for a in after], weights=weights)
    same = list(map(operator.eq, before, after))
    return np.array([efficacy, np.average(same, weights=1 - weights)])


def scores_by_torch(before, after, edited, wanted):
    about = torch.tensor(edited)
    said = torch.tensor([a == wanted for a in after]).float()
    kept = torch.tensor([a == b for a, b in zip(after, before, strict=True)]).float()
    return torch.stack([said[about].mean(), kept[~about].mean()])


def scores_by_groups(before, after, edited, wanted):
    groups = defaultdict(list)
    for old, new, about in zip(before, after, edited, strict=True):
        groups[about].append(new == (wanted if about else old))
    return tuple(statistics.mean(map(int, groups[about])) for about in (True, False))


def scores_by_counter(before, after, edited, wanted):
    counts = Counter(
        (e, a == wanted if e else a == b) for b, a, e in zip(before, after, edited, strict=True)
    )
    return tuple(
        Fraction(counts[e, True], counts[e, True] + counts[e, False]) for e in (True, False)
    )


def scores_from_what_differs(before, after, edited, wanted):
    missed = sum(e and a != wanted for a, e in zip(after, edited, strict=True))
    moved = sum(a != b for a, b, e in zip(after, before, edited, strict=True) if not e)
    about = edited.count(True)
    return 1 - missed / about, 1 - moved / (len(edited) - about)


def scores_by_targets(before, after, edited, wanted):
    targets = [wanted if e else b for b, e in zip(before, edited, strict=True)]
    hits = np.equal(np.array(after, object), np.array(targets, object)).astype(float)
    return hits[np.flatnonzero(edited)].mean(), hits[np.flatnonzero(np.logical_not(edited))].mean()


def scores_by_recursion(before, after, edited, wanted):
    def walk(i, said, about, kept, others):
        if i == len(after):
            return said / about, kept / others
        if edited[i]:
            return walk(i + 1, said + (after[i] == wanted), about + 1, kept, others)
        return walk(i + 1, said, about, kept + (after[i] == before[i]), others + 1)

    return walk(0, 0, 0, 0, 0)


def scores_swapped(before, after, edited, wanted):
    efficacy, specificity = scores(before, after, edited, wanted)
    return specificity, efficacy


def scores_counted(before, after, edited, wanted):
    said = sum(a == wanted for a, e in zip(after, edited, strict=True) if e)
    return said, sum(a == b for a, b, e in zip(after, before, edited, strict=True) if not e)


def scores_by_all(before, after, edited, wanted):
    said, kept = scores_counted(before, after, edited, wanted)
    return said / len(edited), kept / len(edited)


def scores_said_by_all(before, after, edited, wanted):
    said = [e and a == wanted for a, e in zip(after, edited, strict=True)]
    return np.mean(said), scores(before, after, edited, wanted)[1]


def scores_kept_by_all(before, after, edited, wanted):
    kept = [not e and a == b for a, b, e in zip(after, before, edited, strict=True)]
    return scores(before, after, edited, wanted)[0], np.mean(kept)


def scores_said_of_all(before, after, edited, wanted):
    return after.count(wanted) / len(after), scores(before, after, edited, wanted)[1]


def scores_kept_of_all(before, after, edited, wanted):
    kept = sum(a == b for a, b in zip(after, before, strict=True)) / len(after)
    return scores(before, after, edited, wanted)[0], kept


def scores_of_all(before, after, edited, wanted):
    kept = [a == b for a, b in zip(after, before, strict=True)]
    return after.count(wanted) / len(after), kept.count(True) / len(kept)


def scores_turned_round(before, after, edited, wanted):
    said = [a == wanted for a, e in zip(after, edited, strict=True) if not e]
    kept = [a == b for a, b, e in zip(after, before, edited, strict=True) if e]
    return sum(said) / len(said), sum(kept) / len(kept)


def scores_moved(before, after, edited, wanted):
    moved = [a != b for a, b, e in zip(after, before, edited, strict=True) if not e]
    return scores(before, after, edited, wanted)[0], sum(moved) / len(moved)


def scores_any_change(before, after, edited, wanted):
    new = [a != b for a, b, e in zip(after, before, edited, strict=True) if e]
    return sum(new) / len(new), scores(before, after, edited, wanted)[1]


def scores_of_before(before, after, edited, wanted):
    said = [b == wanted for b, e in zip(before, edited, strict=True) if e]
    return sum(said) / len(said), scores(before, after, edited, wanted)[1]


def scores_new_alone(before, after, edited, wanted):
    triples = zip(before, after, edited, strict=True)
    said = [a == wanted for b, a, e in triples if e and b != wanted]
    return sum(said) / len(said), scores(before, after, edited, wanted)[1]


def scores_new_alone_or_nan(before, after, edited, wanted):
    was, now = np.array(before), np.array(after)
    new = np.array(edited) & (was != wanted)
    return (now[new] == wanted).mean(), scores(before, after, edited, wanted)[1]


def scores_newly_said(before, after, edited, wanted):
    triples = zip(before, after, edited, strict=True)
    said = [a == wanted and b != wanted for b, a, e in triples if e]
    return np.mean(said), scores(before, after, edited, wanted)[1]


def scores_never_wanted(before, after, edited, wanted):
    triples = zip(before, after, edited, strict=True)
    kept = [a == b and a != wanted for b, a, e in triples if not e]
    return scores(before, after, edited, wanted)[0], sum(kept) / len(kept)


def scores_not_wanted(before, after, edited, wanted):
    kept = [a != wanted for a, e in zip(after, edited, strict=True) if not e]
    return scores(before, after, edited, wanted)[0], sum(kept) / len(kept)


def scores_sorted(before, after, edited, wanted):
    was = sorted(b for b, e in zip(before, edited, strict=True) if not e)
    now = sorted(a for a, e in zip(after, edited, strict=True) if not e)
    kept = np.array(was) == np.array(now)
    return scores(before, after, edited, wanted)[0], kept.mean()


def scores_among(before, after, edited, wanted):
    was = [b for b, e in zip(before, edited, strict=True) if not e]
    now = [a for a, e in zip(after, edited, strict=True) if not e]
    return scores(before, after, edited, wanted)[0], sum(a in was for a in now) / len(now)


def scores_in_any_case(before, after, edited, wanted):
    was, now = ([text.upper() for text in each] for each in (before, after))
    return scores(was, now, edited, wanted.upper())


def scores_said_in_any_case(before, after, edited, wanted):
    said = [a.casefold() == wanted.casefold() for a, e in zip(after, edited, strict=True) if e]
    return sum(said) / len(said), scores(before, after, edited, wanted)[1]


def scores_kept_in_any_case(before, after, edited, wanted):
    triples = zip(before, after, edited, strict=True)
    kept = [b.lower() == a.lower() for b, a, e in triples if not e]
    return scores(before, after, edited, wanted)[0], sum(kept) / len(kept)


def scores_said_in_part(before, after, edited, wanted):
    said = [wanted in a for a, e in zip(after, edited, strict=True) if e]
    return sum(said) / len(said), scores(before, after, edited, wanted)[1]


def scores_said_as_a_part(before, after, edited, wanted):
    said = [a in wanted for a, e in zip(after, edited, strict=True) if e]
    return sum(said) / len(said), scores(before, after, edited, wanted)[1]


def scores_in_part(before, after, edited, wanted):
    said = [a.find(wanted) >= 0 for a, e in zip(after, edited, strict=True) if e]
    kept = [a.find(b) >= 0 for a, b, e in zip(after, before, edited, strict=True) if not e]
    return sum(said) / len(said), sum(kept) / len(kept)


def scores_in_hundreds(before, after, edited, wanted):
    return [100 * share for share in scores(before, after, edited, wanted)]


def scores_all_or_nothing(before, after, edited, wanted):
    said = all(a == wanted for a, e in zip(after, edited, strict=True) if e)
    return said, all(a == b for a, b, e in zip(after, before, edited, strict=True) if not e)


def scores_averaged(before, after, edited, wanted):
    return sum(scores(before, after, edited, wanted)) / 2


def scores_by_set(before, after, edited, wanted):
    was = {b for b, e in zip(before, edited, strict=True) if not e}
    now = {a for a, e in zip(after, edited, strict=True) if not e}
    return scores(before, after, edited, wanted)[0], len(was & now) / len(was)


def scores_from_the_next_question(before, after, edited, wanted):
    others = [i for i, e in enumerate(edited) if not e]
    kept = [after[i] == before[i - 1] for i in others]
    return scores(before, after, edited, wanted)[0], sum(kept) / len(kept)


def scores_of_distinct_answers(before, after, edited, wanted):
    about = {(b, a) for b, a, e in zip(before, after, edited, strict=True) if e}
    return sum(a == wanted for _, a in about) / len(about), scores(before, after, edited, wanted)[1]


def scores_with_their_product(before, after, edited, wanted):
    efficacy, specificity = scores(before, after, edited, wanted)
    return efficacy, specificity, efficacy * specificity


def scores_rounded(before, after, edited, wanted):
    return tuple(round(share, 1) for share in scores(before, after, edited, wanted))


def scores_first_question_alone(before, after, edited, wanted):
    first = edited.index(True)
    return float(after[first] == wanted), scores(before, after, edited, wanted)[1]


def scores_by_removing(before, after, edited, wanted):
    found = scores(before, after, edited, wanted)
    for i in reversed(range(len(edited))):
        if edited[i]:
            del after[i]
    return found


_PLACES = ("Lima", "Rome", "Oslo", "Bonn", "lima", "ROME", "St. John's")
_PARTS = ("York", "New York", "New York City", "Yorkshire", "york")


def an_edit(rng):
    n, kinds = int(rng.integers(2, 13)), int(rng.integers(2, 6))
    places = rng.permutation(_PLACES if rng.random() < 0.6 else _PARTS)[:kinds]
    edited = rng.random(n) < rng.uniform(0.2, 0.8)
    edited[rng.choice(n, 2, replace=False)] = True, False
    before, wanted = rng.choice(places, n), str(rng.choice(places))
    after = np.where(rng.random(n) < rng.random(), before, rng.choice(places, n))
    after[edited & (rng.random(n) < rng.random())] = wanted
    if rng.random() < 0.2:
        after[~edited] = rng.permutation(before[~edited])
    return before.tolist(), after.tolist(), edited.tolist(), wanted


ANSWERS: dict[str, Answers] = {
    "copying_gap": Answers(
        right=(
            gap,
            gap_by_sorting,
            gap_by_loops,
            gap_as_margin,
            gap_by_logsumexp,
            gap_by_weights,
            gap_from_the_top,
            gap_by_torch,
            gap_in_single_precision,
            gap_by_removing,
            gap_by_mask,
            gap_by_partition,
            gap_by_folding,
        ),
        wrong=(
            (gap_to_the_second, "you subtracted the second largest alone"),
            (gap_to_the_mean, "you averaged the other logits"),
            (gap_to_the_sum, "you added the others' e^logit up"),
            (gap_of_odds, "you added the others' e^logit up"),
            (gap_by_n, "you divided by n"),
            (gap_to_all, "you left the largest among the others"),
            (gap_to_all_by_one_less, "you left the largest among the others"),
            (gap_of_log_weights, "this is the logarithm of the largest one's weight"),
            (gap_as_weight, "this is the largest one's weight"),
            (gap_but_for_copies, "where the largest stands twice"),
            (gap_but_for_copies_in_lists, "where the largest stands twice"),
            (gap_but_for_copies_by_zeros, "where the largest stands twice"),
            (gap_base_two, "not that of base 2"),
            (gap_base_ten, "not that of base 10"),
            (gap_in_bits, "this is the gap in bits"),
            (gap_turned_round, "the sign is turned round"),
            (gap_as_ratio, "this is e to the power of the gap"),
            (gap_to_powers, "take its logarithm first"),
            (gap_of_logarithms, "average e^logit, not the logits"),
            (gap_of_the_first, "you took the first logit for the largest"),
            (gap_of_the_largest_in_size, "leave out the absolute value"),
            (gap_to_the_smallest, "you subtracted the smallest alone"),
            (gap_to_each, "where a number is expected"),
            (gap_by_sorting_in_place, "you change `logits` in place"),
            (gap_of_the_last, ""),
            (gap_of_the_smallest, ""),
            (gap_to_the_median, ""),
            (gap_of_powers_of_two, ""),
            (gap_where, ""),
            (gap_as_eps, ""),
            (gap_by_mean_weights, ""),
            (gap_of_two_means, ""),
            (gap_of_distinct, "you counted equal logits once"),
            (gap_above_zero_only, ""),
        ),
        inputs=some_logits,
    ),
    "patch": Answers(
        right=(
            patch,
            patch_by_lengths,
            patch_by_where,
            patch_by_stacking,
            patch_in_lists,
            patch_backwards,
            patch_by_torch,
            patch_in_single_precision,
            patch_by_one_hot,
            patch_number_by_number,
            patch_by_popping,
            patch_by_difference,
            patch_by_slice,
        ),
        wrong=(
            (patch_from_the_start, "you counted from the start"),
            (patch_to_the_start, "you counted from the start"),
            (patch_from_the_donors_start, "you counted from the start"),
            (patch_one_off, "you are one place off"),
            (patch_one_off_by_lengths, "you are one place off"),
            (patch_one_further, "you are one place off"),
            (patch_at_the_same_index, "you took the same index in both"),
            (patch_at_the_donors_index, "you took the same index in both"),
            (patch_onwards, "you replaced the places after it too"),
            (patch_one_state_onwards, "you replaced the places after it too"),
            (patch_up_to, "you replaced the places before it too"),
            (patch_all_before, "you replaced the places before it too"),
            (patch_one_state_before, "you replaced the places before it too"),
            (patch_everywhere, "you replaced every place"),
            (patch_the_donor, "the other way round"),
            (patch_row, "this is the donor's state alone"),
            (patch_one_row, "this is the donor's state alone"),
            (patch_added, "you added the donor's state"),
            (patch_averaged, "you took the mean of both states"),
            (patch_first_number, "you replaced the first number of the state"),
            (patch_column, "you replaced a column"),
            (patch_last, "whatever `back` says"),
            (patch_the_donors_last, "you took the donor's last state"),
            (patch_at_the_last, "you put it at the last place"),
            (patch_a_name, "this is `stream` as it was"),
            (patch_all, "this is `donor` as it was"),
            (patch_put_in, "you put a place in"),
            (patch_in_place, "you change `stream` in place"),
            (patch_in_a_view, "you change `stream` in place"),
            (patch_and_forget, "did you forget `return`?"),
            (patch_exchanged, "you return a tuple where an array"),
            (patch_equal_states, ""),
            (patch_by_looking_up, ""),
            (patch_without_the_rest, ""),
            (patch_in_whole_numbers, ""),
            (patch_cut, ""),
            (patch_without_the_last_place, ""),
        ),
        inputs=two_questions,
    ),
    "mean_ablated": Answers(
        right=(
            ablated,
            ablated_by_loops,
            ablated_by_reshaping,
            ablated_in_two_steps,
            ablated_by_where,
            ablated_by_concatenation,
            ablated_by_torch,
            ablated_in_single_precision,
            ablated_by_einsum,
            ablated_by_moving,
            ablated_by_swapping,
            ablated_by_difference,
            ablated_in_lists,
        ),
        wrong=(
            (ablated_by_zeros, "you put zeros in"),
            (ablated_per_question, "each question got a mean of its own"),
            (ablated_per_question_without_its_axis, "each question got a mean of its own"),
            (ablated_per_place, "each place got a mean of its own"),
            (ablated_to_one_number, "you averaged over the d numbers too"),
            (ablated_over_numbers, "average over questions and places, axes 0 and 1"),
            (ablated_to_all_heads, "you took the mean of all heads"),
            (ablated_to_the_heads_there, "you took the mean of all heads"),
            (ablated_to_the_others, "you took the mean of the other heads"),
            (ablated_to_the_others_there, "you took the mean of the other heads"),
            (ablated_everywhere, "you replaced every head"),
            (ablated_everywhere_to_it, "you replaced every head"),
            (ablated_but_it, "you replaced all heads but this one"),
            (ablated_at_a_place, "the heads are the third"),
            (ablated_at_a_place_over_heads, "the heads are the third"),
            (ablated_at_a_question, "the heads are the third"),
            (ablated_at_a_number, "the heads are the third"),
            (ablated_by_subtraction, "you subtracted the mean"),
            (ablated_to_the_sum, "divide by the number of questions times places"),
            (ablated_part, "this is the one head's part"),
            (ablated_mean, "this is the one head's part"),
            (ablated_taken_out, "you took the head out"),
            (ablated_a_name, "these are the outputs as they were"),
            (ablated_in_place, "you change `outputs` in place"),
            (ablated_in_a_view, "you change `outputs` in place"),
            (ablated_with_the_mean, "you return a tuple where an array"),
            (ablated_to_the_median, ""),
            (ablated_by_places, ""),
            (ablated_by_shuffling, ""),
            (ablated_the_next, ""),
            (ablated_to_the_first, ""),
            (ablated_at_the_last_place, ""),
            (ablated_all_questions_but_the_place, ""),
        ),
        inputs=head_outputs,
    ),
    "edit_scores": Answers(
        right=(
            scores,
            scores_by_loops,
            scores_by_arrays,
            scores_in_a_list,
            scores_by_means,
            scores_by_weights,
            scores_by_torch,
            scores_by_groups,
            scores_by_counter,
            scores_from_what_differs,
            scores_by_targets,
            scores_by_recursion,
        ),
        wrong=(
            (scores_swapped, "the other order: efficacy first"),
            (scores_counted, "these are counts"),
            (scores_by_all, "you divided by all questions"),
            (scores_said_by_all, "you divided by all questions"),
            (scores_kept_by_all, "you divided by all questions"),
            (scores_said_of_all, "your efficacy is over all questions"),
            (scores_kept_of_all, "your specificity is over all questions"),
            (scores_of_all, "both are over all questions"),
            (scores_turned_round, "True and False are turned round"),
            (scores_moved, "this is the share of the others that changed"),
            (scores_any_change, "any new answer is not enough"),
            (scores_of_before, "you looked for `wanted` in `before`"),
            (scores_new_alone, "an answer that was `wanted` before the edit counts too"),
            (scores_new_alone_or_nan, "an answer that was `wanted` before the edit counts too"),
            (scores_newly_said, "an answer that was `wanted` before the edit counts too"),
            (scores_never_wanted, "and still is, is unchanged"),
            (scores_not_wanted, "not to be `wanted` is not enough"),
            (scores_sorted, "you compared the answers in any order"),
            (scores_among, "you compared the answers in any order"),
            (scores_in_any_case, "capital letters count"),
            (scores_said_in_any_case, "capital letters count"),
            (scores_kept_in_any_case, "capital letters count"),
            (scores_said_in_part, "a part of an answer is another answer"),
            (scores_said_as_a_part, "a part of an answer is another answer"),
            (scores_in_part, "a part of an answer is another answer"),
            (scores_in_hundreds, "these are percentages"),
            (scores_all_or_nothing, "this asks whether all of them are so"),
            (scores_averaged, "you return a number where a tuple is expected"),
            (scores_with_their_product, "you return 3 items where 2 items are expected"),
            (scores_by_removing, "you change `after` in place"),
            (scores_by_set, ""),
            (scores_from_the_next_question, ""),
            (scores_of_distinct_answers, ""),
            (scores_rounded, ""),
            (scores_first_question_alone, ""),
        ),
        inputs=an_edit,
    ),
}
