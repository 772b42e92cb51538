"""Arguments of ``witness``."""

from __future__ import annotations

import argparse
import re

DTYPES = ("float64", "float32", "float16", "bfloat16")
EPILOG = """
The file calls your kernel through the two functions at its top:
  forward(x, w, eps=...)       inputs, parameters, data and states of the layer in the spec's order; numbers by name
  backward(dy, x, w, eps=...)  cotangents of the outputs first; gives the gradients of inputs and parameters in order
With --forward M:F (and --backward M:G) they call the functions F and G of the module M; without, they are stubs to fill
in.  With --torch and no --backward gradients are autograd's: of a torch.autograd.Function, give --forward M:Fn.apply
"""


def add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("path", metavar="SPEC", help="a spec file with backward passes")
    which = sub.add_mutually_exclusive_group(required=True)
    which.add_argument("--torch", metavar="FILE", help="write a pytest file for PyTorch tensors")
    which.add_argument("--numpy", metavar="FILE", help="write a pytest file for NumPy arrays")
    sub.add_argument("--only", metavar="LAYER", action="append", help="this layer alone; may be given more than once")
    sub.add_argument("--forward", metavar="M:F", type=_place, help="your forward pass: module:function")
    sub.add_argument("--backward", metavar="M:G", type=_place, help="your backward pass: module:function")
    sub.add_argument(
        "--block", metavar="C=16,T=32", type=_blocks, default={}, help="block sizes of your kernel, by size of the spec"
    )
    sub.add_argument("--dtype", choices=DTYPES, default="float64", help="of real tensors (default float64)")
    sub.epilog = EPILOG + "\n" + (sub.epilog or "")


def _place(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form module:function")
    return text


def _blocks(text: str) -> dict[str, int]:
    rows: dict[str, int] = {}
    for part in text.split(","):
        name, sign, number = (p.strip() for p in part.partition("="))
        if not (sign and name and number.isascii() and number.isdigit() and 0 < int(number) <= 4096):
            raise argparse.ArgumentTypeError(
                f"{part.strip() or text!r} is not of the form size=block, block from 1 to 4096"
            )
        rows[name] = int(number)
    return rows
