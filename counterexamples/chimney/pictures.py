"""The drawings of a hand-off: send windows, receive sides, the host's queue, the tree that came back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...model.bounds import Bounds
from ...model.chimney.careful import remembering
from ...model.chimney.only_seen import OffloadsAgain
from ...model.chimney.state import (
    BLOCK_STATUS,
    OFFLOADED,
    REQUEST_STATUS,
    block_name,
    buffer_name,
    timer,
)
from ...model.tcp.numbers import place
from ...properties.subject import Subject
from ...properties.tcp.wire import SKIPPED
from ..drawing import Drawings, StoryLine
from ..panels import Panel
from ..ruler import Ruler
from ..trace import Broken, Step, Trace
from ..words import ShownValue, take_apart
from . import connection_rulers, delegated_table, drawn_blocks
from .grouped_changes import Left, grouped, written
from .lanes import LANES, course
from .moment import chosen
from .worlds_seen import panels
from .wrong_bytes import received, sent

_CONNECTION = re.compile(r"connection (\d+)")


def _buffer(value: int, bounds: Bounds, where: str) -> str:
    conn = _CONNECTION.search(where)
    return buffer_name(value, bounds, int(conn[1]) if conn else None)


_POINTERS = (
    "NetBufferListChain",
    "Next",
    "this one",
    "SendDataHead",
    "SendDataTail",
    "last outstanding",
    "first with data",
    "last with data",
)
_TIMERS = ("Retransmit.TimeoutDelta", "KeepAlive.TimeoutDelta", "not running")
_BLOCKS = ("block handed back", "handed back", "passed")
_PLACES = ("FIN at", "position of the FIN", "in the host's queue at", "SendWL1")
FAILED: Mapping[str, ShownValue] = {
    **dict.fromkeys(_POINTERS, _buffer),
    **dict.fromkeys(_PLACES, place),
    **dict.fromkeys(_BLOCKS, block_name),
    **dict.fromkeys(_TIMERS, timer),
    "status": lambda value, *_: REQUEST_STATUS.show(value),
    "Status": lambda value, *_: BLOCK_STATUS.show(value),
}
"""How values are shown that the properties name so."""


class Pictures(Drawings):
    """The drawings of one hand-off: each picture only when it changed, each legend only once."""

    units = "positions count bytes of a stream from 0; [a,b) is a up to, not including, b"
    failed = FAILED

    def __init__(self, trace: Trace, subject: Subject | None, width: int) -> None:
        super().__init__(trace, subject, width)
        self.shown: dict[str, list[str]] = {}
        known = subject is not None and trace.target in subject.design_names
        own = [conn.own for conn in self.blank.conns] if self.states else []
        blank = all([conn.own for conn in world.conns] == own for world in self.states)
        if trace.source == "model" and blank and not known:  # the most general target remembers nothing
            self.states = [remembering(world) for world in self.states]

    def at_the_start(self) -> Iterator[StoryLine]:
        """How each connection that matters begins."""
        yield from (StoryLine(f"  {begin}") for begin in self._begins(0))
        failed = [str(b) for b, block in enumerate(self.states[0].blocks) if block.lost]
        if failed:
            yield StoryLine(f"  the hardware has already lost the state object of block {', '.join(failed)}")

    def _begins(self, number: int) -> Iterator[str]:
        """The same for the cycle that begins after so many steps; what stays is as it was before."""
        steps = self.trace.steps[number:]
        for c, conn in enumerate(self.states[number].conns):
            prefix = f"conns[{c}]."
            if not any(name.startswith(prefix) for step in steps for name in step.changes):
                continue
            where = f"block {conn.block}" if conn.block >= 0 else "not in the tree, stays offloaded"
            stays = number and conn.isn == self.states[number - 1].conns[c].isn
            yield (
                f"connection {c}: {where}"
                if stays
                else (
                    f"connection {c}: {where}; position 0 has sequence number {conn.isn} sending, "
                    f"{conn.irn} receiving; receive buffer {conn.capacity} bytes; SND.WND {conn.peer.wnd}"
                )
            )

    def changes(self, number: int) -> list[str]:
        """What a step changed, in words; of one that begins a cycle, how that begins."""
        begins = self.trace.steps[number - 1].action == OffloadsAgain.name
        return list(self._begins(number)) if begins and self.states else super().changes(number)

    def grouped(self, left: Left, number: int) -> list[str]:
        """Facts of a step that several changes make up; they are taken out of *left*."""
        return grouped(left, self.words, self.states[number])

    def after(self, number: int) -> Iterator[StoryLine]:
        """The connections, and the host's queues, that a step touched."""
        changes, world = self.trace.steps[number - 1].changes, self.states[number]
        for c, conn in enumerate(world.conns):
            sending, receiving, queue = connection_rulers.touched(changes, c)
            astray = sent(self.trace, c) if conn.peer.shift or conn.peer.altered else None
            if sending and not conn.host.resumed:  # then the queue tells it
                facts = connection_rulers.send_facts(conn)
                pieces = tuple(connection_rulers.in_memory(self.trace.steps[:number], c))
                ruler = connection_rulers.send_window(world, conn, astray.at if astray else None, pieces)
                yield from self._draw(f"connection {c} sends", facts, ruler)
            marked = not {f"conns[{c}].peer.shift", f"conns[{c}].peer.altered"}.isdisjoint(changes)
            if astray and marked:
                yield StoryLine(f"      ! {astray.describe(world, c)}", "broken")
            if receiving:
                yield from self._draw(f"connection {c} receives", "", connection_rulers.receive_window(conn))
            if queue and not conn.host.aborted:
                title = f"the host's queue of connection {c}"
                yield from self._draw(title, "", connection_rulers.host_queue(conn))
                for wrong in connection_rulers.misplaced(conn):
                    yield StoryLine(f"      ! {wrong}", "broken")

    def _draw(self, title: str, facts: str, ruler: Ruler) -> Iterator[StoryLine]:
        drawn, legend = ruler.draw(self.width), ruler.legend_line()
        if self.shown.get(title) == [facts, *drawn]:
            return
        self.shown[title] = [facts, *drawn]
        yield StoryLine(f"    {title}" + (f" ({facts}):" if facts else ":"))
        for line in drawn:
            yield StoryLine("      " + line, "drawing")
        if legend not in self.shown:
            self.shown[legend] = []
            yield StoryLine(f"      {legend}", "legend")

    def found(self, broken: Broken) -> str:
        """As for any subject; of bytes in the wrong place, which lies where."""
        named = _CONNECTION.search(broken.where)
        if named is None or SKIPPED not in broken.values or not self.states:
            return super().found(broken)
        conn, rule = int(named[1]), self.trace.violation.property if self.trace.violation else ""
        wrong = (received if "receive" in rule else sent)(self.trace, conn)
        return wrong.describe(self.states[-1], conn) if wrong else super().found(broken)

    def also(self, number: int) -> str:
        """The Status of blocks that a step wrote, or how a cycle begins."""
        if self.trace.steps[number - 1].action == OffloadsAgain.name:
            return "; ".join(self._begins(number))
        changes = self.trace.steps[number - 1].changes
        statuses = {name: change for name, change in changes.items() if name.endswith("].status")}
        blocks = {name: change for name, change in statuses.items() if name.startswith("blocks[")}
        return "; ".join(written(blocks, self.words))

    def moment(self) -> Iterator[StoryLine]:
        """The send side, the receive side, the host's queue or the tree: what the broken rule speaks of."""
        self.legend_of_moment = ""
        if not self.states:
            return
        title, drawn, self.legend_of_moment = chosen(self.trace, self.states[-1], self.bounds, self.width)
        yield StoryLine(title)
        for line in drawn:
            yield StoryLine("    " + line, "drawing")

    def legend(self) -> str:
        """What the characters of that drawing mean."""
        return self.legend_of_moment

    lanes = LANES

    def course(self, step: Step) -> tuple[str, ...]:
        """The lanes that a step passes, from who begins it."""
        return course(step)

    def about(self, step: Step) -> list[str]:
        """The connections that a step names or changes."""
        named = [f"connection {step.parameters['conn']}"] if "conn" in step.parameters else []
        changed = [f"connection {take_apart(n).indices[0]}" for n in step.changes if n.startswith("conns[")]
        return list(dict.fromkeys([*named, *changed]))

    def panels(self, number: int) -> Iterator[Panel]:
        """What there is to see after a step, 0 for the start."""
        if not self.states:
            yield from super().panels(number)
            return
        last = number == len(self.trace.steps)
        before = self.states[number - 1] if number else None
        broken = self.trace.violation if last else None
        steps = self.trace.steps[:number]
        yield from panels(self.states[number], before, self.bounds, self.words, broken, steps)

    def shows_it(self, panel: Panel) -> bool:
        """Whether a panel of the last state is the one that shows what broke."""
        if not self.states or not self.trace.violation or self.trace.violation.kind == "misbehaviour":
            return False
        return chosen(self.trace, self.states[-1], self.bounds, self.width)[0].startswith(panel.title)

    def at_the_end(self) -> Iterator[StoryLine]:
        """What the host has got back, and the tree; nothing while all is offloaded."""
        world = self.states[-1]
        conns = range(len(world.conns))
        tables = [line for c in conns for line in delegated_table.lines(world, c, self.bounds)]
        if not tables and world.phase == OFFLOADED and not any(block.lost for block in world.blocks):
            return
        for line in tables:
            yield StoryLine("  " + line)
        yield StoryLine("  the block tree (indented: linked by DependentBlockList):")
        for line in drawn_blocks.lines(world, self.bounds):
            yield StoryLine("    " + line, "drawing")
