"""chimneysweep: checks the hand-off of a live TCP connection from one stack to another.

    import chimneysweep
    result = chimneysweep.check("my_protocol.py")        prove a design, or break it
    result = chimneysweep.conform("driver/")             play an executable target
    result = chimneysweep.audit("chimney")               ask the specification itself
    chimneysweep.replay("trace.json").fixed              run a finding again

Each result has ``ok``, ``traces`` and ``save(file)``, and a notebook shows it. What a file of one's own is
made of comes from here too (``from chimneysweep import Subject, Part, event, guarantee, var, And``), the
names of the chimney from :mod:`chimneysweep.chimney`, strategies for Hypothesis from
:mod:`chimneysweep.hypothesis_strategies`. Nothing is imported before it is used.
"""

from __future__ import annotations

from .version import __version__ as __version__

_FROM = {
    "model.bounds": "Bounds",
    "model.event": "Event Index event",
    "model.design": "Bug Design DesignStep Reaction bug reaction remember step",
    "model.logic": "And If Iff Implies Max Min Not Or Value all_of any_of clamp count modify pick put total",
    "model.records": "BOOL INT Sort between enum update var",
    "properties.property": "Property Source at_most case clause collected conjunct guarantee lemma rule same",
    "properties.situation": "Situation",
    "properties.subject": "Part Subject",
    "audit.audited": "Audited Duty",
    "audit.rules": "restrains",
    "targets.chimney.move_kinds": "Move",
    "targets.chimney.scenario": "Scenario",
    "playing": "Played Stage play",
    "results": "AuditResult CheckResult ConformResult audit check conform replay",
}
"""Where the public names are, by module."""
_WHERE = {name: module for module, names in _FROM.items() for name in names.split()}
__all__ = sorted(_WHERE)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .audit.audited import Audited as Audited
    from .audit.audited import Duty as Duty
    from .audit.rules import restrains as restrains
    from .model.bounds import Bounds as Bounds
    from .model.design import Bug as Bug
    from .model.design import Design as Design
    from .model.design import DesignStep as DesignStep
    from .model.design import Reaction as Reaction
    from .model.design import bug as bug
    from .model.design import reaction as reaction
    from .model.design import remember as remember
    from .model.design import step as step
    from .model.event import Event as Event
    from .model.event import Index as Index
    from .model.event import event as event
    from .model.logic import And as And
    from .model.logic import If as If
    from .model.logic import Iff as Iff
    from .model.logic import Implies as Implies
    from .model.logic import Max as Max
    from .model.logic import Min as Min
    from .model.logic import Not as Not
    from .model.logic import Or as Or
    from .model.logic import Value as Value
    from .model.logic import all_of as all_of
    from .model.logic import any_of as any_of
    from .model.logic import clamp as clamp
    from .model.logic import count as count
    from .model.logic import modify as modify
    from .model.logic import pick as pick
    from .model.logic import put as put
    from .model.logic import total as total
    from .model.records import BOOL as BOOL
    from .model.records import INT as INT
    from .model.records import Sort as Sort
    from .model.records import between as between
    from .model.records import enum as enum
    from .model.records import update as update
    from .model.records import var as var
    from .playing import Played as Played
    from .playing import Stage as Stage
    from .playing import play as play
    from .properties.property import Property as Property
    from .properties.property import Source as Source
    from .properties.property import at_most as at_most
    from .properties.property import case as case
    from .properties.property import clause as clause
    from .properties.property import collected as collected
    from .properties.property import conjunct as conjunct
    from .properties.property import guarantee as guarantee
    from .properties.property import lemma as lemma
    from .properties.property import rule as rule
    from .properties.property import same as same
    from .properties.situation import Situation as Situation
    from .properties.subject import Part as Part
    from .properties.subject import Subject as Subject
    from .results import AuditResult as AuditResult
    from .results import CheckResult as CheckResult
    from .results import ConformResult as ConformResult
    from .results import audit as audit
    from .results import check as check
    from .results import conform as conform
    from .results import replay as replay
    from .targets.chimney.move_kinds import Move as Move
    from .targets.chimney.scenario import Scenario as Scenario


def __getattr__(name: str) -> object:
    """A public name, imported now."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted((*globals(), *_WHERE))
