"""The commands as functions: what they return is what the commands say, and is shown, saved and typed."""

from __future__ import annotations

import doctest
import importlib
import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house import ROOT
from pages import blocks

import chimneysweep
from chimneysweep.cli.main import main
from chimneysweep.properties.loading import load_subject
from chimneysweep.results import AuditResult, CheckResult

PROXY = str(ROOT / "examples" / "proxy.py")
TICKETS = str(ROOT / "examples" / "ticket_shop.py")


@pytest.fixture(scope="module")
def checked() -> CheckResult:
    return chimneysweep.check(PROXY, bounds={"connections": 1})


def test_the_page_shows_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    shown = "\n".join(block.body for block in blocks(page) if block.kind == "python")
    test = doctest.DocTestParser().get_doctest(shown, {}, "api.md", "docs/api.md", 0)
    done = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert done.attempted > 10
    assert not done.failed


def test_a_check_has_what_the_command_says(
    checked: CheckResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "command.json"
    code = main(["check", PROXY, "--bound", "connections=1", "--quiet", "--json", str(file)])
    assert (checked.exit_code, checked.ok) == (code, False)
    checked.save(tmp_path / "function.json")
    ours, theirs = (json.loads((tmp_path / name).read_text()) for name in ("function.json", "command.json"))
    assert ours == checked.data
    assert ours.pop("seconds").keys() == theirs.pop("seconds").keys()
    assert ours == theirs
    assert capsys.readouterr().out.splitlines()[0] == repr(checked).splitlines()[0]


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"import chimneysweep\nprint('begun')\nprint(chimneysweep.check({TICKETS!r}).ok)\n")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300)
    assert (done.stdout.split(), done.stderr) == (["begun", "False"], "")


def test_a_check_is_shown(checked: CheckResult, tmp_path: Path) -> None:
    assert "breaks guarantee bytes.kept in" in repr(checked)
    assert ".save_traces(folder) keeps every trace" in repr(checked)
    assert checked._repr_html_().startswith("<pre")
    assert "<pre" in checked.traces[0]._repr_html_()
    checked.save_traces(tmp_path / "traces")
    assert len(list((tmp_path / "traces").glob("*.json"))) >= 2
    assert checked.results["bytes.kept"].property == "bytes.kept"


def test_what_notebooks_show_is_escaped() -> None:
    from chimneysweep.counterexamples.render import printed

    assert "a &lt;b&gt; c" in printed(lambda console: console.print("a <b> c"), html=True)


def test_a_subject_at_hand_is_one_that_stands_in_a_file() -> None:
    result = chimneysweep.check(load_subject(PROXY), properties=["connections.kept"])
    assert result.ok
    assert result.verdicts == {"connections.kept": "proved"}
    own = chimneysweep.Subject("own", "", lambda bounds: None)
    with pytest.raises(ValueError, match=r"the subject 'own' is in no file, .* %%writefile my_subject\.py"):
        chimneysweep.check(own)


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    shutil.copy(ROOT / "cli" / "starts" / "own_subject.txt", file)
    before = chimneysweep.check(file)
    assert before.ok
    file.write_text(file.read_text().replace('@guarantee("messages.', '@guarantee("letters.'))
    assert [n.replace("letters.", "messages.") for n in chimneysweep.check(file).verdicts] == [
        *before.verdicts
    ]
    assert "letters." in "".join(chimneysweep.check(file).verdicts)


def test_an_audit_is_called_by_its_name_before_and_after_its_room_is_imported() -> None:
    code = "import chimneysweep as c; f = c.audit; f(questions=['vocabulary']); print(c.audit is not f)"
    code += "; print(c.audit(questions=['vocabulary']).exit_code)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "1"]


def test_an_audit_has_its_findings_and_their_traces(tmp_path: Path) -> None:
    importlib.import_module("chimneysweep.audit")
    result = chimneysweep.audit(TICKETS, quiet=True)
    assert isinstance(result, AuditResult)
    assert result.findings.keys() == {f["id"] for f in result.data["findings"]}
    assert len(result.traces) == sum(f["trace"] is not None for f in result.data["findings"])
    assert "FINDING" in repr(result)
    assert "<pre" in result._repr_html_()


def test_a_conform_has_what_broke() -> None:
    result = chimneysweep.conform(ROOT / "examples" / "my_target.py", seed=1, runs=0)
    assert result.broken[0] == "chain.advanced"
    assert result.traces[0].violation
    assert result.traces[0].violation.property == "chain.advanced"
    assert not result.ok
    assert f"seed {result.report.seed}" in repr(result)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: chimneysweep.check("nowhere.py"), r"nowhere\.py is not there"),
        (lambda: chimneysweep.check(design="tail-forgoten"), "did you mean tail-forgotten"),
        (lambda: chimneysweep.check(properties=["snd.unna"]), r"did you mean snd\.una"),
        (lambda: chimneysweep.check(bounds={"bufers": 1}), "its bounds are: buffers=8"),
        (lambda: chimneysweep.check(clauses=["nowhere.py"]), r"nowhere\.py is not there"),
        (lambda: chimneysweep.conform("nowhere.c"), r"nowhere\.c"),
        (lambda: chimneysweep.audit(questions=["vocabularies"]), "there is no question"),
    ],
)
def test_bad_input_is_a_value_error_that_says_what_would_be_right(call: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("function", [chimneysweep.check, chimneysweep.conform, chimneysweep.results.audit])
def test_help_speaks_of_every_parameter_of_what_is_raised_and_shows_an_example(function: object) -> None:
    text = inspect.getdoc(function) or ""
    for name in inspect.signature(function).parameters:  # type: ignore[arg-type]
        assert f"{name}:" in text or f"``{name}``:" in text
    assert "Raises ValueError" in text
    assert "Example:\n    >>> " in text


def test_the_command_takes_what_the_function_takes() -> None:
    from chimneysweep.cli import audit, check
    from chimneysweep.cli.written import FILES

    outputs = {"lemmas", "trace_dir", "page_file", "matrix_file", "verbose", "keep", "text"}
    outputs |= {"github", *(f"{name}_file" for name in FILES)}
    sizes = {"buffers", "blocks", "connections", "requests"}
    for command, function in (
        (check.command, chimneysweep.check),
        (audit.command, chimneysweep.results.audit),
    ):
        given = {"design" if p.name == "designs" else p.name for p in command.params} - outputs - sizes
        assert given == set(inspect.signature(function).parameters)


def test_runs_of_one_source_alone_are_asked_for_by_its_name() -> None:
    result = chimneysweep.conform("reference", runs=0, sources=("directed",))
    assert result.ok
    with pytest.raises(ValueError, match="no source of scenarios 'chance'; there are: kept, corpus"):
        chimneysweep.conform("reference", sources=("chance",))
