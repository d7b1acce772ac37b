/* Time, and what waits for it: timers, events, DPCs and work items. One thread plays all of them. */
#include "harness.h"

#include <stdlib.h>

#define BEGINNING 131592384000000000ull /* the system time when a scenario begins, units of 100 ns since 1601 */
#define MS 10000ull                     /* a millisecond in such units */
#define TICK 156250
#define A_LITTLE 10     /* that passes while the driver looks at the clock, so that a loop on it ends */
#define MOST_AT_ONCE 1000 /* timers and work items that run before the driver gets on: it sets them for ever */
#define QUEUED ((PVOID)&dpcs)

struct chs_work {
    struct chs_work *next;
    void (*run)(void *item);
    void *item;
};

static ULONGLONG passed; /* since the scenario began */
static LIST_ENTRY timers = {&timers, &timers}, dpcs = {&dpcs, &dpcs};
static struct chs_work *works;

/* ---- running what is due -------------------------------------------------------------------- */

static void run_dpc(PKDPC dpc)
{
    PVOID first = dpc->SystemArgument1, second = dpc->SystemArgument2;
    struct chs_frame frame;

    dpc->DpcData = NULL;
    chs_is_ordered(dpc);
    if (!setjmp(*chs_enter(&frame, "a DPC", DISPATCH_LEVEL)))
        dpc->DeferredRoutine(dpc, dpc->DeferredContext, first, second);
    chs_leave(&frame);
}

void chs_run_dpcs(void)
{
    int count;

    for (count = 0; !IsListEmpty(&dpcs) && count < MOST_AT_ONCE; count++)
        run_dpc(CONTAINING_RECORD(RemoveHeadList(&dpcs), KDPC, DpcListEntry));
}

static void run_work(void)
{
    struct chs_work work = *works;
    struct chs_frame frame;

    free(works);
    works = work.next;
    chs_is_ordered(work.item);
    if (!setjmp(*chs_enter(&frame, "a work item", PASSIVE_LEVEL)))
        work.run(work.item);
    chs_leave(&frame);
    chs_run_dpcs();
}

static void unset(PKTIMER timer)
{
    RemoveEntryList(&timer->TimerListEntry);
    timer->TimerListEntry.Flink = NULL;
}

static void expire(PKTIMER timer)
{
    unset(timer);
    chs_is_ordered(timer);
    timer->Header.SignalState = 1;
    if (timer->Period) {
        LARGE_INTEGER due = {.QuadPart = -(LONGLONG)(timer->Period * MS)};
        KeSetTimerEx(timer, due, timer->Period, timer->Dpc);
        timer->Header.SignalState = 1;
    }
    if (timer->Dpc)
        KeInsertQueueDpc(timer->Dpc, NULL, NULL);
    chs_run_dpcs();
}

/* One more of what is due until then, in the order of its time; false if nothing is. */
static bool one_more(ULONGLONG until)
{
    PKTIMER first = IsListEmpty(&timers) ? NULL : CONTAINING_RECORD(timers.Flink, KTIMER, TimerListEntry);

    if (!IsListEmpty(&dpcs))
        chs_run_dpcs();
    else if (works)
        run_work();
    else if (first && first->DueTime.QuadPart <= until) {
        passed = max(passed, first->DueTime.QuadPart);
        expire(first);
    } else
        return false;
    return true;
}

void chs_pass_time(ULONGLONG milliseconds)
{
    ULONGLONG until = passed + milliseconds * MS;
    int count;

    for (count = 0; count < MOST_AT_ONCE && one_more(until); count++)
        ;
    passed = max(passed, until);
}

void chs_tell_waiting(void (*tell)(uint64_t word))
{
    const LIST_ENTRY *heads[] = {&timers, &dpcs}, *entry;
    const struct chs_work *work;
    int k;

    for (work = works; work; work = work->next) {
        tell((uint64_t)(uintptr_t)work->run);
        tell((uint64_t)(uintptr_t)work->item);
    }
    for (k = 0; k < 2; k++)
        for (entry = heads[k]->Flink; entry != heads[k]; entry = entry->Flink)
            tell((uint64_t)(uintptr_t)entry);
    tell(passed);
}

