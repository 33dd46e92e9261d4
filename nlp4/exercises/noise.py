"""The exercises of notebook 01, second half: noise in the keys, heads, cross-talk (2c and 2d)."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr, softmax
from scipy.stats import norm

from nlp4.exercises.copying import NOTEBOOK
from nlp4.exercises.judging import Exercise, Mistake
from nlp4.exercises.trying import Case

Array = np.ndarray


def _change_cases(rng: np.random.Generator) -> list[Case]:
    tie, copied = np.array([0.5, 0.5]), np.array([0.98, 0.01, 0.01])
    edges: list[Case] = [
        (tie, np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1.0, -1.0])),
        (tie, np.array([[4.0, 1.0, -2.0], [0.0, 3.0, 2.0]]), np.array([1.0, 0.0])),
        (copied, np.array([[1.0, 2.0], [3.0, -1.0], [-2.0, 5.0]]), np.array([1.0, 0.0, 0.0])),
        (np.array([0.2, 0.3, 0.5]), np.arange(6.0).reshape(3, 2), np.full(3, 2.0)),
        (np.array([1.0]), np.array([[3.0, -4.0]]), np.array([2.0])),
    ]
    shapes = [(3, 3), (5, 2), (2, 6), (4, 1)]
    drawn = [
        (softmax(rng.normal(size=n)), rng.normal(size=(n, m)), 2 * rng.normal(size=n) + 1)
        for n, m in shapes
    ]
    return [*edges, *drawn]


def _output_change(weights: Array, values: Array, direction: Array) -> Array:
    apart = values - np.average(values, axis=0, weights=weights)
    return np.einsum("i,i,im->m", weights, direction - np.dot(direction, weights), apart)


def _whole_step(weights: Array, values: Array, direction: Array) -> Array:
    return softmax(np.log(weights) + direction) @ values - weights @ values


OUTPUT_CHANGE = Exercise(
    name="output_change",
    title="How fast the output moves",
    notebook=NOTEBOOK,
    points=2,
    minutes=7,
    cases=_change_cases,
    reference=_output_change,
    mistakes=(
        Mistake(
            "the denominator moves too: the quotient rule has a second term",
            lambda weights, values, direction: (weights * direction) @ values,
        ),
        Mistake(
            "your weights move by u_i less its mean, without the factor a_i",
            lambda weights, values, direction: (direction - weights @ direction) @ values,
        ),
        Mistake(
            "the mean of the values is the output of attention: weigh them, as the first term does",
            lambda weights, values, direction: (
                (weights * direction) @ values - weights @ direction * values.mean(axis=0)
            ),
        ),
        Mistake(
            "the mean of the direction is taken with the weights, not evenly",
            lambda weights, values, direction: (weights * (direction - direction.mean())) @ values,
        ),
        Mistake(
            "from each u_i you take the sum of all: the quotient rule takes the weighted mean",
            lambda weights, values, direction: (weights * (direction - direction.sum())) @ values,
        ),
        Mistake(
            "this is what comes out when all weights are equal: weigh both means and the sum",
            lambda weights, values, direction: (
                (direction - direction.mean()) @ values / len(weights)
            ),
        ),
        Mistake(
            "the sign is turned round: a logit that rises draws the output to its value",
            lambda weights, values, direction: -_output_change(weights, values, direction),
        ),
        Mistake(
            "this is a weight's answer to its own logit: it answers to all others too",
            lambda weights, values, direction: (weights * (1 - weights) * direction) @ values,
        ),
        Mistake(
            "these are the weights' speeds: multiply them with the values",
            lambda weights, values, direction: weights * (direction - weights @ direction),
        ),
        Mistake(
            "this is the output, not how fast it moves",
            lambda weights, values, direction: weights @ values,
        ),
        Mistake(
            "this is how far a whole step of t moves the output: the speed is that at t = 0",
            _whole_step,
        ),
        Mistake(
            "the logits move along the direction, not the weights",
            lambda weights, values, direction: direction @ values,
        ),
    ),
)


def _variance_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [
        (0.0, 2.0, True),
        (0.01, 10.0, False),
        (0.01, 10.0, True),
        (0.1, 1.0, True),
        (1.0, 1.0, False),
        (3.0, 0.5, True),
        (0.25, 40.0, True),
    ]
    drawn = [
        (float(rng.uniform(0, 0.5)), float(rng.uniform(0.5, 20)), i % 2 == 0) for i in range(4)
    ]
    return [*edges, *drawn]


def _logit_variance(alpha: float, beta: float, long: bool) -> float:
    query, mean = np.array([beta, beta]), np.array([1.0, 0.0])  # in the plane of mu_a and mu_b
    noise = alpha * np.eye(2)
    stretched = noise + 0.5 * np.outer(mean, mean) * long
    return float(query @ (noise + stretched) @ query)


LOGIT_VARIANCE = Exercise(
    name="logit_variance",
    title="Predict the variance",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_variance_cases,
    reference=_logit_variance,
    mistakes=(
        Mistake(
            "you have half of alpha's share: both keys are drawn, and q . q is 2 beta^2",
            lambda alpha, beta, long: (2 * alpha + 0.5 * long) * beta**2,
        ),
        Mistake(
            "q . q is 2 beta^2, not beta^2: the query has a part along each of the two means",
            lambda alpha, beta, long: (2 * alpha + 0.25 * long) * beta**2,
        ),
        Mistake(
            "the 1/2 of the long key is a variance already: do not square it",
            lambda alpha, beta, long: (4 * alpha + 0.25 * long) * beta**2,
        ),
        Mistake(
            "the long key adds 1/2 (mu_a . q)^2 = 1/2 beta^2; you added beta^2",
            lambda alpha, beta, long: (4 * alpha + 1.0 * long) * beta**2,
        ),
        Mistake(
            "this is the standard deviation: the variance is its square",
            lambda alpha, beta, long: math.sqrt(4 * alpha + 0.5 * long) * beta,
        ),
        Mistake(
            "the two keys are drawn independently: their variances add, though k_b is taken away",
            lambda alpha, beta, long: 0.5 * long * beta**2,
        ),
        Mistake(
            "a variance grows with the square of the scale",
            lambda alpha, beta, long: (4 * alpha + 0.5 * long) * beta,
        ),
        Mistake(
            "you left out the long key: it adds to the variance when `long` is True",
            lambda alpha, beta, long: 4 * alpha * beta**2,
        ),
        Mistake(
            "the long key is there only when `long` is True",
            lambda alpha, beta, long: (4 * alpha + 0.5) * beta**2,
        ),
    ),
)


def _middle_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [(0.5,), (1.0,), (2.0,), (50.0,), (1e-4,), (1e4,)]
    return [*edges, *((float(rng.uniform(0.1, 100)),) for _ in range(4))]


LEAVES_THE_MIDDLE = Exercise(
    name="leaves_the_middle",
    title="How often is the average lost?",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_middle_cases,
    reference=lambda variance: 2 * float(norm.sf(math.log(3), scale=math.sqrt(variance))),
    mistakes=(
        Mistake(
            "this is one side only: the weight can be lost to v_a or to v_b",
            lambda variance: ndtr(-math.log(3) / math.sqrt(variance)),
        ),
        Mistake(
            "divide by the standard deviation, the square root of the variance",
            lambda variance: 2 * ndtr(-math.log(3) / variance),
        ),
        Mistake(
            "this is how often the average is kept: you are asked how often it is lost",
            lambda variance: 1 - 2 * ndtr(-math.log(3) / math.sqrt(variance)),
        ),
        Mistake(
            "3/4 is a weight, not a logit: sigmoid(z) = 3/4 at z = ln 3",
            lambda variance: 2 * ndtr(-0.75 / math.sqrt(variance)),
        ),
        Mistake(
            "sigmoid(z) = 3/4 at z = ln 3, not at 3",
            lambda variance: 2 * ndtr(-3 / math.sqrt(variance)),
        ),
        Mistake(
            "sigmoid(z) = 3/4 at z = ln 3, since 3/4 to 1/4 is three to one",
            lambda variance: 2 * ndtr(-math.log(4) / math.sqrt(variance)),
        ),
        Mistake(
            "you multiplied ln 3 by the standard deviation: divide it",
            lambda variance: 2 * ndtr(-math.log(3) * math.sqrt(variance)),
        ),
        Mistake(
            "a probability cannot be above 1: use the lower tail, ndtr of a negative number",
            lambda variance: 2 * ndtr(math.log(3) / math.sqrt(variance)),
        ),
    ),
)


def _away_cases(rng: np.random.Generator) -> list[Case]:
    edges: list[Case] = [(8, 10.0), (2, 1.0), (1000, 5.0), (8, 1e6), (3, 0.5), (100_000, 10.0)]
    drawn = [(int(rng.integers(3, 300)), float(rng.uniform(1, 40))) for _ in range(4)]
    return [*edges, *drawn]


LOOKS_AWAY = Exercise(
    name="looks_away",
    title="Break the two-head claim",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_away_cases,
    reference=lambda n, beta: float(norm.cdf(math.log(n - 1) / beta, loc=1, scale=math.sqrt(0.5))),
    mistakes=(
        Mistake(
            "1/2 is the variance: divide by its square root, that is, multiply by sqrt(2)",
            lambda n, beta: ndtr((math.log(n - 1) / beta - 1) * 2),
        ),
        Mistake(
            "there are n - 1 other keys, not n",
            lambda n, beta: ndtr((math.log(n) / beta - 1) * math.sqrt(2)),
        ),
        Mistake(
            "this is how often the head looks where it should: you are asked for the other draws",
            lambda n, beta: ndtr((1 - math.log(n - 1) / beta) * math.sqrt(2)),
        ),
        Mistake(
            "this is the limit for a very large scale: a finite scale fails more often",
            lambda n, beta: ndtr(-math.sqrt(2)),
        ),
        Mistake(
            "the head looks away where s is small: count one tail, not both",
            lambda n, beta: 2 * ndtr((math.log(n - 1) / beta - 1) * math.sqrt(2)),
        ),
        Mistake(
            "s has the mean 1: subtract it first",
            lambda n, beta: ndtr(math.log(n - 1) / beta * math.sqrt(2)),
        ),
        Mistake(
            "the logit of key a is beta times s: divide ln(n - 1) by beta",
            lambda n, beta: ndtr((math.log(n - 1) - 1) * math.sqrt(2)),
        ),
        Mistake(
            "dividing by sqrt(1/2) is multiplying by sqrt(2)",
            lambda n, beta: ndtr((math.log(n - 1) / beta - 1) / math.sqrt(2)),
        ),
        Mistake(
            "1/2 is the variance of s: its standard deviation is not 1",
            lambda n, beta: ndtr(math.log(n - 1) / beta - 1),
        ),
    ),
)


def _blind_cases(rng: np.random.Generator) -> list[Case]:
    turned = np.eye(4)
    turned[0] *= -1
    edges: list[Case] = [
        (turned, 5.0 * np.eye(4)[0]),
        (np.eye(3), np.array([2.0, -2.0, 0.0])),
        (turned, 1e4 * np.eye(4)[0]),
        (np.array([[2.0, 3.0]]), np.array([-1.0, -1.0])),
        (-np.eye(3)[:2], np.array([9000.0, 9001.0, 5.0])),
    ]
    drawn = [(rng.normal(size=(n, 4)), rng.normal(size=4) * 3) for n in (2, 4, 5, 7)]
    return [*edges, *drawn]


SIGN_BLIND = Exercise(
    name="sign_blind",
    title="Mend it",
    notebook=NOTEBOOK,
    points=2,
    minutes=6,
    cases=_blind_cases,
    reference=lambda keys, query: softmax(np.sqrt((keys @ query) ** 2)),
    mistakes=(
        Mistake(
            "these are the ordinary weights: take the absolute value of the dot products",
            lambda keys, query: softmax(keys @ query),
        ),
        Mistake(
            "take the absolute value of the dot products, not of the keys' numbers",
            lambda keys, query: softmax(np.abs(keys) @ query),
        ),
        Mistake(
            "take the absolute value of the dot products, not of the factors' numbers",
            lambda keys, query: softmax(np.abs(keys) @ np.abs(query)),
        ),
        Mistake(
            "take the absolute value of the dot products, not of the query's numbers",
            lambda keys, query: softmax(keys @ np.abs(query)),
        ),
        Mistake(
            "you cut negative dot products off at 0: then a key that points the wrong way is lost",
            lambda keys, query: softmax(np.maximum(keys @ query, 0)),
        ),
        Mistake(
            "the absolute values stand in the exponent: share out e^|z|, not |z|",
            lambda keys, query: np.abs(keys @ query) / np.abs(keys @ query).sum(),
        ),
        Mistake(
            "the smallest dot product gets the largest weight: a sign is turned round",
            lambda keys, query: softmax(-np.abs(keys @ query)),
        ),
        Mistake(
            "these are the sizes of the dot products: put them through the softmax",
            lambda keys, query: np.abs(keys @ query),
        ),
        Mistake(
            "not a number for dot products as large as 1e4: use your softmax, which subtracts the "
            "maximum",
            lambda keys, query: np.exp(np.abs(keys @ query)) / np.exp(np.abs(keys @ query)).sum(),
        ),
        Mistake(
            "you squared the dot products: that is blind to the sign, but changes the margins too",
            lambda keys, query: softmax((keys @ query) ** 2),
        ),
    ),
)


OVERLAP_DEVIATION = Exercise(
    name="overlap_deviation",
    title="How nearly orthogonal?",
    notebook=NOTEBOOK,
    points=1,
    minutes=4,
    cases=lambda rng: [
        *((d,) for d in (2, 3, 4, 16, 1000, 10**6)),
        *((int(d),) for d in rng.integers(3, 500, 3)),
    ],
    reference=lambda d: d**-0.5,
    mistakes=(
        Mistake("this is the variance: take its square root", lambda d: 1 / d),
        Mistake("more dimensions make the overlap smaller, not larger", lambda d: d**0.5),
        Mistake(
            "no freedom is lost here: the mean is known to be 0, so divide by d, not d - 1",
            lambda d: 1 / math.sqrt(d - 1),
        ),
        Mistake(
            "this would be the spread of numbers even between -1 and 1: think of the coordinates",
            lambda d: 1 / math.sqrt(3),
        ),
        Mistake("the square root of d, not of 2 d", lambda d: 1 / math.sqrt(2 * d)),
        Mistake(
            "this is the mean size of the overlap for many dimensions: the root of its mean square",
            lambda d: math.sqrt(2 / (math.pi * d)),
        ),
        Mistake(
            "turn the space so that one vector is fixed: the spread comes from one vector, not two",
            lambda d: math.sqrt(2 / d),
        ),
    ),
)
