"""Reads DICOM files with pydicom and prints what tests compare, one JSON object per line. Files come on stdin."""

import hashlib
import json
import sys
import warnings

import numpy
import pydicom

warnings.simplefilter("ignore")


def describe(path):
    dataset = pydicom.dcmread(path)
    pixels = dataset.pixel_array
    return {
        "sopInstanceUid": str(dataset.SOPInstanceUID),
        "transferSyntaxUid": str(dataset.file_meta.TransferSyntaxUID),
        "shape": list(pixels.shape),
        "pixelsSha256": hashlib.sha256(pixels.astype(numpy.int64).tobytes()).hexdigest(),
        "slope": str(dataset.get("RescaleSlope", "")),
        "patientName": str(dataset.get("PatientName", "")),
        "seriesDescription": str(dataset.get("SeriesDescription", "")),
        "imageType": "\\".join(dataset.ImageType),
        "elements": sorted(f"{element.tag.group:04X},{element.tag.elem:04X}" for element in dataset),
    }


def differences(source_path, derived_path):
    source = pydicom.dcmread(source_path)
    derived = pydicom.dcmread(derived_path)
    changed = [tag for tag in source.keys() if tag in derived and source[tag] != derived[tag]]
    name = lambda tag: f"({tag.group:04X},{tag.elem:04X})"
    return {
        "changed": sorted(map(name, changed)),
        "added": sorted(name(tag) for tag in derived.keys() if tag not in source),
        "removed": sorted(name(tag) for tag in source.keys() if tag not in derived),
    }


for line in sys.stdin:
    paths = line.rstrip("\n").split("\t")
    print(json.dumps(describe(paths[0]) if len(paths) == 1 else differences(*paths)))
