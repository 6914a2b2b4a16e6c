"""The house: each room imports only rooms to its left, and what is exported is what is there."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import testkey_nb
from testkey_nb.catalogue import load

PACKAGE = Path(testkey_nb.__file__).parent

# what every room may stand on
GROUND = {"errors", "vocabulary", "clock"}
# two towers that know nothing of each other; within one, a room imports only those before it
ASKING = [{"keys"}, {"catalogue"}, {"wire"}, {"preflight", "answers"}, {"identity"}, {"probes"}]
KNOWING = [{"store"}, {"analysis", "pricing"}, {"views"}, {"reports", "widgets"}]


def below(tower: list[set[str]]) -> dict[str, set[str]]:
    return {room: set().union(*tower[:place]) for place, group in enumerate(tower) for room in group}


LEFT_OF = {room: GROUND | rooms for room, rooms in below(ASKING).items()}
# the catalogue is data, which both read, and with it what takes keys out of texts
LEFT_OF |= {room: GROUND | {"keys", "catalogue"} | rooms for room, rooms in below(KNOWING).items()}
# only here do they meet
BOTH = set().union(*ASKING, *KNOWING) | GROUND
LEFT_OF |= {"session": BOTH, "api": BOTH | {"session"}, "cli": BOTH | {"session", "api", "sandbox"}}
# started by the analyst's own word; nothing that reads a provider's answer may lean on it
LEFT_OF |= {room: set() for room in GROUND} | {"sandbox": {"errors"}}
NETWORK = {"httpx", "httpx2", "requests", "aiohttp", "urllib3", "urllib.request", "socket", "http.client"}


def modules():
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.parent != PACKAGE or path.name not in ("__init__.py", "__main__.py")
    )


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "testkey_nb" else {module}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_rooms_to_its_left(path):
    room = room_of(path)
    used = {name.split(".")[1] for name in imports(path) if name.startswith("testkey_nb.")}
    assert used - {room} - LEFT_OF[room] == set()


def test_every_room_stands_in_the_arrows():
    assert {room_of(path) for path in modules()} == set(LEFT_OF)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_wire_and_sandbox_open_the_network(path):
    if room_of(path) not in ("wire", "sandbox"):
        assert imports(path) & NETWORK == set()


def test_only_the_wire_reveals_a_key():
    users = {room_of(path) for path in modules() if "testkey_nb.keys._reveal" in imports(path)}
    assert users - {"keys"} == {"wire"}


# services named by words of English, HTML or Python; their headers (`x-lambda-...`) are forbidden all the same
ORDINARY = {"lambda", "meta", "replicate", "stability", "step", "together", "writer"}
# the protocol that many speak has the name of one vendor, and so has a verdict
PROTOCOL = re.compile(r"openai-compatible|OpenAI's shape")


def vendor_words() -> re.Pattern[str]:
    """Ids, aliases and names of all that the catalogue knows, and the families of headers that they send."""
    catalogue = load()
    names = {name for each in catalogue.providers.values() for name in (each.id, each.name, *each.aliases)}
    names |= {name for each in catalogue.products.values() for name in (each.id, each.name, *each.aliases)}
    stems = {family.partition("*")[0] for family in catalogue.rules("headers")["kept"]["families"]} - {""}
    words = {name.lower() for name in names} - ORDINARY | stems
    return re.compile(
        rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, sorted(words)))})(?:(?<=-)|(?![a-z0-9]))", re.IGNORECASE
    )


def texts(path: Path) -> list[tuple[int, str]]:
    """Line and text of every string constant but the docstrings; of SQL, every line without its comment."""
    if path.suffix == ".sql":
        return [(number, line.split("--")[0]) for number, line in enumerate(path.read_text().splitlines(), 1)]
    nodes = list(ast.walk(ast.parse(path.read_text())))
    docstrings = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def test_no_vendor_is_named_in_a_string_of_the_code():
    words = vendor_words()
    named = {}
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.sql")]:
        for line, text in texts(path):
            if match := words.search(PROTOCOL.sub("", text)):
                named.setdefault(str(path.relative_to(PACKAGE)), []).append(f"{line} {match[0]}")
    assert named == {}


@pytest.mark.parametrize(
    "text", ["x-portkey-config", r"x-groq-.*|via", "cf-aig-.*", "is it Mistral AI?", "x-amzn-errortype"]
)
def test_a_vendor_is_found_wherever_it_stands_in_a_string(text):
    assert vendor_words().search(text)


@pytest.mark.parametrize("text", ["<meta charset>", "lambda one: one", "together with", "dgram", "the portkeys"])
def test_an_ordinary_word_is_no_vendor(text):
    assert not vendor_words().search(text)


def test_the_sandbox_is_called_whoever_imported_it_first():
    import testkey_nb.sandbox

    with testkey_nb.sandbox(only=["groq"]) as running:
        assert running.routes


@pytest.mark.parametrize("room", sorted({path.parent for path in modules()} - {PACKAGE}), ids=lambda path: path.name)
def test_no_name_of_a_room_hides_its_module(room):
    package = importlib.import_module(f"testkey_nb.{room.name}")
    names = [path.stem for path in room.glob("*.py") if path.stem != "__init__"]
    modules_of = {name: importlib.import_module(f"testkey_nb.{room.name}.{name}") for name in names}
    assert [name for name, module in modules_of.items() if getattr(package, name) is not module] == []
