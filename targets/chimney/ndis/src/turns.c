/*
 * In which order a driver takes over the state objects of a tree, as far as it asks NDIS for something in
 * between: what depends on a block comes before what stands beside it (pages/traversing-a-state-tree.md).
 * One that stores its contexts when all is allocated is not looked into.
 */
#include "harness.h"
#include "turns.h"

#define MOST_BLOCKS 64

static struct {
    const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list;
    unsigned turn; /* from 1; 0: it had a context before */
} seen[MOST_BLOCKS];
static unsigned count, turns;

static const unsigned *turn_of(const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
    unsigned n;

    for (n = 0; n < count; n++)
        if (seen[n].list == list)
            return &seen[n].turn;
    return NULL;
}

static void note(unsigned turn)
{
    const struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older) {
        PVOID *location = block->list->MiniportOffloadContext;

        if (block->purpose != CHS_INITIATE || !location || !*location || turn_of(block->list) || count == MOST_BLOCKS)
            continue;
        seen[count].list = block->list;
        seen[count++].turn = turn;
    }
}

void chs_begin_turns(void)
{
    if (!chs_is_inside())
        count = turns = 0;
    note(0);
}

void chs_note_turn(void)
{
    note(++turns);
}

struct span { /* of turns; last is 0: none is known */
    unsigned first, last;
};

static void widen(struct span *span, struct span other)
{
    if (!other.last)
        return;
    if (!span->last || other.first < span->first)
        span->first = other.first;
    if (other.last > span->last)
        span->last = other.last;
}

/* The turns of a block, of those beside it and of all below; a parent's context may be stored first or last. */
static struct span check(const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list)
{
    struct span all = {0, 0};

    for (; list; list = list->NextBlock) {
        const unsigned *turn = list->Status == NDIS_STATUS_SUCCESS ? turn_of(list) : NULL;
        struct span here = {turn ? *turn : 0, turn ? *turn : 0};

        widen(&here, check(list->DependentBlockList));
        if (all.last && here.last && here.first < all.last)
            chs_complain("NdisMInitiateOffloadComplete: the driver took over what stands beside a block before what "
                         "hangs below it");
        widen(&all, here);
    }
    return all;
}

void chs_check_turns(const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *tree)
{
    if (chs_find(tree, CHS_BLOCK))
        check(tree);
}
