"""What loads an artefact, and the exact command that turns it into a format without code."""

from __future__ import annotations

from shlex import quote

_LOADERS = {
    "pickle": "pickle.load",
    "joblib": "joblib.load",
    "npy": "numpy.load(allow_pickle=True)",
    "npz": "numpy.load(allow_pickle=True)",
    "torch-zip": "torch.load(weights_only=False)",
    "torch-legacy": "torch.load(weights_only=False)",
    "torchscript": "torch.jit.load",
    "keras-zip": "keras.models.load_model",
    "hdf5": "keras.models.load_model",
    "tf-saved-model": "tensorflow.saved_model.load",
    "onnx": "onnxruntime.InferenceSession",
    "gguf": "llama.cpp and what embeds it",
    "skops": "skops.io.load",
    "rdata": "readRDS",
    "mlflow": "mlflow.pyfunc.load_model",
}
_TORCH = (
    "import torch, safetensors.torch as s; d = torch.load({file!r}, weights_only=True, map_location='cpu'); "
    "s.save_file({{k: v.contiguous() for k, v in d.items()}}, {safe!r})"
)
_SKLEARN = "import joblib, skops.io as s; s.dump(joblib.load({file!r}), {safe!r})"
_BOOSTER = "import joblib; joblib.load({file!r}).save_model({safe!r})"
_KERAS = "import keras; keras.models.load_model({file!r}, safe_mode=True).save({safe!r})"
_RECIPES: dict[tuple[str, str], tuple[str, str]] = {
    ("torch-zip", "torch"): (_TORCH, ".safetensors"),
    ("torch-legacy", "torch"): (_TORCH, ".safetensors"),
    ("pickle", "sklearn"): (_SKLEARN, ".skops"),
    ("joblib", "sklearn"): (_SKLEARN, ".skops"),
    ("pickle", "xgboost"): (_BOOSTER, ".ubj"),
    ("joblib", "xgboost"): (_BOOSTER, ".ubj"),
    ("hdf5", "keras"): (_KERAS, ".keras"),
}


def advice(form: str, framework: str, name: str) -> dict[str, str]:
    """`loader`, and `convert` where a format without code exists: for a sandbox, on files that were checked."""
    found = {"loader": _LOADERS[form]} if form in _LOADERS else {}
    recipe = _RECIPES.get((form, framework))
    if recipe:
        script, suffix = recipe
        stem = name.rpartition(".")[0] or name
        found["convert"] = f"python -c {quote(script.format(file=name, safe=stem + suffix))}"
    return found
