/* What host, peer, wire and hardware do in a move. After targets/chimney/moves.py. */
#include "player.h"

#define SEGMENT_WORDS 19
#define SUCCESS 0
#define PENDING 0x103
#define RETRANSMIT 0 /* timers, as our NDIS numbers them */
#define DELAYED_ACK 1

int64_t quick_handle(int c)
{
    int k;

    for (k = 0; quick.given.conn_of[k] != c; k++)
        ;
    return quick.given.handles[k];
}

void quick_enter(_Bool waited_for)
{
    quick.now.calls++;
    quick.waited_for += waited_for;
    if (!quick.depth++)
        quick.made = 0;
}

void quick_leave(_Bool waited_for)
{
    quick.depth--;
    quick.waited_for -= waited_for;
}

static void is_returned(int32_t status, int32_t allowed)
{
    if (status != allowed)
        BAIL("a status that is not the one to return");
}

/* ---- what the host asks for ------------------------------------------------------------------ */

static void send(int c, int64_t n)
{
    struct line *line = LINE(c);
    int64_t start = CONN(c)->total, index = CONN(c)->posted;
    int32_t status;

    if (index >= quick.given.sends)
        return;
    if (index >= SENDS || start + n >= QUICK_STREAM)
        BAIL("a long stream");
    if (!IF_POSSIBLE(MiniportTcpOffloadSend, .conn = c, .length = n))
        return;
    line->sends = index + 1;
    line->sends_size[index] = n;
    line->sends_next[index] = line->sends_moved[index] = 0;
    CALL(status = quick.driver.chs_send(quick_handle(c), 1, &n, quick.given.out[c] + start, &line->sends_at[index]));
    is_returned(status, PENDING);
}

static void receive(int c, int64_t n)
{
    static const char zeros[QUICK_STREAM];
    struct line *line = LINE(c);
    int64_t size = max64(0, n), index = CONN(c)->requested;
    int32_t status;

    if (index >= quick.given.requests)
        return;
    if (index >= REQUESTS || size > QUICK_STREAM)
        BAIL("a large request");
    if (!IF_POSSIBLE(MiniportTcpOffloadReceive, .conn = c, .size = size, .no_push = 0))
        return;
    line->requests = index + 1;
    quick_enter(1);
    status = quick.driver.chs_receive(quick_handle(c), 1, &size, zeros, 0, &line->requests_at[index]);
    quick_leave(1);
    is_returned(status, PENDING);
}

void quick_terminate(void)
{
    if (!IF_POSSIBLE(MiniportTerminateOffload))
        return;
    quick.driver.chs_build(CHS_TERMINATE, quick.given.nodes, (int32_t)quick.given.blocks, quick.now.made);
    CALL(quick.driver.chs_manipulate(CHS_TERMINATE, quick.now.made[0]));
}

static void give_back(int32_t count, const int64_t *lists)
{
    int32_t status;

    quick_enter(1);
    status = quick.driver.chs_return(count, lists);
    quick_leave(1);
    is_returned(status, SUCCESS);
}

/* BufferedData of a connection that the host has taken up again, and read: how many buffers. */
static int64_t read_data(int c, int64_t *buffers)
{
    struct line *line = LINE(c);
    int64_t count = CONN(c)->host.resumed ? line->buffered : 0;

    if (count) {
        memcpy(buffers, line->buffered_at, (size_t)count * sizeof(*buffers));
        line->buffered = 0;
    }
    return count;
}

/* MiniportTcpOffloadReceiveReturn for every receive buffer that the host holds of these connections: a bit of each. */
void quick_return(int conns, _Bool in_one_list)
{
    int64_t lent[QUICK_CONNS * LENT], buffered[QUICK_CONNS][LENT], more[QUICK_CONNS] = {0}, count = 0, k;
    int c;

    for (c = 0; c < quick.given.conns; c++) {
        if (!(conns >> c & 1))
            continue;
        memcpy(lent + count, LINE(c)->lent_at, (size_t)LINE(c)->lent * sizeof(*lent));
        count += LINE(c)->lent;
        LINE(c)->lent = 0;
    }
    for (c = 0; c < quick.given.conns; c++) {
        if (!(conns >> c & 1))
            continue;
        more[c] = read_data(c, buffered[c]);
        IF_POSSIBLE(MiniportTcpOffloadReceiveReturn, .conn = c);
    }
    if (in_one_list && count)
        give_back((int32_t)count, lent);
    for (k = 0; k < count && !in_one_list; k++)
        give_back(1, &lent[k]);
    for (c = 0; c < quick.given.conns; c++)
        if (more[c])
            give_back((int32_t)more[c], buffered[c]);
}

/* ---- what arrives ---------------------------------------------------------------------------- */

static int64_t end_of(const Connection *conn)
{
    return conn->peer.arrived + conn->peer.fin;
}

static int64_t newest(const Connection *conn)
{
    return max64(end_of(conn), conn->peer.sacked_from < conn->peer.sacked_to ? conn->peer.sacked_from : 0);
}

/* A segment of the peer's: its place in what the peer sends, what it acknowledges; its data is [from, upto). */
void quick_arrives(int c, int64_t at, int64_t ack, int64_t window, int64_t from, int64_t upto, _Bool fin)
{
    const Connection *conn = CONN(c);
    int64_t words[SEGMENT_WORDS] = {serial(conn->irn + at), serial(conn->isn + ack), window, fin};

    CALL(quick.driver.chs_segment(quick_handle(c), words, quick.given.peers[c] + from, upto - from));
}

