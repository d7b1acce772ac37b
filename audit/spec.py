"""What is being audited: the properties of a specification, and the world that they speak of.

Every question asks a :class:`Spec`, so that it can be asked of the real specification and of
a toy alike. A state is any record; nothing here needs the world of a hand-off.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from ..model.bounds import Bounds
from ..model.chimney.state import world_size
from ..model.kernel import System
from ..properties.chimney.subject import CHIMNEY
from ..properties.property import Property
from . import closing, examples, handover, literal, vocabulary
from .answers import Duty, Run
from .examples import Example
from .rules import Rule
from .vocabulary import Vocabulary

AUDITED = world_size(buffers=2, blocks=2, connections=1, requests=1)
"""The world that the questions are asked in, unless one needs more; every verdict names it."""


@dataclasses.dataclass(frozen=True)
class Spec:
    """A specification to be audited.

    ``properties`` are its clauses in every reading, and what its users are owed.
    ``general`` is the most general target in its world, ``design`` one that is meant to comply.
    ``again`` makes the same Spec in a worker process; it must be importable by name.
    ``examples`` are its worked examples, ``vocabulary`` the names that it uses.
    ``duty`` says when an answer of the target is due, ``runs`` lead there, and ``beside`` are
    rules about what this world has no room for, each in a small world of its own.
    ``rules`` restrain single steps of a target beside the clauses: what the text says and no
    clause formalises, and what is proposed to close its holes. ``presumed`` binds others than
    the target, on whom a premise may depend. ``lemmas`` help to prove that guarantees are kept;
    ``passed`` says of a variable, by its name, whether it passes the target's interface.
    """

    name: str
    properties: tuple[Property, ...]
    general: Callable[[Bounds], System]
    design: Callable[[Bounds], System]
    bounds: Bounds
    again: Callable[[], Spec]
    examples: tuple[Example, ...] = ()
    vocabulary: Vocabulary = Vocabulary()
    duty: Duty | None = None
    runs: Callable[[], Iterable[Run]] = tuple
    beside: tuple[Spec, ...] = ()
    rules: tuple[Rule, ...] = ()
    presumed: tuple[Property, ...] = ()
    lemmas: tuple[Property, ...] = ()
    passed: Callable[[str], bool] = lambda name: True

    @property
    def clauses(self) -> tuple[Property, ...]:
        """The clauses in their default readings."""
        return tuple(p for p in self.properties if p.kind == "clause" and not p.reading)

    @property
    def readings(self) -> tuple[Property, ...]:
        """The clauses in readings other than the default."""
        return tuple(p for p in self.properties if p.kind == "clause" and p.reading)

    @property
    def guarantees(self) -> tuple[Property, ...]:
        """What the users are owed, whatever the text says."""
        return tuple(p for p in self.properties if p.kind == "guarantee")

    def find(self, name: str) -> Property:
        """The property called *name* (``id`` or ``id@reading``). Raises KeyError if there is none."""
        for prop in self.properties:
            if prop.name == name:
                return prop
        raise KeyError(name)

    def rule(self, name: str) -> Rule:
        """The rule called *name*. Raises KeyError if there is none."""
        return {rule.name: rule for rule in self.rules}[name]


def reference(bounds: Bounds) -> System:
    """The reference design in a world of the given size."""
    return CHIMNEY.system("reference", bounds)


def the_spec() -> Spec:
    """The specification of the chimney's hand-off."""
    from . import worlds  # they are Specs themselves

    properties = (*CHIMNEY.of_kind("clause", "guarantee"), *literal.PROPERTIES)
    return Spec(
        "the TCP chimney hand-off",
        properties,
        lambda bounds: CHIMNEY.system("general", bounds),
        reference,
        AUDITED,
        the_spec,
        examples.load(),
        vocabulary.load(),
        handover.TERMINATION,
        handover.runs,
        worlds.specs(),
        (*closing.STATED, *closing.PROPOSED),
        literal.HOST,
        closing.LEMMAS,
        lambda name: ".own." not in name,
    )
