"""Right and wrong answers to the exercises of `nlp4.exercises.noise`, as learners write them."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import torch
from answers import Answers
from wrong_answers_copying import soft


def logit_variance(alpha, beta, long):
    of_a = 2 * beta * beta * alpha + (beta * beta / 2 if long else 0.0)
    return of_a + 2 * beta * beta * alpha


def variance_of_one(alpha, beta, long):
    return 2 * alpha * beta**2 + (beta**2 / 2 if long else 0)


def variance_of_short_query(alpha, beta, long):
    return alpha * beta**2 * 2 + (beta**2 / 4 if long else 0)


def variance_squared_half(alpha, beta, long):
    return 4 * alpha * beta**2 + (0.5**2 * beta**2 if long else 0)


def variance_as_deviation(alpha, beta, long):
    return np.sqrt(logit_variance(alpha, beta, long))


def variance_linear(alpha, beta, long):
    return beta * (4 * alpha + (0.5 if long else 0))


def variance_never_long(alpha, beta, long):
    return (2 * beta) ** 2 * alpha


def variance_always_long(alpha, beta, long):
    return (2 * beta) ** 2 * alpha + beta**2 / 2


def leaves_the_middle(variance):
    return 2 * NormalDist(0, variance**0.5).cdf(-math.log(3))


def middle_one_side(variance):
    return 1 - NormalDist(0, variance**0.5).cdf(math.log(3))


def middle_by_variance(variance):
    return 2 * NormalDist(0, variance).cdf(-math.log(3))


def middle_kept(variance):
    bell = NormalDist(0, variance**0.5)
    return bell.cdf(math.log(3)) - bell.cdf(-math.log(3))


def middle_by_weight(variance):
    return 2 * NormalDist(0, variance**0.5).cdf(-3 / 4)


def middle_upper(variance):
    return 2 * NormalDist(0, variance**0.5).cdf(math.log(3))


def middle_at_three(variance):
    return 2 * NormalDist(0, variance**0.5).cdf(-3)


def middle_of_four(variance):
    return 2 * NormalDist(0, variance**0.5).cdf(math.log(1 / 4))


def looks_away(n, beta):
    return NormalDist(beta, beta / math.sqrt(2)).cdf(math.log(n - 1))


def away_by_variance(n, beta):
    return NormalDist(1, 0.5).cdf(math.log(n - 1) / beta)


def away_of_n(n, beta):
    return NormalDist(1, 0.5**0.5).cdf(math.log(n) / beta)


def away_kept(n, beta):
    return 1 - looks_away(n, beta)


def away_limit(n, beta):
    return NormalDist(1, 0.5**0.5).cdf(0)


def away_around_zero(n, beta):
    return NormalDist(0, 0.5**0.5).cdf(math.log(n - 1) / beta)


def away_without_scale(n, beta):
    return NormalDist(1, 0.5**0.5).cdf(math.log(n - 1))


def away_divided(n, beta):
    return NormalDist(1, 2**0.5).cdf(math.log(n - 1) / beta)


def away_standard(n, beta):
    return NormalDist(1, 1).cdf(math.log(n - 1) / beta)


def sign_blind(keys, query):
    dots = keys @ query
    return soft(np.maximum(dots, -dots))


def blind_to_nothing(keys, query):
    return soft(keys @ query)


def blind_to_keys(keys, query):
    return soft(np.abs(keys) @ query)


def blind_to_factors(keys, query):
    return soft([np.abs(k * query).sum() for k in keys])


def blind_to_query(keys, query):
    return soft(keys @ abs(query))


def blind_without_softmax(keys, query):
    return np.array([abs(k @ query) for k in keys])


def blind_too_late(keys, query):
    return abs(soft(keys @ query))


def blind_unstably(keys, query):
    e = np.exp(abs(keys @ query))
    return e / np.sum(e)


def blind_squared(keys, query):
    return soft(np.square(keys @ query))


def blind_in_lists(keys, query):
    return list(sign_blind(keys, query))


def overlap_deviation(d):
    return math.sqrt(1 / d)


def overlap_variance(d):
    return 1.0 / d


def overlap_root(d):
    return math.sqrt(d)


def overlap_less_one(d):
    return (d - 1) ** -0.5


def overlap_even(d):
    return 3**-0.5


def overlap_tensor(d):
    return torch.ones(d) / d**0.5


ANSWERS = {
    "logit_variance": Answers(
        logit_variance,
        (
            (variance_of_one, "you have half of alpha's share"),
            (variance_of_short_query, "q . q is 2 beta^2, not beta^2"),
            (variance_squared_half, "a variance already: do not square it"),
            (variance_as_deviation, "this is the standard deviation"),
            (variance_linear, "the square of the scale"),
            (variance_never_long, "you left out the long key"),
            (variance_always_long, "only when `long` is True"),
        ),
    ),
    "leaves_the_middle": Answers(
        leaves_the_middle,
        (
            (middle_one_side, "this is one side only"),
            (middle_by_variance, "divide by the standard deviation"),
            (middle_kept, "how often the average is kept"),
            (middle_by_weight, "3/4 is a weight, not a logit"),
            (middle_upper, "a probability cannot be above 1"),
            (middle_of_four, "three to one"),
            (middle_at_three, "not at 3"),
        ),
    ),
    "looks_away": Answers(
        looks_away,
        (
            (away_by_variance, "1/2 is the variance: divide by its square root"),
            (away_of_n, "there are n - 1 other keys, not n"),
            (away_kept, "how often the head looks where it should"),
            (away_limit, "the limit for a very large scale"),
            (away_around_zero, "s has the mean 1"),
            (away_without_scale, "divide ln(n - 1) by beta"),
            (away_standard, "its standard deviation is not 1"),
            (away_divided, "dividing by sqrt(1/2)"),
        ),
    ),
    "sign_blind": Answers(
        sign_blind,
        (
            (blind_to_nothing, "these are the ordinary weights"),
            (blind_to_keys, "not of the keys' numbers"),
            (blind_to_factors, "not of the factors' numbers"),
            (blind_to_query, "not of the query's numbers"),
            (blind_without_softmax, "put them through the softmax"),
            (blind_too_late, "these are the ordinary weights"),
            (blind_squared, "changes the margins too"),
            (blind_unstably, "use your softmax, which subtracts the maximum"),
            (blind_in_lists, "you return a list where an array of shape (4,) is expected"),
        ),
    ),
    "overlap_deviation": Answers(
        overlap_deviation,
        (
            (overlap_variance, "this is the variance"),
            (overlap_root, "smaller, not larger"),
            (overlap_less_one, "no freedom is lost here"),
            (overlap_even, "numbers even between -1 and 1"),
            (overlap_tensor, "where a number is expected"),
        ),
    ),
}
