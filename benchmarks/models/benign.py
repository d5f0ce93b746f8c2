"""Writes model files with whatever libraries are installed; run it once in each environment: benign.py FOLDER TAG."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import json
import operator
import pathlib
import pickle
import random
import sys
import uuid
from collections.abc import Callable, Iterator

OUT = pathlib.Path(sys.argv[1])
TAG = sys.argv[2]
Point = collections.namedtuple("Point", "x y")


def save(name: str, write: Callable[[pathlib.Path], object]) -> None:
    """Write one file; what this environment cannot make is said and left out."""
    path = OUT / f"{TAG}-{name}"
    try:
        write(path)
    except Exception as error:  # noqa: BLE001 - whatever a library of any age may raise
        path.unlink(missing_ok=True)
        print(f"skipped {name}: {type(error).__name__}: {error}"[:160])


def pickled(value: object, protocol: int) -> Callable[[pathlib.Path], object]:
    return lambda path: path.write_bytes(pickle.dumps(value, protocol))


def plain() -> Iterator[tuple[str, object]]:
    yield "basics", {"a": [1, 2.5, None, True, "é", b"bytes", 10**40, (1, (2, (3,)))], "s": {1, 2}, "f": frozenset([3])}
    yield (
        "collections",
        [
            collections.OrderedDict(a=1),
            collections.Counter("abc"),
            collections.deque([1], 5),
            collections.defaultdict(list, a=[1]),
            collections.ChainMap({"a": 1}),
        ],
    )
    yield (
        "time",
        [
            datetime.datetime(2024, 1, 2, 3, 4),
            datetime.date(2024, 1, 1),
            datetime.timedelta(3),
            datetime.timezone.utc,
            datetime.time(1, 2),
        ],
    )
    yield "numbers", [decimal.Decimal("1.5"), fractions.Fraction(1, 3), 1 + 2j, array.array("d", [1.0, 2.0]), range(5)]
    yield "places", [pathlib.PurePosixPath("/a/b"), pathlib.Path("x"), uuid.UUID(int=5), slice(1, 2), bytearray(b"x")]
    yield "functions", [functools.partial(int, base=2), operator.itemgetter(1), len, sorted]
    yield "random", random.Random(3)
    yield "text", ["os.system('x')", "cos\nsystem\n(S'id'\ntR.", "subprocess", "__import__('os')", "eval"]
    yield "iterators", [iter([1, 2, 3]), enumerate("ab"), zip([1], [2]), reversed([1, 2])]
    yield "errors", [ValueError("x"), KeyError("k")]


def sklearn_models() -> Iterator[tuple[str, object]]:
    import numpy as np
    from sklearn import (
        calibration,
        cluster,
        compose,
        covariance,
        cross_decomposition,
        decomposition,
        discriminant_analysis,
        dummy,
        ensemble,
        feature_extraction,
        feature_selection,
        gaussian_process,
        impute,
        isotonic,
        kernel_approximation,
        kernel_ridge,
        linear_model,
        manifold,
        mixture,
        model_selection,
        multiclass,
        multioutput,
        naive_bayes,
        neighbors,
        neural_network,
        pipeline,
        preprocessing,
        random_projection,
        semi_supervised,
        svm,
        tree,
    )

    rng = np.random.RandomState(0)
    x, y = rng.rand(60, 5), np.arange(60) % 3
    target = rng.rand(60)
    text = ["a cat sat", "a dog ran", "the bird flew"] * 20
    classifiers = [
        ensemble.RandomForestClassifier(4),
        ensemble.ExtraTreesClassifier(4),
        ensemble.GradientBoostingClassifier(n_estimators=4),
        ensemble.AdaBoostClassifier(n_estimators=4),
        ensemble.BaggingClassifier(n_estimators=3),
        svm.SVC(probability=True),
        svm.LinearSVC(),
        linear_model.LogisticRegression(max_iter=500),
        linear_model.SGDClassifier(),
        linear_model.RidgeClassifier(),
        linear_model.Perceptron(),
        linear_model.PassiveAggressiveClassifier(),
        naive_bayes.GaussianNB(),
        naive_bayes.MultinomialNB(),
        neighbors.KNeighborsClassifier(),
        neighbors.KNeighborsClassifier(algorithm="ball_tree"),
        neighbors.NearestCentroid(),
        neighbors.RadiusNeighborsClassifier(radius=5.0),
        tree.DecisionTreeClassifier(),
        neural_network.MLPClassifier(hidden_layer_sizes=(5,), max_iter=5),
        discriminant_analysis.LinearDiscriminantAnalysis(),
        discriminant_analysis.QuadraticDiscriminantAnalysis(),
        gaussian_process.GaussianProcessClassifier(),
        dummy.DummyClassifier(),
        multiclass.OneVsRestClassifier(svm.LinearSVC()),
        calibration.CalibratedClassifierCV(cv=3),
        semi_supervised.LabelPropagation(),
        ensemble.VotingClassifier([("a", tree.DecisionTreeClassifier())]),
        ensemble.StackingClassifier([("a", tree.DecisionTreeClassifier())], cv=3),
        model_selection.GridSearchCV(svm.SVC(), {"C": [1, 2]}, cv=2),
        model_selection.RandomizedSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, n_iter=2, cv=2),
        pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(2), svm.SVC()),
    ]
    for name in ("HistGradientBoostingClassifier",):
        if hasattr(ensemble, name):
            classifiers.append(getattr(ensemble, name)(max_iter=4))
    regressors = [
        linear_model.LinearRegression(),
        linear_model.Lasso(),
        linear_model.ElasticNetCV(cv=3),
        linear_model.HuberRegressor(),
        linear_model.BayesianRidge(),
        linear_model.RANSACRegressor(),
        linear_model.TweedieRegressor(),
        ensemble.RandomForestRegressor(4),
        ensemble.IsolationForest(n_estimators=4),
        svm.SVR(),
        tree.ExtraTreeRegressor(),
        multioutput.MultiOutputRegressor(linear_model.Ridge()),
        neighbors.KNeighborsRegressor(metric="manhattan", algorithm="kd_tree"),
        kernel_ridge.KernelRidge(),
        gaussian_process.GaussianProcessRegressor(
            gaussian_process.kernels.RBF() + gaussian_process.kernels.WhiteKernel()
        ),
        neural_network.MLPRegressor(hidden_layer_sizes=(4,), max_iter=4),
        cross_decomposition.PLSRegression(2),
        compose.TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1),
    ]
    transformers = [
        preprocessing.StandardScaler(),
        preprocessing.MinMaxScaler(),
        preprocessing.RobustScaler(),
        preprocessing.QuantileTransformer(n_quantiles=10),
        preprocessing.PowerTransformer(),
        preprocessing.PolynomialFeatures(2),
        preprocessing.OneHotEncoder(),
        preprocessing.OrdinalEncoder(),
        preprocessing.KBinsDiscretizer(3),
        preprocessing.FunctionTransformer(np.log1p),
        preprocessing.Normalizer(),
        decomposition.PCA(2),
        decomposition.NMF(2, max_iter=10),
        decomposition.TruncatedSVD(2),
        decomposition.FastICA(2),
        decomposition.LatentDirichletAllocation(2, max_iter=2),
        cluster.KMeans(2, n_init=1),
        cluster.DBSCAN(),
        cluster.AgglomerativeClustering(2),
        cluster.MiniBatchKMeans(2, n_init=1),
        cluster.Birch(),
        mixture.GaussianMixture(2),
        manifold.Isomap(),
        manifold.TSNE(perplexity=5),
        impute.SimpleImputer(),
        impute.KNNImputer(),
        covariance.EllipticEnvelope(),
        random_projection.GaussianRandomProjection(2),
        kernel_approximation.RBFSampler(),
        feature_selection.VarianceThreshold(),
        compose.ColumnTransformer([("a", preprocessing.StandardScaler(), [0, 1])]),
    ]
    targets = [(classifiers, y), (regressors, target), (transformers, None)]
    for model, labels in ((model, labels) for models, labels in targets for model in models):
        if attempt(lambda m=model, t=labels: m.fit(x, t)) is not None:
            yield f"{type(model).__name__}", model
    yield "SelectKBest", feature_selection.SelectKBest(k=2).fit(x, y)
    yield "RFE", feature_selection.RFE(linear_model.Ridge(), n_features_to_select=2).fit(x, y)
    yield "Isotonic", isotonic.IsotonicRegression().fit(target, target)
    yield "Tfidf", feature_extraction.text.TfidfVectorizer().fit(text)
    yield "Hashing", feature_extraction.text.HashingVectorizer(n_features=16).fit(text)
    yield (
        "CountPipeline",
        pipeline.make_pipeline(feature_extraction.text.CountVectorizer(), naive_bayes.MultinomialNB()).fit(text, y),
    )
    yield "DictVectorizer", feature_extraction.DictVectorizer().fit([{"a": 1}])


def number_things() -> Iterator[tuple[str, object]]:
    import numpy as np

    yield (
        "numpy",
        [
            np.zeros((3, 4)),
            np.float32(1.5),
            np.array(["a", "bb"]),
            np.dtype([("a", "i4"), ("b", "f8")]),
            np.array([1, None], dtype=object),
            np.datetime64("2024-01-01"),
            np.int64(3),
            np.array([[1, 2]], order="F"),
        ],
    )
    yield "numpy-random", [np.random.RandomState(1), np.random.default_rng(2)]
    yield "numpy-masked", np.ma.masked_array([1, 2, 3], mask=[0, 1, 0])
    yield "numpy-record", np.rec.fromarrays([[1, 2], [3.0, 4.0]], names="a,b")
    yield "numpy-ufunc", [np.log1p, np.poly1d([1, 2])]
    import pandas as pd

    frame = pd.DataFrame(
        {
            "a": [1, 2],
            "b": ["x", "y"],
            "c": pd.Categorical(["p", "q"]),
            "d": pd.to_datetime(["2024-01-01", "2024-01-02"]),
        }
    )
    yield "pandas-frame", frame
    yield (
        "pandas-index",
        [
            pd.MultiIndex.from_product([[1, 2], ["a"]]),
            pd.date_range("2024", periods=3, freq="D"),
            pd.Timestamp("2024-01-01", tz="UTC"),
            pd.Timedelta(3, "h"),
            pd.Period("2024-01", "M"),
            pd.interval_range(0, 3),
        ],
    )
    yield (
        "pandas-types",
        [
            pd.array([1, None], dtype="Int64"),
            pd.array(["a", None], dtype="string"),
            pd.array([True, None], dtype="boolean"),
            pd.Series([1.0], name="s"),
            pd.NaT,
            pd.NA,
        ],
    )
    import scipy.sparse as sp
    from scipy import interpolate, spatial, stats

    yield "scipy-sparse", [sp.csr_matrix(np.eye(3)), sp.csc_matrix(np.eye(3)), sp.coo_matrix(np.eye(2))]
    yield "scipy-stats", stats.norm(0, 1)
    yield "scipy-interp", interpolate.interp1d([1, 2, 3], [1, 2, 3])
    yield "scipy-kdtree", spatial.cKDTree(np.random.rand(10, 2))


def boosters() -> Iterator[tuple[str, object]]:
    import numpy as np

    x, y = np.random.RandomState(0).rand(60, 4), np.arange(60) % 2
    try:
        import lightgbm as lgb

        yield "lgb-classifier", lgb.LGBMClassifier(n_estimators=3, verbose=-1).fit(x, y)
        yield "lgb-regressor", lgb.LGBMRegressor(n_estimators=3, verbose=-1).fit(x, y)
        yield "lgb-booster", lgb.train({"verbose": -1}, lgb.Dataset(x, y), 3)
    except ImportError:
        pass
    try:
        import xgboost as xgb

        yield "xgb-classifier", xgb.XGBClassifier(n_estimators=3).fit(x, y)
        yield "xgb-regressor", xgb.XGBRegressor(n_estimators=3).fit(x, y)
        yield "xgb-booster", xgb.train({}, xgb.DMatrix(x, y), 3)
    except ImportError:
        pass
    try:
        import catboost

        yield "catboost", catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(x, y)
    except ImportError:
        pass
    try:
        import statsmodels.api as sm

        yield "statsmodels-ols", sm.OLS(y, x).fit()
        yield "statsmodels-logit", sm.GLM(y, x, family=sm.families.Binomial()).fit()
    except ImportError:
        pass


def torch_files() -> None:
    import torch
    from torch import nn

    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 2))
    opt = torch.optim.AdamW(net.parameters())
    nets = {
        "mlp": net,
        "lstm": nn.LSTM(3, 4),
        "transformer": nn.TransformerEncoderLayer(8, 2, 16),
        "conv": nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.Flatten()),
        "embedding": nn.Embedding(5, 3),
        "gru": nn.GRU(3, 4),
        "attention": nn.MultiheadAttention(8, 2),
        "modulelist": nn.ModuleList([nn.GELU(), nn.LayerNorm(4)]),
    }
    for name, module in nets.items():
        save(f"torch-{name}.pt", lambda path, m=module: torch.save(m, path))
        save(f"torch-{name}-state.pth", lambda path, m=module: torch.save(m.state_dict(), path))
    save("torch-legacy.pt", lambda path: torch.save(net.state_dict(), path, _use_new_zipfile_serialization=False))
    save("torch-legacy-module.pt", lambda path: torch.save(net, path, _use_new_zipfile_serialization=False))
    save(
        "torch-checkpoint.ckpt",
        lambda path: torch.save(
            {
                "epoch": 3,
                "model": net.state_dict(),
                "optimizer": opt.state_dict(),
                "lr": [0.1],
                "rng": torch.get_rng_state(),
            },
            path,
        ),
    )
    save(
        "torch-types.pt",
        lambda path: torch.save(
            [
                torch.zeros(2, dtype=t)
                for t in (torch.float16, torch.bfloat16, torch.int8, torch.bool, torch.complex64, torch.uint8)
            ],
            path,
        ),
    )
    save("torch-sparse.pt", lambda path: torch.save(torch.eye(3).to_sparse(), path))
    save("torch-param.pt", lambda path: torch.save(nn.Parameter(torch.ones(2)), path))
    save(
        "torch-size.bin",
        lambda path: torch.save({"s": torch.Size([1, 2]), "d": torch.device("cpu"), "t": torch.float32}, path),
    )
    save(
        "torch-quant.pt", lambda path: torch.save(torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8), path)
    )
    save("torch-dist.pt", lambda path: torch.save(torch.distributions.Normal(0.0, 1.0), path))
    save("torch-scheduler.pt", lambda path: torch.save(torch.optim.lr_scheduler.StepLR(opt, 3).state_dict(), path))
    save("torch-tensor.pkl", pickled(torch.ones(3), 4))
    save("torch-module.pkl", pickled(net, 2))

    class Gate(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * 2 if bool(x.sum() > 0) else x

    save("torch-trace.pt", lambda path: torch.jit.trace(net.eval(), torch.ones(1, 4)).save(str(path)))
    save("torch-script.pt", lambda path: torch.jit.script(nn.Sequential(nn.Linear(2, 2), nn.ReLU())).save(str(path)))
    save(
        "torch-export.pt2",
        lambda path: torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.ones(1, 2),)), str(path)),
    )


def array_files() -> None:
    import numpy as np

    save("plain.npy", lambda path: np.save(path, np.eye(3)))
    save("structured.npy", lambda path: np.save(path, np.zeros(3, dtype=[("a", "i4"), ("b", "U5")])))
    save("objects.npy", lambda path: np.save(path, np.array([{"a": 1}, None, "x"], dtype=object), allow_pickle=True))
    save("many.npz", lambda path: np.savez(path, a=np.eye(2), b=np.arange(5)))
    save(
        "packed.npz",
        lambda path: np.savez_compressed(path, a=np.zeros((100, 100)), b=np.array([1, None], dtype=object)),
    )


def joblib_files(models: list[tuple[str, object]]) -> None:
    import joblib

    for name, model in models[:12]:
        save(f"{name}.joblib", lambda path, m=model: joblib.dump(m, path))
    for packing in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        save(f"packed-{packing}.joblib", lambda path, p=packing: joblib.dump(dict(models[:3]), path, compress=(p, 3)))
    import numpy as np

    save(
        "arrays.joblib",
        lambda path: joblib.dump(
            {
                "a": np.eye(50),
                "b": np.array(["x", None], dtype=object),
                "c": np.zeros(0),
                "d": np.asfortranarray(np.ones((3, 4))),
                "e": np.array(["ab"]),
                "f": np.zeros(2, dtype="M8[s]"),
                "g": np.zeros(3, dtype=[("a", "i2")]),
            },
            path,
        ),
    )


def code_files() -> None:
    scale = 3

    def double(value: int) -> int:
        return value * scale

    try:
        import cloudpickle

        save("cloudpickle-function.pkl", lambda path: path.write_bytes(cloudpickle.dumps(double)))
        save("cloudpickle-lambda.pkl", lambda path: path.write_bytes(cloudpickle.dumps(lambda x: json.dumps([x + 1]))))
    except ImportError:
        pass
    try:
        import dill

        save("dill-function.pkl", lambda path: path.write_bytes(dill.dumps(double)))
        save("dill-data.dill", lambda path: path.write_bytes(dill.dumps({"a": [1, 2, {3}]})))
    except ImportError:
        pass


def other_files() -> None:
    import numpy as np

    try:
        from safetensors.numpy import save_file

        save(
            "weights.safetensors",
            lambda path: save_file(
                {"a": np.zeros((3, 4), dtype="f4"), "b": np.ones(5, dtype="i8")}, str(path), {"format": "pt"}
            ),
        )
        save("one.safetensors", lambda path: save_file({"only": np.zeros(1, dtype="f2")}, str(path)))
    except ImportError:
        pass
    try:
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        weight = numpy_helper.from_array(np.ones((4, 2), dtype="f4"), "w")
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Relu", ["m"], ["y"])],
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
            [weight],
        )
        model = helper.make_model(graph)
        save("small.onnx", lambda path: onnx.save(model, str(path)))
        save(
            "external.onnx",
            lambda path: onnx.save_model(
                model, str(path), save_as_external_data=True, location=path.name + ".data", size_threshold=0
            ),
        )
        ml = helper.make_model(
            helper.make_graph(
                [helper.make_node("Normalizer", ["x"], ["y"], domain="ai.onnx.ml")], "g", graph.input, graph.output
            ),
            opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)],
        )
        save("ml.onnx", lambda path: onnx.save(ml, str(path)))
    except ImportError:
        pass
    try:
        import gguf

        def write_gguf(path: pathlib.Path) -> None:
            writer = gguf.GGUFWriter(str(path), "llama")
            writer.add_context_length(128)
            writer.add_tokenizer_model("gpt2")
            writer.add_token_list(["a", "b", "c"])
            writer.add_chat_template(
                "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
            )
            writer.add_tensor("token_embd.weight", np.zeros((4, 8), dtype=np.float32))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()

        save("tiny.gguf", write_gguf)
    except ImportError:
        pass
    try:
        import skops.io as sio
        from sklearn.linear_model import LogisticRegression

        fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
        save("logistic.skops", lambda path: sio.dump(fitted, str(path)))
    except ImportError:
        pass


def keras_files() -> None:
    import os

    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    from keras import layers

    mlp = keras.Sequential(
        [layers.Input((4,)), layers.Dense(8, activation="relu"), layers.Dropout(0.1), layers.Dense(2)]
    )
    mlp.compile("adam", "mse")
    inputs = keras.Input((8, 8, 1))
    conv = keras.Model(inputs, layers.Dense(3)(layers.Flatten()(layers.MaxPooling2D()(layers.Conv2D(2, 3)(inputs)))))
    ids = keras.Input((6,))
    text = keras.Model(ids, layers.LSTM(3)(layers.Embedding(10, 4)(ids)))
    for name, model in {"mlp": mlp, "conv": conv, "text": text}.items():
        save(f"keras-{name}.keras", lambda path, m=model: m.save(str(path)))
        save(f"keras-{name}.h5", lambda path, m=model: m.save(str(path)))
        save(f"keras-{name}.weights.h5", lambda path, m=model: m.save_weights(str(path)))
        save(f"keras-{name}.json", lambda path, m=model: path.write_text(m.to_json()))


def booster_files() -> None:
    import numpy as np

    x, y = np.random.RandomState(0).rand(60, 4), np.arange(60) % 2
    try:
        import xgboost as xgb

        booster = xgb.train({}, xgb.DMatrix(x, y), 3)
        for suffix in ("json", "ubj"):
            save(f"xgb.{suffix}", lambda path: booster.save_model(str(path)))
    except ImportError:
        pass
    try:
        import lightgbm as lgb

        save("lgb.txt", lambda path: lgb.train({"verbose": -1}, lgb.Dataset(x, y), 3).save_model(str(path)))
    except ImportError:
        pass
    try:
        import catboost

        model = catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(x, y)
        for suffix in ("cbm", "json", "onnx", "coreml"):
            save(f"catboost.{suffix}", lambda path, s=suffix: model.save_model(str(path), format=s))
    except ImportError:
        pass


def attempt(work: Callable[[], object]) -> object:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - a library that is absent or of another age
        print(f"skipped {getattr(work, '__name__', work)}: {type(error).__name__}: {error}"[:160])
        return None


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for name, value in plain():
        for protocol in (0, 2, 4):
            save(f"{name}-{protocol}.pkl", pickled(value, protocol))
    models: list[tuple[str, object]] = []
    attempt(lambda: models.extend(sklearn_models()))
    for index, (name, model) in enumerate(models):
        save(f"sk-{name}.pkl", pickled(model, (2, 4, 5 if sys.version_info >= (3, 8) else 4)[index % 3]))
    for source in (number_things, boosters):
        values: list[tuple[str, object]] = []
        attempt(lambda s=source, v=values: v.extend(s()))
        for name, value in values:
            save(f"{name}.pkl", pickled(value, 4))
            save(f"{name}.joblib", lambda path, v=value: __import__("joblib").dump(v, path))
    attempt(lambda: joblib_files(models))
    for work in (torch_files, array_files, code_files, other_files, keras_files, booster_files):
        attempt(work)
    print(TAG, sum(1 for _ in OUT.glob(f"{TAG}-*")), "files")


if __name__ == "__main__":
    main()
