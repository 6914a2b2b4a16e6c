"""The texts of pages and reports by language; what a language lacks is English and listed as missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from testkey_nb.catalogue.paths import data_dir
from testkey_nb.catalogue.reader import read_toml
from testkey_nb.errors import CatalogueError, UnknownLanguage

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Locale:
    """One language's texts under dotted names: `locale("page.provider")`.

    Attributes:
        lang: as in the file's name, also good for `<html lang>`.
        strings: dotted name to text.
        fallback: English; None in English itself.
        kept: beginnings of names that stay English on purpose (`action.`), so they are not missing.
    """

    lang: str
    strings: Mapping[str, str]
    fallback: Locale | None = None
    kept: tuple[str, ...] = ()

    def __call__(self, name: str, /, **values: object) -> str:
        """The text, in English where this language has none; a name nobody knows comes back as it is.

        `values` fill the text's `{places}`.
        """
        text = self.find(name)
        if text is None:
            return name
        return text.format(**values) if values else text

    def find(self, name: str) -> str | None:
        """The text, in English where this language has none; None where nobody has one."""
        text = self.strings.get(name)
        return self.fallback.find(name) if text is None and self.fallback else text

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.strings.get("meta.direction", "ltr")

    @property
    def missing(self) -> tuple[str, ...]:
        """Names that English has and this language should have but has not."""
        if self.fallback is None:
            return ()
        wanted = (name for name in self.fallback.strings if not name.startswith((*self.kept, "meta.")))
        return tuple(sorted(name for name in wanted if name not in self.strings))

    def names(self, table: str) -> tuple[str, ...]:
        """The last parts of the names in one table, in the English file's order: `names("dimension")`."""
        strings = self.fallback.strings if self.fallback else self.strings
        return tuple(name.partition(".")[2] for name in strings if name.startswith(f"{table}."))


def languages() -> tuple[str, ...]:
    """The languages there is a file for, English first."""
    codes = sorted(path.stem for path in (data_dir() / "locales").glob("*.toml"))
    return (ENGLISH, *(lang for lang in codes if lang != ENGLISH))


def load_locale(lang: str) -> Locale:
    """The texts of one language; `zh_CN`, `zh-CN` and `zh` all give `zh-cn`.

    Raises:
        UnknownLanguage: with the choices.
    """
    wanted = lang.strip().lower().replace("_", "-")
    codes = languages()
    if wanted not in codes:
        near = [each for each in codes if each.partition("-")[0] == wanted.partition("-")[0]]
        if len(near) != 1:
            raise UnknownLanguage(f"no texts in {lang!r}; there are {', '.join(codes)}")
        wanted = near[0]
    return _read(wanted)


@lru_cache(maxsize=32)
def _read(lang: str) -> Locale:
    path = data_dir() / "locales" / f"{lang}.toml"
    tables = read_toml(path)[0]
    kept = tuple(str(each) for each in tables.pop("keeps_english", ()))
    strings: dict[str, str] = {}
    _flatten(tables, "", strings, path.name)
    return Locale(lang, strings, None if lang == ENGLISH else _read(ENGLISH), kept)


def _flatten(table: Mapping[str, Any], prefix: str, into: dict[str, str], file: str) -> None:
    for name, value in table.items():
        if isinstance(value, Mapping):
            _flatten(value, f"{prefix}{name}.", into, file)
        elif isinstance(value, str):
            into[f"{prefix}{name}"] = value
        else:
            raise CatalogueError("a text is wanted here", file=f"locales/{file}", field=f"{prefix}{name}")
