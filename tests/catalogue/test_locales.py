from __future__ import annotations

import re

import pytest

from testkey_nb.catalogue import load
from testkey_nb.catalogue.locales import Locale, languages, load_locale
from testkey_nb.errors import UnknownLanguage

ENGLISH = load_locale("en")


def test_there_are_twelve_languages() -> None:
    assert languages() == ("en", "ar", "de", "es", "fr", "hi", "id", "ko", "pt-br", "ru", "th", "zh-cn")


@pytest.mark.parametrize("lang", languages())
def test_no_text_is_missing(lang: str) -> None:
    assert load_locale(lang).missing == ()


@pytest.mark.parametrize("lang", languages())
def test_no_language_has_texts_that_english_lacks(lang: str) -> None:
    assert not set(load_locale(lang).strings) - set(ENGLISH.strings)


@pytest.mark.parametrize("lang", languages())
def test_places_are_those_of_english(lang: str) -> None:
    for name, text in load_locale(lang).strings.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", ENGLISH(name))), name


def test_a_missing_text_is_english_and_listed() -> None:
    locale = Locale("xx", {"page.provider": "P"}, ENGLISH, kept=("action.",))
    assert locale("page.coverage") == "Model coverage"
    assert "page.coverage" in locale.missing
    assert "page.provider" not in locale.missing
    assert "action.set-route" not in locale.missing


def test_a_name_nobody_knows_comes_back_as_it_is() -> None:
    assert load_locale("de")("page.nothing") == "page.nothing"


def test_a_value_with_braces_stays_a_value() -> None:
    assert ENGLISH("report.generated", at="{x}") == "Generated {x}"


@pytest.mark.parametrize(
    ("spelled", "lang"), [("zh_CN", "zh-cn"), ("PT-BR", "pt-br"), ("zh", "zh-cn"), ("de-AT", "de")]
)
def test_other_spellings_find_the_language(spelled: str, lang: str) -> None:
    assert load_locale(spelled).lang == lang


@pytest.mark.parametrize("wrong", ["xx", "", "../en", "ja"])
def test_an_unknown_language_lists_the_choices(wrong: str) -> None:
    with pytest.raises(UnknownLanguage, match="zh-cn"):
        load_locale(wrong)


def test_only_arabic_runs_right_to_left() -> None:
    assert [lang for lang in languages() if load_locale(lang).direction == "rtl"] == ["ar"]


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "Read-only check. Detection data burns after 5 minutes."),
        ("id", "Read-only. Data dihapus setelah 5 menit."),
        ("zh-cn", "只读检测,5 分钟数据即焚"),
        ("de", "Nur lesend. Daten werden nach 5 Minuten gelöscht."),
        ("ar", "فحص قراءة فقط. تُحذف البيانات بعد 5 دقائق."),
    ],
)
def test_the_privacy_line_is_as_promised(lang: str, line: str) -> None:
    assert load_locale(lang)("privacy.line") == line


def test_signals_actions_and_capabilities_are_those_of_the_catalogue() -> None:
    catalogue = load()
    signals = {one["text"] for each in catalogue.rules("dimensions")["dimensions"] for one in each["signals"]}
    actions = set(catalogue.rules("actions")["families"]["provider probe"])
    told = {
        table: {ENGLISH(f"{table}.{name}") for name in ENGLISH.names(table)}
        for table in ("signal", "action", "capability", "dimension")
    }
    assert told["signal"] == signals
    assert told["action"] == actions
    assert told["capability"] == set(catalogue.capabilities)
    assert told["dimension"] == {one["name"] for one in catalogue.rules("dimensions")["dimensions"]}


def test_a_language_of_which_two_variants_have_texts_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("testkey_nb.catalogue.locales.languages", lambda: ("en", "pt-br", "pt-pt"))
    with pytest.raises(UnknownLanguage, match="pt-br, pt-pt"):
        load_locale("pt")


def test_a_text_that_nobody_has_is_none_and_not_its_name() -> None:
    locale = Locale("xx", {"page.provider": "P"}, ENGLISH)
    assert (locale.find("page.provider"), locale.find("page.nothing")) == ("P", None)
    assert locale.find("page.coverage") == ENGLISH("page.coverage")
