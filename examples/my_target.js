#!/usr/bin/env node
// The target of my_target_fixed.py as a program of its own: it speaks the line protocol of docs/protocol.md.
// Try it with:  chimneysweep conform examples/my_target.js
"use strict";
const fs = require("fs");

// -- the conversation: one JSON object in a line; whoever calls waits for the return -------------

let input = "";

function readMessage() {
  const chunk = Buffer.alloc(65536);
  while (!input.includes("\n")) {
    const length = fs.readSync(0, chunk);
    if (!length) process.exit(0); // the checker is done
    input += chunk.toString("utf8", 0, length);
  }
  const end = input.indexOf("\n");
  const line = input.slice(0, end);
  input = input.slice(end + 1);
  return JSON.parse(line);
}

function write(message) {
  fs.writeSync(1, JSON.stringify(message) + "\n");
}

function answer(message) {
  write({ return: handlers[message.call](message) ?? null });
}

function call(name, args) {
  write({ call: name, ...args });
  for (;;) {
    const message = readMessage();
    if ("return" in message) return message.return;
    answer(message); // the checker may call in before it returns
  }
}

// -- sequence numbers ----------------------------------------------------------------------------

const seqAdd = (number, length) => (number + length) >>> 0;
const seqDiff = (left, right) => (left - right) | 0;

// -- the miniport driver -------------------------------------------------------------------------

let connections, terminating, owner, names, offloading;

function start() {
  connections = {};
  terminating = []; // trees: the host may ask for another one while one waits
  owner = {}; // name of a receive buffer that the host has -> its connection
  names = 0;
}

function* walk(block) {
  for (; block; block = block.next_block) {
    yield block;
    yield* walk(block.dependent_block_list);
  }
}

function initiate({ block_list: tree }) {
  const blocks = [];
  for (const block of walk(tree)) {
    const written = { id: block.id, status: "NDIS_STATUS_SUCCESS" };
    if (!block.placeholder) written.context = block.id;
    if (block.state) {
      connections[block.id] = connection(block);
      send({ context: block.id, net_buffer_lists: block.net_buffer_list_chain }); // what was outstanding
    }
    blocks.push(written);
  }
  offloading = true; // nothing is indicated before the host knows that the offload is complete
  call("m_initiate_offload_complete", { block_list: tree.id, blocks });
  offloading = false;
  for (const { id } of blocks) if (connections[id]) deliver(connections[id]);
}

const FIN_SENT = [5, 8, 9]; // FIN-WAIT-1, CLOSING, LAST-ACK: a FIN follows what is to be sent

function connection({ id, handle, state }) {
  const data = (state.buffered_data ?? []).map((buffer) => buffer.data).join("");
  return {
    context: id, handle,
    una: state.snd_una, nxt: state.snd_nxt, max: state.snd_max, end: state.snd_una,
    sndWnd: state.snd_wnd, rcvNxt: state.rcv_nxt, bufferSize: state.rcv_wnd + data.length / 2,
    sends: [], receives: [], disconnect: null, data, // hexadecimal, two digits a byte
    closing: FIN_SENT.includes(state.connection_state), aborted: false, refused: data !== "", finReceived: false, finTold: false,
    callsUp: 0, withHost: 0, uploading: false, uploaded: false,
  };
}

// -- send path

function send({ context, net_buffer_lists: buffers }) {
  const conn = connections[context];
  for (const { id, data, length } of buffers) {
    conn.sends.push({ first: conn.end, id, data, length, done: 0 });
    conn.end = seqAdd(conn.end, length);
  }
  return "NDIS_STATUS_PENDING";
}

function disconnect({ context, net_buffer_lists: [buffer] }) {
  const conn = connections[context];
  conn.disconnect = { first: conn.end, ...buffer }; // what data there is goes out before the FIN
  conn.end = seqAdd(conn.end, buffer.length);
  conn.closing = true;
  return "NDIS_STATUS_PENDING";
}

function opportunity({ context, room }) {
  const conn = connections[context];
  const window = seqDiff(seqAdd(conn.una, conn.sndWnd), conn.nxt);
  const length = Math.max(0, Math.min(room, window, seqDiff(conn.end, conn.nxt)));
  const fin = conn.closing && seqAdd(conn.nxt, length) === conn.end && length < window;
  if (conn.uploading || conn.aborted || !(length || fin)) return;
  let payload = "";
  for (const { first, data, length: whole } of [...conn.sends, ...(conn.disconnect ? [conn.disconnect] : [])]) {
    const skip = seqDiff(seqAdd(conn.nxt, payload.length / 2), first);
    if (skip >= 0 && skip < whole) payload += data.slice(2 * skip, 2 * (skip + length) - payload.length);
  }
  transmit(conn, payload, fin);
  conn.nxt = seqAdd(conn.nxt, length + (fin ? 1 : 0));
  if (seqDiff(conn.nxt, conn.max) > 0) conn.max = conn.nxt;
}

