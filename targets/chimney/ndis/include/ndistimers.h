/* Timers, events, work items and time in NDIS's own spelling (ndis.h). When they run: ntwaiting.h. */
#ifndef CHS_NDISTIMERS_H
#define CHS_NDISTIMERS_H

#include "ndisobject.h"
#include "ntwaiting.h"

/* ---- Timer objects ---- */

typedef VOID NDIS_TIMER_FUNCTION(PVOID SystemSpecific1, PVOID FunctionContext, PVOID SystemSpecific2,
                                 PVOID SystemSpecific3);
typedef NDIS_TIMER_FUNCTION *PNDIS_TIMER_FUNCTION;

typedef struct _NDIS_TIMER_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG AllocationTag;
    PNDIS_TIMER_FUNCTION TimerFunction;
    PVOID FunctionContext;
} NDIS_TIMER_CHARACTERISTICS, *PNDIS_TIMER_CHARACTERISTICS;
#define NDIS_TIMER_CHARACTERISTICS_REVISION_1 1
#define NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_TIMER_CHARACTERISTICS, FunctionContext)

EXTERN_C_START
NDIS_STATUS NdisAllocateTimerObject(NDIS_HANDLE NdisHandle, PNDIS_TIMER_CHARACTERISTICS TimerCharacteristics,
                                    PNDIS_HANDLE pTimerObject);
/* MillisecondsPeriod 0: once. FunctionContext NULL: the one of the characteristics. */
BOOLEAN NdisSetTimerObject(NDIS_HANDLE TimerObject, LARGE_INTEGER DueTime, LONG MillisecondsPeriod,
                           PVOID FunctionContext);
BOOLEAN NdisCancelTimerObject(NDIS_HANDLE TimerObject);
VOID NdisFreeTimerObject(NDIS_HANDLE TimerObject);
EXTERN_C_END

/* ---- Timers in the driver's own memory, as before NDIS 6 ---- */

typedef struct _NDIS_TIMER {
    KTIMER Timer;
    KDPC Dpc;
} NDIS_TIMER, *PNDIS_TIMER;

typedef struct _NDIS_MINIPORT_TIMER {
    KTIMER Timer;
    KDPC Dpc;
    PNDIS_TIMER_FUNCTION MiniportTimerFunction;
    PVOID MiniportTimerContext;
    PVOID Miniport;
    struct _NDIS_MINIPORT_TIMER *NextTimer;
} NDIS_MINIPORT_TIMER, *PNDIS_MINIPORT_TIMER;

EXTERN_C_START
VOID NdisInitializeTimer(PNDIS_TIMER Timer, PNDIS_TIMER_FUNCTION TimerFunction, PVOID FunctionContext);
VOID NdisSetTimer(PNDIS_TIMER Timer, UINT MillisecondsToDelay);
VOID NdisCancelTimer(PNDIS_TIMER Timer, PBOOLEAN TimerCancelled);
VOID NdisMInitializeTimer(PNDIS_MINIPORT_TIMER Timer, NDIS_HANDLE MiniportAdapterHandle,
                          PNDIS_TIMER_FUNCTION TimerFunction, PVOID FunctionContext);
VOID NdisMSetPeriodicTimer(PNDIS_MINIPORT_TIMER Timer, UINT MillisecondPeriod);
VOID NdisMCancelTimer(PNDIS_MINIPORT_TIMER Timer, PBOOLEAN TimerCancelled);
EXTERN_C_END
#define NdisMSetTimer(timer, milliseconds) NdisSetTimer((PNDIS_TIMER)(timer), (milliseconds))

/* ---- Events and mutexes ---- */

typedef struct _NDIS_EVENT {
    KEVENT Event;
} NDIS_EVENT, *PNDIS_EVENT;
typedef KMUTEX NDIS_MUTEX, *PNDIS_MUTEX;

EXTERN_C_START
VOID NdisInitializeEvent(PNDIS_EVENT Event);
VOID NdisSetEvent(PNDIS_EVENT Event);
VOID NdisResetEvent(PNDIS_EVENT Event);
/* MsToWait 0: for ever. Whether the event was set in time. */
BOOLEAN NdisWaitEvent(PNDIS_EVENT Event, UINT MsToWait);
EXTERN_C_END
#define NDIS_INIT_MUTEX(mutex) KeInitializeMutex((mutex), 0xffff)
#define NDIS_WAIT_FOR_MUTEX(mutex) KeWaitForSingleObject((mutex), Executive, KernelMode, FALSE, NULL)
#define NDIS_RELEASE_MUTEX(mutex) KeReleaseMutex((mutex), FALSE)

/* ---- Work items ---- */

typedef VOID NDIS_IO_WORKITEM(PVOID WorkItemContext, NDIS_HANDLE NdisIoWorkItemHandle);
typedef NDIS_IO_WORKITEM NDIS_IO_WORKITEM_FUNCTION, *NDIS_IO_WORKITEM_ROUTINE;
struct _NDIS_WORK_ITEM;
typedef VOID (*NDIS_PROC)(struct _NDIS_WORK_ITEM *WorkItem, PVOID Context);
typedef struct _NDIS_WORK_ITEM {
    PVOID Context;
    NDIS_PROC Routine;
    UCHAR WrapperReserved[8 * sizeof(PVOID)];
} NDIS_WORK_ITEM, *PNDIS_WORK_ITEM;

EXTERN_C_START
NDIS_HANDLE NdisAllocateIoWorkItem(NDIS_HANDLE NdisObjectHandle);
VOID NdisQueueIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle, NDIS_IO_WORKITEM_ROUTINE Routine, PVOID WorkItemContext);
VOID NdisFreeIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle);
NDIS_STATUS NdisScheduleWorkItem(PNDIS_WORK_ITEM WorkItem);
EXTERN_C_END
#define NdisInitializeWorkItem(item, routine, context) ((item)->Context = (context), (item)->Routine = (routine))

/* ---- Time ---- */

EXTERN_C_START
VOID NdisMSleep(ULONG MicrosecondsToSleep);
VOID NdisStallExecution(UINT MicrosecondsToStall);
VOID NdisGetCurrentSystemTime(PLARGE_INTEGER pCurrentTime);
VOID NdisGetSystemUpTime(PULONG pSystemUpTime); /* ms */
VOID NdisGetSystemUpTimeEx(PLARGE_INTEGER pSystemUpTime);
EXTERN_C_END

#ifndef CHS_PLAIN_ALLOCATION
#define NdisAllocateTimerObject(...) CHS_PLACED(NdisAllocateTimerObject(__VA_ARGS__))
#define NdisAllocateIoWorkItem(...) CHS_PLACED(NdisAllocateIoWorkItem(__VA_ARGS__))
#endif

#endif
