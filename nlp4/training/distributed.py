"""One training by several processes: each takes its rows of every batch, and they add up gradients.

`torchrun --nproc_per_node 2 -m nlp4 reproduce ...` starts them, on one machine or on several that
share a folder. Every process holds the whole model and draws the whole batch, which depends on the
seed and the step alone. So all of them take the steps that one process would take, but for rounding
and for what drops out, which each draws for its own rows; one file holds the training, and any
number of processes goes on from it.

Gradients are added up after the backward pass, and not by torch's DistributedDataParallel: that
takes their mean over processes, where a loss that is a mean over targets wants each weighted by its
targets; and it has no answer to sparse gradients on GPUs.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from nlp4.data.objectives import Batch
from nlp4.data.vocabulary import IGNORED
from nlp4.support.errors import UserError

PATIENCE = timedelta(minutes=2)  # with a process that neither answers nor ends
_STARTED = ("RANK", "LOCAL_RANK", "WORLD_SIZE")  # what torchrun tells each process


class Lost(UserError):
    """Another process of the training has ended, or does not answer."""


@dataclass(frozen=True)
class World:
    """Which of the processes that train together this is; one that is alone asks nobody.

    Each method but `share` must be called by all of them, and raises Lost if one is gone.
    """

    rank: int = 0
    size: int = 1

    def share(self, batch: Batch) -> tuple[Batch, float]:
        """This process's rows of a batch, and which part of its targets they hold.

        Neighbours are of like length, so rows that are dealt out in turn are as much work for all.
        Raises UserError if there are fewer rows than processes.
        """
        if self.size == 1:
            return batch, 1.0
        if len(batch.ids) < self.size:
            raise UserError(
                f"a batch of {len(batch.ids)} is too small for {self.size} processes: start fewer"
            )
        mine = Batch(*(tensor[self.rank :: self.size] for tensor in batch.tensors))
        ours, all_ = (int((each.targets != IGNORED).sum()) for each in (mine, batch))
        return mine, ours / all_

    def reduce(self, loss: Tensor, model: nn.Module) -> float:
        """Add up a model's gradients over the processes, in place; return the sum of the losses.

        Each loss is the mean of its process's targets, times the part of them that these are.
        """
        if self.size == 1:
            return loss.item()
        learning = [(p, p.grad) for p in model.parameters() if p.grad is not None]
        dense = [loss.detach(), *(grad for _, grad in learning if not grad.is_sparse)]
        flat = parameters_to_vector(dense)
        with _together():
            dist.all_reduce(flat)
        vector_to_parameters(flat, dense)
        for p, grad in learning:
            if grad.is_sparse:
                rows = grad.coalesce().cpu()  # gloo adds up sparse tensors, NCCL does not
                with _together():
                    dist.all_reduce(rows)
                p.grad = rows.to(p.device)
        return dense[0].item()

    def any(self, flag: bool) -> bool:
        """Whether one process at least has a flag that is set."""
        return self._sum(flag) > 0

    def first(self, number: float) -> float:
        """The number that process 0 has."""
        return self._sum(number if self.rank == 0 else 0.0)

    def meet(self, **seen: object) -> None:
        """Wait for the others. Raises UserError, in all of them, unless they see the same."""
        if self.size == 1:
            return
        everyones: list[dict[str, object]] = [{}] * self.size
        with _together():
            dist.all_gather_object(everyones, seen)
        for rank, theirs in enumerate(everyones):
            both = theirs | everyones[0]
            if other := [key for key in both if theirs.get(key) != everyones[0].get(key)]:
                raise UserError(
                    f"process {rank} has another {', '.join(other)} than process 0: start all with "
                    "the same options, data and --out folder"
                )

    def device(self, name: str) -> str:
        """What torch calls the device `name` of this process: "cpu", "cuda" or "mps".

        Each process of a machine takes a GPU of its own. Raises UserError where there is none.
        """
        own = int(os.environ["LOCAL_RANK"]) if self.size > 1 else 0
        there = {"cpu": own + 1, "cuda": torch.cuda.device_count()}
        there["mps"] = int(torch.backends.mps.is_available())
        if own >= there[name]:
            many = f" for each of {self.size} processes" if self.size > 1 else ""
            raise UserError(
                f"--device {name}: torch finds none{many} on this machine: use --device cpu"
            )
        return f"cuda:{own}" if name == "cuda" and self.size > 1 else name

    def _sum(self, number: float) -> float:
        if self.size == 1:
            return number
        total = torch.tensor(number, dtype=torch.float64)
        with _together():
            dist.all_reduce(total)
        return total.item()


def here() -> World:
    """The world that this process has joined, or one of its own."""
    if dist.is_available() and dist.is_initialized():
        return World(dist.get_rank(), dist.get_world_size())
    return World()


@contextmanager
def joined(meeting: str = "env://") -> Iterator[World]:
    """Inside the block, this process is one of those that torchrun started, if it did.

    Process 0 alone prints. SIGTERM, by which torchrun ends a process, counts as Ctrl-C. An error
    in any process ends all of them: the first to have one raises it, and the others raise
    SystemExit. `meeting` is where they find each other, as torch's `init_process_group` has it.
    Raises UserError if they do not.
    """
    if meeting == "env://" and not all(name in os.environ for name in _STARTED):
        yield World()
        return
    store = _found(meeting)
    first = dist.get_rank() == 0
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with open(os.devnull, "w") as nothing, redirect_stdout(sys.stdout if first else nothing):
            yield here()
    except (UserError, KeyboardInterrupt) as error:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # this process ends without being told to
        if not _first_to_tell(store):
            raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 2) from None
        raise
    finally:
        dist.destroy_process_group()


def _found(meeting: str) -> Store:
    """Join the others at `meeting`; return what all of them can write to."""
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    try:
        store, rank, size = next(rendezvous(meeting, timeout=PATIENCE))
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        if os.environ.get("LOCAL_RANK", "0") != "0":
            raise SystemExit(2) from None
        told = str(error).partition("\n")[0]
        raise UserError(f"the processes of this training do not find each other: {told}") from None
    return store


def _first_to_tell(store: Store) -> bool:
    """Whether no other process has told yet why all of them end."""
    try:
        return store.add("told", 1) == 1
    except RuntimeError:
        return True  # whoever kept the store is gone


@contextmanager
def _together() -> Iterator[None]:
    """Raises Lost where torch finds that another process does not take part."""
    try:
        yield
    except RuntimeError:
        raise Lost(
            "another process of this training was lost: the same command goes on from what is saved"
        ) from None
