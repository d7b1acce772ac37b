/* Spin locks and reader/writer locks. Which are held: held.c. */
#include "harness.h"

enum { FREE = 0, HELD = 1 };

static void complain_waits(PKSPIN_LOCK lock, const char *name)
{
    chs_break(CHS_LOCK_TWICE, "%s: the lock is held already, so a processor would wait for itself forever; taken %s",
              name, chs_held_at(lock));
}

static void acquire(PKSPIN_LOCK lock, const char *name)
{
    struct chs_place place = chs_take_place();

    chs_point();
    while (*lock == HELD && chs_other_holds(lock))
        chs_wait_for(lock, name);
    if (*lock == HELD)
        complain_waits(lock, name);
    else if (*lock != FREE)
        chs_complain("%s: the spin lock was never initialised, or was overwritten", name);
    *lock = FREE;
    chs_hold(lock, CHS_WAITED, place);
}

/* Returns the IRQL before it was taken; what it is now, if it is not held. */
static KIRQL release(PKSPIN_LOCK lock, const char *name)
{
    KIRQL before = KeGetCurrentIrql();

    if (!chs_let_go(lock, &before))
        chs_break(CHS_LOCK_NOT_HELD, "%s: the lock is not held", name);
    return before;
}

/* The other processor gets the lock that it waits for, or may come in between. */
static void released(PKSPIN_LOCK lock)
{
    chs_released(lock);
    chs_point();
}

static void release_from_dpc(PKSPIN_LOCK lock, const char *name)
{
    release(lock, name);
    released(lock);
}

/* The lock is released, and the IRQL becomes what the driver says. */
static void release_to(PKSPIN_LOCK lock, KIRQL to, const char *name)
{
    KIRQL before = release(lock, name), now = KeGetCurrentIrql();

    if (chs_locks_held() && to < DISPATCH_LEVEL)
        chs_break(CHS_IRQL,
                  "%s lowers the IRQL to %u while another spin lock is held, taken %s: locks are released in the "
                  "reverse order, or with each other's IRQL",
                  name, to, chs_last_held_at());
    else if (!chs_locks_held() && to != now)
        chs_break(CHS_IRQL, "%s makes the IRQL %u; it was %u before the lock was taken", name, to, before);
    released(lock);
}

VOID NdisAllocateSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    SpinLock->SpinLock = FREE;
    SpinLock->OldIrql = PASSIVE_LEVEL;
}

VOID NdisFreeSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    if (SpinLock->SpinLock == HELD)
        chs_break(CHS_LOCK_FREED, "NdisFreeSpinLock: the spin lock is held, taken %s",
                  chs_held_at(&SpinLock->SpinLock));
}

VOID NdisAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    KIRQL before = KeGetCurrentIrql();

    acquire(&SpinLock->SpinLock, "NdisAcquireSpinLock");
    SpinLock->OldIrql = before; /* not sooner: the other processor may hold it */
}

/* Of a lock that is free, nothing tells at which IRQL it was taken last: it is the same state of the driver. */
VOID NdisReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    KIRQL to = SpinLock->OldIrql;

    SpinLock->OldIrql = PASSIVE_LEVEL;
    release_to(&SpinLock->SpinLock, to, "NdisReleaseSpinLock");
}

VOID NdisDprAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    CHS_LEVEL;
    acquire(&SpinLock->SpinLock, "NdisDprAcquireSpinLock");
}

VOID NdisDprReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock)
{
    CHS_LEVEL;
    release_from_dpc(&SpinLock->SpinLock, "NdisDprReleaseSpinLock");
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
    release_to(SpinLock, NewIrql, "KeReleaseSpinLock");
}

VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    CHS_LEVEL;
    acquire(SpinLock, "KeAcquireSpinLockAtDpcLevel");
}

VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    CHS_LEVEL;
    release_from_dpc(SpinLock, "KeReleaseSpinLockFromDpcLevel");
}

BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    CHS_LEVEL;
    struct chs_place place = chs_take_place();

    chs_point();
    if (*SpinLock == HELD)
        return FALSE;
    chs_hold(SpinLock, CHS_TRIED, place);
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
    release_from_dpc(LockHandle->Lock, "KeReleaseInStackQueuedSpinLock");
}

/* ---- lists under a lock --------------------------------------------------------------------- */

#define UNDER_LOCK(lock, name, statement) \
    acquire(lock, name);                  \
    statement;                            \
    release_from_dpc(lock, name)

static PLIST_ENTRY first_of(PLIST_ENTRY head)
{
    return IsListEmpty(head) ? NULL : head->Flink;
}

PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY first;

    UNDER_LOCK(Lock, "ExInterlockedInsertHeadList", first = first_of(ListHead); InsertHeadList(ListHead, ListEntry));
    return first;
}

PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY last;

    UNDER_LOCK(Lock, "ExInterlockedInsertTailList", last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;
               InsertTailList(ListHead, ListEntry));
    return last;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY first;

    UNDER_LOCK(Lock, "ExInterlockedRemoveHeadList", first = first_of(ListHead);
               first ? (void)RemoveEntryList(first) : (void)0);
    return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY ListEntry,
                                              PKSPIN_LOCK Lock)
{
    PSINGLE_LIST_ENTRY first;

    UNDER_LOCK(Lock, "ExInterlockedPushEntryList", first = ListHead->Next; PushEntryList(ListHead, ListEntry));
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
    struct chs_place place = chs_take_place();
    KSPIN_LOCK *taken;

    chs_point();
    while ((taken = *writers ? writers : writes && *readers ? readers : NULL) != NULL && chs_other_holds(taken))
        chs_wait_for(taken, name);
    if (taken)
        complain_waits(taken, name);
    chs_hold(writes ? writers : readers, writes ? CHS_WAITED : CHS_SHARED, place);
    return writes ? WRITER : READER;
}

static void leave(KSPIN_LOCK *readers, KSPIN_LOCK *writers, USHORT state, const char *name)
{
    release_from_dpc(state == WRITER ? writers : readers, name);
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
        chs_break(CHS_LOCK_FREED, "NdisFreeRWLock: the lock is held, taken %s",
                  chs_held_at(lock->writers ? &lock->writers : &lock->readers));
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
