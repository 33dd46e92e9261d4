"""Right and wrong answers to the exercises of `nlp4.exercises.layers`, as learners write them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers
from torch import nn

from nlp4.models import attention, pieces


def drawn(rng: np.random.Generator, *shapes: tuple[int, ...], scale: float = 1.0) -> list[Any]:
    """Tensors in one of both precisions, in one of two orders in memory, some with a gradient."""
    dtype = torch.float32 if rng.random() < 0.7 else torch.float64
    found = [torch.from_numpy(rng.normal(scale=scale, size=shape)).to(dtype) for shape in shapes]
    if rng.random() < 0.3:
        found = [x.movedim(0, -1).contiguous().movedim(-1, 0) for x in found]
    return [x.requires_grad_() for x in found] if rng.random() < 0.3 else found


def sizes(rng: np.random.Generator, *most: int) -> list[int]:
    """A size up to each of `most`, all the same in one draw of four."""
    drawn = [int(rng.integers(1, each + 1)) for each in most]
    return [min(drawn)] * len(most) if rng.random() < 0.25 else drawn


def a_stream_and_a_map(rng: np.random.Generator) -> tuple[Any, ...]:
    batch, n, width = sizes(rng, 4, 9, 8)
    return tuple(drawn(rng, (batch, n, width), (3 * width, width), (3 * width,)))


def three_by_chunk(x, weight, bias):
    q, k, v = (x @ weight.T + bias).chunk(3, dim=-1)
    return q, k, v


def three_by_linear(x, weight, bias):
    return F.linear(x, weight, bias).split(x.shape[-1], dim=-1)


def three_by_slices(x, weight, bias):
    width = x.shape[2]
    made = torch.matmul(x, weight.transpose(0, 1)) + bias
    return made[:, :, :width], made[:, :, width : 2 * width], made[:, :, 2 * width :]


def three_maps(x, weight, bias):
    pairs = zip(weight.chunk(3), bias.chunk(3), strict=True)
    return [x @ part.T + own for part, own in pairs]


def three_by_einsum(x, weight, bias):
    width = x.size(-1)
    made = torch.einsum("bnw,row->rbno", x, weight.view(3, width, width))
    return tuple(made + bias.view(3, 1, 1, width))


def three_by_reshape(x, weight, bias):
    batch, n, width = x.shape
    made = (x @ weight.mT + bias).reshape(batch, n, 3, width).permute(2, 0, 1, 3)
    return made[0], made[1], made[2]


def three_by_unbind(x, weight, bias):
    return F.linear(x, weight, bias).unflatten(-1, (3, -1)).unbind(-2)


def three_by_columns(x, weight, bias):
    batch, n, width = x.shape
    made = torch.addmm(bias, x.reshape(-1, width), weight.t())
    return made.view(batch, n, -1).tensor_split(3, dim=2)


def three_place_by_place(x, weight, bias):
    made = torch.stack([torch.stack([weight @ place + bias for place in text]) for text in x])
    return torch.chunk(made, 3, -1)


def three_by_a_module(x, weight, bias):
    layer = nn.Linear(x.shape[-1], len(bias))
    made = torch.func.functional_call(layer, {"weight": weight, "bias": bias}, x)
    return torch.split(made, x.shape[-1], -1)


def three_by_sums(x, weight, bias):
    made = (x[:, :, None, :] * weight).sum(-1) + bias[None, None, :]
    return made.chunk(3, 2)


def three_without_bias(x, weight, bias):
    return F.linear(x, weight).chunk(3, -1)


def three_untransposed(x, weight, bias):
    width = x.shape[-1]
    return tuple(
        x @ weight[i * width : (i + 1) * width] + bias[i * width : (i + 1) * width]
        for i in range(3)
    )


def three_strided(x, weight, bias):
    return F.linear(x, weight, bias).unflatten(-1, (-1, 3)).unbind(-1)


def three_keys_first(x, weight, bias):
    k, q, v = F.linear(x, weight, bias).chunk(3, -1)
    return q, k, v


def three_values_second(x, weight, bias):
    q, v, k = F.linear(x, weight, bias).chunk(3, -1)
    return q, k, v


def three_backwards(x, weight, bias):
    return F.linear(x, weight, bias).chunk(3, -1)[::-1]


def three_times_one(x, weight, bias):
    first = F.linear(x, weight, bias)[..., : x.shape[-1]]
    return first, first, first


def three_in_one(x, weight, bias):
    return F.linear(x, weight, bias)


def three_less_bias(x, weight, bias):
    return F.linear(x, weight, -bias).chunk(3, -1)


def three_of_places(x, weight, bias):
    return F.linear(x, weight, bias).chunk(3, 1)


def three_untransposed_product(x, weight, bias):
    return (x @ weight + bias).chunk(3, -1)


def three_unmapped(x, weight, bias):
    return x, x, x


def three_in_numpy(x, weight, bias):
    return tuple(np.split(x.detach().numpy() @ weight.detach().numpy().T + bias.numpy(), 3, -1))


def three_detached(x, weight, bias):
    with torch.no_grad():
        return F.linear(x, weight, bias).chunk(3, -1)


def three_in_single_precision(x, weight, bias):
    return F.linear(x.float(), weight.float(), bias.float()).chunk(3, -1)


def three_two_only(x, weight, bias):
    return F.linear(x, weight, bias).chunk(3, -1)[:2]


def three_biased_too_early(x, weight, bias):
    return ((x + bias[: x.shape[-1]]) @ weight.T).chunk(3, -1)


def queries_and_keys(rng: np.random.Generator) -> tuple[Any, ...]:
    shape = tuple(sizes(rng, 3, 4, 9, 12))
    return tuple(drawn(rng, shape, shape, scale=float(rng.choice([0.1, 1.0, 3.0]))))


def scores_by_matmul(q, k):
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])


def scores_by_einsum(q, k):
    return torch.einsum("bhid,bhjd->bhij", q, k) / q.shape[-1] ** 0.5


def scores_by_mt(q, k):
    return torch.matmul(q, k.mT).div(np.sqrt(k.size(3)))


def scores_scaled_before(q, k):
    return (q / math.sqrt(q.shape[-1])) @ k.permute(0, 1, 3, 2)


def scores_scaled_in_halves(q, k):
    root = q.shape[-1] ** -0.25
    return torch.matmul(q * root, (k * root).swapaxes(2, 3))


def scores_head_by_head(q, k):
    texts = zip(q, k, strict=True)
    each = [[a @ b.T / len(a[0]) ** 0.5 for a, b in zip(*pair, strict=True)] for pair in texts]
    return torch.stack([torch.stack(heads) for heads in each])


def scores_by_sums(q, k):
    return (q[..., :, None, :] * k[..., None, :, :]).sum(-1) / math.sqrt(q.shape[-1])


def scores_one_by_one(q, k):
    n, rows = q.shape[2], []
    for i in range(n):
        rows.append(torch.stack([(q[:, :, i] * k[:, :, j]).sum(-1) for j in range(n)], -1))
    return torch.stack(rows, -2) / math.sqrt(q.shape[3])


def scores_in_batches(q, k):
    b, h, n, d = q.shape
    return torch.bmm(q.reshape(-1, n, d), k.reshape(-1, n, d).mT).view(b, h, n, n) / d**0.5


def scores_by_torch_sqrt(q, k):
    return q @ torch.transpose(k, 3, 2) * torch.rsqrt(torch.tensor(q.shape[-1], dtype=q.dtype))


def scores_by_linear(q, k):
    each = [F.linear(a, b) for a, b in zip(q.flatten(0, 1), k.flatten(0, 1), strict=True)]
    return torch.stack(each).unflatten(0, q.shape[:2]) / math.sqrt(k.shape[-1])


def scores_turned_twice(q, k):
    return (k @ q.mT).mT / math.sqrt(q.shape[-1])


def scores_unscaled(q, k):
    return q @ k.mT


def scores_by_d(q, k):
    return q @ k.mT / q.shape[-1]


def scores_multiplied(q, k):
    return q @ k.mT * q.shape[-1] ** 0.5


def scores_by_n(q, k):
    return q @ k.mT / math.sqrt(k.shape[2])


def scores_by_width(q, k):
    return q @ k.mT / math.sqrt(q.shape[1] * q.shape[3])


def scores_of_keys(q, k):
    return k @ q.mT / math.sqrt(q.shape[-1])


def scores_as_weights(q, k):
    return F.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1)


def scores_number_by_number(q, k):
    return q * k / math.sqrt(q.shape[-1])


def scores_of_unit_queries(q, k):
    return q / q.norm(dim=-1, keepdim=True) @ k.mT


def scores_as_cosines(q, k):
    return F.cosine_similarity(q[..., :, None, :], k[..., None, :, :], dim=-1)


def scores_masked(q, k):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return scores.masked_fill(torch.ones_like(scores).triu(1) > 0, -math.inf)


def scores_by_capital_t(q, k):
    return q @ k.T / math.sqrt(q.shape[-1])


def scores_untransposed(q, k):
    return q @ k / math.sqrt(q.shape[-1])


def scores_reshaped(q, k):
    b, h, n, d = k.shape
    return q @ k.reshape(b, h, d, n) / math.sqrt(d)


def scores_over_heads(q, k):
    return torch.einsum("bhid,bgjd->bhij", q, k) / math.sqrt(q.shape[-1])


def scores_by_heads(q, k):
    return q @ k.mT / math.sqrt(q.shape[1])


def scores_in_double_precision(q, k):
    return q @ k.mT / torch.tensor([q.shape[-1]], dtype=torch.float64).sqrt()


def scores_in_place(q, k):
    q /= math.sqrt(q.shape[-1])
    return q @ k.mT


def any_scores(rng: np.random.Generator) -> tuple[Any, ...]:
    batch, heads, n = sizes(rng, 3, 4, 9)
    scale = float(rng.choice([0.1, 1.0, 30.0, 1e4]))
    return tuple(drawn(rng, (batch, heads, n, n), scale=scale))


def causal_by_triu(scores):
    later = torch.ones_like(scores, dtype=torch.bool).triu(1)
    return scores.masked_fill(later, -math.inf).softmax(-1)


def causal_by_tril(scores):
    n = scores.size(-1)
    seen = torch.tril(torch.ones(n, n))
    return F.softmax(scores.masked_fill(seen == 0, float("-inf")), dim=-1)


def causal_by_where(scores):
    i = torch.arange(scores.shape[-1])
    return torch.where(i[:, None] >= i, scores, -torch.inf).softmax(dim=3)


def causal_by_adding(scores):
    n = scores.shape[-1]
    return torch.softmax(scores + torch.full((n, n), -math.inf).triu(1), -1)


def causal_by_large_number(scores):
    n = scores.shape[-1]
    return scores.masked_fill(torch.ones(n, n).triu(1).bool(), torch.finfo().min).softmax(-1)


def causal_row_by_row(scores):
    weights = torch.zeros_like(scores)
    for i in range(scores.shape[2]):
        weights[:, :, i, : i + 1] = scores[:, :, i, : i + 1].softmax(-1)
    return weights


def causal_by_hand(scores):
    seen = torch.ones_like(scores).tril().bool()
    shifted = scores - torch.where(seen, scores, -math.inf).amax(-1, keepdim=True)
    raised = torch.where(seen, shifted.clamp(max=0), -math.inf).exp()
    return raised / raised.sum(-1, keepdim=True)


def causal_by_padding(scores):
    n = scores.shape[-1]
    rows = [F.pad(scores[..., i, : i + 1].softmax(-1), (0, n - 1 - i)) for i in range(n)]
    return torch.stack(rows, dim=-2)


def causal_by_indices(scores):
    masked = scores.clone()
    i, j = torch.triu_indices(*scores.shape[-2:], offset=1)
    masked[..., i, j] = -math.inf
    return masked.log_softmax(-1).exp()


def causal_by_torch(scores):
    mask = nn.Transformer.generate_square_subsequent_mask(scores.shape[-1], dtype=scores.dtype)
    return nn.Softmax(dim=-1)(scores + mask)


def causal_by_logsumexp(scores):
    logs = scores + torch.ones_like(scores).tril().log()
    return (logs - logs.logsumexp(-1, keepdim=True)).exp()


def causal_by_attention(scores):
    """The weights of attention whose values are the identity."""
    eye = torch.eye(scores.shape[-1], dtype=scores.dtype).expand_as(scores)
    return F.scaled_dot_product_attention(scores, eye, eye, is_causal=True, scale=1.0)


def causal_unmasked(scores):
    return scores.softmax(-1)


def causal_past(scores):
    return scores.masked_fill(torch.ones_like(scores).tril(-1) > 0, -math.inf).softmax(-1)


def causal_inverted(scores):
    return scores.masked_fill(torch.ones_like(scores).tril() == 1, -math.inf).softmax(-1)


def causal_diagonal(scores):
    return scores.masked_fill(torch.ones_like(scores).triu() == 1, -math.inf).softmax(-1)


def causal_one_too_far(scores):
    return scores.masked_fill(torch.ones_like(scores).tril(1) == 0, -math.inf).softmax(-1)


def causal_after(scores):
    return scores.softmax(-1) * torch.ones_like(scores).tril()


def causal_renormed(scores):
    weights = scores.softmax(-1).tril()
    return weights / weights.sum(-1, keepdim=True)


def causal_renormed_down(scores):
    weights = scores.softmax(-1).tril()
    return weights / weights.sum(-2, keepdim=True)


def causal_zeros(scores):
    return torch.tril(scores).softmax(-1)


def causal_columns(scores):
    return causal_scores(scores).softmax(-2)


def causal_scores(scores):
    return scores.masked_fill(torch.ones_like(scores).triu(1) == 1, -math.inf)


def causal_overflowing(scores):
    raised = scores.exp() * torch.ones_like(scores).tril()
    return raised / raised.sum(-1, keepdim=True)


def causal_less_one(scores):
    return (scores - torch.ones_like(scores).triu(1)).softmax(-1)


def causal_less_ten_thousand(scores):
    return scores.add(torch.full_like(scores, -1e4).triu(1)).softmax(-1)


def causal_set_to_minus_ten_thousand(scores):
    return scores.masked_fill(torch.ones_like(scores).triu(1) == 1, -1e4).softmax(-1)


def causal_multiplied_by_infinity(scores):
    return (scores + torch.ones_like(scores).triu(1) * -math.inf).softmax(-1)


def causal_over_the_table(scores):
    return causal_scores(scores).flatten(-2).softmax(-1).view_as(scores)


def causal_rows_turned(scores):
    return causal_scores(scores).softmax(-1).mT


def causal_equally(scores):
    seen = torch.ones_like(scores).tril()
    return seen / seen.sum(-1, keepdim=True)


def causal_over_heads(scores):
    return causal_scores(scores).softmax(1)


def causal_logs(scores):
    return causal_scores(scores).log_softmax(-1)


def causal_in_place(scores):
    with torch.no_grad():
        scores.masked_fill_(torch.ones_like(scores).triu(1) == 1, -math.inf)
    return scores.softmax(-1)


def causal_detached(scores):
    return torch.tensor(causal_by_triu(scores).tolist(), dtype=scores.dtype)


def a_stream_and_heads(rng: np.random.Generator) -> tuple[Any, ...]:
    batch, n, heads, d = sizes(rng, 4, 7, 5, 6)
    return *drawn(rng, (batch, n, heads * d)), heads


def split_by_reshape(x, heads):
    batch, n, width = x.shape
    return x.reshape(batch, n, heads, width // heads).transpose(1, 2)


def split_by_view(x, heads):
    return x.view(*x.shape[:2], heads, -1).permute(0, 2, 1, 3)


def split_by_unflatten(x, heads):
    return x.unflatten(-1, (heads, -1)).swapaxes(1, 2).contiguous()


def split_by_chunks(x, heads):
    return torch.stack(x.chunk(heads, dim=-1), dim=1)


def split_by_slices(x, heads):
    d = x.shape[-1] // heads
    return torch.stack([x[:, :, h * d : (h + 1) * d] for h in range(heads)], dim=1)


def split_by_filling(x, heads):
    batch, n, width = x.shape
    d = width // heads
    out = x.new_zeros(batch, heads, n, d)
    for h in range(heads):
        out[:, h] = x[..., d * h : d * h + d]
    return out


def split_by_einsum(x, heads):
    return torch.einsum("bnhd->bhnd", x.unflatten(2, (heads, x.shape[2] // heads)))


def split_by_unfold(x, heads):
    d = x.shape[-1] // heads
    return x.unfold(2, d, d).movedim(2, 1)


def split_through_the_batch(x, heads):
    return torch.cat([part[:, None] for part in x.split(x.shape[-1] // heads, 2)], 1)


def split_last_axis_first(x, heads):
    batch, n, _ = x.shape
    return x.mT.reshape(batch, heads, -1, n).mT


def split_by_indices(x, heads):
    index = torch.arange(x.shape[-1]).view(heads, -1)
    return x[:, :, index].transpose(2, 1)


def split_text_by_text(x, heads):
    return torch.stack([text.unflatten(1, (heads, -1)).transpose(0, 1) for text in x])


def split_by_the_package(x, heads):
    return attention.split_heads(x, heads)


def split_only(x, heads):
    return x.view(*x.shape[:2], heads, -1)


def split_mixed(x, heads):
    batch, n, width = x.shape
    return x.reshape(batch, heads, n, width // heads)


def split_interleaved(x, heads):
    batch, n, width = x.shape
    return x.reshape(batch, n, width // heads, heads).permute(0, 3, 1, 2)


def split_numbers_before_places(x, heads):
    return x.unflatten(-1, (heads, -1)).permute(0, 2, 3, 1)


def split_heads_first(x, heads):
    return torch.stack(x.chunk(heads, dim=-1))


def split_texts_third(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(0, 2)


def split_in_a_list(x, heads):
    return list(x.chunk(heads, -1))


def split_into_d_heads(x, heads):
    return x.unflatten(-1, (-1, heads)).transpose(1, 2)


def split_backwards(x, heads):
    return split_by_chunks(x, heads).flip(1)


def split_numbers_backwards(x, heads):
    return split_by_chunks(x.flip(-1), heads)


def split_copied(x, heads):
    return x[:, None].expand(-1, heads, -1, -1)


def split_first_head(x, heads):
    return x[:, None, :, : x.shape[-1] // heads].repeat(1, heads, 1, 1)


def split_places(x, heads):
    return torch.stack(x.chunk(heads, dim=1), dim=1)


def split_twice_turned(x, heads):
    return x.mT.unflatten(-1, (heads, -1)).transpose(1, 2)


def split_detached(x, heads):
    return split_by_reshape(x.detach(), heads)


def split_in_numpy(x, heads):
    parts = np.split(x.detach().numpy(), heads, axis=-1)
    return np.stack(parts, axis=1)


def some_heads(rng: np.random.Generator) -> tuple[Any, ...]:
    return tuple(drawn(rng, tuple(sizes(rng, 4, 5, 7, 6))))


def merge_by_reshape(x):
    batch, heads, n, d = x.shape
    return x.transpose(1, 2).reshape(batch, n, heads * d)


def merge_by_view(x):
    return x.transpose(1, 2).contiguous().view(x.size(0), x.size(2), -1)


def merge_by_flatten(x):
    return x.permute(0, 2, 1, 3).flatten(2)


def merge_by_cat(x):
    return torch.cat([x[:, head] for head in range(x.shape[1])], dim=-1)


def merge_by_unbind(x):
    return torch.cat(x.unbind(1), -1)


def merge_by_hstack(x):
    return torch.stack([torch.hstack(tuple(text)) for text in x])


def merge_by_einsum(x):
    return torch.einsum("bhnd->bnhd", x).flatten(start_dim=-2)


def merge_by_filling(x):
    batch, heads, n, d = x.shape
    out = torch.empty(batch, n, heads * d, dtype=x.dtype)
    for h in range(heads):
        out[:, :, h * d : (h + 1) * d] = x[:, h]
    return out


def merge_by_movedim(x):
    return x.movedim(1, 2).reshape(len(x), x.shape[2], -1)


def merge_last_axis_first(x):
    return x.mT.flatten(1, 2).mT


def merge_place_by_place(x):
    return torch.stack([x[:, :, i].flatten(1) for i in range(x.shape[2])], dim=1)


def merge_by_the_package(x):
    return attention.merge_heads(x)


def merge_mixed(x):
    return x.reshape(x.shape[0], x.shape[2], -1)


def merge_interleaved(x):
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], x.shape[2], -1)


def merge_turned(x):
    return x.swapaxes(1, 2)


def merge_added(x):
    return sum(x[:, h] for h in range(x.shape[1]))


def merge_averaged(x):
    return x.mean(dim=1)


def merge_of_places(x):
    return x.reshape(x.shape[0], -1, x.shape[-1])


def merge_by_a_view(x):
    batch, heads, n, d = x.shape
    return x.transpose(1, 2).view(batch, n, heads * d)


def merge_backwards(x):
    return torch.cat(x.unbind(1)[::-1], -1)


def merge_of_all(x):
    return x.transpose(1, 2).flatten(1)


def merge_first_head(x):
    return x[:, 0].repeat(1, 1, x.shape[1])


def merge_untransposed(x):
    return x.flatten(1, 2).view(x.shape[0], x.shape[2], -1)


def merge_wrong_axes(x):
    return x.transpose(2, 3).reshape(x.shape[0], x.shape[2], -1)


def merge_texts_and_places(x):
    return x.permute(2, 0, 1, 3).flatten(2)


def merge_detached(x):
    return merge_by_reshape(x.detach())


def merge_of_lists(x):
    return merge_by_reshape(x).tolist()


def merge_in_single_precision(x):
    return merge_by_reshape(x).float()


def a_stream_and_a_table(rng: np.random.Generator) -> tuple[Any, ...]:
    batch, n, width = sizes(rng, 4, 8, 6)
    return tuple(drawn(rng, (batch, n, width), (n + int(rng.integers(0, 5)), width)))


def places_by_slice(x, table):
    return x + table[: x.shape[1]]


def places_by_index(x, table):
    return torch.add(x, table[torch.arange(x.size(1))])


def places_by_embedding(x, table):
    return F.embedding(torch.arange(x.shape[1]), table) + x


def places_expanded(x, table):
    batch, n, _ = x.shape
    return x + table[:n].unsqueeze(0).repeat(batch, 1, 1)


def places_text_by_text(x, table):
    return torch.stack([text + table[: len(text)] for text in x])


def places_one_by_one(x, table):
    return torch.stack([x[:, i] + table[i] for i in range(x.shape[1])], dim=1)


def places_in_a_copy(x, table):
    out = x.clone()
    out += table.narrow(0, 0, x.shape[1])
    return out


def places_by_product(x, table):
    return x + torch.eye(x.shape[1], len(table), dtype=table.dtype) @ table


def places_by_split(x, table):
    return x + table.split(x.shape[1])[0][None]


def places_by_padding(x, table):
    longer = F.pad(x, (0, 0, 0, len(table) - x.shape[1])) + table
    return longer[:, : x.shape[1]]


def places_by_select(x, table):
    return x + table.index_select(0, torch.arange(x.shape[-2])).expand_as(x)


def places_at_the_end(x, table):
    return x + table[-x.shape[1] :]


def places_from_one(x, table):
    return x + table[1 : 1 + x.shape[1]]


def places_whole_table(x, table):
    return x + table


def places_first_row(x, table):
    return x + table[0]


def places_multiplied(x, table):
    return x * table[: x.shape[1]]


def places_alone(x, table):
    return table[: x.shape[1]].repeat(x.shape[0], 1, 1)


def places_of_texts(x, table):
    return x + table[: len(x)].unsqueeze(1)


def places_scaled(x, table):
    return x.shape[-1] ** 0.5 * x + table[: x.shape[1]]


def places_taken_away(x, table):
    return x - table[: x.shape[1]]


def places_of_n(x, table):
    return x + table[x.shape[1] - 1]


def places_backwards(x, table):
    return x + table[: x.shape[1]].flip(0)


def places_averaged(x, table):
    return (x + table[: x.shape[1]]) / 2


def places_rows_alone(x, table):
    return table[: x.shape[1]]


def places_beside(x, table):
    return torch.cat((x, table[: x.shape[1]].expand_as(x)), dim=-1)


def places_in_place(x, table):
    with torch.no_grad():
        x += table[: x.shape[1]]
    return x


def places_detached(x, table):
    return places_by_slice(x.detach(), table.detach())


def places_summed(x, table):
    return x + table[: x.shape[1]].cumsum(0)


def queries(rng: np.random.Generator) -> tuple[Any, ...]:
    batch, heads, n, pairs = sizes(rng, 3, 4, 40, 8)
    return tuple(drawn(rng, (batch, heads, n, 2 * pairs)))


def angles_of(x, base=10_000.0):
    n, d = x.shape[-2:]
    return torch.arange(n).unsqueeze(1) / base ** (torch.arange(0, d, 2) / d)


def rotate_plainly(x):
    n, d = x.shape[-2:]
    speeds = 10_000 ** (-torch.arange(0, d, 2) / d)  # (d / 2,)
    angles = torch.arange(n)[:, None] * speeds  # (n, d / 2)
    cosines, sines = angles.cos(), angles.sin()
    left, right = x.chunk(2, dim=-1)
    return torch.cat((left * cosines - right * sines, left * sines + right * cosines), dim=-1)


def rotate_as_complex_numbers(x):
    left, right = x.chunk(2, dim=-1)
    angles = angles_of(x).to(x.dtype)
    turned = torch.complex(left, right) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat((turned.real, turned.imag), -1)


def rotate_by_halves(x):
    angles = torch.cat((angles_of(x), angles_of(x)), dim=-1).to(x.dtype)
    half = x.shape[-1] // 2
    across = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return x * angles.cos() + across * angles.sin()


def rotate_by_outer(x):
    d = x.size(-1)
    speeds = torch.exp(-math.log(10_000) * torch.arange(0, d, 2) / d)
    angles = torch.outer(torch.arange(x.size(-2)).float(), speeds)
    out = torch.empty_like(x)
    out[..., : d // 2] = x[..., : d // 2] * angles.cos() - x[..., d // 2 :] * angles.sin()
    out[..., d // 2 :] = x[..., : d // 2] * angles.sin() + x[..., d // 2 :] * angles.cos()
    return out


def rotate_place_by_place(x):
    n, d = x.shape[-2:]
    half, places = d // 2, []
    for p in range(n):
        a, b = [], []
        for i in range(half):
            angle = p * 10_000 ** (-2 * i / d)
            first, second = x[:, :, p, i], x[:, :, p, i + half]
            a.append(first * math.cos(angle) - second * math.sin(angle))
            b.append(first * math.sin(angle) + second * math.cos(angle))
        places.append(torch.stack(a + b, dim=-1))
    return torch.stack(places, dim=2)


def rotate_by_matrices(x):
    cosines, sines = angles_of(x).cos().to(x.dtype), angles_of(x).sin().to(x.dtype)
    matrices = torch.stack((cosines, -sines, sines, cosines), -1).unflatten(-1, (2, 2))
    turned = torch.einsum("npij,bhnjp->bhnip", matrices, x.unflatten(-1, (2, -1)))
    return turned.flatten(-2)


def rotate_by_exponentials(x):
    n, d = x.shape[-2:]
    p, i = torch.meshgrid(torch.arange(n), torch.arange(d // 2), indexing="ij")
    left, right = x.unflatten(-1, (2, d // 2)).unbind(-2)
    turned = (left + 1j * right) * torch.exp(1j * p * 10_000.0 ** (-2 * i / d))
    return torch.cat((turned.real, turned.imag), dim=-1).to(x.dtype)


def rotate_by_numpy_angles(x):
    n, d = x.shape[-2:]
    angles = np.outer(np.arange(n), 10_000.0 ** (-2 * np.arange(d // 2) / d))
    c, s = (torch.from_numpy(each).to(x) for each in (np.cos(angles), np.sin(angles)))
    left, right = x[..., : d // 2], x[..., d // 2 :]
    return torch.concat([c * left - s * right, s * left + c * right], dim=3)


def rotate_step_by_step(x):
    """Place p is turned once more than place p - 1."""
    cosines, sines = ((angles_of(x[:, :, :2])[-1]).to(torch.float64) for _ in range(2))
    cosines, sines = cosines.cos(), sines.sin()
    found = [x.double()]
    for p in range(1, x.shape[2]):
        a, b = found[-1].chunk(2, -1)
        turned = torch.cat((a * cosines - b * sines, a * sines + b * cosines), -1)
        found.append(torch.cat((found[-1][:, :, :p], turned[:, :, p:]), 2))
    return found[-1].to(x.dtype) if x.shape[2] > 1 else x.clone()


def rotate_by_the_package(x):
    cosines, sines = attention.rotations(*x.shape[-2:])
    return attention.rotate(x, cosines.to(x.dtype), sines.to(x.dtype))


def rotate_two_halves(x):
    def half(a, b):
        angles = angles_of(x).to(x.dtype)
        return torch.addcmul(a * angles.cos(), b, angles.sin())

    left, right = x.chunk(2, -1)
    return torch.cat((half(left, -right), half(right, left)), -1)


def rotated(x, angles, pairs=None):
    left, right = x.chunk(2, dim=-1) if pairs is None else pairs
    cosines, sines = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    return torch.cat((left * cosines - right * sines, left * sines + right * cosines), dim=-1)


def rotate_neighbours(x):
    angles = angles_of(x).to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    out = torch.zeros_like(x)
    out[..., 0::2] = a * angles.cos() - b * angles.sin()
    out[..., 1::2] = a * angles.sin() + b * angles.cos()
    return out


def rotate_neighbours_apart(x):
    return rotated(x, angles_of(x), (x[..., 0::2], x[..., 1::2]))


def rotate_from_one(x):
    n, d = x.shape[-2:]
    return rotated(x, torch.arange(1, n + 1)[:, None] * 10_000 ** (-torch.arange(0, d, 2) / d))


def rotate_back(x):
    return rotated(x, -angles_of(x))


def rotate_base_thousand(x):
    return rotated(x, angles_of(x, 1e3))


def rotate_base_hundred_thousand(x):
    return rotated(x, angles_of(x, 1e5))


def rotate_without_two(x):
    n, d = x.shape[-2:]
    return rotated(x, torch.arange(n)[:, None] * 1e4 ** (-torch.arange(d // 2) / d))


def rotate_equally(x):
    return rotated(x, torch.arange(x.shape[-2])[:, None].float())


def rotate_faster(x):
    n, d = x.shape[-2:]
    return rotated(x, torch.arange(n)[:, None] * 10_000 ** (torch.arange(0, d, 2) / d))


def rotate_in_degrees(x):
    return rotated(x, torch.deg2rad(angles_of(x)))


def rotate_without_minus(x):
    left, right = x.chunk(2, dim=-1)
    c, s = angles_of(x).cos().to(x.dtype), angles_of(x).sin().to(x.dtype)
    return torch.cat((left * c + right * s, left * s + right * c), dim=-1)


def rotate_with_two_minuses(x):
    left, right = x.chunk(2, dim=-1)
    c, s = angles_of(x).cos().to(x.dtype), angles_of(x).sin().to(x.dtype)
    return torch.cat((left * c - right * s, right * c - left * s), dim=-1)


def rotate_repeated(x):
    angles = torch.repeat_interleave(angles_of(x), 2, -1).to(x.dtype)
    left, right = x.chunk(2, -1)
    return x * angles.cos() + torch.cat((-right, left), -1) * angles.sin()


def rotate_sines_for_cosines(x):
    left, right = x.chunk(2, dim=-1)
    s, c = angles_of(x).cos().to(x.dtype), angles_of(x).sin().to(x.dtype)
    return torch.cat((left * c - right * s, left * s + right * c), dim=-1)


def rotate_heads(x):
    return rotate_plainly(x.transpose(1, 2)).transpose(1, 2)


def rotate_halves_exchanged(x):
    left, right = rotate_plainly(x).chunk(2, dim=-1)
    return torch.cat((right, left), dim=-1)


def rotate_not(x):
    return x.clone()


def rotate_by_cosines(x):
    angles = angles_of(x).repeat(1, 2)
    return x * angles.cos().to(x.dtype)


def rotate_first_half(x):
    left, right = x.chunk(2, dim=-1)
    return torch.cat((rotate_plainly(x).chunk(2, -1)[0], right), -1) + 0 * left.sum()


def rotate_in_place(x):
    half, angles = x.shape[-1] // 2, angles_of(x)
    with torch.no_grad():
        x[..., :half] = x[..., :half] * angles.cos() - x[..., half:] * angles.sin()
        x[..., half:] = x[..., :half] * angles.sin() + x[..., half:] * angles.cos()
    return x


def rotate_one_after_the_other(x):
    half, angles, out = x.shape[-1] // 2, angles_of(x).to(x.dtype), x.clone()
    out[..., :half] = out[..., :half] * angles.cos() - out[..., half:] * angles.sin()
    out[..., half:] = out[..., :half] * angles.sin() + out[..., half:] * angles.cos()
    return out


def rotate_in_double_precision(x):
    n, d = x.shape[-2:]
    p = torch.arange(n, dtype=torch.float64)[:, None]
    angles = p * 1e4 ** (-torch.arange(0, d, 2) / d)
    left, right = x.chunk(2, -1)
    return torch.cat(
        (left * angles.cos() - right * angles.sin(), left * angles.sin() + right * angles.cos()), -1
    )


def rotate_by_half_of_d(x):
    n, d = x.shape[-2:]
    return rotated(x, torch.arange(n)[:, None] * 1e4 ** (-torch.arange(0, d, 2) / (d // 2)))


def rotate_by_sinusoids(x):
    angles = angles_of(x).to(x.dtype)
    return x + torch.cat((angles.sin(), angles.cos()), -1)


def rotate_backwards(x):
    return pieces.rotate(x.flip(2)).flip(2)


def rotate_detached(x):
    return rotate_plainly(x.detach())


ANSWERS = {
    "queries_keys_values": Answers(
        right=(
            three_by_chunk,
            three_by_linear,
            three_by_slices,
            three_maps,
            three_by_einsum,
            three_by_reshape,
            three_by_unbind,
            three_by_columns,
            three_place_by_place,
            three_by_a_module,
            three_by_sums,
        ),
        wrong=(
            (three_without_bias, "the bias is missing"),
            (three_untransposed, "must be transposed"),
            (three_strided, "every third number"),
            (three_keys_first, "keys and queries are exchanged"),
            (three_values_second, "keys and values are exchanged"),
            (three_backwards, "the order is turned round"),
            (three_times_one, "all three are the same third"),
            (three_in_one, "cut its last axis into three"),
            (three_less_bias, "the bias is taken away"),
            (three_of_places, ""),
            (three_untransposed_product, "stopped with RuntimeError"),
            (three_unmapped, "it should be"),
            (three_in_numpy, "a torch tensor is expected"),
            (three_in_single_precision, "you return float32 at [0] where float64 is expected"),
            (three_detached, "lost its gradient"),
            (three_two_only, "2 items where 3 items are expected"),
            (three_biased_too_early, "it should be"),
        ),
        inputs=a_stream_and_a_map,
    ),
    "scaled_scores": Answers(
        right=(
            scores_by_matmul,
            scores_by_einsum,
            scores_by_mt,
            scores_scaled_before,
            scores_scaled_in_halves,
            scores_head_by_head,
            scores_by_sums,
            scores_one_by_one,
            scores_in_batches,
            scores_by_torch_sqrt,
            scores_by_linear,
            scores_turned_twice,
        ),
        wrong=(
            (scores_unscaled, "are not divided by the root of d"),
            (scores_by_d, "divide by its square root"),
            (scores_multiplied, "you multiplied by the root of d"),
            (scores_by_n, "you divided by the root of n"),
            (scores_by_width, "the root of the whole width"),
            (scores_by_heads, "the root of the number of heads"),
            (scores_of_keys, "rows and columns are exchanged"),
            (scores_as_weights, "these are weights already"),
            (scores_number_by_number, "number by number"),
            (scores_of_unit_queries, "unit vectors"),
            (scores_as_cosines, "cosines"),
            (scores_masked, "the mask comes later"),
            (scores_by_capital_t, "stopped with RuntimeError"),
            (scores_untransposed, "stopped with RuntimeError"),
            (scores_reshaped, "a reshape is no transpose"),
            (scores_over_heads, "it should be"),
            (scores_in_double_precision, "you return float64 where float32 is expected"),
            (scores_in_place, "you change `q` in place"),
        ),
        inputs=queries_and_keys,
    ),
    "causal_weights": Answers(
        right=(
            causal_by_triu,
            causal_by_tril,
            causal_by_where,
            causal_by_adding,
            causal_by_large_number,
            causal_row_by_row,
            causal_by_hand,
            causal_by_padding,
            causal_by_indices,
            causal_by_torch,
            causal_by_logsumexp,
            causal_by_attention,
        ),
        wrong=(
            (causal_unmasked, "nothing is masked"),
            (causal_past, "you masked the past"),
            (causal_inverted, "you masked what a place may see"),
            (causal_diagonal, "a place may see itself"),
            (causal_one_too_far, "one place too far"),
            (causal_after, "no longer sum to one"),
            (causal_renormed, "mask before it"),
            (causal_renormed_down, ""),
            (causal_zeros, "a masked score of 0"),
            (causal_columns, "the softmax runs over the wrong axis"),
            (causal_scores, "now take their softmax"),
            (causal_overflowing, "overflows"),
            (causal_less_one, "a masked score must be -inf"),
            (causal_less_ten_thousand, "not enough for large scores"),
            (causal_set_to_minus_ten_thousand, "not enough for large scores"),
            (causal_multiplied_by_infinity, "0 times infinity"),
            (causal_over_the_table, ""),
            (causal_rows_turned, ""),
            (causal_equally, ""),
            (causal_over_heads, ""),
            (causal_logs, "logarithms"),
            (causal_detached, "lost its gradient"),
            (causal_in_place, "you change `scores` in place"),
        ),
        inputs=any_scores,
    ),
    "split_heads": Answers(
        right=(
            split_by_reshape,
            split_by_view,
            split_by_unflatten,
            split_by_chunks,
            split_by_slices,
            split_by_filling,
            split_by_einsum,
            split_by_unfold,
            split_through_the_batch,
            split_last_axis_first,
            split_by_indices,
            split_text_by_text,
            split_by_the_package,
        ),
        wrong=(
            (split_only, "exchange the two middle axes"),
            (split_mixed, "this mixes places and heads"),
            (split_interleaved, "a head's numbers are neighbours"),
            (split_numbers_before_places, "the last two axes are exchanged"),
            (split_heads_first, "the batch comes first"),
            (split_texts_third, "the texts third"),
            (split_in_a_list, "this is a list of heads"),
            (split_into_d_heads, ""),
            (split_backwards, ""),
            (split_numbers_backwards, ""),
            (split_copied, ""),
            (split_first_head, ""),
            (split_places, ""),
            (split_twice_turned, ""),
            (split_detached, "lost its gradient"),
            (split_in_numpy, "a torch tensor is expected"),
        ),
        inputs=a_stream_and_heads,
    ),
    "merge_heads": Answers(
        right=(
            merge_by_reshape,
            merge_by_view,
            merge_by_flatten,
            merge_by_cat,
            merge_by_unbind,
            merge_by_hstack,
            merge_by_einsum,
            merge_by_filling,
            merge_by_movedim,
            merge_last_axis_first,
            merge_place_by_place,
            merge_by_the_package,
        ),
        wrong=(
            (merge_mixed, "this mixes places and heads"),
            (merge_untransposed, "this mixes places and heads"),
            (merge_interleaved, "a head's numbers stay together"),
            (merge_turned, "merge the last two axes"),
            (merge_added, "adding them up"),
            (merge_averaged, "their mean"),
            (merge_of_places, "the places stay"),
            (merge_by_a_view, "Use .reshape"),
            (merge_backwards, ""),
            (merge_of_all, ""),
            (merge_first_head, ""),
            (merge_wrong_axes, ""),
            (merge_texts_and_places, ""),
            (merge_detached, "lost its gradient"),
            (merge_of_lists, "a torch tensor is expected"),
            (merge_in_single_precision, "you return float32 where float64 is expected"),
        ),
        inputs=some_heads,
    ),
    "learned_positions": Answers(
        right=(
            places_by_slice,
            places_by_index,
            places_by_embedding,
            places_expanded,
            places_text_by_text,
            places_one_by_one,
            places_in_a_copy,
            places_by_product,
            places_by_split,
            places_by_padding,
            places_by_select,
        ),
        wrong=(
            (places_at_the_end, "the table's last rows"),
            (places_from_one, "places are counted from 0"),
            (places_whole_table, "the table is longer than the text"),
            (places_first_row, "not the first one"),
            (places_multiplied, "the row is added"),
            (places_alone, "not the rows"),
            (places_of_texts, "not with the texts of the batch"),
            (places_scaled, "the stream is not scaled here"),
            (places_taken_away, "the rows are taken away"),
            (places_of_n, ""),
            (places_backwards, ""),
            (places_averaged, ""),
            (places_rows_alone, ""),
            (places_beside, ""),
            (places_detached, "lost its gradient"),
            (places_in_place, "you change `x` in place"),
            (places_summed, ""),
        ),
        inputs=a_stream_and_a_table,
    ),
    "rotate": Answers(
        right=(
            rotate_plainly,
            rotate_as_complex_numbers,
            rotate_by_halves,
            rotate_by_outer,
            rotate_place_by_place,
            rotate_by_matrices,
            rotate_by_exponentials,
            rotate_by_numpy_angles,
            rotate_step_by_step,
            rotate_by_the_package,
            rotate_two_halves,
        ),
        wrong=(
            (rotate_neighbours, "you paired neighbours"),
            (rotate_neighbours_apart, "you paired neighbours"),
            (rotate_from_one, "places are counted from 0"),
            (rotate_back, "the other way round"),
            (rotate_base_thousand, "not 1,000"),
            (rotate_base_hundred_thousand, "not 100,000"),
            (rotate_without_two, "the 2 is missing"),
            (rotate_equally, "all pairs turn equally fast"),
            (rotate_faster, "the exponent is negative"),
            (rotate_in_degrees, "radians already"),
            (rotate_without_minus, "the first half's"),
            (rotate_with_two_minuses, "the second half's sine has a plus sign"),
            (rotate_repeated, "do not repeat each angle"),
            (rotate_sines_for_cosines, "cosine and sine are exchanged"),
            (rotate_heads, "not with the head"),
            (rotate_halves_exchanged, "the two halves are exchanged"),
            (rotate_not, "nothing is turned"),
            (rotate_by_cosines, ""),
            (rotate_first_half, ""),
            (rotate_in_place, "you change `x` in place"),
            (rotate_one_after_the_other, "the first half is already turned"),
            (rotate_in_double_precision, "you return float64 where float32 is expected"),
            (rotate_by_half_of_d, "divide by d"),
            (rotate_by_sinusoids, "sines and cosines are added"),
            (rotate_detached, "lost its gradient"),
            (rotate_backwards, ""),
        ),
        inputs=queries,
    ),
}
