/* Scatter/gather lists, memory that is shared with the hardware, interrupts. A bus address is the address itself. */
#include "harness.h"

#include <stdlib.h>

#define MOST_ELEMENTS 1000 /* more is a circle of MDLs */
#define ALIGNMENT 64

struct chs_dma {
    struct chs_object object;
    MINIPORT_PROCESS_SG_LIST_HANDLER process;
    MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE_HANDLER allocated;
    unsigned lists; /* that are not freed */
};

struct chs_sg {
    struct chs_object object;
    struct chs_dma *dma;
    PNET_BUFFER of;
    PVOID context;
    SCATTER_GATHER_LIST list;
};

static const char dma_channel[] = "a scatter/gather DMA channel";
static const char sg_list[] = "a scatter/gather list";
static const char shared_memory[] = "shared memory";
static const char interrupt[] = "an interrupt";

/* ---- scatter/gather ------------------------------------------------------------------------- */

NDIS_STATUS NdisMRegisterScatterGatherDma(NDIS_HANDLE MiniportAdapterHandle, PNDIS_SG_DMA_DESCRIPTION DmaDescription,
                                          PNDIS_HANDLE NdisMiniportDmaHandle)
{
    CHS_LEVEL;
    static const char name[] = "NdisMRegisterScatterGatherDma";
    struct chs_dma *dma;

    chs_calls(name, MiniportAdapterHandle);
    if (DmaDescription->Header.Type != NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION || !DmaDescription->ProcessSGListHandler) {
        chs_complain("%s is passed a structure whose header does not say that it is an NDIS_SG_DMA_DESCRIPTION, or "
                     "that has no ProcessSGListHandler",
                     name);
        return NDIS_STATUS_INVALID_PARAMETER;
    }
    dma = chs_new_object(sizeof(*dma), dma_channel);
    dma->process = DmaDescription->ProcessSGListHandler;
    dma->allocated = DmaDescription->SharedMemAllocateCompleteHandler;
    DmaDescription->ScatterGatherListSize = sizeof(SCATTER_GATHER_LIST) + 32 * sizeof(SCATTER_GATHER_ELEMENT);
    *NdisMiniportDmaHandle = dma;
    return NDIS_STATUS_SUCCESS;
}

VOID NdisMDeregisterScatterGatherDma(NDIS_HANDLE NdisMiniportDmaHandle)
{
    CHS_LEVEL;
    struct chs_dma *dma = chs_object(NdisMiniportDmaHandle, dma_channel, "NdisMDeregisterScatterGatherDma");

    if (!dma)
        return;
    if (dma->lists)
        chs_complain("NdisMDeregisterScatterGatherDma: %u scatter/gather lists are not freed", dma->lists);
    chs_end_object(dma);
}

/* The runs of the used data, each with its length; their number. */
static ULONG runs(PNET_BUFFER nb, PSCATTER_GATHER_ELEMENT elements)
{
    ULONG skip = nb->CurrentMdlOffset, left = nb->DataLength, count = 0;
    PMDL mdl;

    for (mdl = nb->CurrentMdl; mdl && left && count < MOST_ELEMENTS; mdl = mdl->Next) {
        ULONG size = min(mdl->ByteCount - skip, left);

        if (size && elements) {
            elements[count].Address.QuadPart = (LONGLONG)(ULONG_PTR)mdl->MappedSystemVa + skip;
            elements[count].Length = size;
        }
        count += size != 0;
        left -= size;
        skip = 0;
    }
    return count;
}

static void process(void *item)
{
    struct chs_sg *sg = item;
    KIRQL before = chs_set_irql(DISPATCH_LEVEL);

    sg->dma->process(NULL, NULL, &sg->list, sg->context);
    chs_set_irql(before);
}

