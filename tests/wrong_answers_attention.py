"""Answers to the exercises of notebook 01 as learners write them, right and wrong."""

from __future__ import annotations

import math

import numpy as np
import torch
from answers import Answers


def margin(n, eps):
    weight = 1 - eps
    return np.log((n - 1) * weight / eps)


def margin_as_ratio(n, eps):
    odds = (1 - eps) / eps
    return odds * (n - 1)


def margin_of_n(n, eps):
    return math.log(n) + math.log((1 - eps) / eps)


def margin_upside_down(n, eps):
    return -(math.log(n - 1) + math.log(1 - eps) - math.log(eps))


def margin_without_weight(n, eps):
    return np.log(n - 1) - np.log(eps)


def margin_for_two(n, eps):
    return np.log1p(-eps) - np.log(eps)


def margin_below_the_line(n, eps):
    return math.log(1 - eps) - math.log(eps) - math.log(n - 1)


def margin_of_eps(n, eps):
    return math.log(n - 1) + math.log(eps) - math.log(1 - eps)


def margin_in_tens(n, eps):
    return math.log((n - 1) / eps * (1 - eps), 10)


def margin_in_bits(n, eps):
    return float(torch.log2(torch.tensor((n - 1) / eps * (1 - eps), dtype=torch.float64)))


def margin_with_wrong_precedence(n, eps):
    return np.log(n - 1 * (1 - eps) / eps)


def softmax(x):
    powers = [math.exp(v - max(x)) for v in x]
    return np.array([p / sum(powers) for p in powers])


def softmax_unstable(x):
    e = np.exp(x)
    return e / np.sum(e)


def softmax_unstable_in_torch(x):
    e = torch.tensor(x).exp()
    return e / e.sum()


def softmax_divided_first(x):
    scaled = x / np.sum(x)
    return torch.softmax(torch.tensor(scaled), dim=0)


def softmax_unnormalised(x):
    return np.array([math.exp(v - max(x)) for v in x])


def softmax_without_exp(x):
    return x * (1 / np.sum(x))


def softmax_without_exp_shifted(x):
    shifted = x - np.max(x)
    return shifted / np.sum(shifted)


def softmax_of_negatives(x):
    return torch.softmax(-torch.tensor(x), 0)


def softmax_from_mean(x):
    e = np.exp(x - np.sum(x) / len(x))
    return e / sum(e)


def softmax_by_largest(x):
    e = np.exp(x - max(x))
    return e / max(e)


def softmax_in_bits(x):
    return torch.softmax(torch.tensor(x) * math.log(2), 0).numpy()


def log_softmax(x):
    return torch.log_softmax(torch.tensor(x), 0)


def softmax_in_place(x):
    x -= x.max()
    e = np.exp(x)
    return e / e.sum()


def softmax_as_column(x):
    e = np.exp(x - x.max())
    return (e / e.sum())[:, None]


ANSWERS = {
    "margin": Answers(
        margin,
        (
            (margin_as_ratio, "this is a ratio, not a margin"),
            (margin_of_n, "you counted the key itself"),
            (margin_upside_down, "the sign is turned round"),
            (margin_without_weight, "you left out the factor 1 - eps"),
            (margin_for_two, "you left out the n - 1 other keys"),
            (margin_below_the_line, "n - 1 belongs above the line"),
            (margin_of_eps, "eps and 1 - eps have changed places"),
            (margin_in_tens, "not that of base 10"),
            (margin_in_bits, "not that of base 2"),
            (margin_with_wrong_precedence, "for n = 4, eps = 0.01 you return nan"),
        ),
    ),
    "softmax": Answers(
        softmax,
        (
            (softmax_unstable, "subtract the maximum before np.exp"),
            (softmax_unstable_in_torch, "subtract the maximum before np.exp"),
            (softmax_divided_first, "you divided before subtracting the maximum"),
            (softmax_unnormalised, "the weights do not add up to 1"),
            (softmax_without_exp, "you divided the logits by their sum, without np.exp"),
            (softmax_without_exp_shifted, "you divided the shifted logits by their sum"),
            (softmax_of_negatives, "a sign is turned round"),
            (softmax_from_mean, "subtract the maximum, not another number"),
            (softmax_by_largest, "the weights do not add up to 1"),
            (softmax_in_bits, "base e, not 2"),
            (log_softmax, "the logarithm of the softmax"),
            (softmax_in_place, "you change `logits` in place"),
            (softmax_as_column, "you return shape (3, 1) where (3,) is expected"),
        ),
    ),
}