function transmit(conn, payload = "", fin = false) {
  const window = conn.bufferSize - conn.data.length / 2;
  call("transmit", { handle: conn.handle, segment: { seq: conn.nxt, ack: conn.rcvNxt, window, payload, fin } });
}

function timer({ context, timer }) {
  const conn = connections[context];
  if (timer === "retransmit") conn.nxt = conn.una;
}

function acknowledged(conn, ack, window) {
  if (seqDiff(ack, conn.una) < 0 || seqDiff(ack, conn.max) > 0) return;
  conn.una = ack;
  conn.sndWnd = window;
  if (seqDiff(conn.nxt, ack) < 0) conn.nxt = ack;
  while (conn.sends.length) {
    const head = conn.sends[0];
    head.done = Math.max(head.done, Math.min(seqDiff(ack, head.first), head.length));
    if (head.done < head.length) break;
    completeSend(conn, "NDIS_STATUS_SUCCESS");
  }
  if (conn.disconnect && seqDiff(ack, conn.end) === 1) completeDisconnect(conn, "NDIS_STATUS_SUCCESS");
}

function completeSend(conn, status) {
  const { id, done } = conn.sends.shift();
  const written = { id, status, bytes_transferred: done, advance: done };
  call("tcp_offload_send_complete", { net_buffer_lists: [written] });
}

function completeDisconnect(conn, status) {
  if (!conn.disconnect) return;
  const { id, first, length } = conn.disconnect;
  const done = Math.min(Math.max(0, seqDiff(conn.una, first)), length);
  conn.disconnect = null;
  const written = { id, status, bytes_transferred: done, advance: done };
  call("tcp_offload_disconnect_complete", { net_buffer_lists: [written] });
}

// -- receive path

function arrives({ context, segment }) {
  const conn = connections[context];
  if (conn.uploading) {
    call("m_indicate_receive_net_buffer_lists", { segment });
  } else if (segment.rst) {
    const ahead = seqDiff(segment.seq, conn.rcvNxt);
    if (ahead < 0 || ahead > conn.bufferSize) return; // not the peer's
    conn.aborted = true;
    completeEverything(conn, "NDIS_STATUS_REQUEST_ABORTED");
    while (conn.sends.length) completeSend(conn, "NDIS_STATUS_REQUEST_ABORTED");
    event(conn, "TcpIndicateAbort");
  } else if (segment.syn) { // a peer that did begin anew answers with an RST
    if (!conn.aborted) transmit(conn);
  } else if (!conn.aborted) {
    const late = seqDiff(segment.seq, conn.rcvNxt) < 0; // overtaken: its window is that of before
    acknowledged(conn, segment.ack, late ? conn.sndWnd : segment.window);
    if (segment.payload || segment.fin) receiveSegment(conn, segment);
  }
}

function receiveSegment(conn, segment) {
  if (segment.seq === conn.rcvNxt) {
    conn.data += segment.payload;
    conn.finReceived ||= segment.fin;
    conn.rcvNxt = seqAdd(conn.rcvNxt, segment.payload.length / 2 + (segment.fin ? 1 : 0));
  }
  transmit(conn);
  deliver(conn);
}

function receive({ context, net_buffer_lists: buffers }) {
  const conn = connections[context];
  conn.receives.push(...buffers);
  conn.refused = false;
  deliver(conn);
  return "NDIS_STATUS_PENDING";
}

function deliver(conn) {
  if (conn.callsUp || conn.uploading || offloading) return;
  while (!conn.uploading) { // data and requests may come while the host is being called
    const [request] = conn.receives;
    const whole = request?.no_push && !conn.finReceived; // to come back when it is full
    if (request && (whole ? conn.data.length >= 2 * request.length : conn.data || !request.length)) {
      const taken = conn.data.slice(0, 2 * request.length);
      conn.data = conn.data.slice(taken.length);
      conn.callsUp++; // the host may post the next request from within
      completeReceive(conn, "NDIS_STATUS_SUCCESS", taken);
      conn.callsUp--;
    } else if (conn.data && !conn.receives.length && !conn.refused) indicate(conn);
    else break;
  }
  if (conn.finReceived && !conn.data && !conn.finTold) {
    conn.finTold = true;
    event(conn, "TcpIndicateDisconnect");
  }
}

