/*
 * The hand-off, bounded waiting, and the end of a run. After targets/chimney/tree_back.py, snapshot.py, resting.py
 * and play.py.
 */
#include "player.h"

#define SUCCESS 1 /* of a block and of a request, in the model */
#define PENDING 1
#define TERMINATING 1
#define COMPLETED 2
#define BLOCK_ROW CHS_BLOCK_ROW
#define WIDEST (INT64_C(1) << 30)
#define PUSH 2
#define PATIENCE 8
#define EXPIRIES 3
#define MOST_ROUNDS 200
#define ROOM (INT64_C(1) << 20)
#define OPEN 10000
#define TIMES_TO_RUN 3

/* ---- the tree comes back ------------------------------------------------------------------------- */

/* A block list's number in the tree. */
static int64_t block_at(int64_t address)
{
    int64_t k;

    for (k = 0; address && k < quick.given.blocks; k++)
        if (quick.now.made[2 * k] == address)
            return quick.given.numbers[k];
    if (address)
        BAIL("a pointer to a block that is in no tree");
    return NONE;
}

/* A pointer to a send, as the model writes it. */
static int64_t pointer(int64_t address)
{
    int conn, index;

    if (!address)
        return NONE;
    if (!quick_send_at(address, &conn, &index))
        BAIL("a pointer to a buffer that is no send");
    return conn * quick.given.buffers + index;
}

/* BufferedData: its first position is the application's next. */
static void read_buffered(int c, int64_t first, const struct row *rows, int count)
{
    struct line *line = LINE(c);
    Delegated *given = &CONN(c)->given;
    int64_t at = CONN(c)->peer.app_got, start = at;

    line->buffered = 0;
    for (; first; first = quick_row(rows, count, first)->next) {
        const struct row *row = quick_row(rows, count, first);
        int conn, index;

        if (line->buffered == LENT || row->moved || row->size <= 0 || quick_send_at(first, &conn, &index) ||
            at + row->size > line->peer_sent || memcmp(row->data, quick.given.peers[c] + at, (size_t)row->size))
            BAIL("buffered data that is not the peer's next");
        line->buffered_at[line->buffered++] = first;
        at += row->size;
    }
    given->buffered_from = start;
    given->buffered_to = at;
}

static void read_state(int c, const int64_t *row, const struct row *rows, int count)
{
    const Connection *conn = CONN(c);
    Delegated *given = &CONN(c)->given;
    int64_t most = row[28], now = min64(row[9], conn->peer.wnd);
    int k;

    for (k = 6; k < 12; k++)
        if (row[k] == CHS_UNWRITTEN)
            BAIL("a number that was not written");
    if (row[1] == 0 && !is_over(conn) && !(most >= max64(now, min64(1, quick.given.offered[c])) && most <= WIDEST))
        BAIL("a largest window that is too small");
    given->written = 1;
    given->snd_una = row[6];
    given->snd_nxt = row[7];
    given->snd_max = row[8];
    given->snd_wnd = row[9];
    given->rcv_nxt = row[10];
    given->rcv_wnd = row[11];
    world_members(given, row + 12);
    given->head = pointer(row[29]);
    given->tail = pointer(row[30]);
    read_buffered(c, row[31], rows, count);
}

static void read_block(const int64_t *row, const struct row *rows, int count)
{
    Block *block = &WORLD->blocks[block_at(row[0])];

    block->status = quick_code(quick.given.blocks_status, QUICK_STATUSES, (int64_t)(uint32_t)row[1]);
    block->chain = pointer(row[4]);
    block->next_back = block_at(row[2]);
    block->dependent_back = block_at(row[3]);
    if (block->conn == NONE)
        return;
    if (!row[5] || (row[1] != 0 && !is_over(CONN(block->conn)) && !WORLD->blocks[CONN(block->conn)->block].lost))
        BAIL("a connection that is not handed back as connections are");
    read_state((int)block->conn, row, rows, count);
}

int64_t quick_terminated(const int64_t *words, int32_t count, const char *bytes)
{
    struct row rows[MOST_ROWS];
    int32_t after = 2 + BLOCK_ROW * (int32_t)words[1];
    int found = quick_rows(words + after, count - after, bytes, rows), c, k;

    if (WORLD->phase != TERMINATING || words[1] != quick.given.blocks)
        BAIL("a tree that comes back when none was asked for, or another one");
    for (k = 0; k < words[1]; k++)
        read_block(words + 2 + BLOCK_ROW * k, rows, found);
    for (c = 0; c < quick.given.conns; c++) {
        const struct line *line = LINE(c);

        for (k = 0; CONN(c)->block != NONE && k < line->sends; k++) {
            CONN(c)->bufs[k].start = CONN(c)->bufs[k].begin + line->sends_moved[k];
            CONN(c)->bufs[k].next = pointer(line->sends_next[k]);
        }
    }
    HAPPENS(NdisMTerminateOffloadComplete, .root = block_at(words[0]));
    return 0;
}

/* ---- bounded waiting ------------------------------------------------------------------------------ */

/* Whether the target is in charge of a connection, and it works. */
static _Bool is_served(int c)
{
    return is_live(CONN(c)) && !is_lost(CONN(c)) && !CONN(c)->peer.rst;
}

static _Bool any_served(void)
{
    return is_served(0) || (quick.given.conns > 1 && is_served(1));
}

struct reached {
    int64_t sent, received, far[QUICK_CONNS][7];
};

/* How far everything is. */
static struct reached reached(void)
{
    struct reached found = {quick.now.sent, quick.now.received, {{0}}};
    int c;

