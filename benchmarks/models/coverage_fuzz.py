"""Coverage-guided fuzzing of the readers with atheris: coverage_fuzz.py CORPUS… [-max_total_time=600].

The first byte chooses the name, and with it the format, under which the rest is shown to the sensor.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["bartizan.sensors.models", "bartizan.syntax.zipindex"]):
    from bartizan.model.blob import Blob
    from bartizan.model.location import Location
    from bartizan.model.settings import Settings
    from bartizan.rules.library import Library
    from bartizan.sensors.models.blobs import ModelFiles
    from bartizan.sensors.models.files import (
        coreml,
        gguf,
        keras,
        numpy,
        onnx,
        rdata,
        safetensors,
        skops,
        tensorflow,
        texts,
        tflite,
        torch,
    )  # noqa: F401
    from bartizan.sources.format import sniff

NAMES = [
    "m.pkl",
    "m.pt",
    "m.npy",
    "m.npz",
    "m.keras",
    "m.h5",
    "m.gguf",
    "m.safetensors",
    "m.onnx",
    "saved_model.pb",
    "m.tflite",
    "m.rds",
    "m.mlmodel",
    "tokenizer_config.json",
    "m.skops",
    "m.pmml",
]
FORMATS = [
    "pickle",
    "torch-zip",
    "npy",
    "npz",
    "keras-zip",
    "hdf5",
    "gguf",
    "safetensors",
    "onnx",
    "tf-model",
    "tflite",
    "rdata",
    "data",
    "text",
    "zip",
    "text",
]
SENSOR = ModelFiles(Library(), Settings())


def one_input(data: bytes) -> None:
    if not data:
        return
    choice = data[0] % 32
    content = data[1:]
    name = NAMES[choice % 16]
    form = FORMATS[choice % 16] if choice < 16 else sniff(name, content)
    blob = Blob(Location(path=name), content, form)
    if SENSOR.wants(blob):
        list(SENSOR.observe(blob))


atheris.Setup(sys.argv, one_input)
atheris.Fuzz()
