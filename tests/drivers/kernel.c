/*
 * What a driver does besides: each group of functions in use, and what it should see. The smallest driver with
 * all of them in its Run handler. SKEW is added to what each group expects: a planted fault in every one.
 */
struct adapter;
static void begin(struct adapter *adapter);
static void use_all(struct adapter *adapter);
static void end(struct adapter *adapter);
#define ON_INITIALIZE begin(adapter)
#define ON_RUN use_all(adapter)
#define ON_HALT end(adapter)
#include "smallest.c"

#include <ntintsafe.h>

#ifndef SKEW
#define SKEW 0
#endif
#define SEES(what, expected) \
    ((LONGLONG)(what) == (LONGLONG)(expected) + SKEW ? (void)0 \
                                                     : ChsAssertionFailed(__func__, #what, (ULONG)(LONGLONG)(what)))
#define MS(count) ((LARGE_INTEGER){.QuadPart = -10000ll * (count)})

static ULONG trail; /* what ran, as decimal digits */

/* ---- timers, DPCs, work items --------------------------------------------------------------- */

static NDIS_HANDLE first, second;
static NDIS_MINIPORT_TIMER old_timer;
static KTIMER kernel_timer;
static KDPC dpc, timer_dpc;

static VOID fired(PVOID specific, PVOID context, PVOID two, PVOID three)
{
    trail = 10 * trail + PtrToUlong(context);
}

static VOID deferred(PKDPC of, PVOID context, PVOID one, PVOID two)
{
    trail = 10 * trail + PtrToUlong(context) + PtrToUlong(one);
    SEES(KeGetCurrentIrql(), DISPATCH_LEVEL);
}

static NDIS_HANDLE timer(struct adapter *adapter, ULONG number)
{
    NDIS_TIMER_CHARACTERISTICS characteristics = {
        {NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS, 1, NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1}, TAG, fired,
        UlongToPtr(number)};
    NDIS_HANDLE made = NULL;

    NdisAllocateTimerObject(adapter->handle, &characteristics, &made);
    return made;
}

static void begin(struct adapter *adapter)
{
    first = timer(adapter, 1);
    second = timer(adapter, 2);
    KeInitializeDpc(&dpc, deferred, UlongToPtr(5));
    KeInitializeDpc(&timer_dpc, deferred, UlongToPtr(4));
    KeInitializeTimer(&kernel_timer);
    NdisMInitializeTimer(&old_timer, adapter->handle, fired, UlongToPtr(3));
}

static void timers(struct adapter *adapter)
{
    BOOLEAN cancelled;

    trail = 0;
    SEES(NdisSetTimerObject(first, MS(40), 0, NULL), FALSE);
    SEES(NdisSetTimerObject(second, MS(10), 25, NULL), FALSE);
    NdisMSetTimer(&old_timer, 20);
    KeSetTimer(&kernel_timer, MS(5), &timer_dpc);
    NdisMSleep(50 * 1000);
    SEES(trail, 42321); /* at 5, 10, 20, 35 and 40 ms */
    SEES(NdisCancelTimerObject(second), TRUE);
    SEES(NdisCancelTimerObject(first), FALSE);
    NdisMCancelTimer(&old_timer, &cancelled);
    SEES(cancelled, FALSE);
    SEES(KeReadStateTimer(&kernel_timer), TRUE);
}

static void dpcs(struct adapter *adapter)
{
    trail = 0;
    SEES(KeInsertQueueDpc(&dpc, UlongToPtr(2), NULL), TRUE);
    SEES(KeInsertQueueDpc(&dpc, UlongToPtr(2), NULL), FALSE);
    SEES(trail, 0);
    KeFlushQueuedDpcs();
    SEES(trail, 7);
    KeInsertQueueDpc(&dpc, NULL, NULL);
    SEES(KeRemoveQueueDpc(&dpc), TRUE);
    KeFlushQueuedDpcs();
    SEES(trail, 7);
}

static VOID worked(PVOID context, NDIS_HANDLE item)
{
    trail = 10 * trail + PtrToUlong(context);
    SEES(KeGetCurrentIrql(), PASSIVE_LEVEL);
    NdisFreeIoWorkItem(item);
}

static VOID scheduled(PNDIS_WORK_ITEM item, PVOID context)
{
    trail = 10 * trail + PtrToUlong(context);
}

static void work_items(struct adapter *adapter)
{
    static NDIS_WORK_ITEM old;

    trail = 0;
    NdisQueueIoWorkItem(NdisAllocateIoWorkItem(adapter->handle), worked, UlongToPtr(1));
    NdisInitializeWorkItem(&old, scheduled, UlongToPtr(2));
    NdisScheduleWorkItem(&old);
    NdisQueueIoWorkItem(NdisAllocateIoWorkItem(adapter->handle), worked, UlongToPtr(3));
    SEES(trail, 0);
    NdisMSleep(1);
    SEES(trail, 123);
}

static NDIS_EVENT event;

static VOID sets(PKDPC of, PVOID context, PVOID one, PVOID two)
{
    NdisSetEvent(&event);
}

static void events(struct adapter *adapter)
{
    LARGE_INTEGER before, after;
    KEVENT synchronized;

    NdisInitializeEvent(&event);
    KeInitializeDpc(&timer_dpc, sets, NULL);
    KeSetTimer(&kernel_timer, MS(30), &timer_dpc);
    NdisGetCurrentSystemTime(&before);
    SEES(NdisWaitEvent(&event, 20), FALSE);
    SEES(NdisWaitEvent(&event, 0), TRUE);
    NdisGetCurrentSystemTime(&after);
    SEES((after.QuadPart - before.QuadPart) / 10000, 30);
    SEES(NdisWaitEvent(&event, 5), TRUE); /* it stays set */
    KeInitializeEvent(&synchronized, SynchronizationEvent, TRUE);
    SEES(KeWaitForSingleObject(&synchronized, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
    SEES(KeWaitForSingleObject(&synchronized, Executive, KernelMode, FALSE, &MS(1)), STATUS_TIMEOUT);
    KeInitializeDpc(&timer_dpc, deferred, UlongToPtr(4));
}

/* ---- lists, locks, interlocked operations --------------------------------------------------- */

static void lists(struct adapter *adapter)
{
    LIST_ENTRY head, other, entries[3];
    DECLSPEC_ALIGN(16) SLIST_ENTRY singles[2];
    SLIST_HEADER stack;
    NDIS_SPIN_LOCK lock;

    InitializeListHead(&head);
    InitializeListHead(&other);
    NdisAllocateSpinLock(&lock);
    SEES(NdisInterlockedRemoveHeadList(&head, &lock) == NULL, TRUE);
    NdisInterlockedInsertTailList(&head, &entries[0], &lock);
    NdisInterlockedInsertHeadList(&head, &entries[1], &lock);
    InsertTailList(&other, &entries[2]);
    AppendTailList(&head, &other);
    SEES(head.Flink == &entries[1] && head.Blink == &entries[2], TRUE);
    SEES(NdisInterlockedRemoveHeadList(&head, &lock) == &entries[1], TRUE);
    InitializeSListHead(&stack);
    InterlockedPushEntrySList(&stack, &singles[0]);
    InterlockedPushEntrySList(&stack, &singles[1]);
    SEES(QueryDepthSList(&stack), 2);
    SEES(InterlockedPopEntrySList(&stack) == &singles[1], TRUE);
    SEES(InterlockedFlushSList(&stack) == &singles[0] && InterlockedPopEntrySList(&stack) == NULL, TRUE);
}

static void interlocked(struct adapter *adapter)
{
    LONG number = 6;
    LONG64 wide = 1ll << 40;

    SEES(InterlockedIncrement(&number), 7);
    SEES(InterlockedAnd(&number, 3), 7);
    SEES(InterlockedOr(&number, 8), 3);
    SEES(InterlockedAdd(&number, 4), 15);
    SEES(InterlockedExchange(&number, 2), 15);
    SEES(InterlockedCompareExchange(&number, 9, 2), 2);
    SEES(InterlockedDecrement64(&wide), (1ll << 40) - 1);
}

static void locks(struct adapter *adapter)
{
    PNDIS_RW_LOCK_EX lock = NdisAllocateRWLock(adapter->handle);
    LOCK_STATE_EX one, two;
    LOCK_STATE old;
    static NDIS_RW_LOCK own;
    KIRQL before;

    NdisAcquireRWLockRead(lock, &one, 0);
    NdisAcquireRWLockRead(lock, &two, 0);
    SEES(KeGetCurrentIrql(), DISPATCH_LEVEL);
    NdisReleaseRWLock(lock, &one);
    NdisReleaseRWLock(lock, &two);
    NdisAcquireRWLockWrite(lock, &one, 0);
    NdisReleaseRWLock(lock, &one);
    NdisFreeRWLock(lock);
    NdisInitializeReadWriteLock(&own);
    NdisAcquireReadWriteLock(&own, TRUE, &old);
    NdisReleaseReadWriteLock(&own, &old);
    SEES(KeGetCurrentIrql(), PASSIVE_LEVEL);
    NDIS_RAISE_IRQL_TO_DISPATCH(&before);
    SEES(NDIS_CURRENT_IRQL(), DISPATCH_LEVEL);
    NDIS_LOWER_IRQL(before, DISPATCH_LEVEL);
}

/* ---- memory, strings, configuration --------------------------------------------------------- */

static void memory(struct adapter *adapter)
{
    static NPAGED_LOOKASIDE_LIST lookaside;
    ULONG product;
    PUCHAR block;

    NdisInitializeNPagedLookasideList(&lookaside, NULL, NULL, 0, 100, TAG, 0);
    block = NdisAllocateFromNPagedLookasideList(&lookaside);
    NdisZeroMemory(block, 100);
    block[99] = 1;
    SEES(RtlCompareMemory(block, &(UCHAR[100]){0}, 100), 99);
    NdisFreeToNPagedLookasideList(&lookaside, block);
    NdisDeleteNPagedLookasideList(&lookaside);
    SEES(RtlULongMult(1u << 16, 1u << 16, &product), STATUS_INTEGER_OVERFLOW);
    SEES(RtlUlongByteSwap(0x01020304), 0x04030201);
    SEES(ALIGN_UP_BY(13, 8), 16);
}

static void strings(struct adapter *adapter)
{
    static const NDIS_STRING speed = NDIS_STRING_CONST("Speed");
    UNICODE_STRING other;
    WCHAR room[8];

    RtlInitUnicodeString(&other, L"sPEED");
    SEES(RtlEqualUnicodeString(&speed, &other, TRUE), TRUE);
    SEES(RtlEqualUnicodeString(&speed, &other, FALSE), FALSE);
    other = (UNICODE_STRING){0, sizeof(room), room};
    RtlCopyUnicodeString(&other, &speed);
    SEES(RtlAppendUnicodeToString(&other, L"Dup"), STATUS_SUCCESS);
    SEES(other.Length, 16);
    SEES(RtlAppendUnicodeToString(&other, L"x"), STATUS_BUFFER_TOO_SMALL);
}

static void configuration(struct adapter *adapter)
{
    static NDIS_STRING keyword = NDIS_STRING_CONST("*JumboPacket");
    NDIS_CONFIGURATION_OBJECT object = {
        {NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT, 1, NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1}, adapter->handle, 0};
    PNDIS_CONFIGURATION_PARAMETER value;
    NDIS_HANDLE handle;
    NDIS_STATUS status;

    SEES(NdisOpenConfigurationEx(&object, &handle), NDIS_STATUS_SUCCESS);
    NdisReadConfiguration(&status, &value, handle, &keyword, NdisParameterInteger);
    SEES(status, NDIS_STATUS_FAILURE);
    NdisCloseConfiguration(handle);
}

/* ---- buffers and hardware ------------------------------------------------------------------- */

static void buffers(struct adapter *adapter)
{
    NDIS_NET_BUFFER_LIST_8021Q_INFO tag = {.Value = NULL};
    UCHAR bytes[] = {0, 1, 2, 3, 4, 5}, joined[4];
    PMDL one = NdisAllocateMdl(adapter->handle, bytes, 1), two = NdisAllocateMdl(adapter->handle, bytes + 1, 5);
    PNET_BUFFER_LIST list = NdisAllocateNetBufferAndNetBufferList(adapter->pool, 32, 16, one, 0, 6);

    one->Next = two;
    SEES(NET_BUFFER_LIST_CONTEXT_DATA_SIZE(list), 32);
    NET_BUFFER_LIST_CONTEXT_DATA_START(list)[31] = 1;
    NdisAdvanceNetBufferDataStart(list->FirstNetBuffer, 1, FALSE, NULL);
    SEES(NET_BUFFER_CURRENT_MDL(list->FirstNetBuffer) == two, TRUE);
    NdisRetreatNetBufferDataStart(list->FirstNetBuffer, 1, 0, NULL);
    SEES(((PUCHAR)NdisGetDataBuffer(list->FirstNetBuffer, 4, joined, 1, 0))[3], 3);
    tag.TagHeader.UserPriority = 5;
    tag.TagHeader.VlanId = 100;
    NET_BUFFER_LIST_INFO(list, Ieee8021QNetBufferListInfo) = tag.Value;
    SEES(PtrToUlong(NET_BUFFER_LIST_INFO(list, Ieee8021QNetBufferListInfo)), 5 | 100 << 4);
    NdisFreeNetBufferList(list);
    NdisFreeMdl(one);
    NdisFreeMdl(two);
}

static ULONG elements, bytes_in_all;
static PSCATTER_GATHER_LIST processed;

static VOID process(PDEVICE_OBJECT device, PVOID reserved, PSCATTER_GATHER_LIST list, PVOID context)
{
    ULONG k;

    processed = list;
    elements = list->NumberOfElements;
    for (bytes_in_all = k = 0; k < elements; k++)
        bytes_in_all += list->Elements[k].Length;
}

static VOID allocated(NDIS_HANDLE context, PVOID start, PNDIS_PHYSICAL_ADDRESS physical, ULONG length, PVOID passed)
{
    trail = length;
    NdisMFreeSharedMemory(((struct adapter *)context)->handle, length, FALSE, start, *physical);
}

static void hardware(struct adapter *adapter)
{
    NDIS_SG_DMA_DESCRIPTION description = {
        {NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, 1, NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1}, 0, 1514, process, allocated};
    UCHAR bytes[10];
    PMDL one = NdisAllocateMdl(adapter->handle, bytes, 4), two = NdisAllocateMdl(adapter->handle, bytes + 4, 6);
    PNET_BUFFER_LIST list = NdisAllocateNetBufferAndNetBufferList(adapter->pool, 0, 0, one, 1, 8);
    NDIS_HANDLE dma;

    one->Next = two;
    SEES(NdisMRegisterScatterGatherDma(adapter->handle, &description, &dma), NDIS_STATUS_SUCCESS);
    SEES(NdisMAllocateNetBufferSGList(dma, list->FirstNetBuffer, NULL, 0, NULL, 0), NDIS_STATUS_SUCCESS);
    SEES(10 * elements + bytes_in_all, 28);
    SEES(processed->Elements[1].Address.QuadPart == MmGetPhysicalAddress(bytes + 4).QuadPart, TRUE);
    NdisMFreeNetBufferSGList(dma, processed, list->FirstNetBuffer);
    NdisMAllocateSharedMemoryAsyncEx(dma, 77, FALSE, NULL);
    NdisMSleep(1);
    SEES(trail, 77);
    NdisMDeregisterScatterGatherDma(dma);
    NdisFreeNetBufferList(list);
    NdisFreeMdl(one);
    NdisFreeMdl(two);
}

static void use_all(struct adapter *adapter)
{
    timers(adapter);
    dpcs(adapter);
    work_items(adapter);
    events(adapter);
    lists(adapter);
    interlocked(adapter);
    locks(adapter);
    memory(adapter);
    strings(adapter);
    configuration(adapter);
    buffers(adapter);
    hardware(adapter);
}

static void end(struct adapter *adapter)
{
    NdisFreeTimerObject(first);
    NdisFreeTimerObject(second);
}
