"""``check --propose-lemmas FILE``: lemmas that close a proof, written as a file for ``--clauses``."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..counterexamples.trace import traced
from ..engines.engine import Budget
from ..engines.proposing import Open, Proposal, propose
from ..engines.tracing import TraceMaker
from ..engines.verdict import Unknown
from ..engines.worker import Bench, Job
from ..properties.loading import load_design
from ..properties.subject import Subject
from .errors import write
from .output import out, say, wrapped

if TYPE_CHECKING:
    from ..engines.portfolio import CheckRequest, Report

HEAD = '''"""Lemmas for {subject}, found by chimneysweep: each is proved wherever a proof rests on it.

    chimneysweep check ... --clauses {file}
"""

from typing import Any

from chimneysweep import {used}
'''
OWN = "chimney"
"""The subject whose lemmas a file can name; those of a subject in a file stand there."""


def helped(request: CheckRequest, report: Report, file: Path) -> CheckRequest:
    """Write lemmas with which what *report* leaves open is proved; the request with them, if there are."""
    subject = request.subject.load()
    undecided = (r.property for r in report.results if isinstance(r.verdict, Unknown))
    wanted = tuple(name for name in undecided if not subject.find(name).reading)
    if not wanted:
        wrapped(out(), "Induction proves every property, so no lemma is needed.")
        return request
    wrapped(out(), f"Not inductive without help: {', '.join(wanted)}")
    found = _found(request, report, wanted, subject)
    if not found:
        wrapped(out(), "No lemma was found with which any of them is.")
        return request
    text, said = _module(found, subject, file)
    write(file, text)
    wrapped(out(), f"{file}: more is inductive with these lemmas")
    for lemma in said:
        wrapped(out(), f"  {lemma}")
    say(out())
    ref = dataclasses.replace(request.subject, clauses=(*request.subject.clauses, str(file)))
    return dataclasses.replace(request, subject=ref)


def _found(
    request: CheckRequest, report: Report, wanted: tuple[str, ...], subject: Subject
) -> list[Proposal] | None:
    """What the engines propose."""
    system = subject.system(load_design(request.design, subject), request.bounds)
    tracer = TraceMaker(system, request.bounds, traced(subject, request.subject), request.design)
    pattern = Job("total", request.design, request.bounds, subject=request.subject)
    dropped = report.dropped if subject.name == OWN else ()
    budget = Budget(request.depth, request.effort, request.timeout)
    benches = functools.partial(Bench, system, tracer=tracer)
    return propose(Open(subject, pattern, wanted, dropped, budget, benches))


def _module(proposals: Sequence[Proposal], subject: Subject, file: Path) -> tuple[str, list[str]]:
    """The text of the file, and what its lemmas say."""
    lemmas = [*_left(proposals), *_merged(proposals)]
    body = "".join(_function(n, says, code) for n, (says, code) in enumerate(lemmas, 1))
    used = [n for n in ("And", "Implies", "Not", "Value", "all_of", "lemma") if re.search(rf"\b{n}\b", body)]
    own = "from chimneysweep.chimney import CHIMNEY\n" if "CHIMNEY" in body else ""
    head = HEAD.format(subject=subject.name, file=file.name, used=", ".join(used))
    return f"{head}{own}{body}", [says for says, _ in lemmas]


def _left(proposals: Sequence[Proposal]) -> Iterator[tuple[str, str]]:
    for proposal in proposals:
        if proposal.fell:
            when = proposal.formula.when
            yield (
                f"{proposal.fell} holds where {when}.",
                f'Implies({when}, CHIMNEY.find("{proposal.fell}").holds(s))',
            )


def _merged(proposals: Sequence[Proposal]) -> Iterator[tuple[str, str]]:
    """What the templates gave, as sentence and code: one for each place and condition."""
    formulas = sorted((p.formula for p in proposals if not p.fell), key=lambda f: (f.scope.loops, f.when))
    for _, group in itertools.groupby(formulas, key=lambda f: (f.scope.loops, f.when)):
        same = list(group)
        said = _equal([f.holds for f in same])
        whole = dataclasses.replace(same[0], holds=said[0] if len(said) == 1 else f"And({', '.join(said)})")
        labels = {c: sort.labels for c, sort in whole.scope.variables if sort.labels}
        where = f" where {_told(whole.when, labels)}" if whole.when else ""
        yield f"{' and '.join(_told(code, labels) for code in said)}{where}.", whole.code


def _equal(codes: Sequence[str]) -> list[str]:
    """The same in fewer words: two numbers of which neither is less are equal."""
    turned = {code: " <= ".join(reversed(code.split(" <= "))) for code in codes if " <= " in code}
    both = {code: code.replace(" <= ", " == ") for code, other in turned.items() if other in codes}
    first = [code for n, code in enumerate(codes) if code not in both or turned[code] not in codes[:n]]
    return [both.get(code, code) for code in first]


def _told(code: str, labels: dict[str, tuple[str, ...]]) -> str:
    """A condition as a person reads it: the values of an enum by their labels."""
    if both := re.fullmatch(r"And\((.+?), (.+)\)", code):
        return " and ".join(_told(one, labels) for one in both.groups())
    if denied := re.fullmatch(r"Not\((.+)\)", code):
        return f"not {denied[1]}"
    name, relation, value = code.partition(" == ") if " == " in code else code.partition(" != ")
    return f"{name}{relation}{labels[name][int(value)]!r}" if name in labels else code


def _function(number: int, says: str, code: str) -> str:
    head = f'\n\n@lemma("proposed-{number}")\ndef proposed_{number}(s: Any) -> Value:\n'
    return f'{head}    """{says}"""\n    return {code}\n'
