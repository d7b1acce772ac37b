/* Completions and indications: what the driver calls is checked, read and told. */
#include "harness.h"
#include "lent.h"
#include "turns.h"

VOID NdisMInitiateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
                                  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
    struct chs_block *block;

    chs_calls("NdisMInitiateOffloadComplete", NdisMiniportHandle);
    chs_check_reserved("NdisMInitiateOffloadComplete");
    chs_check_hosts();
    chs_check_turns(OffloadBlockList);
    chs_begin();
    chs_word(chs_told(OffloadBlockList, CHS_BLOCK));
    for (block = chs_blocks(); block; block = block->older) {
        if (block->purpose != CHS_INITIATE)
            continue;
        chs_word((int64_t)(uintptr_t)block->list);
        chs_word((uint32_t)block->list->Status);
        chs_word((int64_t)(uintptr_t)block->list->NdisOffloadHandle);
        chs_word((int64_t)(uintptr_t)chs_context((int64_t)(uintptr_t)block->list->NdisOffloadHandle));
    }
    chs_tell(CHS_INITIATED);
    for (block = chs_blocks(); block; block = block->older) /* the host frees what the driver has copied */
        if (block->purpose == CHS_INITIATE && block->tcp && block->list->Status == NDIS_STATUS_SUCCESS)
            chs_give_chain(block->tcp->BufferedData, CHS_RECEIVE);
}

static void complete_call(enum chs_event event, const char *name, NDIS_HANDLE handle,
                     PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    struct chs_block *block = list ? chs_find(list, CHS_BLOCK) : NULL;

    chs_calls(name, handle);
    chs_check_reserved(name);
    chs_begin();
    chs_word(chs_told(list, CHS_BLOCK));
    if (block)
        chs_put_answer(block);
    chs_tell(event);
}

VOID NdisMInvalidateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
                                    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
    complete_call(CHS_INVALIDATED, "NdisMInvalidateOffloadComplete", NdisMiniportHandle, OffloadBlockList);
}

VOID NdisMUpdateOffloadComplete(NDIS_HANDLE NdisMiniportHandle, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
    complete_call(CHS_UPDATED, "NdisMUpdateOffloadComplete", NdisMiniportHandle, OffloadBlockList);
}

VOID NdisMQueryOffloadStateComplete(NDIS_HANDLE NdisMiniportHandle,
                                    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
    complete_call(CHS_QUERIED, "NdisMQueryOffloadStateComplete", NdisMiniportHandle, OffloadBlockList);
}


static void complete_lists(enum chs_event event, const char *name, NDIS_HANDLE handle, PNET_BUFFER_LIST first,
                           enum chs_use use)
{
    chs_calls(name, handle);
    chs_new_visit();
    chs_look_over(first);
    chs_begin();
    chs_put_lists(first, true);
    chs_give_chain(first, use);
    chs_tell(event);
}

static VOID send_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
    complete_lists(CHS_SENT, "NdisTcpOffloadSendComplete", NdisMiniportHandle, NetBufferList, CHS_SEND);
}

static VOID receive_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
    complete_lists(CHS_RECEIVED, "NdisTcpOffloadReceiveComplete", NdisMiniportHandle, NetBufferList, CHS_RECEIVE);
}

static VOID disconnect_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
    complete_lists(CHS_DISCONNECTED, "NdisTcpOffloadDisconnectComplete", NdisMiniportHandle, NetBufferList,
                   CHS_DISCONNECT);
}

static VOID forward_complete(NDIS_HANDLE NdisMiniportHandle, PNET_BUFFER_LIST NetBufferList)
{
    complete_lists(CHS_FORWARDED, "NdisTcpOffloadForwardComplete", NdisMiniportHandle, NetBufferList, CHS_FORWARD);
}

static void check_indicated(struct chs_list *list, NDIS_STATUS Status)
{
    if (Status != NDIS_STATUS_SUCCESS)
        chs_complain("NdisTcpOffloadReceiveHandler is called with status 0x%08X; it takes only NDIS_STATUS_SUCCESS",
                     (unsigned)Status);
    if (list && list->nbl->Next)
        chs_complain("NdisTcpOffloadReceiveHandler is passed a linked list; it takes one NET_BUFFER_LIST");
    if (list && chs_find(list->nbl->FirstNetBuffer, CHS_NET_BUFFER) && list->nbl->FirstNetBuffer->Next)
        chs_complain("NdisTcpOffloadReceiveHandler is passed a list of several NET_BUFFERs; it takes one");
}

/* During the call and, if all was taken, until it is returned, the list is the host's. */
static NDIS_STATUS receive_indicate(NDIS_HANDLE NdisOffloadHandle, PNET_BUFFER_LIST NetBufferList,
                                    NDIS_STATUS Status, PULONG BytesConsumed)
{
    static const NDIS_STATUS statuses[] = {NDIS_STATUS_SUCCESS, NDIS_STATUS_OFFLOAD_DATA_NOT_ACCEPTED,
                                           NDIS_STATUS_OFFLOAD_DATA_PARTIALLY_ACCEPTED};
    struct chs_list *list = NetBufferList ? chs_find(NetBufferList, CHS_LIST) : NULL;
    int64_t answer;

    chs_calls("NdisTcpOffloadReceiveHandler", NULL);
    chs_new_visit();
    chs_look_over(NetBufferList);
    check_indicated(list, Status);
    chs_begin();
    chs_word(chs_told(NdisOffloadHandle, CHS_HANDLE));
    chs_put_lists(NetBufferList, true);
    if (list && list->use == CHS_DRIVERS)
        chs_lend(list, NdisOffloadHandle ? chs_find(NdisOffloadHandle, CHS_HANDLE) : NULL);
    answer = chs_tell(CHS_INDICATED);
    answer = answer < 0 ? 1 : answer;
    if (list && answer % 4)
        chs_take_back(list);
    if (BytesConsumed)
        *BytesConsumed = (ULONG)(answer / 4);
    return statuses[answer % 4 % 3];
}

