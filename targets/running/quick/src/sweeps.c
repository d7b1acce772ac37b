/*
 * Many states of a search at once: each is stood on, and the run goes on in every way that there is. A state of
 * which not all is ordinary is left to others as a whole. What happened in the runs that ended is counted here.
 */
#include "player.h"

#include <stdlib.h>

#define LEFT_TO_OTHERS UINT64_MAX
#define STATE 1 /* images: where all ways begin, and the state before that */
#define BEFORE 2
#define SLOTS (1 << 16)
#define ALL_EDGES 32 /* bits: above those with how many edges are told, how many there are */
#define PROPERTIES (64 * (int)(sizeof(((Run *)0)->reached) / sizeof(((Run *)0)->reached[0])))

/* In how many runs something was, and in which of them last. */
struct counter {
    int64_t runs, last;
};

/* A slot for each key that was told of an edge; the last ones are taken back with their state. */
struct slot {
    uint64_t key[2];
};

static struct {
    const struct quick_offer *offer;
    uint64_t *told;
    int64_t count, room;
    int64_t left[QUICK_LEFT], lefts;  /* ways that are left to go, the next one at the end */
    int64_t spent[QUICK_BOUNDS];
    const uint16_t *before;           /* the path of the image BEFORE */
    struct counter happened[QUICK_NAMES], pairs[QUICK_NAMES][QUICK_NAMES], reached[PROPERTIES];
    struct counter *counted[QUICK_COUNTED]; /* by the state of now: taken back if it is left to others */
    int64_t counts, run, runs, calls, heard;
    struct slot slots[SLOTS];
    int64_t filled[SLOTS / 2], fills;
} sweep;

static void tell(uint64_t word)
{
    if (sweep.count == sweep.room) {
        sweep.room = 2 * sweep.room + 4096;
        sweep.told = realloc(sweep.told, (size_t)sweep.room * sizeof(word));
    }
    sweep.told[sweep.count++] = word;
}

/* Whether an edge to there was told already; it is known from now on, while there is room. */
static _Bool was_told(const uint64_t *key)
{
    int64_t at = (int64_t)(key[0] % SLOTS);

    for (; sweep.slots[at].key[0] | sweep.slots[at].key[1]; at = (at + 1) % SLOTS)
        if (sweep.slots[at].key[0] == key[0] && sweep.slots[at].key[1] == key[1])
            return 1;
    if (sweep.fills < SLOTS / 2) {
        memcpy(sweep.slots[at].key, key, sizeof(sweep.slots[at].key));
        sweep.filled[sweep.fills++] = at;
    }
    return 0;
}

static void forget(int64_t fills)
{
    while (sweep.fills > fills)
        memset(&sweep.slots[sweep.filled[--sweep.fills]], 0, sizeof(struct slot));
}

/* ---- what happened in runs that ended ---------------------------------------------------------- */

static void count(struct counter *counter)
{
    if (counter->last == sweep.run)
        return;
    if (sweep.counts == QUICK_COUNTED)
        BAIL("very much in the runs that end in a state");
    counter->last = sweep.run;
    counter->runs++;
    sweep.counted[sweep.counts++] = counter;
}

static void count_run(void)
{
    int64_t k, before = -1, name;
    int property;

    sweep.run++;
    sweep.runs++;
    for (k = 0; k < quick.now.names; k++) {
        name = quick.names[k];
        count(&sweep.happened[name]);
        if (sweep.offer->unheard[name])
            continue;
        if (before >= 0)
            count(&sweep.pairs[before][name]);
        before = name;
    }
    for (property = 0; property < PROPERTIES; property++)
        if (quick.run->reached[property / 64] >> property % 64 & 1)
            count(&sweep.reached[property]);
}

static void take_back(void)
{
    while (sweep.counts)
        sweep.counted[--sweep.counts]->runs--;
}

/* ---- one state ---------------------------------------------------------------------------------- */

static void play(int64_t way)
{
    quick_moves(sweep.offer->ways[way].moves, sweep.offer->ways[way].rows);
}

static void keep(int32_t image)
{
    if (quick.run->fails || !quick_keep(image))
        BAIL("a state that cannot be kept");
}

/* Calls that were made since. */
static void made(const struct quick_trace *before)
{
    sweep.calls += quick.now.calls - before->calls;
    sweep.heard += quick.now.heard - before->heard;
}

/* Play up to the state; up to the one before it, where the last one came from there, too. */
static void stand(const uint16_t *path, int64_t depth)
{
    struct quick_trace before;
    int64_t k;

    if (sweep.before && depth && !memcmp(sweep.before, path, (size_t)(depth - 1) * sizeof(*path)))
        quick_put_back(BEFORE);
    else {
        sweep.before = NULL;
        quick_put_back(QUICK_IMAGES);
        before = quick_trace();
        for (k = 0; k < depth - 1; k++)
            play(path[k]);
        made(&before);
        keep(BEFORE);
        sweep.before = path;
    }
    before = quick_trace();
    if (depth)
        play(path[depth - 1]);
    made(&before);
    keep(STATE);
}

