/* Timer objects and work items as NDIS and the kernel hand them out. What runs them: waiting.c. */
#include "harness.h"

/* ---- timer objects -------------------------------------------------------------------------- */

struct chs_timer {
    struct chs_object object;
    KTIMER timer;
    KDPC dpc;
    PNDIS_TIMER_FUNCTION function;
    PVOID context, given;
};

static const char timer_object[] = "a timer object";

static VOID fire_object(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    struct chs_timer *timer = DeferredContext;

    UNREFERENCED_PARAMETER(Dpc);
    timer->function(NULL, timer->given ? timer->given : timer->context, SystemArgument1, SystemArgument2);
}

NDIS_STATUS NdisAllocateTimerObject(NDIS_HANDLE NdisHandle, PNDIS_TIMER_CHARACTERISTICS TimerCharacteristics,
                                    PNDIS_HANDLE pTimerObject)
{
    static const char name[] = "NdisAllocateTimerObject";
    struct chs_timer *timer;

    UNREFERENCED_PARAMETER(NdisHandle);
    if (TimerCharacteristics->Header.Type != NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS ||
        TimerCharacteristics->Header.Size < NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1 ||
        !TimerCharacteristics->TimerFunction) {
        chs_complain("%s is passed a structure whose header does not say that it is an NDIS_TIMER_CHARACTERISTICS, "
                     "or that has no TimerFunction",
                     name);
        return NDIS_STATUS_INVALID_PARAMETER;
    }
    timer = chs_new_object(sizeof(*timer), timer_object);
    timer->function = TimerCharacteristics->TimerFunction;
    timer->context = TimerCharacteristics->FunctionContext;
    KeInitializeTimer(&timer->timer);
    KeInitializeDpc(&timer->dpc, fire_object, timer);
    *pTimerObject = timer;
    return NDIS_STATUS_SUCCESS;
}

BOOLEAN NdisSetTimerObject(NDIS_HANDLE TimerObject, LARGE_INTEGER DueTime, LONG MillisecondsPeriod,
                           PVOID FunctionContext)
{
    struct chs_timer *timer = chs_object(TimerObject, timer_object, "NdisSetTimerObject");

    if (!timer)
        return FALSE;
    timer->given = FunctionContext;
    return KeSetTimerEx(&timer->timer, DueTime, MillisecondsPeriod, &timer->dpc);
}

static BOOLEAN cancel(struct chs_timer *timer)
{
    BOOLEAN was_set = KeCancelTimer(&timer->timer);

    return KeRemoveQueueDpc(&timer->dpc) || was_set;
}

BOOLEAN NdisCancelTimerObject(NDIS_HANDLE TimerObject)
{
    struct chs_timer *timer = chs_object(TimerObject, timer_object, "NdisCancelTimerObject");

    return timer && cancel(timer);
}

VOID NdisFreeTimerObject(NDIS_HANDLE TimerObject)
{
    struct chs_timer *timer = chs_object(TimerObject, timer_object, "NdisFreeTimerObject");

    if (!timer)
        return;
    if (cancel(timer))
        chs_complain("NdisFreeTimerObject is passed a timer that is still set");
    chs_end_object(timer);
}

/* ---- timers in the driver's memory ---------------------------------------------------------- */

/* The routine of the DPC is the timer function itself: both take the same four pointers. */
VOID NdisInitializeTimer(PNDIS_TIMER Timer, PNDIS_TIMER_FUNCTION TimerFunction, PVOID FunctionContext)
{
    KeInitializeTimer(&Timer->Timer);
    KeInitializeDpc(&Timer->Dpc, (PKDEFERRED_ROUTINE)(PVOID)TimerFunction, FunctionContext);
}

VOID NdisMInitializeTimer(PNDIS_MINIPORT_TIMER Timer, NDIS_HANDLE MiniportAdapterHandle,
                          PNDIS_TIMER_FUNCTION TimerFunction, PVOID FunctionContext)
{
    UNREFERENCED_PARAMETER(MiniportAdapterHandle);
    NdisInitializeTimer((PNDIS_TIMER)Timer, TimerFunction, FunctionContext);
    Timer->MiniportTimerFunction = TimerFunction;
    Timer->MiniportTimerContext = FunctionContext;
}

static void set(PNDIS_TIMER timer, UINT milliseconds, LONG period)
{
    LARGE_INTEGER due = {.QuadPart = -(LONGLONG)milliseconds * 10000};

    KeSetTimerEx(&timer->Timer, due, period, &timer->Dpc);
}

