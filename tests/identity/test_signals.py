"""The marks of all services keep their own rules."""

import re
from pathlib import Path

import pytest
from made_up_catalogue import ALPHA, catalogue

from testkey_nb.answers import document
from testkey_nb.catalogue import data_dir, load, read_catalogue
from testkey_nb.catalogue.products import parse_product, shared_marks
from testkey_nb.errors import CatalogueError
from testkey_nb.identity import decide, evidence_of
from testkey_nb.identity.signals import signals_of
from testkey_nb.identity.weighing import read_weighing
from testkey_nb.wire.headers import kept

KNOWN = signals_of(load())
MARK = """
[[signatures]]
id = "made-up.header"
group = "hdr"
when = '''headers."x-made-up" '''
db = 30
text = "header x-made-up"
source = "https://docs.example.com/headers"
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def product(folder: Path, mark: str = MARK) -> Path:
    return written(folder, "made-up", 'id = "made-up"\nname = "Made up"\n' + mark)


def test_every_signal_has_a_text_for_its_reader() -> None:
    assert [one.id for one in KNOWN.signals if not one.text] == []


def test_every_mark_but_a_mention_names_its_source() -> None:
    assert [one.id for one in KNOWN.signals if not one.source and one.group != "mention"] == []


def test_a_path_alone_never_names_a_product() -> None:
    assert [one.id for one in KNOWN.signals if one.group == "path" and one.db > 10] == []


def test_transport_is_no_evidence() -> None:
    assert {one.db for one in KNOWN.signals if one.layer == "transport"} == {0}


def test_only_upstream_marks_take_a_name_from_the_answer() -> None:
    assert {one.layer for one in KNOWN.signals if one.named_by is not None} == {"upstream"}


def test_every_regular_expression_compiles() -> None:
    for one in KNOWN.signals:
        for pattern in re.findall(r"matches\([^']*'((?:[^'\\]|\\.)*)'\)", one.when.text):
            re.compile(pattern)


# names of sessions are never kept, so a mark may read them beside others in recorded answers only
READ = {name for mark in KNOWN.signals for name in re.findall(r'headers\."([\w-]+)"', mark.when.text)}


@pytest.mark.parametrize("name", sorted(name for name in READ if "session" not in name))
def test_the_wire_keeps_every_header_that_a_signal_reads(name: str) -> None:
    assert kept([(name, "x")], key=None) == {name: "x"}


def test_a_mark_of_one_service_stands_in_its_own_file() -> None:
    services = {*load().providers, *load().products}
    shared = shared_marks(data_dir() / "reading" / "marks.toml")
    assert [mark.id for mark in shared if len(mark.services) == 1 and mark.services[0] in services] == []


def test_shared_marks_name_services_that_have_a_file_or_carry_answers() -> None:
    services = {*load().providers, *load().products}
    named = {
        name
        for mark in shared_marks(data_dir() / "reading" / "marks.toml")
        if mark.layer != "transport" and mark.group != "shape"
        for name in (*mark.services, *mark.against)
    }
    assert named - services == set()


def test_every_service_that_is_outranked_has_a_file() -> None:
    catalogue = load()
    services = {*catalogue.providers, *catalogue.products, "*"}
    told = [*catalogue.providers.values(), *catalogue.products.values()]
    assert {name for service in told for name in service.outranks} - services == set()


def test_no_service_stands_in_two_folders() -> None:
    assert load().providers.keys() & load().products.keys() == set()


def test_a_service_that_is_only_recognised_is_named_by_its_file(tmp_path: Path) -> None:
    known = catalogue(ALPHA)
    known.products["made-up"] = parse_product(product(tmp_path))  # type: ignore[index]
    found = evidence_of(document(status=200, headers={"x-made-up": "1"}), catalogue=known)
    assert decide(found, catalogue=known).provider == "made-up"


def test_what_a_provider_file_says_of_transport_is_told_as_transport(tmp_path: Path) -> None:
    mark = MARK.replace("db = 30", 'db = 0\nlayer = "transport"')
    known = catalogue(ALPHA)
    known.products["made-up"] = parse_product(product(tmp_path, mark))  # type: ignore[index]
    found = evidence_of(document(status=200, headers={"x-made-up": "1"}), catalogue=known)
    assert decide(found, catalogue=known).transport == "made-up"


@pytest.mark.parametrize(
    ("line", "wrong", "field"),
    [
        ('group = "hdr"', 'group = "404"', "group"),
        ('group = "hdr"', 'group = "hdr"\nlayer = "back"', "layer"),
        ('group = "hdr"', 'group = "hdr"\nlayer = "transport"', "db"),
        ("db = 30", "db = 400", "db"),
        ("db = 30", "db = nan", "db"),
        ("db = 30", 'db = 30\nagainst = { openai = "much" }', "against.openai"),
        ("db = 30", "db = 30\nnamed_by = 'headers.via'", "named_by"),
        ("db = 30", "db = 30\nprovider = 'openai'", "provider"),
        ("when = '''headers.\"x-made-up\" '''", "when = 'matches(said'", "when"),
    ],
)
def test_a_mark_that_is_none_is_an_error_that_names_its_field(
    tmp_path: Path, line: str, wrong: str, field: str
) -> None:
    with pytest.raises(CatalogueError) as told:
        parse_product(product(tmp_path, MARK.replace(line, wrong)))
    assert (told.value.file, told.value.field) == ("made-up.toml", f"signatures[0].{field}")


def test_two_marks_of_one_id_in_one_file_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"'made-up\.header' is used twice"):
        parse_product(product(tmp_path, MARK + MARK))


def test_a_mark_that_another_file_has_leaves_the_newcomer_out(tmp_path: Path) -> None:
    root = data_of(tmp_path, {"first": MARK, "second": MARK})
    known = read_catalogue(root)
    assert list(known.products) == ["first"]
    assert [(each.file, "first.toml" in each.problem) for each in known.problems] == [("second.toml", True)]


def test_a_broken_product_file_does_not_take_the_others_down(tmp_path: Path) -> None:
    known = read_catalogue(data_of(tmp_path, {"first": MARK.replace("db = 30", "db = 400"), "second": MARK}))
    assert list(known.products) == ["second"]
    assert [each.file for each in known.problems] == ["first.toml"]


def data_of(folder: Path, marks: dict[str, str]) -> Path:
    """A data folder without providers, with a product for each text of marks."""
    (folder / "products").mkdir()
    for name in ("metrics.toml", "capabilities.toml"):
        (folder / name).write_text((data_dir() / name).read_text(encoding="utf-8"), encoding="utf-8")
    for name, text in marks.items():
        written(folder / "products", name, f'id = "{name}"\nname = "Made up"\n{text}')
    return folder


def test_the_weighing_lacks_no_number_and_has_none_that_nobody_reads() -> None:
    stated = load().rules("identify")["weighing"]
    for name in stated:
        short = {each: number for each, number in stated.items() if each != name}
        with pytest.raises(CatalogueError) as told:
            read_weighing({"weighing": short})
        assert told.value.field == f"weighing.{name}"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("strong_db", float("nan")),
        ("strong_db", "15"),
        ("strong_db", True),
        ("likely_probability", 1.5),
        ("hard", 40),
        ("strog_db", 15),
    ],
)
def test_a_number_of_the_weighing_that_is_none_is_named(name: str, wrong: object) -> None:
    stated = {**load().rules("identify")["weighing"], name: wrong}
    with pytest.raises(CatalogueError) as told:
        read_weighing({"weighing": stated})
    assert (told.value.file, told.value.field) == ("identify.toml", f"weighing.{name}")


def test_the_hard_groups_are_groups_of_marks() -> None:
    stated = load().rules("identify")["weighing"]
    with pytest.raises(CatalogueError) as told:
        read_weighing({"weighing": {**stated, "hard": {"hosts": 40}}})
    assert told.value.field == "weighing.hard.hosts"


def test_a_weight_that_was_fitted_goes_before_the_experts() -> None:
    fitted = next(name for name, db in KNOWN.weights.items() if db != KNOWN.expert[name])
    assert {mark.id: mark.db for mark in KNOWN.signals}[fitted] == KNOWN.weights[fitted]