static void spend(const uint16_t *path, int64_t depth)
{
    int64_t k;
    int bound;

    memset(sweep.spent, 0, sizeof(sweep.spent));
    for (k = 0; k < depth; k++)
        for (bound = 0; bound < QUICK_BOUNDS; bound++)
            sweep.spent[bound] += sweep.offer->ways[path[k]].spends[bound];
}

static _Bool is_allowed(const struct quick_way *way)
{
    int bound;

    for (bound = 0; bound < QUICK_BOUNDS; bound++)
        if (way->spends[bound] && sweep.spent[bound] + way->spends[bound] > sweep.offer->most[bound])
            return 0;
    return way->ends || !sweep.offer->ends_only;
}

/* Ways to go before all others that are left. */
static void add(int64_t first, int64_t ways)
{
    if (sweep.lefts + ways > QUICK_LEFT)
        BAIL("very many ways");
    while (ways--)
        sweep.left[sweep.lefts++] = first + ways;
}

/* The run goes on so; whether that was possible, and led anywhere. */
static _Bool goes(int64_t number, uint64_t *edges)
{
    const struct quick_way *way = &sweep.offer->ways[number];
    const struct quick_trace before = quick_trace();
    struct quick_edge edge;

    play(number);
    if (way->ends)
        quick_finish();
    quick_tell(&edge, &before);
    if (edge.fails)
        BAIL("something broke");
    if (way->ends)
        count_run();
    else if (!edge.possible)
        return 0;
    made(&before);
    if (way->ends)
        return 1;
    quick_tell_key(edge.key);
    add(way->any, edge.any ? way->any_ways : 0);
    add(way->data, edge.data ? way->data_ways : 0);
    *edges += (uint64_t)1 << ALL_EDGES;
    if (was_told(edge.key))
        return 1;
    tell((uint64_t)number);
    tell(edge.key[0]);
    tell(edge.key[1]);
    ++*edges;
    return 1;
}

/* All ways on from a state. What is told of it begins with how many there are and are told, and its key. */
static void expand(const uint16_t *path, int64_t depth)
{
    const int64_t start = sweep.count;
    uint64_t key[2], edges = 0;
    _Bool moved = 0;

    sweep.lefts = 0;
    stand(path, depth);
    spend(path, depth);
    quick_tell_key(key);
    tell(0);
    tell(key[0]);
    tell(key[1]);
    add(0, sweep.offer->choices);
    while (sweep.lefts) {
        int64_t way = sweep.left[--sweep.lefts];

        if (!is_allowed(&sweep.offer->ways[way]))
            continue;
        if (moved)
            quick_put_back(STATE);
        moved = goes(way, &edges);
    }
    sweep.told[start] = edges;
}

static void expand_or_leave(const uint16_t *path, int64_t depth)
{
    const int64_t start = sweep.count, runs = sweep.runs, calls = sweep.calls, heard = sweep.heard;
    const int64_t fills = sweep.fills;

    sweep.counts = 0;
    if (setjmp(quick.top)) {
        take_back();
        forget(fills);
        sweep.count = start;
        sweep.runs = runs;
        sweep.calls = calls;
        sweep.heard = heard;
        tell(LEFT_TO_OTHERS);
        return;
    }
    expand(path, depth);
}

/* ---- all of them ---------------------------------------------------------------------------------- */

void quick_sweep_begins(const struct quick_offer *offer)
{
    uint64_t *told = sweep.told;
    int64_t room = sweep.room;

    memset(&sweep, 0, sizeof(sweep));
    sweep.offer = offer;
    sweep.told = told;
    sweep.room = room;
}

int32_t quick_sweep(const uint16_t *paths, int32_t depth, int32_t states)
{
    int32_t k;

    sweep.before = NULL;
    for (k = 0; k < states; k++) {
        quick.run->fails = 0;
        expand_or_leave(paths + (size_t)k * (size_t)depth, depth);
        if (quick.run->fails)
            return k + 1;
    }
    return states;
}

int32_t quick_broke(void)
{
    return quick.run->fails;
}

static void tell_counter(uint64_t kind, uint64_t first, uint64_t second, const struct counter *counter)
{
    if (!counter->runs)
        return;
    tell(kind << 32 | first << 16 | second);
    tell((uint64_t)counter->runs);
}

const uint64_t *quick_sweep_ends(struct quick_swept *swept)
{
    int first, second;

    swept->edges = sweep.count;
    for (first = 0; first < PROPERTIES; first++)
        tell_counter(QUICK_REACHED, (uint64_t)first, 0, &sweep.reached[first]);
    for (first = 0; first < QUICK_NAMES; first++) {
        tell_counter(QUICK_HAPPENED, (uint64_t)first, 0, &sweep.happened[first]);
        for (second = 0; sweep.happened[first].runs && second < QUICK_NAMES; second++)
            tell_counter(QUICK_PAIR, (uint64_t)first, (uint64_t)second, &sweep.pairs[first][second]);
    }
    swept->words = sweep.count;
    swept->runs = sweep.runs;
    swept->calls = sweep.calls;
    swept->heard = sweep.heard;
    return sweep.told;
}
