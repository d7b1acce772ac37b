/*
 * Which locks a processor holds, since where, and in which order locks are taken. An order is told as broken when
 * the same two locks are seen taken the other way round, unless a third one was held both times: two processors
 * that do so at once wait for each other for ever.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_LOCKS 64

struct hold {
    PKSPIN_LOCK lock;
    struct chs_place place;
    KIRQL before; /* the IRQL to which its release goes back */
    bool shared;  /* as a reader */
};

struct order { /* the second lock was taken while the first was held */
    struct order *older;
    PKSPIN_LOCK first, second;
    PKSPIN_LOCK others[MOST_LOCKS]; /* that were held as well */
    int other_count;
    struct chs_place place;
};

static struct {
    struct hold held[MOST_LOCKS]; /* a reader/writer lock once for each time that it is held */
    int count;
} processors[CHS_PROCESSORS];
static struct order *orders;

#define MINE (&processors[chs_processor()])
#define OTHERS (&processors[!chs_processor()])

int chs_locks_held(void)
{
    return MINE->count;
}

const char *chs_at(struct chs_place place)
{
    static char texts[2][256];
    static int turn;

    turn = !turn;
    if (place.file)
        snprintf(texts[turn], sizeof(texts[turn]), "at %s:%u", place.file, place.line);
    else
        snprintf(texts[turn], sizeof(texts[turn]), "at a line that is not known");
    return texts[turn];
}

static struct hold *found_on(int processor, const KSPIN_LOCK *lock)
{
    int k;

    for (k = processors[processor].count; k-- > 0;)
        if (processors[processor].held[k].lock == lock)
            return &processors[processor].held[k];
    return NULL;
}

static struct hold *found(const KSPIN_LOCK *lock)
{
    return found_on(chs_processor(), lock);
}

bool chs_other_holds(const KSPIN_LOCK *lock)
{
    return found_on(!chs_processor(), lock);
}

const char *chs_held_at(const KSPIN_LOCK *lock)
{
    struct hold *hold = found(lock);

    hold = hold ? hold : found_on(!chs_processor(), lock);
    return hold ? chs_at(hold->place) : "elsewhere";
}

const char *chs_last_held_at(void)
{
    return chs_at(MINE->held[MINE->count - 1].place);
}

/* ---- order ------------------------------------------------------------------------------------ */

static bool gated(const struct order *order)
{
    int k;

    for (k = 0; k < order->other_count; k++)
        if (found(order->others[k]))
            return true;
    return false;
}

static const struct order *known(const KSPIN_LOCK *first, const KSPIN_LOCK *second)
{
    const struct order *order;

    for (order = orders; order; order = order->older)
        if (order->first == first && order->second == second)
            return order;
    return NULL;
}

static void remember(PKSPIN_LOCK first, PKSPIN_LOCK second, struct chs_place place)
{
    struct order *order = calloc(1, sizeof(*order));
    int k;

    *order = (struct order){.older = orders, .first = first, .second = second, .place = place};
    for (k = 0; k < MINE->count; k++)
        if (MINE->held[k].lock != first)
            order->others[order->other_count++] = MINE->held[k].lock;
    orders = order;
}

static void note_order(PKSPIN_LOCK lock, struct chs_place place)
{
    int k;

    for (k = 0; k < MINE->count; k++) {
        const struct hold *hold = &MINE->held[k];
        const struct order *reverse = known(lock, hold->lock);

        if (hold->shared || hold->lock == lock)
            continue;
        if (reverse && !gated(reverse))
            chs_break(CHS_LOCK_ORDER,
                      "two spin locks are taken in one order %s, and in the other order %s: two processors that do "
                      "so at once wait for each other for ever",
                      chs_at(reverse->place), chs_at(place));
        else if (!known(hold->lock, lock))
            remember(hold->lock, lock, place);
    }
}

/* ---- holding ------------------------------------------------------------------------------------ */

void chs_hold(PKSPIN_LOCK lock, enum chs_taking taking, struct chs_place place)
{
    struct hold hold = {lock, place, KeGetCurrentIrql(), taking == CHS_SHARED};

    if (taking == CHS_WAITED && chs_adapter()->live && !chs_adapter()->halting)
        note_order(lock, place);
    (*lock)++;
    chs_is_ordered(lock);
    if (MINE->count < MOST_LOCKS)
        MINE->held[MINE->count++] = hold;
}

static void remove_hold(struct hold *hold)
{
    MINE->count--;
    memmove(hold, hold + 1, (SIZE_T)(&MINE->held[MINE->count] - hold) * sizeof(*hold));
}

bool chs_let_go(PKSPIN_LOCK lock, KIRQL *before)
{
    struct hold *hold = found(lock);

    if (!hold)
        return false;
    *before = hold->before;
    remove_hold(hold);
    chs_orders(lock);
    (*lock)--;
    return true;
}

void chs_drop_locks(int keep, const char *name)
{
    while (MINE->count > keep) {
        chs_break(CHS_LOCK_KEPT, "%s returns while it holds a lock, taken %s", name, chs_last_held_at());
        (*MINE->held[--MINE->count].lock)--;
    }
}

static void forget_orders(const void *start, SIZE_T size)
{
    struct order **link = &orders, *order;

    while ((order = *link) != NULL)
        if ((ULONG_PTR)order->first - (ULONG_PTR)start < size || (ULONG_PTR)order->second - (ULONG_PTR)start < size) {
            *link = order->older;
            free(order);
        } else
            link = &order->older;
}

void chs_forget_locks(void)
{
    memset(processors, 0, sizeof(processors));
    forget_orders(NULL, ~(SIZE_T)0);
    chs_set_irql(PASSIVE_LEVEL);
}

void chs_check_freed_locks(const void *start, SIZE_T size)
{
    int k;

    for (k = MINE->count; k-- > 0;) {
        struct hold hold = MINE->held[k];

        if ((ULONG_PTR)hold.lock - (ULONG_PTR)start >= size)
            continue;
        remove_hold(&MINE->held[k]);
        chs_break(CHS_LOCK_FREED, "the driver frees memory with a spin lock in it that it holds, taken %s",
                  chs_at(hold.place));
    }
    for (k = OTHERS->count; k-- > 0;)
        if ((ULONG_PTR)OTHERS->held[k].lock - (ULONG_PTR)start < size)
            chs_break(CHS_LOCK_FREED,
                      "the driver frees memory with a spin lock in it that the other processor holds, taken %s",
                      chs_at(OTHERS->held[k].place));
    forget_orders(start, size);
}
