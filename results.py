"""What the commands do, as functions: each takes what its command takes, and returns a result.

A result has ``ok``, ``exit_code`` (that of the command), ``traces`` (what broke, the shortest first),
``data`` (what ``--json`` writes) and ``save(file)``. It prints as the command prints it, and a notebook
shows it so.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from .cli import audit as auditing
from .cli import check as checking
from .cli import conform_report as conforming
from .cli import driving, verdicts
from .cli import replay as replaying
from .cli.errors import ALL_HOLD
from .cli.output import result_data, result_json
from .counterexamples.model_replay import Replay
from .counterexamples.render import Told
from .counterexamples.storage import load, loads, write_atomically
from .counterexamples.trace import Trace
from .engines.verdict import Proved, Result, Violated
from .model.design import Design
from .properties.loading import BUILT_IN, load_subject
from .properties.subject import Subject

if TYPE_CHECKING:
    from rich.console import Console

    from .audit.asking import Audit, Reviewed
    from .engines.portfolio import Report
    from .targets.campaign.campaign import ConformReport


class _Result(Told):
    """How a result is seen, saved, and summed up."""

    command: ClassVar[str]
    exit_code: int
    """0 all hold, 1 something is violated, 3 undecided, 70 a bug of ours, 130 interrupted."""

    @property
    def ok(self) -> bool:
        """Whether all hold: nothing is violated, and nothing undecided."""
        return self.exit_code == ALL_HOLD

    @property
    def data(self) -> dict[str, Any]:
        """The result as JSON data, as ``chimneysweep schema`` describes it."""
        return result_data(self.command, self.exit_code, self._body())

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write the result as JSON, as ``--json`` does. Raises OSError."""
        write_atomically(Path(file), result_json(self.command, self.exit_code, self._body()))

    def _body(self) -> dict[str, Any]:
        raise NotImplementedError


class CheckResult(_Result):
    """What came of :func:`check`: a verdict on each property of the design."""

    command = "check"

    def __init__(self, subject: Subject, report: Report) -> None:
        self.subject, self.report = subject, report
        self._sorted = verdicts.sort(report, subject)
        self.exit_code = verdicts.exit_code([report], subject)

    @property
    def results(self) -> dict[str, Result]:
        """The result on each property by its name; ``.verdict`` has the certificate, trace or reason."""
        return {result.property: result for result in self.report.results}

    @property
    def verdicts(self) -> dict[str, str]:
        """On each property by its name: ``proved``, ``violated`` or ``undecided``."""
        words = {Proved: "proved", Violated: "violated"}
        return {name: words.get(type(r.verdict), "undecided") for name, r in self.results.items()}

    @property
    def traces(self) -> tuple[Trace, ...]:
        """Of each property that is violated a shortest run that shows it; the shortest of them first."""
        return tuple(r.verdict.trace for r in self._sorted.violated if isinstance(r.verdict, Violated))

    def _body(self) -> dict[str, Any]:
        return verdicts.as_data([self.report], self.subject)[1]

    def save_traces(self, folder: str | os.PathLike[str]) -> None:
        """Write the trace of each violation, and of each witness, to *folder*. Raises OSError."""
        from .cli.report import save_traces

        Path(folder).mkdir(parents=True, exist_ok=True)
        save_traces(self.report, Path(folder))

    def _tell(self, console: Console) -> None:
        from .cli.report import Printer

        asked = len(self.report.results)
        Printer(console, self.subject, keeping=".save_traces(folder)").show(self.report, asked)


class ConformResult(_Result):
    """What came of :func:`conform`: the shortest run that was found for each rule that broke."""

    command = "conform"

    def __init__(self, report: ConformReport) -> None:
        self.report = report
        self.exit_code = conforming.exit_code(report)

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The findings, the shortest first."""
        return tuple(sorted(self.report.findings, key=lambda trace: len(trace.steps)))

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of what broke."""
        found = (trace.violation.property for trace in self.traces if trace.violation)
        return (*found, *self.report.also_broken)

    def _body(self) -> dict[str, Any]:
        return self.report.to_json()

    def _tell(self, console: Console) -> None:
        conforming.show(console, self.report, self.traces, False)