NDIS_STATUS NdisMAllocateNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle, PNET_BUFFER NetBuffer, PVOID Context,
                                         ULONG Flags, PVOID ScatterGatherListBuffer,
                                         ULONG ScatterGatherListBufferSize)
{
    static const char name[] = "NdisMAllocateNetBufferSGList";
    struct chs_dma *dma = chs_object(NdisMiniportDmaHandle, dma_channel, name);
    struct chs_known *known = chs_find(NetBuffer, CHS_NET_BUFFER);
    struct chs_sg *sg;
    ULONG count;

    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(ScatterGatherListBuffer); /* a list of ours shows who touches it after it was freed */
    UNREFERENCED_PARAMETER(ScatterGatherListBufferSize);
    if (!known || known->given)
        chs_complain("%s is passed what is no NET_BUFFER of the driver's, or was given away before", name);
    if (!dma || !known || known->given)
        return NDIS_STATUS_FAILURE;
    count = runs(NetBuffer, NULL);
    sg = chs_new_object(sizeof(*sg) + count * sizeof(SCATTER_GATHER_ELEMENT), sg_list);
    sg->dma = dma;
    sg->of = NetBuffer;
    sg->context = Context;
    sg->list.NumberOfElements = runs(NetBuffer, sg->list.Elements);
    dma->lists++;
    chs_complete(process, sg, false);
    return NDIS_STATUS_SUCCESS;
}

VOID NdisMFreeNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle, PSCATTER_GATHER_LIST pSGL, PNET_BUFFER NetBuffer)
{
    static const char name[] = "NdisMFreeNetBufferSGList";
    struct chs_dma *dma = chs_object(NdisMiniportDmaHandle, dma_channel, name);
    struct chs_sg *sg = chs_object(CONTAINING_RECORD(pSGL, struct chs_sg, list), sg_list, name);

    if (!dma || !sg)
        return;
    if (sg->of != NetBuffer)
        chs_complain("%s is passed a list that was made for another NET_BUFFER", name);
    dma->lists--;
    chs_end_object(sg);
}

/* ---- shared memory -------------------------------------------------------------------------- */

struct chs_shared {
    struct chs_object object;
    PVOID start;
    SCATTER_GATHER_LIST list;
    SCATTER_GATHER_ELEMENT element;
};

VOID NdisMAllocateSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN Cached, PVOID *VirtualAddress,
                               PNDIS_PHYSICAL_ADDRESS PhysicalAddress)
{
    CHS_LEVEL;
    chs_calls("NdisMAllocateSharedMemory", MiniportAdapterHandle);
    UNREFERENCED_PARAMETER(Cached);
    *VirtualAddress = ExAllocatePoolZero(NonPagedPool, Length, 0);
    *PhysicalAddress = MmGetPhysicalAddress(*VirtualAddress);
}

VOID NdisMFreeSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN Cached, PVOID VirtualAddress,
                           NDIS_PHYSICAL_ADDRESS PhysicalAddress)
{
    struct chs_resource *memory = chs_find(VirtualAddress, CHS_MEMORY);

    chs_calls("NdisMFreeSharedMemory", MiniportAdapterHandle);
    UNREFERENCED_PARAMETER(Cached);
    if (memory && (memory->size != Length || PhysicalAddress.QuadPart != (LONGLONG)(ULONG_PTR)VirtualAddress))
        chs_complain("NdisMFreeSharedMemory is passed another length (%u of %zu), or another physical address, than "
                     "NdisMAllocateSharedMemory had",
                     Length, (size_t)memory->size);
    ExFreePool(VirtualAddress);
}

struct chs_wanted {
    struct chs_dma *dma;
    ULONG length;
    PVOID context;
};

static void allocate(void *item)
{
    struct chs_wanted wanted = *(struct chs_wanted *)item;
    NDIS_PHYSICAL_ADDRESS physical;
    PVOID start;

    free(item);
    start = ExAllocatePoolZero(NonPagedPool, wanted.length, 0);
    physical = MmGetPhysicalAddress(start);
    wanted.dma->allocated(chs_adapter()->context, start, &physical, wanted.length, wanted.context);
}

NDIS_STATUS NdisMAllocateSharedMemoryAsyncEx(NDIS_HANDLE MiniportDmaHandle, ULONG Length, BOOLEAN Cached,
                                             PVOID Context)
{
    static const char name[] = "NdisMAllocateSharedMemoryAsyncEx";
    struct chs_dma *dma = chs_object(MiniportDmaHandle, dma_channel, name);
    struct chs_wanted *wanted;

    UNREFERENCED_PARAMETER(Cached);
    if (!dma || !dma->allocated) {
        chs_complain("%s needs a channel that was registered with a SharedMemAllocateCompleteHandler", name);
        return NDIS_STATUS_FAILURE;
    }
    wanted = calloc(1, sizeof(*wanted));
    *wanted = (struct chs_wanted){dma, Length, Context};
    chs_complete(allocate, wanted, true);
    return NDIS_STATUS_PENDING;
}

