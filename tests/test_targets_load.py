"""Naming a target: what can be named, and what is said when it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from chimneysweep.targets.chimney.built_in import canonical, entries
from chimneysweep.targets.chimney.interface import ENTRY_POINTS
from chimneysweep.targets.chimney.load import load
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.machine.refusal import BadTarget

WHOLE = "from chimneysweep.targets.reference import Reference\n"
WHOLE += "\nclass Mine(Reference):\n    pass\n"


def written(folder: Path, text: str, name: str = "driver.py") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(spec: str) -> str:
    with pytest.raises(BadTarget) as caught:
        load(spec)
    return str(caught.value)


def test_built_in_targets_have_names() -> None:
    assert load("reference") is Reference
    for entry in entries():
        assert load(entry.name) is entry.target


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("seeded/tail_forgotten", "seeded/tail-forgotten"),
        ("miniports/head_not_advanced", "miniports/head-not-advanced"),
        ("seeded/success_on_sent", "seeded/success-when-sent"),  # of earlier days
        ("reference", "reference"),
        ("seeded/nothing_like_it", "seeded/nothing_like_it"),
        ("my_folder/tail_forgotten.py", "my_folder/tail_forgotten.py"),
    ],
)
def test_a_target_that_comes_along_has_one_name(typed: str, name: str) -> None:
    assert canonical(typed) == name


def test_a_class_in_a_file(tmp_path: Path) -> None:
    assert load(written(tmp_path, WHOLE) + ":Mine").__name__ == "Mine"


def test_the_only_target_in_a_file_needs_no_name(tmp_path: Path) -> None:
    assert load(written(tmp_path, WHOLE)).__name__ == "Mine"


def test_a_target_that_imports_all_public_names(tmp_path: Path) -> None:
    """As files of users do that were written when these names stood there."""
    text = (
        "from chimneysweep.targets.api import BlockList, NetBufferList, Segment, Status, TcpDelegatedState\n"
        "from chimneysweep.targets.api import StateType, Target, TcpEvent, Timer, seq_add, seq_diff\n"
        "from chimneysweep.targets.callbacks import Ndis\n"
        "from chimneysweep.targets.reference import Reference\n"
        "from chimneysweep.targets.steady import Connection, StateObject, Steady, unlink, walk\n\n"
        "class Mine(Reference):\n"
        "    def _delegate(self, conn: Connection, state: TcpDelegatedState) -> None:\n"
        "        super()._delegate(conn, state)\n"
    )
    assert load(written(tmp_path, text)).__name__ == "Mine"


def test_a_class_in_a_module() -> None:
    assert load("chimneysweep.targets.chimney.python.seeded_targets:MaxIsNxt").__name__ == "MaxIsNxt"


def test_a_file_may_import_its_neighbors(tmp_path: Path) -> None:
    written(tmp_path, WHOLE, "neighbor_of_driver.py")
    spec = written(tmp_path, "from neighbor_of_driver import Mine\n\nclass Yours(Mine):\n    pass\n")
    assert load(spec + ":Yours").__name__ == "Yours"


def test_a_class_need_not_be_derived_from_target(tmp_path: Path) -> None:
    methods = "".join(f"    {n} = Reference.{n}\n" for n in dir(Reference) if not n.startswith("__"))
    head = "from chimneysweep.targets.reference import Reference\n\nclass Duck:\n"
    text = f"{head}    __init__ = lambda s, n: None\n{methods}"
    assert load(written(tmp_path, text) + ":Duck").__name__ == "Duck"


def test_no_such_file(tmp_path: Path) -> None:
    written(tmp_path, WHOLE)
    assert refused(f"{tmp_path}/drivr.py:Mine") == (
        f"there is no file {tmp_path}/drivr.py; did you mean {tmp_path}/driver.py?"
    )
    assert refused(f"{tmp_path}/sub/driver.py") == f"there is no file {tmp_path}/sub/driver.py"
    assert refused("seeded/tail_forgoten").endswith("did you mean seeded/tail-forgotten?")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(str(tmp_path)) == f"{tmp_path} is a folder; name a Python file in it"


def test_no_such_module() -> None:
    assert refused("referense").endswith("did you mean reference?")
    assert "no built-in one (such as reference, " in refused("no.such.module:Thing")


def test_a_file_that_is_not_python(tmp_path: Path) -> None:
    assert "its name must end in .py" in refused(written(tmp_path, WHOLE, "driver.c"))


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    spec = written(tmp_path, "x = 1\ndef broken(:\n    pass\n")
    assert refused(spec) == f"{spec}, line 2: invalid syntax"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "import chimneysweep_nowhere\n",
            "ModuleNotFoundError: No module named 'chimneysweep_nowhere' (line 1)",
        ),
        ("\n\n1 / 0\n", "ZeroDivisionError: division by zero (line 3)"),
        ("raise SystemExit('bye')\n", "SystemExit: bye (line 1)"),
    ],
)
def test_an_import_that_fails(tmp_path: Path, text: str, told: str) -> None:
    spec = written(tmp_path, text)
    assert refused(spec) == f"{spec} cannot be imported: {told}"


def test_an_import_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chimneysweep.targets.chimney.load.SECONDS_TO_IMPORT", 0.1)
    assert "importing it takes more than 0.1 s" in refused(written(tmp_path, "while True: pass\n"))


def test_no_such_class(tmp_path: Path) -> None:
    spec = written(tmp_path, WHOLE)
    assert refused(f"{spec}:Mind") == f"{spec} has no class Mind; did you mean Mine?"
    assert refused(f"{spec}:Zzz") == f"{spec} has no class Zzz; it has Mine"


def test_several_classes_and_no_name(tmp_path: Path) -> None:
    spec = written(tmp_path, WHOLE + "\nclass Other(Reference):\n    pass\n")
    assert refused(spec) == f"{spec} has several targets; name one of them: {spec}:Mine, {spec}:Other"


def test_no_class_at_all(tmp_path: Path) -> None:
    spec = written(tmp_path, "x = 1\n")
    assert refused(spec) == f"{spec} has no class derived from chimneysweep.targets.api.Target"
    assert refused(f"{spec}:Mine") == f"{spec} has no class Mine; it has no class at all"


def test_not_a_class(tmp_path: Path) -> None:
    spec = written(tmp_path, "Mine = 3\n")
    assert refused(f"{spec}:Mine") == f"{spec}: that is int, not a class"


def test_missing_entry_points(tmp_path: Path) -> None:
    head = "from chimneysweep.targets.chimney.interface import Target\n\nclass Mine(Target):\n"
    assert (
        refused(written(tmp_path, head + "    pass\n"))
        == f"Mine lacks entry points: {', '.join(ENTRY_POINTS)}"
    )
    some = "".join(f"    def {n}(self, *a): pass\n" for n in ENTRY_POINTS if n != "run")
    assert refused(written(tmp_path, head + some, "most.py")) == "Mine lacks an entry point: run"


def test_parameters_that_do_not_fit(tmp_path: Path) -> None:
    spec = written(tmp_path, WHOLE + "    def segment_arrives(self, segment): pass\n")
    assert refused(spec) == (
        "Mine.segment_arrives is called as segment_arrives(self, context, segment), which it does not take"
    )
    spec = written(tmp_path, WHOLE + "    run = 3\n", "other.py")
    assert refused(spec) == "Mine.run is int, not a method"


def test_a_constructor_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = written(tmp_path, WHOLE + "    def __init__(self, ndis, adapter): pass\n")
    told = refused(spec)
    assert told.startswith("the constructor of Mine, called with an Ndis object, raises TypeError: ")
    assert "'adapter'" in told
    monkeypatch.setattr("chimneysweep.targets.chimney.load.SECONDS_TO_IMPORT", 0.2)
    spec = written(tmp_path, WHOLE + "    def __init__(self, ndis):\n        while True: pass\n", "slow.py")
    assert refused(spec) == "the constructor of Mine does not return"