    for (c = 0; c < quick.given.conns; c++) {
        const Peer *peer = &CONN(c)->peer;

        if (is_served(c))
            memcpy(found.far[c],
                   (int64_t[7]){1 + peer->sent, peer->got, peer->acked, peer->wnd, peer->acked_to, peer->app_got,
                                peer->reset},
                   sizeof(found.far[c]));
    }
    return found;
}

static void plays(enum quick_kind kind, int c, int64_t n, int64_t m)
{
    quick_move((int64_t[QUICK_MOVE]){kind, c, n, m, 0});
}

/* The peer acknowledges what it has, and opens a window that is too small for the rest. */
static void acknowledge(int c)
{
    const Peer *peer = &CONN(c)->peer;
    int64_t end = CONN(c)->total + (CONN(c)->disconnect != 0);

    if (peer->got > peer->acked || (peer->wnd < OPEN && peer->acked + peer->wnd < end))
        quick_acknowledges(c, peer->got - peer->acked, max64(peer->wnd, OPEN));
}

/* The first request that waits for data, or any. */
static const Request *waiting(int c, _Bool for_data)
{
    int64_t k;

    for (k = 0; k < LINE(c)->requests; k++)
        if (CONN(c)->requests[k].status == PENDING && (!for_data || CONN(c)->requests[k].size))
            return &CONN(c)->requests[k];
    return NULL;
}

/* The host asks for what the application refused; the push timer expires for a request that is not full. */
static void ask(int c)
{
    int64_t there = CONN(c)->peer.arrived - CONN(c)->peer.app_got;
    const Request *request;

    if (LINE(c)->refused && there > 0 && !waiting(c, 0))
        plays(QUICK_RECEIVE, c, there, 0);
    there = CONN(c)->peer.arrived - CONN(c)->peer.app_got;
    request = waiting(c, 1);
    if (request && !request->no_push && there > 0 && there < request->size)
        CALL(quick.driver.chs_timer(quick_handle(c), PUSH));
}

/* The peer sends again what the target has not acknowledged. */
static void send_again(int c)
{
    const Peer *peer = &CONN(c)->peer;

    if (peer->acked_to < peer->arrived + peer->fin)
        quick_arrives(c, peer->acked_to, peer->acked, peer->wnd, peer->acked_to, max64(peer->acked_to, peer->arrived),
                      peer->fin);
    if (peer->acked_to < peer->arrived + peer->fin)
        plays(QUICK_ACK_TIMER, c, 0, 0);
}

static void one_round(int c, int calm)
{
    plays(QUICK_TRANSMIT, c, ROOM, 0);
    plays(QUICK_PEER_GETS, c, ROOM, 0);
    acknowledge(c);
    if (LINE(c)->lent)
        quick_return(1 << c, 1);
    if (calm > 0 && calm <= EXPIRIES) {
        if (CONN(c)->peer.acked < CONN(c)->peer.sent)
            plays(QUICK_RETRANSMIT, c, 0, 0);
        ask(c);
    }
    if (calm > 1 && calm <= 1 + EXPIRIES)
        send_again(c);
}

/* Everybody but the driver does what is left to do, until nothing changes any more. */
_Bool quick_rests(void)
{
    int c, calm = 0, round;
    struct reached before, now = reached();

    for (c = 0; c < quick.given.conns; c++)
        if (is_served(c))
            LINE(c)->appetite = ALL;
    for (round = 0; calm < PATIENCE; round++) {
        if (round == MOST_ROUNDS)
            BAIL("no rest after many rounds");
        for (c = 0; c < quick.given.conns; c++)
            if (is_served(c))
                one_round(c, calm);
        CALL(quick.driver.chs_run());
        before = now;
        now = reached();
        calm = memcmp(&before, &now, sizeof(now)) ? 0 : calm + 1;
        if (!any_served() && WORLD->phase != TERMINATING)
            break;
    }
    for (c = 0; c < quick.given.conns; c++)
        if (is_served(c) && CONN(c)->peer.got < CONN(c)->peer.sent && !CONN(c)->peer.abandoned)
            HAPPENS(NothingIsSentAgain, .conn = c);
    return 1;
}

/* ---- the end --------------------------------------------------------------------------------------- */

static void give_time(void)
{
    int k;

    for (k = 0; k < TIMES_TO_RUN; k++)
        CALL(quick.driver.chs_run());
    for (k = 0; k < PATIENCE && WORLD->phase == TERMINATING; k++) /* no page says how long it may take */
        CALL(quick.driver.chs_run());
}

/* The host takes a connection up again, and what it has shows on the wire. */
static void resume(int c)
{
    int64_t k;

    if (!CONN(c)->host.resumed)
        HAPPENS(HostResumes, .conn = c);
    for (k = 0; k < quick.given.buffers + 1 && IF_POSSIBLE(HostTransmits, .conn = c); k++)
        ;
    IF_POSSIBLE(HostSendsParting, .conn = c);
    IF_POSSIBLE(HostSendsFin, .conn = c);
    if (!IF_POSSIBLE(HostReceives, .conn = c, .length = 10))
        IF_POSSIBLE(HostReceives, .conn = c, .length = 1);
}

void quick_finish(void)
{
    int c, since = 0;

    if (WORLD->phase == 0)
        quick_terminate();
    give_time();
    for (c = 0; c < quick.given.conns; c++)
        if (WORLD->phase == COMPLETED && CONN(c)->block != NONE)
            resume(c);
    quick_return((1 << quick.given.conns) - 1, 1);
    give_time();
    if (quick_rests())
        HAPPENS(Quiet);
    for (c = 0; c < quick.given.conns; c++)
        since |= (LINE(c)->lent > 0) << c;
    if (since)
        quick_return(since, 1);
    quick.halting = 1;
    CALL(quick.driver.chs_stop());
    quick.halting = 0;
}
