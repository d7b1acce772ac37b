"""docs/hypothesis.md: its tests are run, and fail where the page says so, with a story."""

from __future__ import annotations

import shutil

import pytest
from pages import ROOT, blocks

pytest_plugins = ["pytester"]
PAGE = (ROOT / "docs" / "hypothesis.md").read_text(encoding="utf-8")
FILES = {block.file: block.body for block in blocks(PAGE) if block.file}
REPEATED = """
from hypothesis import Phase, settings
settings.register_profile("repeated", derandomize=True, database=None, phases=[Phase.generate])
settings.load_profile("repeated")
"""
"""The same cases every time, and no time spent on making them small."""


def run(pytester: pytest.Pytester, name: str) -> pytest.RunResult:
    """The tests of a file of the page, beside the examples that come along."""
    for example in (ROOT / "examples").glob("*.py"):
        shutil.copy(example, pytester.path)
    (pytester.path / "conftest.py").write_text(REPEATED, encoding="utf-8")
    (pytester.path / name).write_text(FILES[name], encoding="utf-8")
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q", "--import-mode=prepend", name)


@pytest.mark.parametrize(
    ("name", "failed", "passed"),
    [
        ("test_my_target.py", {"test_my_target_keeps_the_rules"}, 1),
        pytest.param("test_my_driver.py", {"test_my_driver_keeps_the_rules"}, 0, marks=pytest.mark.slow),
        ("test_my_protocol.py", {"runTest"}, 1),
    ],
)
def test_the_page_shows_what_happens(
    pytester: pytest.Pytester, name: str, failed: set[str], passed: int
) -> None:
    result = run(pytester, name)
    result.assert_outcomes(failed=len(failed), passed=passed)
    told = result.stdout.str()
    assert {line.rpartition("::")[2].split()[0] for line in told.splitlines() if "FAILED" in line} == failed
    assert "COUNTEREXAMPLE: " in told
    assert "  wanted    " in told