NDIS_STATUS NdisAllocateSharedMemory(NDIS_HANDLE NdisHandle, PNDIS_SHARED_MEMORY_PARAMETERS SharedMemoryParameters,
                                     PNDIS_HANDLE pAllocationHandle)
{
    ULONG length = SharedMemoryParameters->Length;
    struct chs_shared *shared = chs_new_object(sizeof(*shared), shared_memory);

    UNREFERENCED_PARAMETER(NdisHandle);
    shared->start = calloc(1, length ? length : 1);
    shared->list.NumberOfElements = 1;
    shared->element.Address = MmGetPhysicalAddress(shared->start);
    shared->element.Length = length;
    SharedMemoryParameters->VirtualAddress = shared->start;
    SharedMemoryParameters->SharedMemoryHandle = shared;
    if (SharedMemoryParameters->SGListBuffer &&
        SharedMemoryParameters->SGListBufferLength >= sizeof(shared->list) + sizeof(shared->element)) {
        *SharedMemoryParameters->SGListBuffer = shared->list;
        SharedMemoryParameters->SGListBuffer->Elements[0] = shared->element;
    }
    *pAllocationHandle = shared;
    return NDIS_STATUS_SUCCESS;
}

VOID NdisFreeSharedMemory(NDIS_HANDLE NdisHandle, NDIS_HANDLE AllocationHandle)
{
    struct chs_shared *shared = chs_object(AllocationHandle, shared_memory, "NdisFreeSharedMemory");

    UNREFERENCED_PARAMETER(NdisHandle);
    if (!shared)
        return;
    free(shared->start);
    chs_end_object(shared);
}

ULONG NdisMGetDmaAlignment(NDIS_HANDLE MiniportAdapterHandle)
{
    UNREFERENCED_PARAMETER(MiniportAdapterHandle);
    return ALIGNMENT;
}

ULONG NdisGetSharedDataAlignment(VOID)
{
    return ALIGNMENT;
}

/* ---- interrupts ----------------------------------------------------------------------------- */

NDIS_STATUS NdisMRegisterInterruptEx(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE MiniportInterruptContext,
                                     PNDIS_MINIPORT_INTERRUPT_CHARACTERISTICS MiniportInterruptCharacteristics,
                                     PNDIS_HANDLE NdisInterruptHandle)
{
    CHS_LEVEL;
    chs_calls("NdisMRegisterInterruptEx", MiniportAdapterHandle);
    UNREFERENCED_PARAMETER(MiniportInterruptContext);
    if (MiniportInterruptCharacteristics->Header.Type != NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT) {
        chs_complain("NdisMRegisterInterruptEx is passed a structure whose header does not say that it is an "
                     "NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS");
        return NDIS_STATUS_INVALID_PARAMETER;
    }
    MiniportInterruptCharacteristics->InterruptType = NDIS_CONNECT_LINE_BASED;
    *NdisInterruptHandle = chs_new_object(sizeof(struct chs_object), interrupt);
    return NDIS_STATUS_SUCCESS;
}

VOID NdisMDeregisterInterruptEx(NDIS_HANDLE NdisInterruptHandle)
{
    CHS_LEVEL;
    struct chs_object *object = chs_object(NdisInterruptHandle, interrupt, "NdisMDeregisterInterruptEx");

    if (object)
        chs_end_object(object);
}

BOOLEAN NdisMSynchronizeWithInterruptEx(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId,
                                        MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER SynchronizeFunction,
                                        PVOID SynchronizeContext)
{
    UNREFERENCED_PARAMETER(MessageId);
    return chs_object(NdisInterruptHandle, interrupt, "NdisMSynchronizeWithInterruptEx") &&
           SynchronizeFunction(SynchronizeContext);
}
