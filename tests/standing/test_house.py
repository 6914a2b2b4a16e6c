"""The house: each room imports only rooms to its left, and what is exported is what is there."""

import ast
from pathlib import Path

import pytest

import testkey_nb

PACKAGE = Path(testkey_nb.__file__).parent

# left to right; rooms in one group may not import one another
ARROWS = [
    {"errors", "vocabulary", "clock"},
    {"keys"},
    {"catalogue"},
    {"wire"},
    {"answers"},
    {"identity"},
    {"probes"},
    {"store"},
    {"analysis", "pricing"},
    {"views"},
    {"reports", "widgets"},
    {"session"},
    {"api"},
    {"cli"},
]
LEFT_OF = {room: set().union(*ARROWS[:place]) for place, group in enumerate(ARROWS) for room in group}
# started by the analyst's own word; nothing that reads a provider's answer may lean on it
LEFT_OF["sandbox"] = {"errors"}
LEFT_OF["cli"].add("sandbox")
# the one arrow back: a view turns into its widget when somebody asks for it, and not before
ON_DEMAND = {"views": {"widgets"}}
NETWORK = {"httpx", "httpx2", "requests", "aiohttp", "urllib3", "urllib.request", "socket", "http.client"}


def modules():
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.parent != PACKAGE or path.name not in ("__init__.py", "__main__.py")
    )


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path, *, everywhere: bool = True) -> set[str]:
    tree = ast.parse(path.read_text())
    lazy = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    # what only a type checker reads is no arrow either
    lazy |= {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if not everywhere and id(node) in lazy:
            continue
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
    at_once = {name.split(".")[1] for name in imports(path, everywhere=False) if name.startswith("testkey_nb.")}
    assert used - {room} - LEFT_OF[room] - ON_DEMAND.get(room, set()) == set()
    assert at_once - {room} - LEFT_OF[room] == set()


def test_every_room_stands_in_the_arrows():
    assert {room_of(path) for path in modules()} == set(LEFT_OF)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_wire_and_sandbox_open_the_network(path):
    if room_of(path) not in ("wire", "sandbox"):
        assert imports(path) & NETWORK == set()


def test_only_the_wire_reveals_a_key():
    users = {room_of(path) for path in modules() if "testkey_nb.keys._reveal" in imports(path)}
    assert users - {"keys"} == {"wire"}


def test_no_provider_is_named_in_code():
    from testkey_nb.catalogue import load

    names = {name for one in load().providers.values() for name in (one.id, *one.aliases)}
    found = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                words = [
                    each.value
                    for each in ast.walk(node)
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
                found += [f"{path.name}:{node.lineno} {word}" for word in words if word in names]
    assert found == []


def test_the_sandbox_is_called_whoever_imported_it_first():
    import testkey_nb.sandbox

    with testkey_nb.sandbox(only=["groq"]) as running:
        assert running.routes
