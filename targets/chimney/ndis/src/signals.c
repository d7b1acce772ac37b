/* Events, semaphores and mutexes: what sets and clears what waiting.c waits for. */
#include "harness.h"

static void initialize(DISPATCHER_HEADER *header, UCHAR type, LONG state)
{
    memset(header, 0, sizeof(*header));
    header->Type = type;
    header->SignalState = state;
}

static LONG change(DISPATCHER_HEADER *header, LONG state)
{
    LONG before = header->SignalState;

    header->SignalState = state;
    chs_orders(header);
    return before;
}

VOID KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    initialize(&Event->Header, (UCHAR)Type, State != FALSE);
}

LONG KeSetEvent(PRKEVENT Event, LONG Increment, BOOLEAN Wait)
{
    UNREFERENCED_PARAMETER(Increment);
    UNREFERENCED_PARAMETER(Wait);
    return change(&Event->Header, 1);
}

LONG KeResetEvent(PRKEVENT Event)
{
    return change(&Event->Header, 0);
}

VOID KeClearEvent(PRKEVENT Event)
{
    KeResetEvent(Event);
}

LONG KeReadStateEvent(PRKEVENT Event)
{
    return Event->Header.SignalState;
}

VOID KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    initialize(&Semaphore->Header, SynchronizationEvent, Count);
    Semaphore->Limit = Limit;
}

LONG KeReleaseSemaphore(PRKSEMAPHORE Semaphore, LONG Increment, LONG Adjustment, BOOLEAN Wait)
{
    UNREFERENCED_PARAMETER(Increment);
    UNREFERENCED_PARAMETER(Wait);
    if (Semaphore->Header.SignalState > Semaphore->Limit - Adjustment)
        chs_complain("KeReleaseSemaphore exceeds the semaphore's limit of %d", Semaphore->Limit);
    return change(&Semaphore->Header, Semaphore->Header.SignalState + Adjustment);
}

VOID KeInitializeMutex(PRKMUTEX Mutex, ULONG Level)
{
    UNREFERENCED_PARAMETER(Level);
    initialize(&Mutex->Header, SynchronizationEvent, 1);
}

LONG KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait)
{
    UNREFERENCED_PARAMETER(Wait);
    if (Mutex->Header.SignalState > 0)
        chs_complain("KeReleaseMutex: the mutex is not held");
    return change(&Mutex->Header, 1);
}

VOID ExInitializeFastMutex(PFAST_MUTEX FastMutex)
{
    memset(FastMutex, 0, sizeof(*FastMutex));
    KeInitializeEvent(&FastMutex->Event, SynchronizationEvent, TRUE);
}

VOID ExAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    KeWaitForSingleObject(&FastMutex->Event, Executive, KernelMode, FALSE, NULL);
}

VOID ExReleaseFastMutex(PFAST_MUTEX FastMutex)
{
    if (KeSetEvent(&FastMutex->Event, 0, FALSE))
        chs_complain("ExReleaseFastMutex: the mutex is not held");
}

VOID NdisInitializeEvent(PNDIS_EVENT Event)
{
    KeInitializeEvent(&Event->Event, NotificationEvent, FALSE);
}

VOID NdisSetEvent(PNDIS_EVENT Event)
{
    KeSetEvent(&Event->Event, 0, FALSE);
}

VOID NdisResetEvent(PNDIS_EVENT Event)
{
    KeResetEvent(&Event->Event);
}
