"""Growing is one room's work: one file adds a part, and every tool takes it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chimneysweep.counterexamples.model_replay import replay_on_model
from chimneysweep.engines.portfolio import CheckRequest, Report, check
from chimneysweep.engines.verdict import Proved, Unknown, Violated
from chimneysweep.engines.witness import scripted
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import world_size
from chimneysweep.properties.loading import SubjectRef
from chimneysweep.properties.subject import Subject

KEEPALIVE = '''
"""Keepalives: the target probes an idle connection, three times at most."""

import dataclasses

from chimneysweep.model.chimney.state import Connection, Own
from chimneysweep.model.design import bug, reaction, remember, step
from chimneysweep.model.event import event
from chimneysweep.model.logic import And
from chimneysweep.model.records import INT, between, update, var
from chimneysweep.model.tcp.peer import CONN
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import clause, collected, conjunct, lemma
from chimneysweep.properties.subject import Part
from chimneysweep.properties.tcp.wire import each_connection

MOST = 3


@dataclasses.dataclass(frozen=True)
class Probed:
    probes: int = var(between(0))  # those that the peer has not answered


@dataclasses.dataclass(frozen=True)
class Counted:
    unanswered: int = var(INT)  # what the target remembers of them


@event("target", conn=CONN)
def SendProbe(s, p):
    """the target asks whether the peer of connection {conn} is still there"""
    conn = s.conns[p.conn]
    return s.live(conn), s.change(p.conn, probes=conn.probes + 1)


@event("peer", conn=CONN)
def AnswerArrives(s, p):
    """the peer of connection {conn} answers the probes"""
    conn = s.conns[p.conn]
    return And(s.live(conn), conn.probes > 0), s.change(p.conn, probes=0)


@step(conn=CONN)
def Probe(design, s, p):
    """the keep-alive timer of connection {conn} expires, and the target probes"""
    conn = s.conns[p.conn]
    few = conn.own.unanswered < MOST
    counted = remember("conns", p.conn, "own", unanswered=conn.own.unanswered + 1)
    return And(design.in_charge(s, conn), few), [SendProbe(conn=p.conn), counted]


@reaction(AnswerArrives)
def answered(design, s, p):
    return [remember("conns", p.conn, "own", unanswered=0)]


@clause("keepalive.most", "RFC 9293", "section 3.8.4", each=each_connection)
def most(world, conn):
    """No more than three probes go unanswered."""
    few = conjunct("at most 3 are unanswered", conn.probes <= MOST, unanswered_probes=conn.probes)
    return conn.probes > 0, few


@lemma("keepalive.counted", each=each_connection)
def counted(world, conn):
    """The target has counted what it sent."""
    return And(conn.own.unanswered == conn.probes, conn.probes >= 0)


@bug("keepalive.most", 4, "Probe")
def probes_forever(reference, s, p):
    """Never gives up: the limit is forgotten."""
    return reference.in_charge(s, s.conns[p.conn]), reference.Probe(s, p)[1]


PART = Part(
    "keepalive",
    "probes of an idle connection",
    needs=("wire",),
    fields={Connection: Probed, Own: Counted},
    events=(SendProbe, AnswerArrives),
    steps=(Probe,),
    reactions=(answered,),
    memory=frozenset({"conns.own.unanswered"}),
    properties=collected(globals()),
    runs=((("Probe", {"conn": 0}), ("AnswerArrives", {"conn": 0})),),
    bugs=(probes_forever,),
)
SUBJECT = CHIMNEY.with_parts(PART)
UNHELPED = CHIMNEY.with_parts(dataclasses.replace(PART, properties=(most,)))
'''

MAILBOX = '''
"""A mailbox, and a part that lets it be closed: what comes then goes back."""

import dataclasses

from chimneysweep.model.design import bug, reaction, remember, step
from chimneysweep.model.event import event
from chimneysweep.model.logic import And
from chimneysweep.model.records import BOOL, INT, update, var
from chimneysweep.properties.property import case, clause, conjunct, guarantee, lemma
from chimneysweep.properties.subject import Part, Subject


@dataclasses.dataclass(frozen=True)
class Mail:
    posted: int = var(INT)
    delivered: int = var(INT)


@event("writer")
def Post(s, p):
    """somebody posts a letter"""
    return True, update(s, posted=s.posted + 1)


@event("target")
def Deliver(s, p):
    """a letter is delivered"""
    return s.delivered < s.posted, update(s, delivered=s.delivered + 1)


@step()
def Carry(design, s, p):
    """the postman brings a letter"""
    return s.delivered < s.posted, [Deliver()]


@guarantee("mail.real", "the post office")
def real(s):
    """What is delivered was posted."""
    yield case("the mailbox", s.delivered > 0, conjunct("it was posted", s.delivered <= s.posted))


MAIL = Part("mail", events=(Post, Deliver), steps=(Carry,), properties=(real,))
PLAIN = Subject("mailbox", "letters", start=lambda bounds: Mail(), parts=(MAIL,))


@dataclasses.dataclass(frozen=True)
class Closable:
    closed: bool = var(BOOL)
    returned: int = var(INT)
    known: bool = var(BOOL)  # the postman's own: that it is closed


@event("owner")
def Close(s, p):
    """the owner closes the mailbox"""
    return True, update(s, closed=True)


@event("target")
def Return(s, p):
    """a letter goes back"""
    return s.delivered < s.posted, update(s, delivered=s.delivered + 1, returned=s.returned + 1)


@step()
def Refuse(design, s, p):
    """the postman takes a letter back"""
    return And(s.known, s.delivered < s.posted), [Return()]


@reaction(Close)
def told(design, s, p):
    return [remember(known=True)]


@clause("mail.returned-when-closed", "the post office")
def returned(s):
    """Letters go back only from a mailbox that is closed."""
    yield case("the mailbox", s.returned > 0, conjunct("it is closed", s.closed, returned=s.returned))


@lemma("known")
def known(s):
    """The postman knows of nothing that is not so."""
    return s.known == s.closed


@bug("mail.returned-when-closed", 2, "Refuse")
def refused_when_open(reference, s, p):
    """Takes letters back from any mailbox."""
    return s.delivered < s.posted, reference.Refuse(s, p)[1]


PART = Part(
    "closing",
    needs=("mail",),
    fields={Mail: Closable},
    events=(Close, Return),
    steps=(Refuse,),
    reactions=(told,),
    memory=frozenset({"known"}),
    properties=(returned, known),
    runs=((("Post", {}), ("Close", {}), ("Refuse", {})),),
    bugs=(refused_when_open,),
)
SUBJECT = PLAIN.with_parts(PART)
UNHELPED = PLAIN.with_parts(dataclasses.replace(PART, properties=(returned,)))
'''


@dataclasses.dataclass(frozen=True)
class Grown:
    """A file that adds a part, what it adds, and how large a world to look at it in."""

    text: str
    part: str
    prop: str
    lemma: str
    bug: str
    steps: int
    step: str
    event: str
    bounds: Bounds
    file: Path = Path()

    def subject(self, name: str = "SUBJECT") -> SubjectRef:
        return SubjectRef(f"{self.file}:{name}")

    def check(self, design: str, name: str = "SUBJECT", depth: int = 6) -> Report:
        asked = (self.prop,)
        request = CheckRequest(design, asked, self.bounds, depth=depth, workers=1, subject=self.subject(name))
        return check(request)


TINY = world_size(buffers=1, blocks=1, connections=1, requests=1)
KINDS = {
    "chimney": Grown(
        KEEPALIVE,
        "keepalive",
        "keepalive.most",
        "lemma.keepalive.counted",
        "probes-forever",
        4,
        "Probe",
        "SendProbe",
        TINY,
    ),
    "no chimney": Grown(
        MAILBOX,
        "closing",
        "mail.returned-when-closed",
        "lemma.known",
        "refused-when-open",
        2,
        "Refuse",
        "Return",
        Bounds(),
    ),
}


@pytest.fixture(scope="module", params=KINDS)
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    file = tmp_path_factory.mktemp("grown") / "grown.py"
    kind = KINDS[request.param]
    file.write_text(kind.text, encoding="utf-8")
    return dataclasses.replace(kind, file=file)


@pytest.fixture(scope="module")
def subject(grown: Grown) -> Subject:
    return grown.subject().load()


def test_the_clause_is_proved_for_the_reference(grown: Grown) -> None:
    (result,) = grown.check("reference").results
    assert isinstance(result.verdict, Proved)
    assert result.verdict.rechecked
    assert grown.lemma in result.verdict.certificate


def test_without_its_lemma_it_is_not(grown: Grown) -> None:
    (result,) = grown.check("reference", "UNHELPED", depth=2).results
    assert isinstance(result.verdict, Unknown)
    assert result.verdict.induction is not None


def test_the_seeded_bug_is_refuted_in_its_steps_by_a_run_that_replays(grown: Grown, subject: Subject) -> None:
    (result,) = grown.check(grown.bug).results
    assert isinstance(result.verdict, Violated)
    trace = result.verdict.trace
    assert len(trace.steps) == grown.steps == subject.bugs[grown.bug].steps
    assert grown.step in {step.action for step in trace.steps}
    assert replay_on_model(trace, subject.system(grown.bug, grown.bounds), subject.find).ok
    assert not replay_on_model(trace, subject.system("reference", grown.bounds), subject.find).ok


def test_the_witness_run_shows_the_premise(grown: Grown, subject: Subject) -> None:
    found = scripted(subject, "reference", [subject.find(grown.prop)])
    trace = found[grown.prop]
    assert trace.steps[-1].action == grown.step
    bounds = subject.enough or subject.bounds
    assert replay_on_model(trace, subject.system("reference", bounds), subject.find).ok
    without = tuple(dataclasses.replace(p, runs=()) if p.name == grown.part else p for p in subject.parts)
    bare = dataclasses.replace(subject, parts=without)
    assert not scripted(bare, "reference", [bare.find(grown.prop)])


def test_the_parts_are_named_and_the_most_general_target_takes_the_event(
    grown: Grown, subject: Subject
) -> None:
    assert subject.parts[-1].name == grown.part
    part = subject.part_of(grown.prop)
    assert part is not None
    assert part.name == grown.part
    assert subject.part_of("no.such") is None
    assert grown.event in {step.name for step in subject.most_general.steps}
    assert grown.event not in {step.name for step in subject.the_reference.steps}


def test_the_rest_of_the_chimney_is_proved_with_the_part_in_it(tmp_path: Path) -> None:
    file = tmp_path / "grown.py"
    file.write_text(KEEPALIVE, encoding="utf-8")
    ref = SubjectRef(f"{file}:SUBJECT")
    names = tuple(p.name for p in ref.load().properties if p.kind != "lemma" and not p.reading)
    report = check(CheckRequest("reference", names, TINY, depth=1, workers=1, subject=ref))
    assert {type(result.verdict) for result in report.results} == {Proved}
    assert len(report.results) == len(names) > 50
    assert report.dropped == ()
