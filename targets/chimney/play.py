"""Playing a scenario against a target: the host, the wire and the hardware, move by move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext

from ...model.bounds import Bounds
from ...model.chimney import afterwards, only_seen
from ...model.chimney.state import COMPLETED, OFFLOADED, TERMINATING, World
from ...model.tcp.numbers import NULL
from ...properties.subject import Subject
from ..judging.criteria import Criteria
from ..judging.listener import Listener
from ..judging.misbehaviour import LEAKED, NONSENSE, OPTIONS, RULES, UPLOADS, kind_of
from ..judging.monitor import Breach, Judge, Monitor
from ..machine.watchdog import Watch, watch
from .cycles import GOES_ON, Cycle, asked_again
from .handed import Handed
from .interface import Factory
from .more_offloads import all_go
from .move_kinds import Move, MoveKind
from .moves import (
    TIMES_TO_RUN,
    at_once,
    disconnect,
    fails,
    moves_of,
    receive,
    return_buffers,
    terminate,
    terminate_offload,
)
from .notes import Notes
from .offering import check_below, offered
from .resting import PATIENCE, came_to_rest, trees_back
from .scenario import Scenario, flat
from .stage import NdisStage, Over
from .whole_run import answers_early, answers_late, load_short, offload_short, start_short
from .wire_bytes import WireBytes

ORDERED = ("wire.", "delivery.", "query.", OPTIONS, UPLOADS)
"""What compares what is done or answered with what was told: another processor may be about to."""
OWED = (
    *("complete.", "resources.", "indications."),
    *("calls.send", "calls.receive", "calls.disconnect", "calls.forward"),
    *("guarantee.completed", "guarantee.returned", "guarantee.not"),
)
"""What is owed whether a segment, or a failure, came before the termination or after it."""
SURE = (*OWED, "status.")
"""What is owed whether a segment came before the termination or after it."""
HEARD = (
    *("snd.", "chain.null", "chain.advanced", "retransmit.", "query.current", "delegated."),
    *("send-complete.bytes", "send-complete.advanced", "disconnect.advanced", "wire.within-window"),
)
"""What shows whether a target heard an acknowledgement; without memory for a segment it may drop it."""


def first_cycle(scenario: Scenario) -> Cycle:
    """What is offloaded before the first move."""
    return Cycle(scenario.shape, scenario.offloads)


def first_world(scenario: Scenario, bounds: Bounds, subject: Subject) -> World:
    """The model's world in which the scenario starts; what *bounds* has room for besides stays blank."""
    return first_cycle(scenario).world(subject.blank(bounds))


def plain_monitor(
    scenario: Scenario, criteria: Criteria, listener: Listener | None = None, bounds: Bounds | None = None
) -> Monitor:
    """A monitor that stands where the scenario starts, in a world that holds it, or has these *bounds*."""
    bounds, listener = bounds or scenario.bounds(), listener or Listener()
    return Monitor(first_world(scenario, bounds, criteria.subject), bounds, criteria, listener.happened)


