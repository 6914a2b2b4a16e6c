"""Reads data/sandbox/ into services; an unknown or missing field is an error that names file and field."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from testkey_nb.errors import CatalogueError
from testkey_nb.sandbox.model import AuthHeader, Limit, Pages, Pick, Reply, Route, SandboxKey, Service

_SERVER = {"id", "hosts", "auth", "headers", "answers", "limits", "require_header", "key_shape"}
_REPLY = {"status", "headers", "json", "text", "body", "answer"}
_ROUTE = {
    "host",
    "get",
    "post",
    "public",
    "any_key",
    "needs",
    "refused",
    "keys",
    "query",
    "need_query",
    "pages",
    "pick",
    "keep",
    "limits",
    "latency_ms",
} | _REPLY
_KEY = {
    "name",
    "text",
    "state",
    "about",
    "may",
    "models",
    "facts",
    "limits",
    "always",
    "answers",
    "offered",
    "base_url",
}
STATES = ("good", "restricted", "expired", "disabled", "blocked", "no-balance", "limited", "wrong", "admin")


def sandbox_dir() -> Path:
    """Tells where the sandbox's data lies: inside an installed package, or beside it in a source tree."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_data" / "sandbox"
    return inside if inside.is_dir() else package.parent / "data" / "sandbox"


@cache
def services(directory: Path | None = None) -> Mapping[str, Service]:
    """Gives every service of the directory, by provider id."""
    root = directory or sandbox_dir()
    folders = [path for path in sorted(root.iterdir()) if (path / "server.toml").is_file()]
    return {path.name: _Folder(path).service() for path in folders}


@cache
def demo_labels(directory: Path | None = None) -> tuple[str, ...]:
    """Gives labels of the few keys that the demo and the notebooks show, in order; none where demo.toml is absent."""
    path = (directory or sandbox_dir()) / "demo.toml"
    return tuple(tomllib.loads(path.read_text("utf-8"))["labels"]) if path.is_file() else ()


def fill(pattern: str) -> str:
    """Gives the text of a key: `{word:n}` is the word repeated and cut to n characters.

    So no key-shaped text stands in the tree, and every key reads as made up.
    """

    def repeat(match: re.Match[str]) -> str:
        word, length = match[1], int(match[2])
        return (word * (length // len(word) + 1))[:length]

    return re.sub(r"\{([\w-]+):(\d+)\}", repeat, pattern)


class _Folder:
    """One provider's folder while it is being read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, Reply] = {}
        self.bodies: dict[str, Any] = {}

    def service(self) -> Service:
        raw = self._toml("server.toml")
        self._only(raw, _SERVER, "server.toml")
        if raw.get("id") != self.path.name:
            raise self._problem("the id is not the folder's name", "server.toml", "id")
        self.answers = {name: self._reply(table, "server.toml") for name, table in raw["answers"].items()}
        shape = raw.get("key_shape")
        for needed in ("missing-key", "wrong-key", "not-found", "refused", *(["wrong-shape"] if shape else [])):
            if needed not in self.answers:
                raise self._problem("this answer is missing", "server.toml", f"answers.{needed}")
        keys = tuple(self._key(table, index) for index, table in enumerate(self._toml("keys.toml")["keys"]))
        routes = tuple(
            self._route(table, host=host)
            for table in self._toml("routes.toml")["routes"]
            for host in _hosts(table.get("host", ""))
        )
        used = [key.always for key in keys if key.always]
        used += [name for key in keys for name in key.answers.values()]
        for name in used:
            if name not in self.answers:
                raise self._problem(f"no answer is named {name!r}", "keys.toml", "answers")
        return Service(
            id=raw["id"],
            hosts=raw.get("hosts", {}),
            headers=raw.get("headers", {}),
            answers=self.answers,
            auth=tuple(AuthHeader(**table) for table in raw["auth"]),
            keys=keys,
            routes=routes,
            limits=tuple(Limit(**table) for table in raw.get("limits", [])),
            require_header=raw.get("require_header", {}),
            key_shape=re.compile(shape) if shape else None,
        )

    def _key(self, table: dict[str, Any], index: int) -> SandboxKey:
        self._only(table, _KEY, f"keys.toml key {index + 1}")
        if table["state"] not in STATES:
            raise self._problem(f"no such state: {table['state']}", "keys.toml", "state")
        return SandboxKey(
            provider=self.path.name,
            name=table["name"],
            label=f"{self.path.name}-{table['name']}",
            text=fill(table["text"]),
            state=table["state"],
            about=table["about"],
            may=frozenset(table.get("may", ())),
            models=tuple(table["models"]) if "models" in table else None,
            facts=table.get("facts", {}),
            limits=table.get("limits", {}),
            always=table.get("always"),
            answers=table.get("answers", {}),
            offered=table.get("offered", True),
            base_url=table.get("base_url"),
        )

    def _route(self, table: dict[str, Any], *, host: str) -> Route:
        method = "post" if "post" in table else "get"
        where = f"routes.toml {method} {table.get(method)}"
        self._only(table, _ROUTE, where)
        path = table[method]
        pattern = re.compile(re.sub(r"\\\{(\w+)(\\\.\\\.\\\.)?\\\}", _hole, re.escape(path)))
        pages = Pages(**table["pages"]) if "pages" in table else None
        pick = None
        if "pick" in table:
            given = dict(table["pick"])
            pick = Pick(**{**given, "file": self._json(given["file"])})
        return Route(
            method=method.upper(),
            host=host,
            path=path,
            pattern=pattern,
            reply=self._reply(table, where),
            public=table.get("public", False),
            any_key=table.get("any_key", False),
            needs=table.get("needs"),
            refused=table.get("refused", "refused"),
            keys=frozenset(table.get("keys", ())),
            query=table.get("query", {}),
            need_query=tuple(table.get("need_query", ())),
            pages=pages,
            pick=pick,
            keep=tuple(table["keep"]) if "keep" in table else None,
            limits=table.get("limits"),
            latency_ms=table.get("latency_ms", 0),
        )

    def _reply(self, table: Mapping[str, Any], where: str) -> Reply:
        if "answer" in table:
            try:
                return self.answers[table["answer"]]
            except KeyError:
                raise self._problem(f"no answer is named {table['answer']!r}", where, "answer") from None
        content = self._json(table["body"]) if "body" in table else table.get("json")
        return Reply(table.get("status", 200), table.get("headers", {}), content, table.get("text"))

    def _json(self, name: str) -> Any:
        if name not in self.bodies:
            self.bodies[name] = json.loads((self.path / name).read_text("utf-8"))
        return self.bodies[name]

    def _toml(self, name: str) -> dict[str, Any]:
        try:
            return tomllib.loads((self.path / name).read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise self._problem(str(error), name, "file") from None

    def _only(self, table: Mapping[str, Any], allowed: Collection[str], where: str) -> None:
        for name in table.keys() - set(allowed):
            raise self._problem("unknown field", where, name)

    def _problem(self, text: str, where: str, name: str) -> CatalogueError:
        return CatalogueError(text, file=f"sandbox/{self.path.name}/{where}", field=name)


def _hosts(given: str | list[str]) -> list[str]:
    """Gives the roles that a route answers for: one, or several where a service has more than one name."""
    return [given] if isinstance(given, str) else given


def _hole(match: re.Match[str]) -> str:
    """A path's `{name}` is one segment, `{name...}` is all the rest."""
    return f"(?P<{match[1]}>.+)" if match[2] else f"(?P<{match[1]}>[^/]+)"
