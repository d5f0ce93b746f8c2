"""Dataclasses to JSON text and back, without losing what strict JSON cannot hold."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from functools import reduce
from operator import or_
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

Kind = TypeVar("Kind")

_encoder = msgspec.json.Encoder(enc_hook=str)
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_structs: dict[type[Any], type[Any]] = {}


def encode(value: Any) -> str:
    """A dataclass as JSON, without what stands at its default. File names that are no UTF-8 are kept as escapes."""
    struct = _structs.get(type(value)) or _sparse(type(value))
    sparse = msgspec.convert(value, struct, from_attributes=True)
    try:
        return _encoder.encode(sparse).decode()
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(sparse, enc_hook=str), separators=(",", ":"))


def decode(text: str, kind: type[Kind]) -> Kind:
    """The dataclass that `encode` was given."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        decoded: Kind = decoder.decode(text)
        return decoded
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # lone surrogates
        return msgspec.convert(json.loads(text), kind)


def _sparse(kind: type[Any]) -> type[Any]:
    """A struct with the dataclass's fields: unlike a dataclass, msgspec can encode it without its defaults."""
    hints = get_type_hints(kind)
    described: list[Any] = []
    for field in fields(kind):
        default: dict[str, Any] = {}
        if field.default is not MISSING:
            default = {"default": field.default}
        elif field.default_factory is dict:
            default = {"default_factory": dict}
        described.append((field.name, _translated(hints[field.name]), msgspec.field(**default)))
    _structs[kind] = msgspec.defstruct(kind.__name__, described, omit_defaults=True, kw_only=True)
    return _structs[kind]


def _translated(hint: Any) -> Any:
    """The type with every dataclass in it replaced by its struct."""
    if is_dataclass(hint):
        return _sparse(hint)  # type: ignore[arg-type]
    inner = tuple(_translated(part) for part in get_args(hint))
    if not inner or inner == get_args(hint):
        return hint
    return reduce(or_, inner) if isinstance(hint, UnionType) else get_origin(hint)[inner]