class Play(NdisStage):
    """One run of a scenario. After :meth:`run`, ``judge`` knows what happened: ``monitor`` by default."""

    def __init__(
        self,
        factory: Factory,
        scenario: Scenario,
        criteria: Criteria,
        timeout: float = 5.0,
        listener: Listener | None = None,
        judge: Judge | None = None,
        armed: Watch | None = None,
        notes: Notes | None = None,
        room: Bounds | None = None,
    ) -> None:
        """*judge*: who judges, if not a plain monitor. *armed*: a watch that is armed already.

        *notes* are taken of the world before each move and after the last. *room* is there for what the host
        posts: what the scenario itself needs, if it is not said. A judge may have more, and it makes no
        difference.
        """
        conns = len(scenario.offloads)
        judge = judge or plain_monitor(scenario, criteria, listener)
        watching = armed or watch(timeout)
        self.cycle = first_cycle(scenario)
        super().__init__(judge, self.cycle.plan, conns, watching, listener, criteria.added)
        self.ndis.during, self.ndis.within = self._during, self._within
        self.ndis.other = self._other
        self.points: tuple[int, int] | None = None
        self.overtaken = False  # by the termination, which began while something else was under way:
        self.failing = False  # the hardware was about to tell of a failure
        self.rest, self.again, self.plays = self._rest, self._again, self._plays
        self.scenario = scenario
        self.room = room or scenario.bounds()
        self.criteria = criteria
        self.arming = nullcontext() if armed else watching
        self.factory = factory
        self.notes = notes
        self.moves = moves_of(criteria.added, criteria.subject.bounds)

    @property
    def breaches(self) -> Mapping[str, Breach]:
        """What broke, by property; where two processors were at work, what broke in whichever order."""
        found = self.judge.breaches
        if self.may_drop:
            found = {name: breach for name, breach in found.items() if not name.startswith(HEARD)}
        together = self.points is not None or self.at_once
        if not together and not self.unsure:
            return found
        kept = (OWED if self.failing else SURE) if self.overtaken or self.unsure else ("",)
        return {
            name: breach
            for name, breach in found.items()
            if not name.startswith(ORDERED) and (name in RULES or name.startswith(kept))
        }

    def run(self) -> None:
        """Play the scenario to the end, or to where the target cannot go on."""
        if self.listener:
            self.listener.begins(self.monitor)
        try:
            with self.arming:
                self._play()
        except Over:
            pass
        finally:
            self.over = True

    def _begin(self) -> None:
        """Make the target, and offload the connections."""
        self.target = self.guarded("the constructor", self.factory, self.ndis)
        self._initiate()

    def _play(self) -> None:
        self._begin()
        for move in self.scenario.moves:
            self._note()
            self.at_once = False
            self.moves[move.kind].play(self, move)
            if self.at_once:
                self.points = divmod(self.call("points"), 2**16)
        self._note()
        if self.interruption:
            self.interruption = self.call("interrupt", 0, 0)
        self._finish()
        self._note()

    def _note(self) -> None:
        if self.notes:
            self.notes.take(self)

    def _during(self) -> None:
        """An indication is under way: play what was kept for this moment."""
        if self.interludes and not self.at_once:
            self._plays(self.interludes.pop(0))

    def _plays(self, moves: Iterable[Move]) -> None:
        for move in moves:
            self.moves[move.kind].play(self, move)

    def _within(self) -> None:
        """Receive requests come back: post what was kept for such a moment, if it is nothing else."""
        kinds = {move.kind for move in self.interludes[0]} if self.interludes else set()
        if kinds == {receive.name}:
            self._during()

    def _other(self) -> None:
        """Another processor's turn: play what was kept for it, as far as that may be at once."""
        interruption, self.interruption = self.interruption, None
        if interruption is None:
            self.judge.misbehaves(NONSENSE, "an interruption is told of that was not asked for")
            return
        self.at_once = True
        if self.listener:
            self.listener.interrupted()
        for move in interruption.then:
            if at_once(move, self.playing):
                self.overtaken = self.overtaken or move.kind == terminate.name
                self.failing = self.failing or any(outer.kind == fails.name for outer in self.playing)
                self.moves[move.kind].play(self, move)

    def _rest(self) -> None:
        """Wait until nothing changes any more, and let it be judged.

        Nobody rests inside of a call, nor while a call is still to come by which the host terminates.
        """
        if self.inside or self.handed.calls_are_next or not came_to_rest(self):
            return
        if self.judge.if_possible(afterwards.Quiet):
            self.judge.happens(only_seen.GoesOn)

    # -- before and after the moves --------------------------------------------------

    def _initiate(self) -> None:
        """Offload what the host has; it keeps what is not taken over, and goes on with the rest."""
        happened = len(self.judge.names)
        self._prepare()
        refused = offered(self, flat(self.scenario.moves))
        if not refused:
            return
        self.cycle = self.cycle.without(refused - {NULL})
        kept = self.cycle.plan
        self.handed.refuse(self.cycle.absent, kept)
        whole = check_below(self, self.cycle.absent)
        if not whole or not kept.tree or len(self.judge.names) > happened:
            self._halt()  # nothing is left to terminate, or the target has gone wrong already
            raise Over
        if self.cycle.number == 1:
            self.judge.begins(self.cycle.world(self._blank()), len(kept.terminated))
            if self.listener:
                self.listener.begins(self.monitor)
        else:
            self.judge.goes_on(self.cycle.number, self._world_after, len(kept.terminated))

    def _blank(self) -> World:
        return self.criteria.blank(self.judge.bounds)

    def _world_after(self, world: World) -> World:
        """The world in which the cycle begins, when *world* is how the last one ended."""
        return self.cycle.world(self._blank(), world)

    def _again(self, move: Move) -> None:
        """The host takes back what it terminates, and offloads again; not after something broke."""
        if self.inside or self.judge.breaches:
            return
        goes_on = move.m == GOES_ON
        self._hand_back(goes_on)
        world = self.judge.world
        if world.phase != COMPLETED or self.judge.breaches:
            return
        self.cycle = self.cycle.after(move, world)
        if not (self.cycle.staying or goes_on) and came_to_rest(self):
            self.judge.happens(afterwards.Quiet)
        before, trees = self.handed, self.cycle.plan
        self.handed = Handed(trees, before.conns, before.buffers, self.cycle.absent)
        self.handed.goes_on(before, self.cycle.staying, self.cycle.going_on, self.cycle.reuses)
        for c in set(range(before.conns)) - self.cycle.staying - self.cycle.going_on:
            self.lines[c] = WireBytes(c, self.cycle.number)
        self.ndis.goes_on(self.handed, self.cycle.staying)
        ask = [c for c in sorted(self.cycle.going_on) if asked_again(world.conns[c])]
        self.judge.goes_on(self.cycle.number, self._world_after, len(trees.terminated))
        self._initiate()
        self._plays(disconnect(c) for c in ask)

    def _hand_back(self, goes_on: bool = False) -> None:
        """The host terminates the offload if it has not, resumes what comes back, and returns all buffers.

        *goes_on*: it neither sends nor receives before it offloads again.
        """
        if self.judge.world.phase == OFFLOADED:
            terminate_offload(self)
        self._give_time()
        world = self.judge.world
        if world.phase == COMPLETED:
            for c, conn in enumerate(world.conns):
                if conn.block != NULL:
                    self._resume(c, goes_on)
        return_buffers(self, *range(self.handed.conns))
        self._give_time()

    def _finish(self) -> None:
        self._hand_back()
        all_go(self)
        if came_to_rest(self):
            self.judge.happens(afterwards.Quiet)
        since = [c for c in range(self.handed.conns) if self.ndis.kept[c]]  # on connections that stay
        if since:
            return_buffers(self, *since)
        self._halt()

    def _halt(self) -> None:
        if not self.listens("halt"):
            return
        back = self.judge.world.phase != TERMINATING
        if back and self.listens("take_rest"):
            self.call("take_rest")
        self._leaks("halt")
        for kind in (start_short, load_short):
            for n in self._short(kind):
                self._leaks("start_short", n, kind is load_short)

    def _prepare(self) -> None:
        """What concerns the run as a whole: what the target is refused meanwhile, when it is answered."""
        for n in self._short(offload_short):
            self.short = True
            self.call("run_short", n)
        for kind in (answers_late, answers_early):
            if any(move.kind == kind.name for move in self.scenario.moves) and self.listens("complete_when"):
                self.call("complete_when", kind is answers_late)

    def _short(self, kind: MoveKind) -> list[int]:
        """How much the target is given before it is refused something, for each move of that kind."""
        return [max(0, m.n) for m in self.scenario.moves if m.kind == kind.name and self.listens("run_short")]

    def _leaks(self, name: str, *args: int) -> None:
        leaks = self.call(name, *args)
        if not isinstance(leaks, list):
            self.judge.misbehaves(NONSENSE, f"{name} returns {kind_of(leaks)}, no list of sentences")
            return
        for leak in leaks:
            self.judge.misbehaves(LEAKED, str(leak))

    def _give_time(self) -> None:
        ahead = getattr(self.target, "ahead", None)
        if ahead:  # a target that lives elsewhere is told once
            ahead("run", TIMES_TO_RUN)
        for _ in range(TIMES_TO_RUN):
            self.call("run")
        waits = 0  # for how many calls in vain: no page says how long a termination may take
        while self.judge.world.phase == TERMINATING and waits < PATIENCE:
            before = trees_back(self)
            self.call("run")
            waits = waits + 1 if trees_back(self) == before else 0

    def _resume(self, c: int, goes_on: bool) -> None:
        """The host takes connection *c* up again, and what it has shows on the wire."""
        if not self.conn(c).host.resumed:  # it may have, for a cycle that was not to be after something broke
            self.judge.happens(afterwards.HostResumes, conn=c)
        if c in self.ndis.wrong_bytes and not self.conn(c).host.aborted:
            self.judge.happens(only_seen.WrongBytes, conn=c)
        if goes_on:
            return
        for _ in range(self.handed.buffers + 1):
            if not self.judge.if_possible(afterwards.HostTransmits, conn=c):
                break
        self.judge.if_possible(only_seen.HostSendsParting, conn=c)
        self.judge.if_possible(afterwards.HostSendsFin, conn=c)
        if not self.judge.if_possible(afterwards.HostReceives, conn=c, length=10):
            self.judge.if_possible(afterwards.HostReceives, conn=c, length=1)