VOID NdisSetTimer(PNDIS_TIMER Timer, UINT MillisecondsToDelay)
{
    set(Timer, MillisecondsToDelay, 0);
}

VOID NdisMSetPeriodicTimer(PNDIS_MINIPORT_TIMER Timer, UINT MillisecondPeriod)
{
    set((PNDIS_TIMER)Timer, MillisecondPeriod, (LONG)MillisecondPeriod);
}

VOID NdisCancelTimer(PNDIS_TIMER Timer, PBOOLEAN TimerCancelled)
{
    *TimerCancelled = KeCancelTimer(&Timer->Timer);
}

VOID NdisMCancelTimer(PNDIS_MINIPORT_TIMER Timer, PBOOLEAN TimerCancelled)
{
    NdisCancelTimer((PNDIS_TIMER)Timer, TimerCancelled);
}

/* ---- work items ----------------------------------------------------------------------------- */

struct chs_work_item { /* of NDIS or of the kernel */
    struct chs_object object;
    NDIS_IO_WORKITEM_ROUTINE of_ndis;
    PIO_WORKITEM_ROUTINE of_kernel;
    PVOID context, device;
};

static const char work_item[] = "a work item";

static void run_object(void *queued)
{
    struct chs_work_item item = *(struct chs_work_item *)queued; /* its routine may free it */

    if (item.of_ndis)
        item.of_ndis(item.context, queued);
    else
        item.of_kernel(item.device, item.context);
}

static struct chs_work_item *to_queue(const void *handle, const char *function)
{
    struct chs_work_item *item = chs_object(handle, work_item, function);

    if (item && chs_is_queued(item)) {
        chs_complain("%s is passed a work item that is queued already", function);
        return NULL;
    }
    return item;
}

static void free_work_item(const void *handle, const char *function)
{
    struct chs_work_item *item = to_queue(handle, function);

    if (item)
        chs_end_object(item);
}

NDIS_HANDLE NdisAllocateIoWorkItem(NDIS_HANDLE NdisObjectHandle)
{
    UNREFERENCED_PARAMETER(NdisObjectHandle);
    return chs_new_object(sizeof(struct chs_work_item), work_item);
}

VOID NdisQueueIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle, NDIS_IO_WORKITEM_ROUTINE Routine, PVOID WorkItemContext)
{
    struct chs_work_item *item = to_queue(NdisIoWorkItemHandle, "NdisQueueIoWorkItem");

    if (!item)
        return;
    item->of_ndis = Routine;
    item->context = WorkItemContext;
    chs_queue_work(run_object, item);
}

VOID NdisFreeIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle)
{
    free_work_item(NdisIoWorkItemHandle, "NdisFreeIoWorkItem");
}

PIO_WORKITEM IoAllocateWorkItem(struct _DEVICE_OBJECT *DeviceObject)
{
    struct chs_work_item *item = chs_new_object(sizeof(*item), work_item);

    item->device = DeviceObject;
    return (PIO_WORKITEM)item;
}

VOID IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, WORK_QUEUE_TYPE QueueType,
                     PVOID Context)
{
    struct chs_work_item *item = to_queue(IoWorkItem, "IoQueueWorkItem");

    UNREFERENCED_PARAMETER(QueueType);
    if (!item)
        return;
    item->of_kernel = WorkerRoutine;
    item->context = Context;
    chs_queue_work(run_object, item);
}

VOID IoFreeWorkItem(PIO_WORKITEM IoWorkItem)
{
    free_work_item(IoWorkItem, "IoFreeWorkItem");
}

static void run_scheduled(void *queued)
{
    PNDIS_WORK_ITEM item = queued;

    item->Routine(item, item->Context);
}

NDIS_STATUS NdisScheduleWorkItem(PNDIS_WORK_ITEM WorkItem)
{
    chs_queue_work(run_scheduled, WorkItem);
    return NDIS_STATUS_SUCCESS;
}

static void run_worker(void *queued)
{
    PWORK_QUEUE_ITEM item = queued;

    item->WorkerRoutine(item->Parameter);
}

VOID ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    UNREFERENCED_PARAMETER(QueueType);
    chs_queue_work(run_worker, WorkItem);
}

/* ---- what NDIS completes -------------------------------------------------------------------- */

static enum chs_when completes;

void chs_complete_when(int32_t when)
{
    completes = when;
}

void chs_complete(void (*run)(void *item), void *item, bool later)
{
    if (completes ? completes == CHS_LATE : later)
        chs_queue_work(run, item);
    else
        run(item);
}

void chs_complete_all(void)
{
    if (completes == CHS_LATE)
        chs_pass_time(0);
}
