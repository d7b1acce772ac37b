/* What the driver calls becomes an event of the world. After targets/chimney/observed.py. */
#include "player.h"

void quick_happens(enum event event, const Values *values)
{
    if (quick.now.names >= MOST_NAMES)
        BAIL("a long run");
    quick.names[quick.now.names++] = (uint8_t)event;
    world_happens(quick.happens, quick.run, event, values);
    if (quick.run->beyond)
        BAIL("a number too large to be judged here");
}

_Bool quick_if_possible(enum event event, const Values *values)
{
    if (!world_possible(quick.possible, quick.run, event, values))
        return 0;
    quick_happens(event, values);
    return 1;
}

int64_t quick_code(const struct quick_code *codes, int count, int64_t number)
{
    int k;

    for (k = 0; k < count; k++)
        if (codes[k].number == number && codes[k].code >= 0)
            return codes[k].code;
    BAIL("a number without a name");
}

static int64_t request_status(int64_t number)
{
    return quick_code(quick.given.requests_status, QUICK_STATUSES, number);
}

static int conn_of(int64_t handle)
{
    int k;

    for (k = 0; k < quick.given.objects; k++)
        if (quick.given.handles[k] == handle && quick.given.conn_of[k] >= 0)
            break;
    if (k == quick.given.objects || is_back(CONN(quick.given.conn_of[k])))
        BAIL("a handle that no connection has, or one that was handed back");
    return (int)quick.given.conn_of[k];
}

_Bool quick_send_at(int64_t at, int *conn, int *index)
{
    for (*conn = 0; *conn < quick.given.conns; ++*conn)
        for (*index = 0; *index < LINE(*conn)->sends; ++*index)
            if (LINE(*conn)->sends_at[*index] == at)
                return 1;
    return 0;
}

static void find_request(int64_t at, int *conn, int *index)
{
    for (*conn = 0; *conn < quick.given.conns; ++*conn)
        for (*index = 0; *index < LINE(*conn)->requests; ++*index)
            if (LINE(*conn)->requests_at[*index] == at)
                return;
    BAIL("a buffer that is no request");
}

int quick_rows(const int64_t *words, int32_t count, const char *bytes, struct row *rows)
{
    int found, conn, index;

    if (count / CHS_LIST_ROW > MOST_ROWS)
        BAIL("many buffers");
    for (found = 0; found < count / CHS_LIST_ROW; found++, words += CHS_LIST_ROW) {
        rows[found] = (struct row){words[0], words[1], words[2], words[3], words[4], words[5], words[6], bytes};
        bytes += words[5];
        if (quick_send_at(words[0], &conn, &index)) {
            LINE(conn)->sends_next[index] = words[3];
            LINE(conn)->sends_moved[index] = words[4];
            if (words[5])
                BAIL("a send that was written");
        }
    }
    return found;
}

const struct row *quick_row(const struct row *rows, int count, int64_t at)
{
    int k;

    for (k = 0; k < count; k++)
        if (rows[k].at == at)
            return &rows[k];
    BAIL("a list that leads to nothing known");
}

static int64_t sent(const int64_t *words, int32_t count, const char *bytes)
{
    struct row rows[MOST_ROWS];
    const struct row *row;
    int found = quick_rows(words + 1, count - 1, bytes, rows), left = found, conn, index;
    int64_t at;

    quick.now.sent++;
    for (at = words[0]; at || left == found; at = row->next) {
        row = quick_row(rows, found, at);
        if (!left-- || !quick_send_at(at, &conn, &index) || row->done < 0 ||
            row->done > LINE(conn)->sends_size[index])
            BAIL("a completion that makes no sense");
        HAPPENS(NdisTcpOffloadSendComplete, .conn = conn, .buffer = index, .status = request_status(row->status),
                .bytes = row->done, .advanced = row->moved);
    }
    return 0;
}

/* Whether these are the peer's next bytes. */
static void is_next(int conn, const char *data, int64_t size)
{
    int64_t got = CONN(conn)->peer.app_got;

    if (got + size > LINE(conn)->peer_sent || memcmp(data, quick.given.peers[conn] + got, (size_t)size))
        BAIL("data that is not the peer's next");
}

static void request_back(const struct row *row)
{
    int c, index;

    find_request(row->at, &c, &index);

    const Connection *conn = CONN(c);
    const Request *request = &conn->requests[index];
    int64_t done = row->done;

    if (request->status != 1 || done < 0 || done > request->size || row->size < done || (done && conn->indication) ||
        (request->size && !done && !row->status && !conn->peer.fin && !is_over(conn)))
        BAIL("a request that comes back in another way than requests do");
    is_next(c, row->data, done);
    HAPPENS(NdisTcpOffloadReceiveComplete, .conn = c, .request = index, .status = request_status(row->status),
            .bytes = done, .advanced = row->moved < 0 ? -row->moved : row->moved, .start = conn->peer.app_got,
            .wrong = 0);
}

/* An indication is under way: what was kept for it comes. */
static void during(void)
{
    struct scene *now = &quick.now;
    const int64_t *moves = now->kept_moves[0];
    int64_t rows = now->kept_rows[0];

    if (!now->kept)
        return;
    now->kept--;
    memmove(now->kept_moves, now->kept_moves + 1, (KEPT - 1) * sizeof(*now->kept_moves));
    memmove(now->kept_rows, now->kept_rows + 1, (KEPT - 1) * sizeof(*now->kept_rows));
    quick_moves(moves, rows);
}

