/*
 * The IRQL, and at which one each function may be called. The levels are those of its page in the published
 * reference, as irql.toml has them; what may be called at any level up to DISPATCH_LEVEL is not here, nor what
 * waits, of which waiting.c complains.
 */
#include "harness.h"

static const struct chs_level levels[] = {
    {"KeAcquireSpinLockAtDpcLevel", DISPATCH_LEVEL, DISPATCH_LEVEL},
    {"KeFlushQueuedDpcs", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"KeReleaseSpinLockFromDpcLevel", DISPATCH_LEVEL, DISPATCH_LEVEL},
    {"KeTryToAcquireSpinLockAtDpcLevel", DISPATCH_LEVEL, DISPATCH_LEVEL},
    {"NdisCloseConfiguration", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisDprAcquireSpinLock", DISPATCH_LEVEL, DISPATCH_LEVEL},
    {"NdisDprReleaseSpinLock", DISPATCH_LEVEL, DISPATCH_LEVEL},
    {"NdisMAllocateSharedMemory", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisMDeregisterInterruptEx", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisMDeregisterMiniportDriver", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisMDeregisterScatterGatherDma", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisMRegisterInterruptEx", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisMRegisterMiniportDriver", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisMRegisterScatterGatherDma", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisMSetMiniportAttributes", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisOpenConfigurationEx", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisReadConfiguration", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisReadNetworkAddress", PASSIVE_LEVEL, PASSIVE_LEVEL},
    {"NdisSetOptionalHandlers", PASSIVE_LEVEL, PASSIVE_LEVEL},
};

static struct {
    KIRQL irql;
    bool unsure; /* the driver's deferred work may run at any level up to DISPATCH_LEVEL */
} processors[CHS_PROCESSORS];

#define MINE (&processors[chs_processor()])

const struct chs_level *chs_level_of(const char *name)
{
    const struct chs_level *level = levels;

    while (strcmp(level->name, name) != 0)
        level++;
    return level;
}

void chs_check_level(const struct chs_level *level)
{
    KIRQL now = KeGetCurrentIrql();

    if (now > level->most)
        chs_break(CHS_IRQL, "%s is called at IRQL %u; it may be called up to %u", level->name, now, level->most);
    else if (now < level->least && !MINE->unsure)
        chs_break(CHS_IRQL, "%s is called at IRQL %u; it takes %u", level->name, now, level->least);
}

KIRQL KeGetCurrentIrql(VOID)
{
    return chs_locks_held() ? max(MINE->irql, DISPATCH_LEVEL) : MINE->irql;
}

KIRQL chs_set_irql(KIRQL to)
{
    KIRQL before = MINE->irql;

    MINE->irql = to;
    return before;
}

bool chs_set_unsure(bool now)
{
    bool before = MINE->unsure;

    MINE->unsure = now;
    return before;
}

KIRQL KfRaiseIrql(KIRQL NewIrql)
{
    KIRQL before = KeGetCurrentIrql();

    if (NewIrql < before)
        chs_break(CHS_IRQL, "KeRaiseIrql lowers the IRQL from %u to %u", before, NewIrql);
    MINE->irql = NewIrql;
    return before;
}

VOID KeLowerIrql(KIRQL NewIrql)
{
    if (NewIrql > KeGetCurrentIrql())
        chs_break(CHS_IRQL, "KeLowerIrql raises the IRQL from %u to %u", KeGetCurrentIrql(), NewIrql);
    MINE->irql = NewIrql;
}
