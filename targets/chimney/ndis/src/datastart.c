/* Moving where the used data of a NET_BUFFER begins, across its MDLs, and reading it in one piece. */
#include "harness.h"

static bool usable(PNET_BUFFER nb, const char *name)
{
    struct chs_known *known = chs_find(nb, CHS_NET_BUFFER);

    if (!known)
        chs_complain("%s is passed what is no NET_BUFFER, or was freed before", name);
    else if (known->given)
        chs_complain("%s is passed a NET_BUFFER that no longer belongs to the driver", name);
    return known && !known->given;
}

/* Points CurrentMdl and CurrentMdlOffset at DataOffset bytes from the start of the chain. */
static void settle(PNET_BUFFER nb)
{
    ULONG left = nb->DataOffset;
    PMDL mdl = nb->MdlChain;

    while (mdl && mdl->Next && left >= mdl->ByteCount) {
        left -= mdl->ByteCount;
        mdl = mdl->Next;
    }
    nb->CurrentMdl = mdl;
    nb->CurrentMdlOffset = left;
}

VOID NdisAdvanceNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta, BOOLEAN FreeMdl,
                                   NET_BUFFER_FREE_MDL_HANDLER *FreeMdlHandler)
{
    static const char name[] = "NdisAdvanceNetBufferDataStart";

    UNREFERENCED_PARAMETER(FreeMdlHandler);
    if (!usable(NetBuffer, name))
        return;
    if (FreeMdl)
        chs_complain("%s is told to free MDLs, which the driver did not allocate by NdisRetreatNetBufferDataStart",
                     name);
    if (DataOffsetDelta > NetBuffer->DataLength) {
        chs_complain("%s is told to advance %u bytes; the NET_BUFFER has %u", name, DataOffsetDelta,
                     NetBuffer->DataLength);
        return;
    }
    NetBuffer->DataOffset += DataOffsetDelta;
    NetBuffer->DataLength -= DataOffsetDelta;
    settle(NetBuffer);
}

/* There is never a need for new MDLs here: a driver goes back over what it advanced. */
NDIS_STATUS NdisRetreatNetBufferDataStart(PNET_BUFFER NetBuffer, ULONG DataOffsetDelta, ULONG DataBackFill,
                                          NET_BUFFER_ALLOCATE_MDL_HANDLER *AllocateMdlHandler)
{
    UNREFERENCED_PARAMETER(DataBackFill);
    UNREFERENCED_PARAMETER(AllocateMdlHandler);
    if (!usable(NetBuffer, "NdisRetreatNetBufferDataStart"))
        return NDIS_STATUS_FAILURE;
    if (DataOffsetDelta > NetBuffer->DataOffset)
        return NDIS_STATUS_RESOURCES;
    NetBuffer->DataOffset -= DataOffsetDelta;
    NetBuffer->DataLength += DataOffsetDelta;
    settle(NetBuffer);
    return NDIS_STATUS_SUCCESS;
}

VOID NdisAdvanceNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta, BOOLEAN FreeMdl,
                                       NET_BUFFER_FREE_MDL_HANDLER *FreeMdlHandler)
{
    struct chs_known *known = chs_find(NetBufferList, CHS_LIST);

    PNET_BUFFER nb;

    if (!known || known->given) {
        chs_complain("NdisAdvanceNetBufferListDataStart is passed a NET_BUFFER_LIST that is not the driver's");
        return;
    }
    for (nb = NetBufferList->FirstNetBuffer; nb; nb = nb->Next)
        NdisAdvanceNetBufferDataStart(nb, DataOffsetDelta, FreeMdl, FreeMdlHandler);
}

NDIS_STATUS NdisRetreatNetBufferListDataStart(PNET_BUFFER_LIST NetBufferList, ULONG DataOffsetDelta,
                                              ULONG DataBackFill,
                                              NET_BUFFER_ALLOCATE_MDL_HANDLER *AllocateMdlHandler,
                                              NET_BUFFER_FREE_MDL_HANDLER *FreeMdlHandler)
{
    struct chs_known *known = chs_find(NetBufferList, CHS_LIST);

    UNREFERENCED_PARAMETER(FreeMdlHandler);
    if (!known || known->given) {
        chs_complain("NdisRetreatNetBufferListDataStart is passed a NET_BUFFER_LIST that is not the driver's");
        return NDIS_STATUS_FAILURE;
    }
    return NdisRetreatNetBufferDataStart(NetBufferList->FirstNetBuffer, DataOffsetDelta, DataBackFill,
                                         AllocateMdlHandler);
}

PVOID NdisGetDataBuffer(PNET_BUFFER NetBuffer, ULONG BytesNeeded, PVOID Storage, UINT AlignMultiple,
                        UINT AlignOffset)
{
    PUCHAR start;

    if (!usable(NetBuffer, "NdisGetDataBuffer") || !BytesNeeded || NetBuffer->DataLength < BytesNeeded)
        return NULL;
    start = (PUCHAR)MmGetSystemAddressForMdlSafe(NetBuffer->CurrentMdl, NormalPagePriority);
    start += NetBuffer->CurrentMdlOffset;
    if (NetBuffer->CurrentMdl->ByteCount - NetBuffer->CurrentMdlOffset >= BytesNeeded &&
        (AlignMultiple <= 1 || ((ULONG_PTR)start - AlignOffset) % AlignMultiple == 0))
        return start;
    if (!Storage || !chs_gather(NetBuffer, Storage, BytesNeeded))
        return NULL;
    return Storage;
}
