"""Names that are meant to be mistaken."""

from __future__ import annotations

import pytest

from bartizan.rules.library import Library
from bartizan.rules.package import PackageSheet
from bartizan.sensors.packages.imitation import Vocabulary, is_slip

VOCABULARIES = {
    names.ecosystem: Vocabulary.of(names) for sheet in Library().sheets(PackageSheet) for names in sheet.names
}
PYPI = VOCABULARIES["pypi"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("tensorfow", "tensorflow"), ("tesnorflow", "tensorflow"), ("tensorflwo", "tensorflow"), ("numpyy", "numpy"),
        ("nunpy", ""), ("pandsa", "pandas"), ("reqeusts", "requests"), ("langchian", "langchain"),
        ("anthropicc", "anthropic"), ("huggingfacehub", "huggingface-hub"), ("hugging-face-hub", "huggingface-hub"),
        ("sentence-transformer", "sentence-transformers"), ("scikit-leam", "scikit-learn"),
        ("trasnformers", "transformers"),
        ("opemai", ""), ("0penai", "openai"), ("ultralytic", "ultralytics"), ("gradoi", "gradio"), ("vlm", ""),
        ("torhc", "torch"), ("llama-idnex", "llama-index"), ("streamlti", "streamlit"), ("xgbosot", "xgboost"),
    ],
)  # fmt: skip
def test_imitations(name: str, meant: str) -> None:
    assert PYPI.imitated(name) == meant


def test_no_known_name_is_an_imitation() -> None:
    for vocabulary in VOCABULARIES.values():
        for name in (*vocabulary.protected, *vocabulary.existing):
            assert vocabulary.imitated(name) == ""
            assert vocabulary.invention_of(name) == ""


@pytest.mark.parametrize(
    "name",
    ["django", "click", "rich", "touch", "panda", "nump", "kera", "scip", "pytest", "pytest-xdist", "black",
     "cupy-cuda12x", "nvidia-cublas-cu11", "types-requests", "requests-oauthlib", "torchdata", "open-clip-torch",
     "onnxruntime-genai", "opentelemetry-api", "langchainhub", "tensorflow-io", "mlflow-skinny", "my-own-package",
     "llama-index-llms-openai", "langchain-postgres", "spacy-legacy", "polars-lts-cpu", "dask-ml", "rayon"],
)  # fmt: skip
def test_strangers_and_relatives_are_left_alone(name: str) -> None:
    assert PYPI.imitated(name) == ""


def test_numbers_at_the_end_tell_releases_apart() -> None:
    assert not is_slip("nvidia-cudnn-cu11", "nvidia-cudnn-cu12")


def test_inventions() -> None:
    assert PYPI.invention_of("huggingface-cli") == "huggingface"
    assert PYPI.invention_of("chromadb-client") == ""
    assert PYPI.invention_of("acme-utils") == ""
