/* Added to the reference: when the link changes it asks NDIS for what is completed now or later. */
#include "miniport.h"

#define LENGTH 64

static NDIS_HANDLE Dma;
static PNET_BUFFER_LIST List;
static PMDL Mdl;
static UCHAR Bytes[4];
static PSCATTER_GATHER_LIST Elements;
static ULONG Count;
static BOOLEAN Waits;
static PVOID Shared;
static NDIS_PHYSICAL_ADDRESS Bus;

static VOID Process(PDEVICE_OBJECT DeviceObject, PVOID Reserved, PSCATTER_GATHER_LIST SGL, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Reserved);
    UNREFERENCED_PARAMETER(Context);
    Elements = SGL;
}

static VOID Allocated(NDIS_HANDLE MiniportAdapterContext, PVOID VirtualAddress, PNDIS_PHYSICAL_ADDRESS PhysicalAddress,
                      ULONG Length, PVOID Context)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(Length);
    UNREFERENCED_PARAMETER(Context);
    if (!Waits)
        return;
    Waits = FALSE;
    Shared = VirtualAddress;
    Bus = *PhysicalAddress;
}

VOID Register(PADAPTER Adapter)
{
    NDIS_SG_DMA_DESCRIPTION Description = {
        {NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, 1, NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1}, 0, 1514, Process, Allocated};

    NdisMRegisterScatterGatherDma(Adapter->NdisHandle, &Description, &Dma);
}

VOID Ask(PADAPTER Adapter)
{
    if (List != NULL)
        return;
    Mdl = NdisAllocateMdl(Adapter->NdisHandle, Bytes, sizeof(Bytes));
    List = NdisAllocateNetBufferAndNetBufferList(Adapter->BufferPool, 0, 0, Mdl, 0, sizeof(Bytes));
    NdisMAllocateNetBufferSGList(Dma, List->FirstNetBuffer, NULL, 0, NULL, 0);
#ifdef LIST_AT_ONCE
    Count += Elements->NumberOfElements;
#endif
#ifdef MEMORY_LATER
    NdisMAllocateSharedMemoryAsyncEx(Dma, LENGTH, FALSE, NULL);
    Waits = TRUE;
#else
    Waits = TRUE;
    NdisMAllocateSharedMemoryAsyncEx(Dma, LENGTH, FALSE, NULL);
#endif
}

VOID GiveBack(PADAPTER Adapter)
{
    if (Elements != NULL)
        NdisMFreeNetBufferSGList(Dma, Elements, List->FirstNetBuffer);
    if (Shared != NULL)
        NdisMFreeSharedMemory(Adapter->NdisHandle, LENGTH, FALSE, Shared, Bus);
    if (List != NULL) {
        NdisFreeNetBufferList(List);
        NdisFreeMdl(Mdl);
    }
    NdisMDeregisterScatterGatherDma(Dma);
    Shared = NULL;
    List = NULL;
    Elements = NULL;
}
