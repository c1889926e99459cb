"""Settings of the machine that change speed, never results."""

from __future__ import annotations

import ctypes

import torch

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEEP_BYTES = 2**31 - 1
_LARGEST_MMAP_THRESHOLD_BYTES = 32 * 1024 * 1024


def prepare_cpu(threads: int) -> None:
    """Thread count, flushed denormals, and freed memory that stays with the process (a third of the CPU time)."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD_BYTES)
        libc.mallopt(_TRIM_THRESHOLD, _KEEP_BYTES)
    except (OSError, AttributeError):
        pass


def autocast(device: torch.device):
    """bfloat16 for convolutions on a GPU, float32 on a CPU."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")
