"""Right and wrong answers to the exercises of `nlp4.exercises.noise`, as learners write them."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import torch
from answers import Answers
from answers_copying import soft
from scipy import integrate, special, stats


def output_change(weights, values, direction):
    speeds = weights * (direction - weights @ direction)
    return speeds @ values


def change_in_two_terms(weights, values, direction):
    return (weights * direction) @ values - (weights @ direction) * (weights @ values)


def change_in_loops(weights, values, direction):
    mean = sum(a * u for a, u in zip(weights, direction, strict=True))
    total = np.zeros(values.shape[1])
    for a, u, v in zip(weights, direction, values, strict=True):
        total += a * (u - mean) * v
    return total


def change_in_lists(weights, values, direction):
    n, m = values.shape
    mean = sum(weights[i] * direction[i] for i in range(n))
    return [
        sum(weights[i] * direction[i] * values[i][x] for i in range(n))
        - mean * sum(weights[i] * values[i][x] for i in range(n))
        for x in range(m)
    ]


def change_by_jacobian(weights, values, direction):
    return values.T @ ((np.diag(weights) - np.outer(weights, weights)) @ direction)


def change_by_cov(weights, values, direction):
    rows = np.vstack([direction, values.T])
    return np.cov(rows, aweights=weights, ddof=0)[0, 1:]


def change_by_autograd(weights, values, direction):
    z, along, v = (torch.from_numpy(x) for x in (np.log(weights), direction, values))

    def moved(t):
        return torch.softmax(z + t * along, dim=0) @ v

    at = torch.zeros((), dtype=torch.float64)
    return torch.autograd.functional.jvp(moved, at, torch.ones_like(at))[1]


def change_in_float32(weights, values, direction):
    a, v, u = (torch.tensor(x, dtype=torch.float32) for x in (weights, values, direction))
    return (a * (u - a.dot(u))) @ v


def change_by_differences(weights, values, direction):
    def output(t):
        powers = weights * np.exp(t * direction)
        return powers @ values / powers.sum()

    return (output(1e-5) - output(-1e-5)) / 2e-5


def change_by_complex_step(weights, values, direction):
    powers = weights * np.exp(1e-30j * direction)
    return (powers @ values / powers.sum()).imag / 1e-30


def change_by_pairs(weights, values, direction):
    n = len(weights)
    pairs = [(i, j) for i in range(n) for j in range(i)]
    zero = np.zeros(values.shape[1])
    return zero + sum(
        weights[i] * weights[j] * (direction[i] - direction[j]) * (values[i] - values[j])
        for i, j in pairs
    )


def change_by_quotient_rule(weights, values, direction):
    top, bottom = weights @ values, weights.sum()
    top_moves, bottom_moves = (direction * weights) @ values, direction @ weights
    return tuple((top_moves * bottom - top * bottom_moves) / bottom**2)


def change_without_denominator(weights, values, direction):
    return (weights * direction) @ values


def change_without_weights(weights, values, direction):
    return (direction - weights @ direction) @ values


def change_around_plain_mean(weights, values, direction):
    return (weights * direction) @ (values - values.mean(axis=0))


def change_from_plain_mean(weights, values, direction):
    return weights @ ((direction - np.mean(direction))[:, None] * values)


def change_from_sum(weights, values, direction):
    return (weights * direction) @ values - direction.sum() * (weights @ values)


def change_unweighted(weights, values, direction):
    return ((direction - direction.mean())[:, None] * values).mean(axis=0)


def change_turned(weights, values, direction):
    return (weights @ direction) * (weights @ values) - (weights * direction) @ values


def change_of_own_logit(weights, values, direction):
    return (weights * (1 - weights) * direction) @ values


def change_of_weights(weights, values, direction):
    return weights * direction - weights * (weights @ direction)


def change_is_output(weights, values, direction):
    return weights @ values


def change_of_whole_step(weights, values, direction):
    powers = weights * np.exp(direction)
    return powers @ values / powers.sum() - weights @ values


def change_of_small_step(weights, values, direction):
    powers = weights * np.exp(0.01 * direction)
    return (powers @ values / powers.sum() - weights @ values) / 0.01


def change_along_direction(weights, values, direction):
    return direction @ values


def change_by_sample_covariance(weights, values, direction):
    mean = weights @ direction
    return (weights * (direction - mean)) @ values / (1 - weights @ weights + 1e-9)


def change_with_softmax_of_weights(weights, values, direction):
    a = soft(weights)
    return (a * (direction - a @ direction)) @ values


def change_transposed(weights, values, direction):
    return values @ (weights * (direction - weights @ direction))


def change_as_product(weights, values, direction):
    return (weights @ direction) * (weights @ values)


def change_by_squares(weights, values, direction):
    return (weights**2 * (direction - weights @ direction)) @ values


def change_as_size(weights, values, direction):
    return np.abs(output_change(weights, values, direction))


def change_summed(weights, values, direction):
    return output_change(weights, values, direction).sum()


def logit_variance(alpha, beta, long):
    of_a = 2 * beta * beta * alpha + (beta * beta / 2 if long else 0.0)
    return of_a + 2 * beta * beta * alpha


def variance_in_one_line(alpha, beta, long):
    return (4 * alpha + 0.5 * long) * beta**2


def variance_by_matrices(alpha, beta, long):
    mu_a, mu_b = np.eye(4)[:2]
    q = beta * (mu_a + mu_b)
    sigma_a = alpha * np.eye(4) + 0.5 * np.outer(mu_a, mu_a) * long
    return q @ (sigma_a + alpha * np.eye(4)) @ q


def variance_in_torch(alpha, beta, long):
    q = torch.tensor([beta, beta], dtype=torch.float64)
    sigma = 2 * alpha * torch.eye(2, dtype=torch.float64)
    if long:
        sigma[0, 0] += 0.5
    return torch.einsum("i,ij,j->", q, sigma, q)


def variance_in_float32(alpha, beta, long):
    alpha, beta = torch.tensor(alpha), torch.tensor(beta)
    return 4 * alpha * beta.pow(2) + (beta.pow(2) / 2 if long else 0)


def variance_by_steps(alpha, beta, long):
    along = [alpha, alpha]
    if long:
        along[0] += 1 / 2
    var_a = sum(v * beta**2 for v in along)
    var_b = sum(alpha * beta**2 for _ in range(2))
    return var_a + var_b


def variance_by_norm(alpha, beta, long):
    q = np.array([beta, beta])
    return 2 * alpha * np.linalg.norm(q) ** 2 + int(long) * q[0] ** 2 / 2


def variance_by_deviations(alpha, beta, long):
    parts = [math.sqrt(alpha) * beta] * 4 + [math.sqrt(0.5) * beta] * bool(long)
    return math.hypot(*parts) ** 2


def variance_by_and(alpha, beta, long):
    return np.array(beta * beta * (4 * alpha + (long and 0.5)))


def variance_by_transform(alpha, beta, long):
    sigma = np.diag([alpha + (0.5 if long else 0), alpha, alpha, alpha])
    row = beta * np.array([[1, 1, -1, -1]])  # z from mu_a, mu_b of k_a and of k_b
    return float((row @ sigma @ row.T).item())


def variance_taken_away(alpha, beta, long):
    return 0.5 * beta**2 if long else 0.0


def variance_of_long_mean(alpha, beta, long):
    return (4 * alpha + (1 if long else 0)) * beta**2


def variance_long_for_both(alpha, beta, long):
    return 2 * (2 * alpha + 0.5 * long) * beta**2


def variance_with_square_of_alpha(alpha, beta, long):
    return (4 * alpha**2 + 0.5 * long) * beta**2


def variance_in_place_of_alpha(alpha, beta, long):
    return (2 * alpha + (0.5 if long else 2 * alpha)) * beta**2


def variance_as_text(alpha, beta, long):
    return f"{logit_variance(alpha, beta, long)}"


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


def middle_by_ndtr(variance):
    return 2 * special.ndtr(-np.log(3) / np.sqrt(variance))


def middle_by_erfc(variance):
    return math.erfc(math.log(3) / math.sqrt(2 * variance))


def middle_by_norm(variance):
    bell = stats.norm(0, variance**0.5)
    return bell.sf(np.log(3)) + bell.cdf(-np.log(3))


def middle_by_complement(variance):
    z = special.logit(0.75) / math.sqrt(variance)
    return 1 - (special.ndtr(z) - special.ndtr(-z))


def middle_by_square(variance):
    return stats.chi2(df=1).sf(math.log(3) ** 2 / variance)


def middle_in_torch(variance):
    bell = torch.distributions.Normal(0.0, torch.tensor(variance, dtype=torch.float64).sqrt())
    return 2 * (1 - bell.cdf(torch.tensor(3.0, dtype=torch.float64).log()))


def middle_in_float32(variance):
    return torch.special.erfc(torch.tensor(3.0).log() / torch.tensor(2 * variance).sqrt())


def middle_by_integral(variance):
    edge = math.log(3) / math.sqrt(variance)
    kept, _ = integrate.quad(lambda x: math.exp(-x * x / 2), -min(edge, 12), min(edge, 12))
    return 1 - kept / math.sqrt(2 * math.pi)


def middle_by_halves(variance):
    return np.float64(2) * stats.norm.cdf(math.log(1 / 4 / (3 / 4)), scale=math.sqrt(variance))


def middle_multiplied(variance):
    return 2 * NormalDist().cdf(-math.log(3) * math.sqrt(variance))


def middle_in_tens(variance):
    return 2 * NormalDist().cdf(-math.log10(3) / math.sqrt(variance))


def middle_by_density(variance):
    return 2 * NormalDist(0, variance**0.5).pdf(math.log(3))


def middle_squared(variance):
    return NormalDist(0, variance**0.5).cdf(-math.log(3)) ** 2


def middle_by_logistic(variance):
    return 2 * special.expit(-math.log(3) * math.pi / math.sqrt(3 * variance))


def middle_of_three_quarters(variance):
    return 2 * NormalDist(0, variance**0.5).cdf(-special.expit(0.75))


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


def away_by_ndtr(n, beta):
    return special.ndtr((np.log(n - 1) / beta - 1) * np.sqrt(2))


def away_by_norm(n, beta):
    return stats.norm.cdf(np.log(n - 1) / beta, 1, np.sqrt(1 / 2))


def away_by_erfc(n, beta):
    return math.erfc(1 - math.log(n - 1) / beta) / 2


def away_by_complement(n, beta):
    keeps = NormalDist(-1, 0.5**0.5).cdf(-math.log(n - 1) / beta)
    return 1 - keeps


def away_by_upper_tail(n, beta):
    return stats.norm.sf((1 - np.log(n - 1) / beta) / 0.5**0.5)


def away_in_torch(n, beta):
    edge = torch.log(torch.tensor(n - 1, dtype=torch.float64)) / beta
    return torch.distributions.Normal(1.0, math.sqrt(0.5)).cdf(edge)


def away_in_float32(n, beta):
    edge = torch.tensor(n - 1.0).log() / torch.tensor(beta)
    return torch.special.ndtr((edge - 1) / torch.tensor(0.5).sqrt())


def away_by_integral(n, beta):
    edge = max(min(math.log(n - 1) / beta, 10), -8)
    return integrate.quad(lambda s: math.exp(-((s - 1) ** 2)), -8, edge)[0] / math.sqrt(math.pi)


def away_by_erf(n, beta):
    return np.array(0.5 + 0.5 * special.erf(math.log(n - 1) / beta - 1))


def away_by_steps(n, beta):
    needed = math.log(n - 1) / beta
    deviation = (1 / 2) ** (1 / 2)
    return NormalDist().cdf((needed - 1) / deviation)


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


def away_both_sides(n, beta):
    return 2 * NormalDist(1, 0.5**0.5).cdf(math.log(n - 1) / beta)


def away_of_size(n, beta):
    edge = math.log(n - 1) / beta
    bell = NormalDist(1, 0.5**0.5)
    return bell.cdf(edge) - bell.cdf(-edge)


def away_multiplied(n, beta):
    return NormalDist(1, 0.5**0.5).cdf(math.log(n - 1) * beta)


def away_in_bits(n, beta):
    return NormalDist(1, 0.5**0.5).cdf(math.log2(n - 1) / beta)


def away_without_logarithm(n, beta):
    return NormalDist(1, 0.5**0.5).cdf((n - 1) / beta)


def away_of_n_less_two(n, beta):
    return NormalDist(1, 0.5**0.5).cdf(math.log(max(n - 2, 1)) / beta)


def away_at_one(n, beta):
    return NormalDist(1, 0.5**0.5).cdf(1 / beta)


def sign_blind(keys, query):
    dots = keys @ query
    return soft(np.maximum(dots, -dots))


def blind_by_abs(keys, query):
    z = np.abs(keys @ query)
    e = np.exp(z - z.max())
    return e / e.sum()


def blind_in_scipy(keys, query):
    return special.softmax(abs(keys.dot(query)))


def blind_in_torch(keys, query):
    return torch.softmax((torch.from_numpy(keys) @ torch.from_numpy(query)).abs(), dim=0)


def blind_in_float32(keys, query):
    keys, query = torch.tensor(keys, dtype=torch.float32), torch.tensor(query, dtype=torch.float32)
    return torch.nn.functional.softmax(torch.mv(keys, query).abs(), dim=0).numpy()


def blind_in_lists(keys, query):
    sizes = [abs(sum(a * b for a, b in zip(key, query, strict=True))) for key in keys]
    powers = [math.exp(z - max(sizes)) for z in sizes]
    return [p / sum(powers) for p in powers]


def blind_by_root(keys, query):
    return soft(np.sqrt(np.einsum("nd,d->n", keys, query) ** 2))


def blind_by_sign(keys, query):
    dots = query @ keys.T
    return tuple(soft(np.sign(dots) * dots))


def blind_by_turning(keys, query):
    turned = np.array([k if k @ query >= 0 else -k for k in keys])
    return soft(turned @ query)


def blind_by_where(keys, query):
    dots = (keys * query).sum(axis=1)
    return soft(np.where(dots < 0, -dots, dots))


def blind_by_larger_power(keys, query):
    sizes = np.maximum(keys @ query, keys @ -query)
    return np.exp(sizes - special.logsumexp(sizes))


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


def blind_cut_off(keys, query):
    return soft(np.maximum(keys @ query, 0))


def blind_shared_out(keys, query):
    sizes = abs(keys @ query)
    return sizes / sizes.sum()


def blind_turned(keys, query):
    return soft(-abs(keys @ query))


def blind_both_ways(keys, query):
    return (soft(keys @ query) + soft(-(keys @ query))) / 2


def blind_by_cosh(keys, query):
    dots = keys @ query
    both = np.logaddexp(dots, -dots)
    return soft(both)


def blind_normalised(keys, query):
    return soft(abs(keys @ query) / np.linalg.norm(keys, axis=1))


def blind_to_the_whole(keys, query):
    dots = keys @ query
    return soft(dots if dots.sum() >= 0 else -dots)


def blind_to_first(keys, query):
    dots = keys @ query
    dots[0] = abs(dots[0])
    return soft(dots)


def blind_by_distance(keys, query):
    return soft([np.linalg.norm(k) * np.linalg.norm(query) for k in keys])


def overlap_deviation(d):
    return math.sqrt(1 / d)


def overlap_by_root(d):
    return 1 / np.sqrt(d)


def overlap_by_power(d):
    return d ** (-1 / 2)


def overlap_in_torch(d):
    return torch.rsqrt(torch.tensor(d, dtype=torch.float64))


def overlap_in_float32(d):
    return torch.tensor(float(d)).sqrt().reciprocal()


def overlap_by_beta(d):
    return 2 * stats.beta((d - 1) / 2, (d - 1) / 2).std()


def overlap_by_variance(d):
    variance = 1 / d
    return np.array(variance**0.5)


def overlap_by_share(d):
    return math.sqrt(np.full(min(d, 1000), 1 / d).mean())


def overlap_by_norm(d):
    return math.exp(-math.log(d) / 2)


def overlap_by_angle(d):  # the mean of cos^2 under the density sin^(d - 2)
    first, second = special.gammaln([(d - 1) / 2, (d + 1) / 2])
    ratio = math.exp(special.gammaln(d / 2) - special.gammaln(d / 2 + 1))
    return math.sqrt(1 - ratio * math.exp(second - first))


def overlap_variance(d):
    return 1.0 / d


def overlap_root(d):
    return math.sqrt(d)


def overlap_less_one(d):
    return (d - 1) ** -0.5


def overlap_even(d):
    return 3**-0.5


def overlap_size(d):
    return math.sqrt(2 / math.pi / d)


def overlap_of_two(d):
    return math.sqrt(2 / d)


def overlap_of_two_d(d):
    return (2 * d) ** -0.5


def overlap_one_more(d):
    return (d + 1) ** -0.5


def overlap_third(d):
    return 1 / (d ** (1 / 3))


def overlap_whole(d):
    return 1 // math.sqrt(d)


def overlap_rounded(d):
    return round(1 / math.sqrt(d), 2)


def overlap_zero(d):
    return 0.0


def overlap_tensor(d):
    return torch.ones(d) / d**0.5


def wide_change(rng):
    n, m = int(rng.integers(1, 9)), int(rng.integers(1, 8))
    weights = soft(rng.normal(0, 10 ** rng.uniform(-2, 0.7), size=n))
    values, direction = 3 * rng.normal(size=(n, m)), rng.normal(size=n)
    kind = rng.integers(5)
    if kind == 0:
        direction = np.full(n, direction[0])
    elif kind == 1:
        direction = np.eye(n)[int(rng.integers(n))]
    elif kind == 2:
        values = np.abs(values)
    return weights, values, direction * rng.uniform(0.1, 3)


def wide_variance(rng):
    alpha = rng.choice([0.0, 10 ** rng.uniform(-3, 1), rng.uniform(0, 1)])
    return float(alpha), float(10 ** rng.uniform(-1, 2)), bool(rng.random() < 0.5)


def wide_middle(rng):
    return (float(10 ** rng.uniform(-3, 4)),)


def wide_away(rng):
    n = int(rng.choice([2, 3, int(rng.integers(2, 100)), int(10 ** rng.uniform(1, 6))]))
    return n, float(rng.choice([rng.uniform(0.1, 1), rng.uniform(1, 40), 10 ** rng.uniform(1, 5)]))


def wide_blind(rng):
    n, d = int(rng.integers(1, 9)), int(rng.integers(1, 7))
    keys, query = rng.normal(size=(n, d)), rng.normal(size=d) * 10 ** rng.uniform(-1, 1)
    kind = rng.integers(5)
    if kind == 0:
        keys, query = np.round(3 * keys), np.round(900 * rng.normal(size=d))
    elif kind == 1:
        keys = keys[rng.integers(n, size=n)] * rng.choice([-1, 1], size=(n, 1))
    elif kind == 2:
        query = 0 * query
    return keys, query


def wide_overlap(rng):
    return (int(rng.choice([int(rng.integers(2, 20)), int(10 ** rng.uniform(1, 6))])),)


ANSWERS = {
    "output_change": Answers(
        (
            output_change,
            change_in_two_terms,
            change_in_loops,
            change_in_lists,
            change_by_jacobian,
            change_by_cov,
            change_by_autograd,
            change_in_float32,
            change_by_differences,
            change_by_complex_step,
            change_by_pairs,
            change_by_quotient_rule,
        ),
        (
            (change_without_denominator, "the denominator moves too"),
            (change_without_weights, "without the factor a_i"),
            (change_around_plain_mean, "the mean of the values is the output"),
            (change_from_plain_mean, "the mean of the direction is taken with the weights"),
            (change_from_sum, "from each u_i you take the sum"),
            (change_unweighted, "when all weights are equal"),
            (change_turned, "the sign is turned round"),
            (change_of_own_logit, "a weight's answer to its own logit"),
            (change_of_weights, "these are the weights' speeds"),
            (change_is_output, "this is the output, not how fast it moves"),
            (change_of_whole_step, "a whole step of t"),
            (change_of_small_step, ""),
            (change_along_direction, "not the weights"),
            (change_by_sample_covariance, ""),
            (change_with_softmax_of_weights, ""),
            (change_transposed, ""),
            (change_as_product, ""),
            (change_by_squares, ""),
            (change_as_size, ""),
            (change_summed, "where an array of shape (2,) is expected"),
        ),
        wide_change,
    ),
    "logit_variance": Answers(
        (
            logit_variance,
            variance_in_one_line,
            variance_by_matrices,
            variance_in_torch,
            variance_in_float32,
            variance_by_steps,
            variance_by_norm,
            variance_by_deviations,
            variance_by_and,
            variance_by_transform,
        ),
        (
            (variance_of_one, "you have half of alpha's share"),
            (variance_of_short_query, "q . q is 2 beta^2, not beta^2"),
            (variance_squared_half, "a variance already: do not square it"),
            (variance_as_deviation, "this is the standard deviation"),
            (variance_linear, "the square of the scale"),
            (variance_never_long, "you left out the long key"),
            (variance_always_long, "only when `long` is True"),
            (variance_taken_away, "their variances add"),
            (variance_of_long_mean, "you added beta^2"),
            (variance_long_for_both, "you added beta^2"),
            (variance_with_square_of_alpha, ""),
            (variance_in_place_of_alpha, ""),
            (variance_as_text, "you return a string"),
        ),
        wide_variance,
    ),
    "leaves_the_middle": Answers(
        (
            leaves_the_middle,
            middle_by_ndtr,
            middle_by_erfc,
            middle_by_norm,
            middle_by_complement,
            middle_by_square,
            middle_in_torch,
            middle_in_float32,
            middle_by_integral,
            middle_by_halves,
        ),
        (
            (middle_one_side, "this is one side only"),
            (middle_by_variance, "divide by the standard deviation"),
            (middle_kept, "how often the average is kept"),
            (middle_by_weight, "3/4 is a weight, not a logit"),
            (middle_upper, "a probability cannot be above 1"),
            (middle_of_four, "three to one"),
            (middle_at_three, "not at 3"),
            (middle_multiplied, "you multiplied ln 3"),
            (middle_in_tens, ""),
            (middle_by_density, ""),
            (middle_squared, ""),
            (middle_by_logistic, ""),
            (middle_of_three_quarters, ""),
        ),
        wide_middle,
    ),
    "looks_away": Answers(
        (
            looks_away,
            away_by_ndtr,
            away_by_norm,
            away_by_erfc,
            away_by_complement,
            away_by_upper_tail,
            away_in_torch,
            away_in_float32,
            away_by_integral,
            away_by_erf,
            away_by_steps,
        ),
        (
            (away_by_variance, "1/2 is the variance: divide by its square root"),
            (away_of_n, "there are n - 1 other keys, not n"),
            (away_kept, "how often the head looks where it should"),
            (away_limit, "the limit for a very large scale"),
            (away_around_zero, "s has the mean 1"),
            (away_without_scale, "divide ln(n - 1) by beta"),
            (away_standard, "its standard deviation is not 1"),
            (away_divided, "dividing by sqrt(1/2)"),
            (away_both_sides, "count one tail, not both"),
            (away_of_size, ""),
            (away_multiplied, ""),
            (away_in_bits, ""),
            (away_without_logarithm, ""),
            (away_of_n_less_two, ""),
            (away_at_one, ""),
        ),
        wide_away,
    ),
    "sign_blind": Answers(
        (
            sign_blind,
            blind_by_abs,
            blind_in_scipy,
            blind_in_torch,
            blind_in_float32,
            blind_in_lists,
            blind_by_root,
            blind_by_sign,
            blind_by_turning,
            blind_by_where,
            blind_by_larger_power,
        ),
        (
            (blind_to_nothing, "these are the ordinary weights"),
            (blind_to_keys, "not of the keys' numbers"),
            (blind_to_factors, "not of the factors' numbers"),
            (blind_to_query, "not of the query's numbers"),
            (blind_without_softmax, "put them through the softmax"),
            (blind_too_late, "these are the ordinary weights"),
            (blind_squared, "changes the margins too"),
            (blind_unstably, "use your softmax, which subtracts the maximum"),
            (blind_cut_off, "you cut negative dot products off at 0"),
            (blind_shared_out, "share out e^|z|, not |z|"),
            (blind_turned, "a sign is turned round"),
            (blind_both_ways, ""),
            (blind_by_cosh, ""),
            (blind_normalised, ""),
            (blind_to_the_whole, ""),
            (blind_to_first, ""),
            (blind_by_distance, ""),
        ),
        wide_blind,
    ),
    "overlap_deviation": Answers(
        (
            overlap_deviation,
            overlap_by_root,
            overlap_by_power,
            overlap_in_torch,
            overlap_in_float32,
            overlap_by_beta,
            overlap_by_variance,
            overlap_by_share,
            overlap_by_norm,
            overlap_by_angle,
        ),
        (
            (overlap_variance, "this is the variance"),
            (overlap_root, "smaller, not larger"),
            (overlap_less_one, "no freedom is lost here"),
            (overlap_even, "numbers even between -1 and 1"),
            (overlap_tensor, "where a number is expected"),
            (overlap_size, "the mean size of the overlap"),
            (overlap_of_two, "the spread comes from one vector"),
            (overlap_of_two_d, "not of 2 d"),
            (overlap_one_more, ""),
            (overlap_third, ""),
            (overlap_whole, ""),
            (overlap_rounded, ""),
            (overlap_zero, ""),
        ),
        wide_overlap,
    ),
}