class AuditResult(_Result):
    """What came of :func:`audit`: findings, each with the situation that shows it."""

    command = "audit"

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.exit_code = auditing.exit_code(audit)

    @property
    def findings(self) -> dict[str, Reviewed]:
        """The findings by their ids, with what was written about them."""
        return {reviewed.finding.id: reviewed for reviewed in self.audit.every}

    @property
    def traces(self) -> tuple[Trace, ...]:
        """The situations of the findings that are runs, in the order of the findings."""
        situations = (reviewed.finding.situation for reviewed in self.audit.every)
        return tuple(situation for situation in situations if isinstance(situation, Trace))

    def _body(self) -> dict[str, Any]:
        from .audit.json_data import as_data

        return as_data(self.audit)

    def _tell(self, console: Console) -> None:
        from .cli.audit_report import show

        show(console, self.audit, (), False)


def check(
    subject: str | os.PathLike[str] | Subject = "chimney",
    *,
    design: str | os.PathLike[str] | Design = "reference",
    properties: Sequence[str] = (),
    clauses: Sequence[str | os.PathLike[str]] = (),
    bounds: Mapping[str, int] | None = None,
    timeout: float = 3600.0,
    depth: int = 10,
    workers: int | None = None,
    engine: str = "portfolio",
    quiet: bool = True,
) -> CheckResult:
    """Prove or refute properties of a design, on the model.

    A proof holds for any number of steps; a violation comes as a shortest run. Raises ValueError for what
    is not there or cannot be used; its message says what would be right.

    Parameters:
        subject: ``"chimney"``, a file (``"my_protocol.py:PROXY"``), or a Subject that stands in a file.
        design: a design's name, a file (``"my_design.py:DESIGN"``), or a Design that stands in one.
        properties: names of what is to be decided; none: every property that is no lemma.
        clauses: files whose properties are added to the subject's own.
        bounds: how much of the world there is, by name; what is not named is as the subject has it.
        timeout: seconds for one query of the solver, an outer limit: budgets are counted in work.
        depth: steps of the runs that are searched for a violation.
        workers: processes (None: one a core, up to 8).
        engine: who decides: ``"portfolio"``, or by itself ``"induction"``, ``"bmc"`` or ``"spacer"``.
        quiet: no progress on standard error.

    Example:
        >>> result = chimneysweep.check("my_protocol.py", bounds={"connections": 1})
        >>> result.ok, result.verdicts["bytes.kept"], len(result.traces[0].steps)
        (False, 'violated', 7)
    """
    names = [os.fspath(file) for file in clauses]
    with _said():
        asked = (_named(subject), [_named(design)], names, properties, bounds or {})
        whole, (request,) = checking.requests(*asked, timeout, depth, workers, engine)
        return CheckResult(whole, checking.decide(request, quiet))


def conform(
    target: str | os.PathLike[str],
    *,
    runs: int = 300,
    seed: int | None = None,
    timeout: float = 2.0,
    sanitize: bool = True,
    cflags: Sequence[str] = (),
    protocol: bool = False,
    subject: str | os.PathLike[str] | Subject = "chimney",
    clauses: Sequence[str | os.PathLike[str]] = (),
    sources: Sequence[str] = (),
    explore: Mapping[str, Any] | None = None,
    processors: int = 1,
    workers: int = 0,
    cluster: str = "",
    journal: str | os.PathLike[str] | None = None,
    keep: bool = False,
    all: bool = False,
    quiet: bool = True,
) -> ConformResult:
    """Drive a target with many runs, and see whether it keeps the rules. Raises ValueError.

    Parameters:
        target: a driver in C, a Python class (``"my_target.py:MyTarget"``), a program, or one by its name.
        runs: of the search; ``seed``: theirs; ``journal``: keeps all; ``workers``: here; ``cluster``: Dask.
        sanitize: build C so; ``cflags``: and with these; ``protocol``: it speaks it; ``timeout``: of a call.
        subject: judge by this one, not the chimney; ``clauses``: and by these files; ``quiet``: in silence.
        sources: of kept, corpus, directed, model, sizes, processors, search; ``keep``: add to the corpus.
        explore: all runs in these bounds (``{"moves": 3}``); ``processors``: at once; ``all``: though broken.

    Example:
        >>> chimneysweep.conform("driver/", seed=1).broken
        ('chain.advanced', 'guarantee.send-kept')
    """
    options = {"runs": runs, "seed": seed, "timeout": timeout, "all": all, "workers": workers}
    how, judges = (sanitize, tuple(cflags), protocol), (_named(subject), [os.fspath(c) for c in clauses])
    with _said():
        more = _chosen(sources, explore, journal) | _where(processors, cluster)
        return _driven(os.fspath(target), how, judges, options | more, keep, quiet)


