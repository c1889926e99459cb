"""Reads and writes safetensors files without a dependency. model-spec.md 5, engines.md 6."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

_HEADER_LIMIT_BYTES = 100 * 1024 * 1024
_DTYPES: dict[str, np.dtype] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "U8": np.dtype("u1"),
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class SafetensorsError(ValueError):
    """A file that is no safetensors file, or one that we do not accept."""


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors as read-only views into a memory map, and the metadata. BF16 is widened to float32."""
    size_bytes = path.stat().st_size
    with path.open("rb") as stream:
        prefix = stream.read(8)
        length_bytes = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else -1
        if not 2 <= length_bytes <= min(_HEADER_LIMIT_BYTES, size_bytes - 8):
            raise SafetensorsError(f"{path.name}: header length does not fit the file")
        header = json.loads(stream.read(length_bytes))
    metadata = header.pop("__metadata__", {})
    start = 8 + length_bytes
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=start) if size_bytes > start else np.empty(0, np.uint8)
    entries = sorted(header.items(), key=lambda item: item[1]["data_offsets"])
    tensors: dict[str, np.ndarray] = {}
    expected = 0
    for name, entry in entries:
        begin, end = entry["data_offsets"]
        if begin != expected or end < begin or end > data.size:
            raise SafetensorsError(f"{path.name}: {name} does not follow the tensor before it")
        tensors[name] = _view(path, name, entry, data[begin:end])
        expected = end
    if expected != data.size:
        raise SafetensorsError(f"{path.name}: {data.size - expected} bytes after the last tensor")
    return tensors, metadata


def _view(path: Path, name: str, entry: dict, data: np.ndarray) -> np.ndarray:
    shape = tuple(entry["shape"])
    if entry["dtype"] == "BF16":
        wide = data.view("<u2").astype("<u4") << 16
        return wide.view("<f4").reshape(shape)
    dtype = _DTYPES.get(entry["dtype"])
    if dtype is None:
        raise SafetensorsError(f"{path.name}: {name} has the type {entry['dtype']}")
    if data.size != dtype.itemsize * int(np.prod(shape, dtype=np.int64)):
        raise SafetensorsError(f"{path.name}: {name} has another size than its shape says")
    return data.view(dtype).reshape(shape)


def write(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> str:
    """Writes whole or not at all, widest types first. Adds `tensors.sha256`; gives the SHA-256 of the file."""
    names = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
    arrays = {name: np.ascontiguousarray(tensors[name]).reshape(tensors[name].shape) for name in names}
    header: dict[str, object] = {}
    body = hashlib.sha256()
    offset = 0
    for name, array in arrays.items():
        end = offset + array.nbytes
        header[name] = {"dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [offset, end]}
        body.update(array.tobytes())
        offset = end
    header = {"__metadata__": {**metadata, "tensors.sha256": body.hexdigest()}, **header}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    part = path.with_name(path.name + ".part")
    whole = hashlib.sha256()
    with part.open("wb") as stream:
        for piece in (struct.pack("<Q", len(text)), text, *(array.tobytes() for array in arrays.values())):
            whole.update(piece)
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, path)
    return whole.hexdigest()
