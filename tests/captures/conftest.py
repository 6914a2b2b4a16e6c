"""The recorded answers that these tests need."""

import os

import pytest

from tests.captures.figures import FIELD, OBSERVED, captures_dir


@pytest.fixture(scope="session")
def captures() -> None:
    """Skips with a reason where the recorded answers are not; fails there when CI requires them."""
    if all((captures_dir() / name).is_file() for name in (OBSERVED, FIELD)):
        return
    reason = f"no observed answers in {captures_dir()}; set TESTKEY_NB_CAPTURES"
    if os.environ.get("CI_REQUIRE_CAPTURES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