def _where(processors: int, cluster: str) -> dict[str, Any]:
    if processors not in (1, 2):
        raise ValueError(f"processors is {processors!r}; it must be 1 or 2")
    return {"processors": processors, "cluster": cluster}


def _chosen(
    names: Sequence[str], explore: Mapping[str, Any] | None, journal: str | os.PathLike[str] | None
) -> dict[str, Any]:
    """The options that choose which scenarios are played and where they are kept, if they are given."""
    from .targets.campaign.alphabet import Within
    from .targets.campaign.sources import SOURCES

    if unknown := [name for name in names if name not in SOURCES]:
        raise ValueError(f"there is no source of scenarios {unknown[0]!r}; there are: {', '.join(SOURCES)}")
    asked: dict[str, Any] = {} if explore is None else {"explore": Within.of(explore)}
    asked |= {"journal": Path(journal)} if journal else {}
    return asked | ({"sources": tuple(names)} if names else {})


def _driven(
    target: str,
    how: tuple[bool, tuple[str, ...], bool],
    judges: tuple[str, list[str]],
    options: Mapping[str, Any],
    keep: bool,
    quiet: bool,
) -> ConformResult:
    from .targets.campaign.campaign import Options
    from .targets.running.launch import How

    if keep:
        driving.kept_beside(target)
    given = Options(how=How(*how), **options, **driving.judged_by_the_users(*judges))
    result = ConformResult(driving.drive(target, given, quiet))
    if keep:
        driving.kept(target, result.traces)
    return result


def audit(
    subject: str | os.PathLike[str] | Subject = "chimney",
    *,
    clauses: Sequence[str | os.PathLike[str]] = (),
    questions: Sequence[str] = (),
    findings: Sequence[str] = (),
    again: bool = False,
    patience: float = 1.0,
    quiet: bool = True,
) -> AuditResult:
    """Ask a specification itself: do its rules contradict each other, leave a hole, or say nothing?

    Raises ValueError for what is not there or cannot be used; its message says what would be right.

    Parameters:
        subject: ``"chimney"``, a file (``"my_protocol.py"``), or a Subject that stands in a file.
        clauses: files whose properties are added to the subject's own, or replace those of the same name.
        questions: names of the questions that are asked; none: all nine.
        findings: ids of the findings that alone are looked for.
        again: look for these anew, whatever is stored of them.
        patience: so many times the usual work for each search (work is counted, not seconds).
        quiet: no progress on standard error.

    Example:
        >>> chimneysweep.audit(questions=["vocabulary"]).findings.keys()
        dict_keys(['vocabulary.sndnxt-in-the-glossary', ...])
    """
    with _said():
        files = [os.fspath(file) for file in clauses]
        return AuditResult(
            auditing.ask(_named(subject), files, questions, findings, patience, quiet, again)[1]
        )


def replay(trace: Trace | str | os.PathLike[str], *, origin: str | os.PathLike[str] | None = None) -> Replay:
    """Run a trace again, where it came from: ``fixed``, ``ok`` (all happens again), and a ``message``.

    Raises ValueError for what cannot be loaded; its message says what would be right.

    Parameters:
        trace: a Trace, its JSON text, or a file.
        origin: what the trace names is looked for from the folder of this file upwards, then here
            (None: the trace's own file).

    Example:
        >>> chimneysweep.replay("traces/chain.advanced.json").fixed
        True
    """
    near = "" if origin is None else os.fspath(origin)
    if isinstance(trace, str) and trace.lstrip().startswith("{"):
        trace = loads(trace)
    if not isinstance(trace, Trace):
        near = near or os.fspath(trace)
        trace = load(trace)
    with _said():
        return replaying.played_again(trace, Path(near))[0]


@contextmanager
def _said() -> Iterator[None]:
    """What the command line says of bad input is a ValueError here."""
    try:
        yield
    except click.ClickException as problem:
        raise ValueError(problem.format_message()) from None


def _named(thing: str | os.PathLike[str] | Subject | Design) -> str:
    """A subject or a design as the command line names it. Raises ValueError for one that is in no file."""
    if not isinstance(thing, Subject | Design):
        return os.fspath(thing)
    for name in BUILT_IN:
        if load_subject(name) is thing:
            return name
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        for name, value in vars(module).items() if file else ():
            if value is thing:
                return f"{file}:{name}"
    kind = type(thing).__name__.lower()
    raise ValueError(
        f"the {kind} {thing.name!r} is in no file, and the processes that work on it load it from one: "
        f"write it to a file (in a notebook: %%writefile my_{kind}.py), and give that or import it from there"
    )
