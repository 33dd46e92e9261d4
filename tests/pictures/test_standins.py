"""Tests of `nlp4.pictures.standins`, each in a Python of its own: they stay once installed."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> subprocess.CompletedProcess[str]:
    begin = "from nlp4.pictures import standins\nstandins.install()\n"
    return subprocess.run([sys.executable, "-c", begin + code], capture_output=True, text=True)


def test_a_module_that_trains_can_be_imported_and_read_from() -> None:
    code = (
        "from nlp4.experiments import comparison, facts, probe\n"
        "print(len(comparison.read_accuracy().rows) > 0, len(facts.read_facts().runs) > 0)\n"
    )
    ended = run(code)
    assert (ended.stdout, ended.stderr) == ("True True\n", "")


def test_a_stand_in_is_a_base_class_a_type_and_a_decorator() -> None:
    code = (
        "import torch\nfrom torch import Tensor, nn\n"
        "class Layer(nn.Module):\n    pass\n"
        "@torch.no_grad()\ndef double(x): return 2 * x\n"
        "print(double(4), isinstance(4, Tensor), issubclass(Layer, nn.Module))\n"
    )
    ended = run(code)
    assert (ended.stdout, ended.stderr) == ("8 False True\n", "")


@pytest.mark.parametrize("call", ["torch.zeros(3)", "torch.nn.Linear(2, 2)", "Layer()"])
def test_whoever_calls_one_hears_what_is_missing(call: str) -> None:
    ended = run(f"import torch\nclass Layer(torch.nn.Module): pass\n{call}")
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ") and last.endswith("in a web page: open the notebook")


def test_what_is_not_absent_is_the_real_thing() -> None:
    ended = run("import numpy\nfrom nlp4.data import vocabulary\nprint(numpy.arange(3).sum())")
    assert (ended.stdout, ended.stderr) == ("3\n", "")
