"""One look at what a user wrote: each function of theirs is called, and what is wrong is collected.

A function is called on a symbolic state, and on the blank one with plain values.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import string
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..model.bounds import Bounds
from ..model.design import DesignStep
from ..model.event import Event, Index
from ..model.kernel import Parameter, State, arguments
from ..model.records import Sort, rebuild, values, variables
from .mistakes import Mistake, defined, field_place, listed, mistake
from .subject import Subject


@dataclasses.dataclass
class Inspection:
    """One look at a subject; what is found wrong is collected."""

    subject: Subject
    bounds: Bounds
    folders: Collection[Path]
    mistakes: list[Mistake] = dataclasses.field(default_factory=list)
    blank: State = None
    state: State = None

    def wrong(self, what: str, says: str, code: Any = None) -> None:
        """Note a mistake in *what*; *code* is a function of it, for the line."""
        self.mistakes.append(Mistake(what, says, defined(code, self.folders)))

    def sound(self, what: str, code: Any, attempt: Callable[[], Any]) -> bool:
        """Whether an attempt neither raises, which is the user's mistake, nor notes one."""
        before = len(self.mistakes)
        try:
            attempt()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said with the user's line
            self.mistakes.append(mistake(what, error, self.folders, code))
        return len(self.mistakes) == before

    def truth(self, what: str, value: Any, code: Any) -> bool:
        """Whether a value that must be a condition is one."""
        right = _fits("bool", value)
        if not right:
            self.wrong(what, f"there is {kind_of(value)} where a condition belongs", code)
        return right

    # -- the state ----------------------------------------------------------------

    def state_is_sound(self) -> bool:
        """Whether there is a state of variables; nothing else can be looked at without one."""
        if not self.sound("the blank state", self.subject.start, self._blank):
            return False
        self.state = rebuild(self.blank, [constant(v.name, v.sort) for v in variables(self.blank)])
        return True

    def _blank(self) -> None:
        begins = self.subject.start(self.bounds)
        if _is_record(begins):
            self._record(begins)
            self.blank = self.subject.blank(self.bounds)
        else:
            self.wrong(
                "", f"it gives {kind_of(begins)}, not a record (a frozen dataclass)", self.subject.start
            )

    def _record(self, record: Any) -> None:
        kind = type(record)
        if not kind.__dataclass_params__.frozen:
            says = "its state cannot be changed in place: write @dataclasses.dataclass(frozen=True)"
            self.mistakes.append(Mistake(kind.__name__, says, field_place(kind, "", self.folders)))
        for field in dataclasses.fields(record):
            says = self._field(field.metadata.get("sort"), getattr(record, field.name))
            if says:
                place = field_place(kind, field.name, self.folders)
                self.mistakes.append(Mistake(kind.__name__, f"the field {field.name} {says}", place))

    def _field(self, sort: Sort | None, value: Any) -> str:
        """What is wrong with one field: nothing, if it holds a variable, a record, or a tuple of them."""
        if isinstance(value, tuple):
            return next(filter(None, (self._field(sort, item) for item in value)), "")
        if _is_record(value):
            self._record(value)
            return ""
        if not isinstance(value, int):
            return f"holds {kind_of(value)}; a state has variables, records, and tuples of them"
        if sort is None:
            return "is no variable: declare it with var(...), like var(INT), var(BOOL) or var(between(0, 9))"
        return "" if sort.contains(value) else f"starts as {value}, which is outside of {shown(sort)}"

    # -- functions ----------------------------------------------------------------

    def declared(
        self, what: str, declared: Event | DesignStep, code: Any, besides: Iterable[str] = ()
    ) -> bool:
        """Whether the parameters are ones of this world, and the sentence names no others."""
        before = len(self.mistakes)
        for name, sort in declared.ranges.items():
            if isinstance(sort, Index) and isinstance(sort.of, str) and sort.of not in self.bounds:
                says = f"{name} numbers {sort.of!r}, which is no bound; {listed(sort.of, self.bounds)}"
                self.wrong(what, says, code)
            elif isinstance(sort, Index) and not (isinstance(sort.of, str) or _counts(sort.of)):
                says = f"{name} is Index({sort.of!r}); it takes the name of a bound, or how many there are"
                self.wrong(what, says, code)
            elif not isinstance(sort, Sort) and not callable(sort):
                says = f"{name} is {sort!r}; a parameter is INT, BOOL, between(1, 9), enum(...) or Index(...)"
                self.wrong(what, says, code)
        known = [*declared.ranges, *besides]
        named = [name for _, name, _, _ in string.Formatter().parse(declared.says) if name is not None]
        for name in named if not declared.many else ():
            if name not in known:
                self.wrong(what, f"its sentence names {{{name}}}, no parameter; {listed(name, known)}", code)
        return len(self.mistakes) == before and self.sound(
            what, code, lambda: self._owed(what, declared, code)
        )

    def _owed(self, what: str, declared: Event | DesignStep, code: Any) -> None:
        """What is owed is owed with a value of its sort for each parameter that is no index."""
        open_ = {p.name: p.sort for p in declared.parameters(self.bounds) if not p.enumerate}
        owed: object = declared.owed
        if owed is None:
            return
        if not isinstance(owed, Mapping):
            says = f"owed is {owed!r}; it is True, or a value for each parameter that is no index"
            self.wrong(what, says, code)
            return
        for name in owed.keys() - open_.keys():
            self.wrong(
                what, f"owed names {name!r}, no parameter that is no index; {listed(name, open_)}", code
            )
        for name in open_.keys() - owed.keys():
            self.wrong(what, f"it is owed with which {name}? owed={{{name!r}: ...}} says it", code)
        for name, value in owed.items():
            if name in open_ and not open_[name].contains(value):
                self.wrong(what, f"owed says {name} {value!r}, outside of {shown(open_[name])}", code)

    def tried(
        self,
        what: str,
        code: Any,
        parameters: Collection[Parameter],
        attempt: Callable[[State, Any], None],
    ) -> None:
        """An attempt on symbolic values, and on the blank state with plain ones; up to the first mistake."""
        counted = [p for p in parameters if p.enumerate]
        free = [p for p in parameters if not p.enumerate]
        symbolic = {p.name: constant(f"{p.name}?", p.sort) for p in free}
        concrete = {p.name: p.sort.kind != "bool" and (p.sort.low or 0) for p in free}
        indices = (range(p.sort.low or 0, (p.sort.high or 0) + 1) for p in counted)
        for chosen in itertools.product(*indices):
            fixed = dict(zip((p.name for p in counted), chosen, strict=True))
            for state, values_ in ((self.state, symbolic), (self.blank, concrete)):
                p = arguments({**fixed, **values_})
                if not self.sound(what, code, functools.partial(attempt, state, p)):
                    return

    def is_pair(self, what: str, result: Any, of: str, code: Any) -> bool:
        """Whether what a function returned is two things; *of* says which."""
        if isinstance(result, tuple) and len(result) == 2:
            return True
        self.wrong(what, f"it returns {kind_of(result)}; it must return two things: {of}", code)
        return False

    def after(self, what: str, after: Any, code: Any, to_come: bool = False) -> None:
        """A state afterwards is one of the same shape, with a value of its sort for each variable.

        *to_come*: it comes of any state, not of the blank one only, so a plain number is what it becomes.
        """
        if type(after) is not type(self.blank):
            blank = type(self.blank).__name__
            says = f"the state after it is {kind_of(after)}, not {blank}: return update(s, ...)"
            self.wrong(what, says, code)
            return
        for old, new in itertools.zip_longest(variables(self.blank), variables(after)):
            if old is None or new is None or old.name != new.name:
                name = (old or new).name
                self.wrong(what, f"the state after it has other variables than before it ({name})", code)
                return
        for variable, value in zip(variables(self.blank), values(after), strict=True):
            if not _fits(variable.sort.kind, value):
                wanted = "a condition" if variable.sort.kind == "bool" else "a number"
                self.wrong(what, f"{variable.name} becomes {kind_of(value)} where {wanted} belongs", code)
                return
            if to_come and isinstance(value, int) and not variable.sort.contains(value):
                outside = f"becomes {value}, which is outside of {shown(variable.sort)}"
                self.wrong(what, f"{variable.name} {outside}", code)
                return


def _is_record(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _counts(many: Any) -> bool:
    return isinstance(many, int) and many > 0


def constant(name: str, sort: Sort) -> Any:
    """A symbolic value of a sort."""
    import z3

    return z3.Bool(name) if sort.kind == "bool" else z3.Int(name)


def _fits(kind: str, value: Any) -> bool:
    """Whether a value, which may be symbolic, is a condition ("bool") or else a number."""
    import z3

    if kind == "bool":
        return isinstance(value, bool) or z3.is_bool(value)
    return type(value) is int or z3.is_int(value)


def shown(sort: Sort) -> str:
    """The values of a sort, in words."""
    if sort.labels:
        return f"{', '.join(sort.labels)} (0 to {sort.high})"
    if sort.kind == "bool":
        return "false and true"
    return f"{'' if sort.low is None else sort.low}..{'' if sort.high is None else sort.high}"


def kind_of(value: Any) -> str:
    """What something is that stands in the wrong place."""
    if value is None:
        return "nothing"
    if _fits("bool", value):
        return "a condition"
    if _fits("int", value):
        return "a number"
    if type(value).__name__ == "ArithRef":
        return "a fraction"
    plain = isinstance(value, (str, float))
    return repr(value) if plain else f"a {type(value).__name__}"
