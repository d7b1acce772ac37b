/* Spin locks. One thread plays every processor, so a lock that is held cannot be waited for. */
#include "harness.h"

#define MOST_LOCKS 64

enum { FREE = 0, HELD = 1 };

static PKSPIN_LOCK held[MOST_LOCKS];
static int count;

int chs_locks_held(void)
{
    return count;
}

void chs_drop_locks(int keep, const char *name)
{
    while (count > keep) {
        chs_complain("%s returns while it holds a spin lock", name);
        *held[--count] = FREE;
    }
}

void chs_forget_locks(void)
{
    count = 0;
}

void chs_check_freed_locks(const void *start, SIZE_T size)
{
    int k;

    for (k = count; k-- > 0;)
        if ((PUCHAR)held[k] >= (PUCHAR)start && (PUCHAR)held[k] < (PUCHAR)start + size) {
            chs_complain("the driver frees memory with a spin lock in it that it holds");
            held[k] = held[--count];
        }
}

static void acquire(PKSPIN_LOCK lock, const char *name)
{
    if (*lock == HELD)
        chs_complain("%s: the lock is held already, so a processor would wait for itself forever", name);
    else if (*lock != FREE)
        chs_complain("%s: the spin lock was never initialised, or was overwritten", name);
    *lock = HELD;
    if (count < MOST_LOCKS)
        held[count++] = lock;
}

static void release(PKSPIN_LOCK lock, const char *name)
{
    int at = count;

    while (at > 0 && held[at - 1] != lock)
        at--;
    if (!at) {
        chs_complain("%s: the spin lock is not held", name);
        return;
    }
    count--;
    memmove(&held[at - 1], &held[at], (SIZE_T)(count - at + 1) * sizeof(held[0]));
    *lock = FREE;
}

VOID NdisAllocateSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    SpinLock->SpinLock = FREE;
    SpinLock->OldIrql = PASSIVE_LEVEL;
}

VOID NdisFreeSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    if (SpinLock->SpinLock == HELD)
        chs_complain("NdisFreeSpinLock: the spin lock is held");
}

VOID NdisAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    SpinLock->OldIrql = KeGetCurrentIrql();
    acquire(&SpinLock->SpinLock, "NdisAcquireSpinLock");
}

VOID NdisReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    release(&SpinLock->SpinLock, "NdisReleaseSpinLock");
}

VOID NdisDprAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    acquire(&SpinLock->SpinLock, "NdisDprAcquireSpinLock");
}

VOID NdisDprReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    release(&SpinLock->SpinLock, "NdisDprReleaseSpinLock");
}

VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    *SpinLock = FREE;
}

KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    KIRQL before = KeGetCurrentIrql();

    acquire(SpinLock, "KeAcquireSpinLock");
    return before;
}

VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    UNREFERENCED_PARAMETER(NewIrql);
    release(SpinLock, "KeReleaseSpinLock");
}

VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    acquire(SpinLock, "KeAcquireSpinLockAtDpcLevel");
}

VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    release(SpinLock, "KeReleaseSpinLockFromDpcLevel");
}

KIRQL KeGetCurrentIrql(VOID)
{
    return count ? DISPATCH_LEVEL : PASSIVE_LEVEL;
}
