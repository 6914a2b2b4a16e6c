"""The JSON Schema of provider files, made from the model and the vocabulary; editors complete from it.

`python -m testkey_nb.catalogue.schema` writes it to `data/.schema.json`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from testkey_nb import vocabulary
from testkey_nb.catalogue import model
from testkey_nb.catalogue.expressions import Expression
from testkey_nb.catalogue.paths import data_dir

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
_PLAIN: Mapping[Any, Schema] = {
    str: _TEXT, Expression: _TEXT, Decimal: _TEXT, bool: {"type": "boolean"}, float: {"type": "number"},
    int: {"type": "integer"}, Any: {}, date: {"type": "string", "format": "date"},
}  # fmt: skip
# fields whose words the model leaves to the vocabulary
_WORDS: Mapping[tuple[type, str], Collection[str]] = {
    (model.Provider, "confidence"): vocabulary.CONFIDENCES,
    (model.KeyPattern, "key_kind"): vocabulary.KEY_KINDS,
    (model.Probe, "kind"): vocabulary.PROBE_KINDS,
    (model.Extract, "table"): tuple(vocabulary.EXTRACT_COLUMNS),
    (model.FieldSpec, "time"): vocabulary.TIME_READINGS,
    (model.Limits, "binds"): vocabulary.BINDS,
    (model.Request, "binds"): vocabulary.BINDS,
    (model.LimitHeader, "binds"): vocabulary.BINDS,
    (model.LimitHeader, "kind"): vocabulary.LIMIT_KINDS,
    (model.LimitHeader, "reset_as"): vocabulary.RESET_READINGS,
    (model.ErrorRule, "condition"): vocabulary.CONDITIONS,
    (model.ErrorRule, "cause_code"): vocabulary.CAUSE_CODES,
    (model.ErrorRule, "move_code"): vocabulary.MOVE_CODES,
    (model.ErrorRule, "whose"): vocabulary.WHOSE,
    (model.Signature, "group"): vocabulary.EVIDENCE_GROUPS,
    (model.NotExposed, "fact"): vocabulary.HIDDEN_FACTS,
}
# names of the file that differ from those of the model
_CALLED: Mapping[tuple[type, str], str] = {(model.Request, "extracts"): "extract"}


def provider_schema() -> Schema:
    """Gives the schema of a provider file."""
    whole = _table(model.Provider, leave_out=("key", "file", "regions", "default_region", "always"))
    auth = _table(model.Auth)
    hosts = {"type": "object", "additionalProperties": {"type": "string", "pattern": "^https://"}}
    words = {
        "names": {"type": "array", "items": _TEXT},
        "currency": _TEXT,
        "source": _TEXT,
        "confidence": {"enum": list(vocabulary.CONFIDENCES)},
    }
    region = _object({"hosts": hosts, **words}, ["hosts"])
    whole["properties"] |= {
        "key": _object(
            {
                "patterns": {"type": "array", "items": _table(model.KeyPattern)},
                "auth": auth,
                "auths": {"type": "object", "additionalProperties": auth},
            }
        ),
        "hosts": hosts,
        "regions": {"type": "object", "additionalProperties": region},
        "default_region": _TEXT,
        "always": {"type": "array", "items": _extract(sourced=True)},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A provider file",
        **whole,
        "definitions": {"cell": {"anyOf": [_TEXT, _table(model.FieldSpec)]}, "extract": _extract(sourced=False)},
    }


def _table(kind: type, *, leave_out: Collection[str] = ()) -> Schema:
    """Gives the schema of a table that becomes this dataclass."""
    if kind is model.Extract:
        return {"$ref": "#/definitions/extract"}
    # an alternative has none of its own; a file's marks are those of its service
    leave_out = {model.ErrorFields: ("any",), model.Signature: ("services",)}.get(kind, leave_out)
    hints = get_type_hints(kind)
    properties = {}
    required = []
    for field in fields(kind):
        if field.name not in leave_out:
            name = _CALLED.get((kind, field.name), field.name)
            properties[name] = _field(kind, field, hints[field.name])
            needed = field.default is MISSING and field.default_factory is MISSING
            if name == "source" or (needed and name != "confidence"):
                required.append(name)
    schema = _object(properties, required)
    return _as_written(schema) if kind is model.Request else schema


def _field(kind: type, field: Field[Any], hint: Any) -> Schema:
    words = _WORDS.get((kind, field.name))
    return {"enum": list(words)} if words else _typed(hint)


def _typed(hint: Any) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType or NoneType in arguments:
        return _typed(next(each for each in arguments if each is not NoneType))
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple and arguments[0] is str and arguments[1] is not Ellipsis:
        return _TEXT  # `name:2` of a signed address
    if origin is tuple:
        return {"type": "array", "items": _typed(arguments[0])}
    if is_dataclass(hint) and isinstance(hint, type):
        return _table(hint)
    return _PLAIN.get(hint, _TEXTS)


def _extract(*, sourced: bool) -> Schema:
    """Gives the schema of an extract: a cell is an expression, or a table with one; `mine` is a table of two."""
    names = dict.fromkeys(name for columns in vocabulary.EXTRACT_COLUMNS.values() for name in columns)
    properties = {
        "table": {"enum": list(vocabulary.EXTRACT_COLUMNS)},
        "rows": _TEXT,
        "each": _TEXT,
        "where": _TEXT,
        "mine": _object({"field": _TEXT, "shown": {"enum": list(vocabulary.HINTS)}}, ["field", "shown"]),
        "fields": _object({name: {"$ref": "#/definitions/cell"} for name in names}),
    }
    if sourced:
        properties |= {"source": _TEXT, "confidence": {"enum": list(vocabulary.CONFIDENCES)}}
    return _object(properties, ["table", "rows", "fields", *(["source"] if sourced else [])])


def _as_written(request: Schema) -> Schema:
    """A request is written `get = "/path"` or `post = "/path"`, not with its method and path apart."""
    properties = {name: each for name, each in request["properties"].items() if name not in ("method", "path")}
    properties |= {"get": _TEXT, "post": _TEXT, "host": _TEXT}
    required = [name for name in request["required"] if name not in ("method", "path", "host")]
    return _object(properties, required) | {"oneOf": [{"required": ["get"]}, {"required": ["post"]}]}


def _object(properties: Schema, required: Collection[str] = ()) -> Schema:
    return {
        "type": "object", "properties": properties, "required": list(required), "additionalProperties": False,
    }  # fmt: skip


def schema_text() -> str:
    """Gives the schema as it stands in `data/.schema.json`."""
    return json.dumps(provider_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(data_dir() / ".schema.json").write_text(schema_text(), encoding="utf-8")