void chs_nothing_waits(void)
{
    while (works) {
        struct chs_work *work = works;

        works = work->next;
        free(work);
    }
    InitializeListHead(&timers);
    InitializeListHead(&dpcs);
    passed = 0;
}

/* The entry of a list of those that lies in memory that is freed. */
static bool lies_in(PLIST_ENTRY list, const UCHAR *start, SIZE_T size)
{
    PLIST_ENTRY entry;

    for (entry = list->Flink; entry != list; entry = entry->Flink)
        if ((UCHAR *)entry >= start && (UCHAR *)entry < start + size) {
            RemoveEntryList(entry);
            return true;
        }
    return false;
}

void chs_check_freed_waiting(const void *start, SIZE_T size)
{
    while (lies_in(&timers, start, size))
        chs_complain("the driver frees memory with a timer in it that is still set");
    while (lies_in(&dpcs, start, size))
        chs_complain("the driver frees memory with a DPC in it that is still queued");
}

/* ---- time ----------------------------------------------------------------------------------- */

static ULONGLONG look_at_clock(void)
{
    return passed += A_LITTLE;
}

VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    CurrentTime->QuadPart = (LONGLONG)(BEGINNING + look_at_clock());
}

ULONGLONG KeQueryInterruptTime(VOID)
{
    return look_at_clock();
}

LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    LARGE_INTEGER count = {.QuadPart = (LONGLONG)look_at_clock()};

    if (PerformanceFrequency)
        PerformanceFrequency->QuadPart = (LONGLONG)(1000 * MS);
    return count;
}

ULONG KeQueryTimeIncrement(VOID)
{
    return TICK;
}

VOID KeStallExecutionProcessor(ULONG MicroSeconds)
{
    passed += MicroSeconds * (MS / 1000);
    chs_other_gets_on();
}

VOID NdisStallExecution(UINT MicrosecondsToStall)
{
    KeStallExecutionProcessor(MicrosecondsToStall);
}

VOID NdisGetCurrentSystemTime(PLARGE_INTEGER pCurrentTime)
{
    KeQuerySystemTime(pCurrentTime);
}

VOID NdisGetSystemUpTime(PULONG pSystemUpTime)
{
    *pSystemUpTime = (ULONG)(look_at_clock() / MS);
}

VOID NdisGetSystemUpTimeEx(PLARGE_INTEGER pSystemUpTime)
{
    pSystemUpTime->QuadPart = (LONGLONG)(look_at_clock() / MS);
}

/* ---- DPCs ----------------------------------------------------------------------------------- */

VOID KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    memset(Dpc, 0, sizeof(*Dpc));
    Dpc->DeferredRoutine = DeferredRoutine;
    Dpc->DeferredContext = DeferredContext;
}

BOOLEAN KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    if (Dpc->DpcData == QUEUED)
        return FALSE;
    Dpc->SystemArgument1 = SystemArgument1;
    Dpc->SystemArgument2 = SystemArgument2;
    Dpc->DpcData = QUEUED;
    InsertTailList(&dpcs, &Dpc->DpcListEntry);
    chs_orders(Dpc);
    return TRUE;
}

BOOLEAN KeRemoveQueueDpc(PRKDPC Dpc)
{
    if (Dpc->DpcData != QUEUED)
        return FALSE;
    Dpc->DpcData = NULL;
    RemoveEntryList(&Dpc->DpcListEntry);
    return TRUE;
}

VOID KeFlushQueuedDpcs(VOID)
{
    CHS_LEVEL;
    chs_run_dpcs();
}

/* ---- timers --------------------------------------------------------------------------------- */

VOID KeInitializeTimer(PKTIMER Timer)
{
    memset(Timer, 0, sizeof(*Timer));
}

VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    KeInitializeTimer(Timer);
    Timer->Header.Type = (UCHAR)Type;
}

BOOLEAN KeCancelTimer(PKTIMER Timer)
{
    bool was_set = Timer->TimerListEntry.Flink != NULL;

    if (was_set)
        unset(Timer);
    return was_set;
}

BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
    BOOLEAN was_set = KeCancelTimer(Timer);
    LONGLONG due = DueTime.QuadPart < 0 ? (LONGLONG)passed - DueTime.QuadPart : DueTime.QuadPart - (LONGLONG)BEGINNING;
    PLIST_ENTRY later = timers.Flink;

    chs_orders(Timer);
    Timer->Header.SignalState = 0;
    Timer->DueTime.QuadPart = (ULONGLONG)max(due, (LONGLONG)passed);
    Timer->Period = Period;
    Timer->Dpc = Dpc;
    while (later != &timers &&
           CONTAINING_RECORD(later, KTIMER, TimerListEntry)->DueTime.QuadPart <= Timer->DueTime.QuadPart)
        later = later->Flink;
    InsertTailList(later, &Timer->TimerListEntry);
    return was_set;
}

BOOLEAN KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc)
{
    return KeSetTimerEx(Timer, DueTime, 0, Dpc);
}

BOOLEAN KeReadStateTimer(PKTIMER Timer)
{
    return Timer->Header.SignalState != 0;
}

/* ---- waiting -------------------------------------------------------------------------------- */

/* Any object that is waited for begins with such a header; it counts down where one wait is to be let through. */
static bool let_through(DISPATCHER_HEADER *header)
{
    if (header->SignalState <= 0)
        return false;
    chs_is_ordered(header);
    if (header->Type == SynchronizationEvent)
        header->SignalState--;
    return true;
}

/* Waits as long as `most` units; for ever if it is negative. */
static NTSTATUS wait_for(DISPATCHER_HEADER *header, LONGLONG most, const char *name)
{
    ULONGLONG until = most < 0 ? ~0ull : passed + (ULONGLONG)most;

    if (most && chs_locks_held())
        chs_break(CHS_WAITS, "%s waits with a spin lock held, taken %s", name, chs_last_held_at());
    else if (most && KeGetCurrentIrql() >= DISPATCH_LEVEL)
        chs_break(CHS_WAITS, "%s waits at DISPATCH_LEVEL", name);
    while (!let_through(header)) {
        if (one_more(passed) || chs_other_gets_on() || one_more(until))
            continue;
        if (most >= 0) {
            passed = max(passed, until);
            return STATUS_TIMEOUT;
        }
        chs_complain("%s waits for what nothing in the driver, no timer, DPC or work item, will ever signal", name);
        return STATUS_TIMEOUT;
    }
    return STATUS_SUCCESS;
}

NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                               PLARGE_INTEGER Timeout)
{
    LONGLONG most = !Timeout ? -1 : Timeout->QuadPart <= 0 ? -Timeout->QuadPart
                                                           : Timeout->QuadPart - (LONGLONG)(BEGINNING + passed);

    UNREFERENCED_PARAMETER(WaitReason);
    UNREFERENCED_PARAMETER(WaitMode);
    UNREFERENCED_PARAMETER(Alertable);
    return wait_for(Object, Timeout ? max(most, 0) : -1, "KeWaitForSingleObject");
}

BOOLEAN NdisWaitEvent(PNDIS_EVENT Event, UINT MsToWait)
{
    return wait_for(&Event->Event.Header, MsToWait ? (LONGLONG)(MsToWait * MS) : -1, "NdisWaitEvent") ==
           STATUS_SUCCESS;
}

NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    KEVENT never;

    KeInitializeEvent(&never, NotificationEvent, FALSE);
    KeWaitForSingleObject(&never, Executive, WaitMode, Alertable, Interval);
    return STATUS_SUCCESS;
}

VOID NdisMSleep(ULONG MicrosecondsToSleep)
{
    LARGE_INTEGER interval = {.QuadPart = -(LONGLONG)(MicrosecondsToSleep * (MS / 1000))};

    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

/* ---- work items ----------------------------------------------------------------------------- */

void chs_queue_work(void (*run)(void *item), void *item)
{
    struct chs_work *work = calloc(1, sizeof(*work)), **last = &works;

    work->run = run;
    work->item = item;
    chs_orders(item);
    while (*last)
        last = &(*last)->next;
    *last = work;
}

bool chs_is_queued(const void *item)
{
    struct chs_work *work;

    for (work = works; work; work = work->next)
        if (work->item == item)
            return true;
    return false;
}
