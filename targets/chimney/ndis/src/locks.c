/* Spin locks and reader/writer locks. One thread plays every processor, so a lock that is held cannot be waited for. */
#include "harness.h"

#define MOST_LOCKS 64

enum { FREE = 0, HELD = 1 };

static PKSPIN_LOCK held[MOST_LOCKS]; /* a reader/writer lock once for each time that it is held */
static int count;
static KIRQL irql;

int chs_locks_held(void)
{
    return count;
}

void chs_drop_locks(int keep, const char *name)
{
    while (count > keep) {
        chs_complain("%s returns while it holds a lock", name);
        (*held[--count])--;
    }
}

void chs_forget_locks(void)
{
    count = 0;
    irql = PASSIVE_LEVEL;
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

static void hold(PKSPIN_LOCK lock)
{
    (*lock)++;
    if (count < MOST_LOCKS)
        held[count++] = lock;
}

static void complain_waits(const char *name)
{
    chs_complain("%s: the lock is held already, so a processor would wait for itself forever", name);
}

static void acquire(PKSPIN_LOCK lock, const char *name)
{
    if (*lock == HELD)
        complain_waits(name);
    else if (*lock != FREE)
        chs_complain("%s: the spin lock was never initialised, or was overwritten", name);
    *lock = FREE;
    hold(lock);
}

static void release(PKSPIN_LOCK lock, const char *name)
{
    int at = count;

    while (at > 0 && held[at - 1] != lock)
        at--;
    if (!at) {
        chs_complain("%s: the lock is not held", name);
        return;
    }
    count--;
    memmove(&held[at - 1], &held[at], (SIZE_T)(count - at + 1) * sizeof(held[0]));
    (*lock)--;
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

BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    if (*SpinLock == HELD)
        return FALSE;
    acquire(SpinLock, "KeTryToAcquireSpinLockAtDpcLevel");
    return TRUE;
}

BOOLEAN KeTestSpinLock(PKSPIN_LOCK SpinLock)
{
    return *SpinLock == FREE;
}

VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->Lock = SpinLock;
    LockHandle->OldIrql = KeGetCurrentIrql();
    acquire(SpinLock, "KeAcquireInStackQueuedSpinLock");
}

VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    release(LockHandle->Lock, "KeReleaseInStackQueuedSpinLock");
}

/* ---- lists under a lock --------------------------------------------------------------------- */

#define UNDER_LOCK(lock, name, statement) \
    acquire(lock, name);                  \
    statement;                            \
    release(lock, name)

static PLIST_ENTRY first_of(PLIST_ENTRY head)
{
    return IsListEmpty(head) ? NULL : head->Flink;
}

PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY first = first_of(ListHead);

    UNDER_LOCK(Lock, "ExInterlockedInsertHeadList", InsertHeadList(ListHead, ListEntry));
    return first;
}

PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;

    UNDER_LOCK(Lock, "ExInterlockedInsertTailList", InsertTailList(ListHead, ListEntry));
    return last;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY first = first_of(ListHead);

    UNDER_LOCK(Lock, "ExInterlockedRemoveHeadList", first ? (void)RemoveEntryList(first) : (void)0);
    return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY ListEntry,
                                              PKSPIN_LOCK Lock)
{
    PSINGLE_LIST_ENTRY first = ListHead->Next;

    UNDER_LOCK(Lock, "ExInterlockedPushEntryList", PushEntryList(ListHead, ListEntry));
    return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    PSINGLE_LIST_ENTRY first;

    UNDER_LOCK(Lock, "ExInterlockedPopEntryList", first = PopEntryList(ListHead));
    return first;
}

/* ---- reader/writer locks -------------------------------------------------------------------- */

enum { NOBODY = 0, READER = 1, WRITER = 2 };

struct chs_rw_lock {
    struct chs_object object;
    KSPIN_LOCK readers, writers;
};

static const char rw_lock[] = "a reader/writer lock";

static USHORT enter(KSPIN_LOCK *readers, KSPIN_LOCK *writers, bool writes, const char *name)
{
    if (*writers || (writes && *readers))
        complain_waits(name);
    hold(writes ? writers : readers);
    return writes ? WRITER : READER;
}

static void leave(KSPIN_LOCK *readers, KSPIN_LOCK *writers, USHORT state, const char *name)
{
    release(state == WRITER ? writers : readers, name);
}

PNDIS_RW_LOCK_EX NdisAllocateRWLock(NDIS_HANDLE NdisHandle)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    return (PNDIS_RW_LOCK_EX)chs_new_object(sizeof(struct chs_rw_lock), rw_lock);
}

VOID NdisFreeRWLock(PNDIS_RW_LOCK_EX Lock)
{
    struct chs_rw_lock *lock = chs_object(Lock, rw_lock, "NdisFreeRWLock");

    if (!lock)
        return;
    if (lock->readers || lock->writers)
        chs_complain("NdisFreeRWLock: the lock is held");
    chs_end_object(lock);
}

static void enter_object(PNDIS_RW_LOCK_EX handle, PLOCK_STATE_EX state, bool writes, const char *name)
{
    struct chs_rw_lock *lock = chs_object(handle, rw_lock, name);

    state->OldIrql = KeGetCurrentIrql();
    state->LockState = lock ? (UCHAR)enter(&lock->readers, &lock->writers, writes, name) : NOBODY;
}

VOID NdisAcquireRWLockRead(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    enter_object(Lock, LockState, false, "NdisAcquireRWLockRead");
}

VOID NdisAcquireRWLockWrite(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    enter_object(Lock, LockState, true, "NdisAcquireRWLockWrite");
}

VOID NdisReleaseRWLock(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState)
{
    struct chs_rw_lock *lock = chs_object(Lock, rw_lock, "NdisReleaseRWLock");

    if (lock)
        leave(&lock->readers, &lock->writers, LockState->LockState, "NdisReleaseRWLock");
}

VOID NdisInitializeReadWriteLock(PNDIS_RW_LOCK Lock)
{
    memset(Lock, 0, sizeof(*Lock));
}

VOID NdisAcquireReadWriteLock(PNDIS_RW_LOCK Lock, BOOLEAN fWrite, PLOCK_STATE LockState)
{
    LockState->OldIrql = KeGetCurrentIrql();
    LockState->LockState = enter(&Lock->SpinLock, (KSPIN_LOCK *)&Lock->Context, fWrite, "NdisAcquireReadWriteLock");
}

VOID NdisReleaseReadWriteLock(PNDIS_RW_LOCK Lock, PLOCK_STATE LockState)
{
    leave(&Lock->SpinLock, (KSPIN_LOCK *)&Lock->Context, LockState->LockState, "NdisReleaseReadWriteLock");
}

/* ---- IRQL ----------------------------------------------------------------------------------- */

KIRQL KeGetCurrentIrql(VOID)
{
    return count ? max(irql, DISPATCH_LEVEL) : irql;
}

KIRQL chs_set_irql(KIRQL to)
{
    KIRQL before = irql;

    irql = to;
    return before;
}

KIRQL KfRaiseIrql(KIRQL NewIrql)
{
    KIRQL before = KeGetCurrentIrql();

    if (NewIrql < before)
        chs_complain("KeRaiseIrql lowers the IRQL from %u to %u", before, NewIrql);
    irql = NewIrql;
    return before;
}

VOID KeLowerIrql(KIRQL NewIrql)
{
    if (NewIrql > KeGetCurrentIrql())
        chs_complain("KeLowerIrql raises the IRQL from %u to %u", KeGetCurrentIrql(), NewIrql);
    irql = NewIrql;
}
