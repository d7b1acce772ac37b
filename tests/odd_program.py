"""A program that speaks the line protocol, with the reference target behind it, and misbehaves on request.

It is started by a script that a test writes: ``odd_program.py MODE``. It imports nothing of chimneysweep's:
it offloads, hands back what it was given, and refuses nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any


def read() -> dict[str, Any]:
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    message: dict[str, Any] = json.loads(line)
    return message


def write(message: Any) -> None:
    print(json.dumps(message), flush=True)


def call(name: str, **members: Any) -> Any:
    write({"call": name, **members})
    while True:
        message = read()
        if "return" in message:
            return message["return"]
        answer(message)


def walk(block: Any) -> list[Any]:
    if not block:
        return []
    return [block, *walk(block["dependent_block_list"]), *walk(block["next_block"])]


class Driver:
    """Takes the offload, keeps the sends, and hands them back."""

    def __init__(self) -> None:
        self.states: dict[int, Any] = {}
        self.sends: list[Any] = []
        self.tree: Any = None

    def miniport_initiate_offload(self, block_list: Any) -> None:
        blocks = []
        for block in walk(block_list):
            context = None if block["placeholder"] else block["id"]
            blocks.append({"id": block["id"], "context": context, "status": "NDIS_STATUS_SUCCESS"})
            self.states[block["id"]] = block["state"]
        call("m_initiate_offload_complete", block_list=block_list["id"], blocks=blocks)

    def miniport_tcp_offload_send(self, context: int, net_buffer_lists: Any) -> str:
        misbehave(MODE)
        self.sends += net_buffer_lists
        return "NDIS_STATUS_PENDING"

    def miniport_terminate_offload(self, block_list: Any) -> None:
        self.tree = block_list

    def transmit_opportunity(self, context: int, room: int) -> None:
        """Nothing is ever sent."""

    def run(self) -> None:
        tree, self.tree = self.tree, None
        if not tree:
            return
        blocks = []
        for block in walk(tree):
            written = {"id": block["id"], "status": "NDIS_STATUS_SUCCESS"}
            if block["state"]:
                written |= self.written(self.states[block["context"]])
            blocks.append(written)
        call("m_terminate_offload_complete", block_list=tree["id"], blocks=blocks)
        for block in walk(tree):
            if block["context"] is not None:
                call("free_resources", context=block["context"])

    def halt(self) -> list[str]:
        return ["a socket is open"]

    def written(self, state: Any) -> dict[str, Any]:
        chain = [{"id": buffer["id"]} for buffer in self.sends]
        ends = {"send_data_head": chain[0]["id"], "send_data_tail": chain[-1]["id"]} if chain else {}
        return {"state": {**state, **ends}, **({"net_buffer_list_chain": chain} if chain else {})}


LINES = {
    "garbage": "this is not JSON",
    "list": "[1, 2]",
    "nothing": '{"neither": 1}',
    "unknown": '{"call": "ndis_m_reboot"}',
    "member": '{"call": "transmit", "handle": 1}',
    "number": '{"call": "tcp_offload_send_complete", "net_buffer_lists": [{"id": 999}]}',
    "other": '{"call": "m_query_offload_state_complete", "block_list": 1}',
    "error": '{"error": "out of descriptors"}',
    "status": '{"return": "NDIS_STATUS_SUCCESS"}',
    "hexadecimal": '{"call": "tcp_offload_receive_handler", "handle": 1,'
    ' "net_buffer_list": {"id": "x", "data": "0g"}}',
}


def misbehave(mode: str) -> None:
    if mode in LINES:
        print(LINES[mode], flush=True)
        read()
    elif mode == "long":
        os.write(1, b"x" * (2**24 + 2**17))
    elif mode == "ends":
        os._exit(5)
    elif mode == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif mode == "closes":
        os.close(1)
        time.sleep(60)
    elif mode == "silent":
        time.sleep(60)
    elif mode == "talks":
        print("to standard error", file=sys.stderr, flush=True)


GREETINGS = {
    "greets with garbage": "hello",
    "greets with a list": "[]",
    "greets another": '{"protocol": "other"}',
    "speaks version 2": '{"protocol": "chimneysweep", "version": 2}',
    "wants more": '{"protocol": "chimneysweep", "version": 1, "optional": ["make_coffee"]}',
    "halts": '{"protocol": "chimneysweep", "version": 1, "optional": ["halt"]}',
    "wants nonsense": '{"protocol": "chimneysweep", "version": 1, "optional": 3}',
}


def answer(message: dict[str, Any]) -> None:
    global driver
    name = message.pop("call")
    if name == "start":
        driver = Driver()
        write({"return": None})
    else:
        write({"return": getattr(driver, name)(**message)})


if __name__ == "__main__":
    MODE = sys.argv[1]
    driver = Driver()
    read()
    if MODE == "says nothing":
        time.sleep(60)
    if MODE == "ends at once":
        sys.exit(4)
    print(GREETINGS.get(MODE, '{"protocol": "chimneysweep", "version": 1}'), flush=True)
    while True:
        answer(read())