function completeReceive(conn, status, data = "") {
  const { id } = conn.receives.shift();
  const bytes = data.length / 2;
  const written = { id, data, status, bytes_transferred: bytes, advance: bytes };
  call("tcp_offload_receive_complete", { net_buffer_lists: [written] });
}

function indicate(conn) {
  const id = `receive ${names++}`; // a buffer of ours has a string for a name
  conn.callsUp++;
  const args = { handle: conn.handle, net_buffer_list: { id, data: conn.data } };
  const { status, bytes } = call("tcp_offload_receive_handler", args);
  conn.callsUp--;
  conn.data = conn.data.slice(2 * bytes);
  conn.refused = status !== "NDIS_STATUS_SUCCESS";
  if (!conn.refused) lend(conn, id);
}

function lend(conn, id) {
  owner[id] = conn;
  conn.withHost++;
}

function event(conn, name) {
  conn.callsUp++;
  call("tcp_offload_event_handler", { handle: conn.handle, event: name });
  conn.callsUp--;
}

function giveBack({ net_buffer_lists: buffers }) {
  for (const { id } of buffers) {
    owner[id].withHost--;
    freeIfDone(owner[id]);
  }
  return "NDIS_STATUS_SUCCESS";
}

function forward({ context, net_buffer_lists: buffers }) {
  for (const { id, segment } of buffers) {
    arrives({ context, segment });
    call("tcp_offload_forward_complete", { net_buffer_lists: [{ id, status: "NDIS_STATUS_SUCCESS" }] });
  }
  return "NDIS_STATUS_PENDING";
}

// -- upload

const inTree = (tree) => [...walk(tree)].map((block) => connections[block.context]).filter(Boolean);

function terminate({ block_list: tree }) {
  terminating.push(tree);
  for (const conn of inTree(tree)) conn.uploading = true;
}

function run() {
  while (terminating.length && !inTree(terminating[0]).some((conn) => conn.callsUp)) {
    const tree = terminating.shift();
    const blocks = [...walk(tree)].map((block) => {
      const conn = connections[block.context];
      return { id: block.id, status: "NDIS_STATUS_SUCCESS", ...(conn ? upload(conn) : {}) };
    });
    call("m_terminate_offload_complete", { block_list: tree.id, blocks });
    for (const conn of inTree(tree)) {
      conn.uploaded = true;
      freeIfDone(conn);
    }
  }
}

function upload(conn) {
  completeEverything(conn, "NDIS_STATUS_UPLOAD_IN_PROGRESS");
  const state = {
    snd_una: conn.una, snd_nxt: conn.nxt, snd_max: conn.max, snd_wnd: conn.sndWnd,
    rcv_nxt: conn.rcvNxt, rcv_wnd: conn.bufferSize - conn.data.length / 2,
  };
  if (conn.data) {
    const id = `receive ${names++}`;
    state.buffered_data = [{ id, data: conn.data }];
    lend(conn, id);
  }
  if (!conn.sends.length) return { state };
  const chain = conn.sends.map(({ id, done }) => ({ id, advance: done }));
  state.send_data_head = chain[0].id;
  state.send_data_tail = chain[chain.length - 1].id;
  return { state, net_buffer_list_chain: chain };
}

function completeEverything(conn, status) {
  while (conn.receives.length) completeReceive(conn, status);
  completeDisconnect(conn, status);
}

function enlarge({ context, cached }) {
  const conn = cached && connections[context];
  if (!conn || conn.aborted || conn.uploading) return;
  conn.bufferSize = Math.max(conn.bufferSize, cached.rcv_wnd);
  transmit(conn);
}

function freeIfDone(conn) {
  if (conn.uploaded && !conn.withHost) call("free_resources", { context: conn.context });
}

const handlers = {
  start,
  miniport_initiate_offload: initiate,
  miniport_tcp_offload_send: send,
  miniport_tcp_offload_receive: receive,
  miniport_tcp_offload_disconnect: disconnect,
  miniport_tcp_offload_forward: forward,
  miniport_tcp_offload_receive_return: giveBack,
  miniport_invalidate_offload: ({ block_list: { id } }) => call("m_invalidate_offload_complete", { block_list: id }),
  miniport_query_offload: ({ block_list: { id } }) => call("m_query_offload_state_complete", { block_list: id }),
  miniport_update_offload: ({ block_list: block }) => {
    enlarge(block);
    call("m_update_offload_complete", { block_list: block.id });
  },
  miniport_terminate_offload: terminate,
  segment_arrives: arrives,
  transmit_opportunity: opportunity,
  timer_expires: timer,
  run,
};

readMessage(); // the checker's greeting
write({ protocol: "chimneysweep", version: 1, optional: ["timer_expires"] });
for (;;) answer(readMessage());
