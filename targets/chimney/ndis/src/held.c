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
    const char *file;
    ULONG line;
    KIRQL before; /* the IRQL to which its release goes back */
    bool shared;  /* as a reader */
};

struct order { /* the second lock was taken while the first was held */
    struct order *older;
    PKSPIN_LOCK first, second;
    PKSPIN_LOCK others[MOST_LOCKS]; /* that were held as well */
    int other_count;
    const char *file;
    ULONG line;
};

static struct hold held[MOST_LOCKS]; /* a reader/writer lock once for each time that it is held */
static int count;
static struct order *orders;

int chs_locks_held(void)
{
    return count;
}

const char *chs_at(const char *file, ULONG line)
{
    static char texts[2][256];
    static int turn;

    turn = !turn;
    if (file)
        snprintf(texts[turn], sizeof(texts[turn]), "at %s:%u", file, line);
    else
        snprintf(texts[turn], sizeof(texts[turn]), "at a line that is not known");
    return texts[turn];
}

static struct hold *found(const KSPIN_LOCK *lock)
{
    int k;

    for (k = count; k-- > 0;)
        if (held[k].lock == lock)
            return &held[k];
    return NULL;
}

const char *chs_held_at(const KSPIN_LOCK *lock)
{
    struct hold *hold = found(lock);

    return hold ? chs_at(hold->file, hold->line) : "elsewhere";
}

const char *chs_last_held_at(void)
{
    return chs_at(held[count - 1].file, held[count - 1].line);
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

static void remember(PKSPIN_LOCK first, PKSPIN_LOCK second, const char *file, ULONG line)
{
    struct order *order = calloc(1, sizeof(*order));
    int k;

    *order = (struct order){.older = orders, .first = first, .second = second, .file = file, .line = line};
    for (k = 0; k < count; k++)
        if (held[k].lock != first)
            order->others[order->other_count++] = held[k].lock;
    orders = order;
}

static void note_order(PKSPIN_LOCK lock, const char *file, ULONG line)
{
    int k, before = count;

    for (k = 0; k < count && count == before; k++) {
        const struct order *reverse = known(lock, held[k].lock);

        if (held[k].shared || held[k].lock == lock)
            continue;
        if (reverse && !gated(reverse))
            chs_break(CHS_LOCK_ORDER,
                      "two spin locks are taken in one order %s, and in the other order %s: two processors that do "
                      "so at once wait for each other for ever",
                      chs_at(reverse->file, reverse->line), chs_at(file, line));
        else if (!known(held[k].lock, lock))
            remember(held[k].lock, lock, file, line);
    }
}

/* ---- holding ------------------------------------------------------------------------------------ */

void chs_hold(PKSPIN_LOCK lock, enum chs_taking taking)
{
    struct hold hold = {.lock = lock, .before = KeGetCurrentIrql(), .shared = taking == CHS_SHARED};

    chs_take_place(&hold.file, &hold.line);
    if (taking == CHS_WAITED && chs_adapter()->live && !chs_adapter()->halting)
        note_order(lock, hold.file, hold.line);
    (*lock)++;
    if (count < MOST_LOCKS)
        held[count++] = hold;
}

bool chs_let_go(PKSPIN_LOCK lock, KIRQL *before)
{
    struct hold *hold = found(lock);

    if (!hold)
        return false;
    *before = hold->before;
    count--;
    memmove(hold, hold + 1, (SIZE_T)(&held[count] - hold) * sizeof(*hold));
    (*lock)--;
    return true;
}

void chs_drop_locks(int keep, const char *name)
{
    while (count > keep) {
        chs_break(CHS_LOCK_KEPT, "%s returns while it holds a lock, taken %s", name, chs_last_held_at());
        (*held[--count].lock)--;
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
    count = 0;
    forget_orders(NULL, ~(SIZE_T)0);
    chs_set_irql(PASSIVE_LEVEL);
}

void chs_check_freed_locks(const void *start, SIZE_T size)
{
    int k;

    for (k = count; k-- > 0;)
        if ((ULONG_PTR)held[k].lock - (ULONG_PTR)start < size) {
            struct hold hold = held[k];

            held[k] = held[--count];
            chs_break(CHS_LOCK_FREED, "the driver frees memory with a spin lock in it that it holds, taken %s",
                      chs_at(hold.file, hold.line));
        }
    forget_orders(start, size);
}
