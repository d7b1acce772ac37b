"""What users import: at hand under one name, typed, and imported only when it is used."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from house import ROOT

import chimneysweep
from chimneysweep import chimney

HEAVY = {"z3", "rich", "click", "hypothesis", "jsonschema", "cffi", "pebble"}
OWN = '''
from typing import Any

from chimneysweep import And, CheckResult, Not, Part, Subject, check, event, guarantee, step, update, var
from chimneysweep.chimney import CHIMNEY, PENDING, REFERENCE, NdisTcpOffloadSendComplete, World
from chimneysweep.hypothesis_strategies import SubjectMachine, scenarios


@step()
def Complete(design: Any, s: World, p: Any) -> Any:
    """the target completes a send"""
    return s.conns[0].disconnect == PENDING, [NdisTcpOffloadSendComplete(conn=0)]


class Machine(SubjectMachine):
    subject = CHIMNEY
    design = REFERENCE.extended([Complete])


result: CheckResult = check(CHIMNEY, design="reference", bounds={"buffers": 2})
print(result.ok, result.traces[0].length, result.verdicts["chain.order"].upper())
'''


def imported(code: str) -> set[str]:
    """What a fresh interpreter has imported after *code*, beyond what it begins with."""
    probe = f"import json, sys\nbefore = set(sys.modules)\n{code}\n"
    probe += "print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_package_itself_imports_nothing() -> None:
    assert imported("import chimneysweep") == {"chimneysweep", "chimneysweep.version"}


def test_what_a_file_of_ones_own_is_made_of_imports_no_solver() -> None:
    names = imported("from chimneysweep import Subject, Part, Design, event, step, guarantee, And, var")
    assert "chimneysweep.properties.subject" in names
    assert not names & HEAVY


def test_a_solver_would_be_noticed() -> None:
    assert "z3" in imported("from chimneysweep import And, BOOL; import z3") & HEAVY


def test_each_name_is_there_and_type_checkers_see_the_same() -> None:
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    (typed,) = (n for n in tree.body if isinstance(n, ast.If))
    seen = {
        a.asname: (n.module, a.name) for n in typed.body if isinstance(n, ast.ImportFrom) for a in n.names
    }
    assert set(seen) == set(chimneysweep.__all__)
    for name in chimneysweep.__all__:
        assert seen[name] == (chimneysweep._WHERE[name], name)
        assert getattr(chimneysweep, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Sbject'"):
        _ = chimneysweep.Sbject  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        exec("from chimneysweep import Sbject")


def test_the_chimney_has_every_event_by_its_name() -> None:
    for each in chimney.CHIMNEY.events:
        assert getattr(chimney, each.name) is each
        assert each.name in chimney.__all__


def typed(folder: Path, text: str) -> str:
    """What the type checker says of a user's file, at its strictest."""
    view = folder / "view"
    view.mkdir()
    (view / "chimneysweep").symlink_to(ROOT, target_is_directory=True)
    (folder / "own.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--follow-imports=silent", "own.py"],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(view)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_a_users_file_is_typed(tmp_path: Path) -> None:
    assert "Success" in typed(tmp_path, OWN)


def test_a_users_mistake_in_a_type_is_found(tmp_path: Path) -> None:
    told = typed(tmp_path, OWN.replace('design="reference"', "design=3").replace(".ok", ".okay"))
    assert 'Argument "design" to "check" has incompatible type "int"' in told
    assert '"CheckResult" has no attribute "okay"' in told