static VOID event_indicate(NDIS_HANDLE NdisOffloadHandle, ULONG EventType, ULONG EventSpecificInformation)
{
    chs_calls("NdisTcpOffloadEventHandler", NULL);
    chs_begin();
    chs_word(chs_told(NdisOffloadHandle, CHS_HANDLE));
    chs_word(EventType);
    chs_word(EventSpecificInformation);
    chs_tell(CHS_TCP_EVENT);
}

NDIS_STATUS NdisMGetOffloadHandlers(NDIS_HANDLE NdisMiniportHandle, NDIS_CHIMNEY_OFFLOAD_TYPE ChimneyType,
                                    PNDIS_OFFLOAD_EVENT_HANDLERS *OffloadHandlers)
{
    static NDIS_TCP_OFFLOAD_EVENT_HANDLERS handlers = {
        .Header = {NdisTcpChimneyOffload, NDIS_OBJECT_TCP_OFFLOAD_REVISION_1, sizeof(handlers)},
        .NdisTcpOffloadEventHandler = event_indicate,
        .NdisTcpOffloadReceiveHandler = receive_indicate,
        .NdisTcpOffloadSendComplete = send_complete,
        .NdisTcpOffloadReceiveComplete = receive_complete,
        .NdisTcpOffloadDisconnectComplete = disconnect_complete,
        .NdisTcpOffloadForwardComplete = forward_complete,
    };

    chs_calls("NdisMGetOffloadHandlers", NdisMiniportHandle);
    if (ChimneyType != NdisTcpChimneyOffload)
        return NDIS_STATUS_NOT_SUPPORTED;
    if (chs_refuses()) {
        chs_adapter()->handlers_refused = true;
        return NDIS_STATUS_RESOURCES;
    }
    chs_adapter()->handlers_got = true;
    *OffloadHandlers = (PNDIS_OFFLOAD_EVENT_HANDLERS)&handlers;
    return NDIS_STATUS_SUCCESS;
}

VOID NdisMIndicateStatusEx(NDIS_HANDLE MiniportAdapterHandle, PNDIS_STATUS_INDICATION StatusIndication)
{
    chs_calls("NdisMIndicateStatusEx", MiniportAdapterHandle);
    if (!StatusIndication || StatusIndication->Header.Type != NDIS_OBJECT_TYPE_STATUS_INDICATION) {
        chs_complain("NdisMIndicateStatusEx is passed a structure whose header does not say that it is an "
                     "NDIS_STATUS_INDICATION");
        return;
    }
    chs_begin();
    chs_word((uint32_t)StatusIndication->StatusCode);
    chs_tell(CHS_STATUS);
}

/*
 * What follows the block: by one page the constant, the cached and the delegated structure, by another
 * (pages/making-a-neighborreachabilityquery-indication.md) the last two. The host heard of it so long ago, or longer.
 */
static void check_neighbor_states(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list, const char *name)
{
    const UCHAR *at = (const UCHAR *)list + AFTER_BLOCK;
    const NEIGHBOR_OFFLOAD_STATE_CACHED *cached;

    if (((const OFFLOAD_STATE_HEADER *)(const void *)at)->Length == sizeof(NEIGHBOR_OFFLOAD_STATE_CONST))
        at += ALIGN_UP_BY(sizeof(NEIGHBOR_OFFLOAD_STATE_CONST), sizeof(PVOID));
    cached = (const void *)at;
    if (cached->Header.Length != sizeof(*cached))
        chs_complain("%s: no NEIGHBOR_OFFLOAD_STATE_CACHED follows the block, whose header says how long it is", name);
    else if (cached->HostReachabilityDelta < CHS_HOST_REACHABILITY)
        chs_complain("%s: HostReachabilityDelta is %u, and was %u when the neighbor was offloaded", name,
                     cached->HostReachabilityDelta, CHS_HOST_REACHABILITY);
}

/* Source: ddi/nf-ndischimney-ndismoffloadeventindicate.md, Remarks. */
static void check_neighbor_query(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    static const char name[] = "NdisMOffloadEventIndicate, NeighborReachabilityQuery";

    if (!list || list->Header.Type != NeighborOffloadState)
        chs_complain("%s: it takes a block list whose header says NeighborOffloadState", name);
    else if (!chs_header_fits(&list->Header, name, 1, sizeof(*list)))
        return;
    else if (list->DependentBlockList || list->Status != NDIS_STATUS_SUCCESS)
        chs_complain("%s: the block list has a DependentBlockList, or a Status that is not NDIS_STATUS_SUCCESS", name);
    else
        check_neighbor_states(list, name);
}

VOID NdisMOffloadEventIndicate(NDIS_HANDLE NdisMiniportHandle, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList,
                               ULONG IndicationCode)
{
    chs_calls("NdisMOffloadEventIndicate", NdisMiniportHandle);
    if (IndicationCode == NeighborReachabilityQuery)
        check_neighbor_query(OffloadBlockList);
    chs_begin();
    chs_word(IndicationCode);
    chs_tell(CHS_OFFLOAD_EVENT);
}
