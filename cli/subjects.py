"""What a user names: a subject, designs and properties of it, how large its world is to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .errors import BadInput, UnknownName

if TYPE_CHECKING:
    from ..model.bounds import Bounds
    from ..model.design import Design
    from ..properties.loading import SubjectRef
    from ..properties.subject import Subject

CHIMNEY = "chimney"
LARGEST = 256
"""No bound of a world may be larger: the formulas would not fit."""
F = TypeVar("F", bound=Callable[..., Any])

_SIZES = {
    "buffers": ("Send buffers a connection.", 8),
    "blocks": ("Blocks in the state tree.", 8),
    "connections": ("Connections.", 2),
    "requests": ("Receive requests a connection.", 2),
}


@contextmanager
def as_bad_input() -> Iterator[None]:
    """What is wrong with a user's file is bad input, and said as it is."""
    from ..properties.loading import BadFile

    try:
        yield
    except BadFile as problem:
        raise BadInput(str(problem)) from problem


def subject_argument(command: F) -> F:
    """The subject that a command is about: the chimney, or one in a user's file."""
    return click.argument("subject", metavar="[FILE.py[:NAME]]", default=CHIMNEY)(command)


def clauses_option(command: F) -> F:
    """Files whose properties are added to the subject's own."""
    return click.option(
        "--clauses",
        multiple=True,
        metavar="FILE.py",
        help="Add the properties in this file to the subject's own; may be repeated.",
    )(command)


def bound_options(command: F) -> F:
    """How large the world is to be: ``--bound NAME=N``, and by their names the bounds of the chimney."""
    for name, (says, usual) in reversed(_SIZES.items()):
        size = click.IntRange(1, LARGEST)
        explained = f"{says} [chimney: {usual}]"
        command = click.option(f"--{name}", metavar="N", type=size, default=None, help=explained)(command)
    return click.option(
        "--bound",
        "bounds",
        multiple=True,
        metavar="NAME=N",
        callback=_numbers,
        help="Size of the world: a bound that the subject has, by name; may be repeated.",
    )(command)


def _numbers(_: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, int]:
    """Click callback: ``("connections=3",)`` as ``{"connections": 3}``."""
    found = {}
    for text in given:
        name, equals, number = text.partition("=")
        if not (name and equals and number.isdecimal() and 1 <= int(number) <= LARGEST):
            wanted = f"give a name and a number from 1 to {LARGEST}, like connections=2"
            raise click.BadParameter(f"{text!r} is no bound; {wanted}", param=parameter)
        found[name] = int(number)
    return found


def load(name: str, clauses: Iterable[str] = ()) -> tuple[SubjectRef, Subject]:
    """The subject of that name or in that file, with the clauses of further files. Raises BadInput."""
    from ..properties.loading import BUILT_IN, SubjectRef, is_file, load_subject

    ref = SubjectRef(name, tuple(clauses))
    if not is_file(name) and name not in BUILT_IN:
        design = f"did you mean --design {name}? Or " if name in load_subject(CHIMNEY).design_names else ""
        raise BadInput(f"there is no subject {name!r}; {design}give a file, like my_protocol.py")
    with as_bad_input():
        return ref, ref.load()


def bounds_of(subject: Subject, given: Mapping[str, int]) -> Bounds:
    """The subject's bounds with those given. Raises click.BadParameter for one that it does not have."""
    for name in given:
        if name not in subject.bounds:
            have = ", ".join(f"{known}={usual}" for known, usual in subject.bounds.items()) or "none"
            message = f"{subject.name} has no bound {name!r}; its bounds are: {have}"
            raise click.BadParameter(message, param_hint=f"--bound {name}={given[name]}")
    return subject.bounds.but(**given)


def design_of(spec: str, subject: Subject) -> Design:
    """A design of the subject by its name, or one in a file. Raises BadInput, Unknown."""
    from ..properties.loading import load_design

    with as_bad_input():
        try:
            return load_design(spec, subject)
        except KeyError:
            listing = "chimneysweep list designs"
            raise UnknownName("design", spec, subject.design_names, listing) from None


def inspect(ref: SubjectRef, bounds: Bounds, designs: Sequence[str]) -> None:
    """Look at what the user wrote before any engine does. Raises BadInput that says all that is wrong."""
    from ..properties.loading import inspect as inspected

    with as_bad_input():
        inspected(ref, bounds, designs)


def properties_of(given: Iterable[str], subject: Subject) -> tuple[str, ...]:
    """The properties of those names; with none given, all but the lemmas. Raises Unknown."""
    names = tuple(dict.fromkeys(given))
    known = {p.name: p for p in subject.properties}
    for name in names:
        if name not in known:
            raise UnknownName("property", name, known, "chimneysweep list properties")
    # A lemma is a means: it is proved where a proof rests on it.
    return names or tuple(p.name for p in subject.properties if p.kind != "lemma")