/* The peer acknowledges up to n more positions. */
void quick_acknowledges(int c, int64_t n, int64_t window)
{
    const Connection *conn = CONN(c);
    int64_t at = newest(conn), upto = min64(conn->peer.got, conn->peer.acked + max64(0, n));

    if (conn->forward && upto == conn->peer.acked)
        window = conn->peer.wnd;
    if (!is_lost(conn) && IF_POSSIBLE(AckArrives, .conn = c, .upto = upto, .window = window))
        quick_arrives(c, at, upto, window, 0, 0, 0);
}

static void data(int c, int64_t n)
{
    const Connection *conn = CONN(c);
    int64_t start = conn->peer.arrived, end = start + n;

    if (end >= QUICK_STREAM)
        BAIL("a long stream");
    if (!IF_POSSIBLE(DataArrives, .conn = c, .length = n))
        return;
    LINE(c)->peer_sent = max64(LINE(c)->peer_sent, end);
    quick_arrives(c, start, conn->peer.acked, conn->peer.wnd, start, end, 0);
}

static void fin(int c)
{
    const Connection *conn = CONN(c);
    int64_t at = end_of(conn);

    if (IF_POSSIBLE(FinArrives, .conn = c))
        quick_arrives(c, at, conn->peer.acked, conn->peer.wnd, 0, 0, 1);
}

/* ---- the wire and the clock -------------------------------------------------------------------- */

static void transmit(int c, int64_t n)
{
    if (!is_back(CONN(c)) && !is_lost(CONN(c)))
        CALL(quick.driver.chs_opportunity(quick_handle(c), (uint32_t)max64(0, n)));
}

/* How far a peer that has everything below *got* could get with what was transmitted. */
static int64_t reach(const struct line *line, int64_t got)
{
    while (got < line->length && line->there[got])
        got++;
    return got + (got == line->fin_at);
}

static void peer_gets(int c, int64_t n)
{
    int64_t got = CONN(c)->peer.got, upto = min64(got + max64(0, n), reach(LINE(c), got));

    IF_POSSIBLE(PeerReceives, .conn = c, .upto = upto, .fin = LINE(c)->fin_at, .shift = 0);
}

static void lose(int c)
{
    struct line *line = LINE(c);
    int64_t got = CONN(c)->peer.got;

    if (!IF_POSSIBLE(BytesAreLost, .conn = c))
        return;
    if (got < line->length)
        memset(line->there + got, 0, (size_t)(line->length - got));
    if (line->fin_at >= got)
        line->fin_at = NONE;
}

static void expires(int c, _Bool happens, int32_t timer)
{
    if (!happens && (is_back(CONN(c)) || is_lost(CONN(c))))
        return;
    LINE(c)->recovering |= timer == RETRANSMIT;
    CALL(quick.driver.chs_timer(quick_handle(c), timer));
}

/* ---- all of them -------------------------------------------------------------------------------- */

static void meanwhile(const int64_t *move)
{
    if (quick.now.kept == KEPT)
        BAIL("moves for very many indications");
    quick.now.kept_moves[quick.now.kept] = move + QUICK_MOVE;
    quick.now.kept_rows[quick.now.kept++] = move[4];
}

static void in_general(const int64_t *move)
{
    switch (move[0]) {
    case QUICK_MEANWHILE:
        meanwhile(move);
        return;
    case QUICK_RUN:
        CALL(quick.driver.chs_run());
        return;
    case QUICK_REST:
        if (!quick.depth && quick_rests() && IF_POSSIBLE(Quiet))
            HAPPENS(GoesOn);
        return;
    case QUICK_TERMINATE:
        if (!quick.waited_for)
            quick_terminate();
        return;
    }
    BAIL("a move that is not played here");
}

void quick_move(const int64_t *move)
{
    int c = (int)move[1];
    int64_t n = move[2];

    switch (move[0]) {
    case QUICK_SEND:
        send(c, n);
        return;
    case QUICK_TRANSMIT:
        transmit(c, n);
        return;
    case QUICK_PEER_GETS:
        peer_gets(c, n);
        return;
    case QUICK_ACK:
        quick_acknowledges(c, n, move[3]);
        return;
    case QUICK_RETRANSMIT:
        expires(c, IF_POSSIBLE(RetransmitTimeout, .conn = c), RETRANSMIT);
        return;
    case QUICK_LOSE:
        lose(c);
        return;
    case QUICK_DATA:
        data(c, n);
        return;
    case QUICK_FIN:
        fin(c);
        return;
    case QUICK_RECEIVE:
        receive(c, n);
        return;
    case QUICK_APPETITE:
        LINE(c)->appetite = n < 0 ? ALL : n;
        return;
    case QUICK_ACK_TIMER:
        expires(c, IF_POSSIBLE(AckTimeout, .conn = c), DELAYED_ACK);
        return;
    case QUICK_GIVE_BACK:
        quick_return(1 << c, n > 0);
        return;
    }
    in_general(move);
}

void quick_moves(const int64_t *moves, int64_t rows)
{
    const int64_t *end = moves + rows * QUICK_MOVE;

    for (; moves < end; moves += QUICK_MOVE * (1 + moves[4]))
        quick_move(moves);
}
