/* Runs from the beginning or from a state that was kept, and what tells one state from another. */
#include "player.h"

struct player quick;

int32_t quick_begins(void *const *driver, const struct quick_given *given)
{
    struct line *line;

    memset(&quick, 0, sizeof(quick));
    memcpy(&quick.driver, driver, sizeof(quick.driver));
    quick.given = *given;
    quick.happens = (Happens)given->happens;
    quick.possible = (Possible)given->possible;
    quick.run = given->run;
    for (line = quick.now.lines; line < quick.now.lines + QUICK_CONNS; line++) {
        line->fin_at = NONE;
        line->appetite = ALL;
    }
    quick.driver.chs_listen(quick_hears);
    return quick_keep(QUICK_IMAGES);
}

int32_t quick_keep(int32_t image)
{
    if (!quick.driver.chs_keep(image))
        return 0;
    quick.images[image].scene = quick.now;
    quick.images[image].run = *quick.run;
    return 1;
}

void quick_put_back(int32_t image)
{
    quick.driver.chs_put_back(image);
    quick.now = quick.images[image].scene;
    *quick.run = quick.images[image].run;
    quick.depth = quick.waited_for = 0;
    quick.halting = quick.completing = 0;
}

const uint8_t *quick_names(void)
{
    return quick.names;
}

const char *quick_why(void)
{
    return quick.why;
}

/* ---- the key of a state ------------------------------------------------------------------------ */

static void mix(uint64_t *key, const void *from, size_t size)
{
    const char *bytes = from;
    uint64_t word;

    for (; size; bytes += sizeof(word), size -= size < sizeof(word) ? size : sizeof(word)) {
        word = 0;
        memcpy(&word, bytes, size < sizeof(word) ? size : sizeof(word));
        key[0] = (key[0] ^ word) * 0x9e3779b97f4a7c15ull;
        key[0] ^= key[0] >> 29;
        key[1] = (key[1] + word) * 0xbf58476d1ce4e5b9ull;
        key[1] ^= key[1] >> 32;
    }
}

/* Addresses, as the objects that the driver leads to there. */
static void mix_places(uint64_t *key, const int64_t *places, int64_t count)
{
    int64_t k;

    mix(key, &count, sizeof(count));
    for (k = 0; k < count; k++) {
        int64_t number = quick.driver.chs_numbered(places[k]);

        mix(key, &number, sizeof(number));
    }
}

static void mix_line(uint64_t *key, const struct line *line)
{
    mix(key, &line->length, sizeof(line->length));
    mix(key, line->there, (size_t)line->length);
    mix(key, (int64_t[5]){line->fin_at, line->peer_sent, line->appetite, line->refused, line->recovering},
        5 * sizeof(int64_t));
    mix_places(key, line->sends_at, line->sends);
    mix_places(key, line->sends_next, line->sends);
    mix(key, line->sends_moved, (size_t)line->sends * sizeof(int64_t));
    mix_places(key, line->requests_at, line->requests);
    mix_places(key, line->lent_at, line->lent);
    mix_places(key, line->buffered_at, line->buffered);
}

void quick_tell_key(uint64_t *key)
{
    int c;

    key[0] = key[1] = 0;
    if (!quick.driver.chs_remembered(key))
        BAIL("a state that cannot be told from others");
    mix(key, WORLD, sizeof(*WORLD));
    mix(key, &quick.now.freed, sizeof(quick.now.freed));
    mix_places(key, quick.given.handles, quick.given.objects);
    mix_places(key, quick.now.made, WORLD->phase ? 2 * quick.given.blocks : 0);
    for (c = 0; c < quick.given.conns; c++)
        mix_line(key, LINE(c));
    for (c = 0; c < quick.now.kept; c++)
        mix(key, quick.now.kept_moves[c], (size_t)quick.now.kept_rows[c] * QUICK_MOVE * sizeof(int64_t));
}

/* ---- going on ---------------------------------------------------------------------------------- */

struct quick_trace quick_trace(void)
{
    struct quick_trace found = {quick.now.calls, quick.now.heard, quick.now.names, quick.now.kept, {0}};
    int c;

    for (c = 0; c < quick.given.conns; c++)
        found.appetite[c] = LINE(c)->appetite;
    return found;
}

/* What a move that is not possible leaves as it is. */
static _Bool left_no_trace(const struct quick_trace *before)
{
    const struct quick_trace now = quick_trace();

    return before->calls == now.calls && before->names == now.names && before->kept == now.kept &&
           !memcmp(before->appetite, now.appetite, sizeof(now.appetite));
}

void quick_tell(struct quick_edge *edge, const struct quick_trace *before)
{
    int64_t k;

    *edge = (struct quick_edge){
        .possible = !left_no_trace(before),
        .fails = quick.run->fails,
        .calls = quick.now.calls - before->calls,
        .heard = quick.now.heard - before->heard,
        .names = quick.now.names,
    };
    for (k = before->names; k < quick.now.names; k++) {
        edge->data |= quick.names[k] == E_NdisTcpOffloadReceiveHandler;
        edge->any |= quick.names[k] == E_NdisTcpOffloadReceiveHandler ||
                     quick.names[k] == E_NdisTcpOffloadEventHandler;
    }
}

int32_t quick_goes(const int64_t *moves, int32_t rows, int32_t ends, struct quick_edge *edge)
{
    const struct quick_trace before = quick_trace();

    if (setjmp(quick.top))
        return 0;
    quick_moves(moves, rows);
    if (ends)
        quick_finish();
    quick_tell(edge, &before);
    if (!ends && edge->possible && !edge->fails)
        quick_tell_key(edge->key);
    return 1;
}

int32_t quick_plays(const int64_t *moves, int32_t rows, struct quick_edge *edge)
{
    quick_put_back(QUICK_IMAGES);

    const struct quick_trace before = quick_trace();

    if (setjmp(quick.top))
        return 0;
    quick_moves(moves, rows);
    quick_tell(edge, &before);
    if (!edge->fails)
        quick_tell_key(edge->key);
    return 1;
}