/* Whether nothing but receive requests is kept for the next occasion. */
static _Bool is_requests(void)
{
    int64_t k;

    for (k = 0; quick.now.kept && k < quick.now.kept_rows[0]; k++)
        if (quick.now.kept_moves[0][QUICK_MOVE * k] != QUICK_RECEIVE)
            return 0;
    return quick.now.kept && quick.now.kept_rows[0];
}

/* The host may post the next request from within a completion; a driver that goes on with it there is not judged. */
static void within(void)
{
    if (quick.completing || !is_requests())
        return;
    quick.completing = 1;
    during();
    quick.completing = 0;
}

static int64_t received(const int64_t *words, int32_t count, const char *bytes)
{
    struct row rows[MOST_ROWS];
    const struct row *row;
    int found = quick_rows(words + 1, count - 1, bytes, rows), left = found;
    int64_t at, succeeded = 1;

    quick.now.received++;
    if (quick.completing)
        BAIL("a completion from within another");
    for (at = words[0]; at || left == found; at = row->next) {
        row = quick_row(rows, found, at);
        if (!left--)
            BAIL("a list that runs in a circle");
        request_back(row);
        succeeded &= !row->status;
    }
    if (succeeded)
        within();
    return 0;
}

static int64_t indicated(const int64_t *words, int32_t count, const char *bytes)
{
    struct row row;
    int found = count == 2 + CHS_LIST_ROW ? quick_rows(words + 2, CHS_LIST_ROW, bytes, &row) : 0;
    int c = conn_of(words[0]);
    struct line *line = LINE(c);
    int64_t taken, start = CONN(c)->peer.app_got;

    if (found != 1 || row.at != words[1] || row.next || row.moved || row.size <= 0 || CONN(c)->indication || quick.completing)
        BAIL("an indication of several buffers, or of none");
    is_next(c, row.data, row.size);
    HAPPENS(NdisTcpOffloadReceiveHandler, .conn = c, .start = start, .end = start + row.size);
    during();
    taken = line->appetite == ALL ? row.size : min64(line->appetite, row.size);
    HAPPENS(ReturnReceiveIndication, .conn = c, .bytes = taken);
    if (taken < row.size) {
        line->refused = 1;
        return (taken ? 2 : 1) + 4 * taken;
    }
    if (line->lent == LENT)
        BAIL("many buffers of the driver's");
    line->lent_at[line->lent++] = row.at;
    return 4 * taken;
}

static int64_t tcp_event(const int64_t *words)
{
    int c = conn_of(words[0]);
    int64_t event = quick_code(quick.given.events, QUICK_EVENTS, words[1]);
    _Bool outer = CONN(c)->event;

    HAPPENS(NdisTcpOffloadEventHandler, .conn = c, .event = event);
    during();
    if (!outer)
        HAPPENS(ReturnTcpEvent, .conn = c);
    return 0;
}

static void sends_data(int c, int64_t seq, _Bool fin, const char *payload, int64_t size)
{
    const Connection *conn = CONN(c);
    struct line *line = LINE(c);
    int64_t start = decode(conn->peer.sent, seq, conn->isn), end = start + size;

    if (start < 0 || end > conn->total || end > QUICK_STREAM ||
        memcmp(payload, quick.given.out[c] + start, (size_t)size))
        BAIL("bytes on the wire that are not the ones posted");
    line->recovering |= start < conn->peer.sent;
    line->length = max64(line->length, end);
    memset(line->there + start, 1, (size_t)size);
    if (fin)
        line->fin_at = end;
    HAPPENS(Transmit, .conn = c, .fin = fin ? end : NONE, .shift = 0, .upto = end + fin);
}

static int64_t transmitted(const int64_t *words, const char *payload, int64_t size)
{
    int c = conn_of(words[0]);
    const Connection *conn = CONN(c);
    int64_t seq = words[1], ack = words[2], window = words[3];

    if (words[5] || words[7] || words[16] || words[19]) /* RST, SACK, timestamps, SYN */
        BAIL("a segment that is not a plain one");
    if (size || words[4])
        sends_data(c, seq, words[4] != 0, payload, size);
    IF_POSSIBLE(SendAck, .conn = c, .upto = decode(conn->peer.acked_to, ack, conn->irn), .window = window);
    return 0;
}

static int64_t freed(int64_t handle)
{
    int k;

    if (quick.halting)
        return 0; /* what was never terminated is freed with its adapter */
    for (k = 0; k < quick.given.objects && quick.given.handles[k] != handle; k++)
        ;
    if (k == quick.given.objects || quick.now.freed & (INT64_C(1) << k))
        BAIL("a state object that is unknown, or was freed before");
    quick.now.freed |= INT64_C(1) << k;
    if (quick.given.conn_of[k] >= 0)
        HAPPENS(Free, .conn = quick.given.conn_of[k]);
    return 0;
}

int64_t quick_hears(int32_t event, const int64_t *words, int32_t count, const char *bytes, int64_t size)
{
    quick.now.heard++;
    if (!quick.depth || ++quick.made > MOST_CALLS)
        BAIL("a call when no entry point is active, or very many of them");
    switch (event) {
    case CHS_SENT:
        return sent(words, count, bytes);
    case CHS_RECEIVED:
        return received(words, count, bytes);
    case CHS_INDICATED:
        return indicated(words, count, bytes);
    case CHS_TCP_EVENT:
        return tcp_event(words);
    case CHS_TRANSMIT:
        return transmitted(words, bytes, size);
    case CHS_UNPROCESSED:
        return 0; /* the host gets the segment */
    case CHS_FREED:
        return freed(words[0]);
    case CHS_TERMINATED:
        return quick_terminated(words, count, bytes);
    }
    BAIL("a call that is not an ordinary one");
}
