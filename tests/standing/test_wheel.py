"""The built wheel holds its data and works where nothing of the source tree is."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT], check=True, capture_output=True, text=True
    )
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_data_style_sheets_and_sql(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert any(name.endswith(".dist-info/licenses/testkey_nb/LICENSE") for name in names)
    for name in (
        "testkey_nb/py.typed",
        "testkey_nb/LICENSE",
        "testkey_nb/_data/GLOSSARY.md",
        "testkey_nb/_data/providers/baseten.toml",
        "testkey_nb/_data/sandbox/baseten/routes.toml",
        "testkey_nb/_data/locales/id.toml",
        "testkey_nb/store/sql/permissions.sql",
        "testkey_nb/analysis/sql/facts.sql",
        "testkey_nb/views/view.css",
        "testkey_nb/reports/report.css",
    ):
        assert name in names


def test_the_installed_wheel_answers_from_its_own_data(wheel, tmp_path):
    installed = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", installed, wheel],
        check=True,
        capture_output=True,
    )
    # dependencies come from this environment, the package from the wheel alone
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    code = "import testkey_nb, sys; print(testkey_nb.__file__); print(len(testkey_nb.providers()))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    where, count = ran.stdout.split()
    assert where.startswith(str(installed))
    assert int(count) >= 75
    demo = subprocess.run(
        [sys.executable, "-m", "testkey_nb", "demo", "--out", tmp_path / "report.html"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(tmp_path / "report.html") in demo.stdout
    assert (tmp_path / "report.html").stat().st_size > 100_000
