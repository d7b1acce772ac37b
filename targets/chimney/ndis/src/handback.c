/* Reading the tree that the driver hands back, and noticing when it writes to it afterwards. */
#include "lent.h"

#include <stdlib.h>

/* A block of the tree of a terminate request. */
static bool is_of(const struct chs_block *block, ULONG request)
{
    return block->purpose == CHS_TERMINATE && block->request == request;
}

static bool is_back(const struct chs_block *block)
{
    return block->purpose == CHS_TERMINATE && block->image;
}

/* The terminate request that a driver completes with that list: its own, or if it is in no tree the oldest. */
static ULONG request_of(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    const struct chs_block *found = chs_find(list, CHS_BLOCK), *block;

    if (found && found->purpose == CHS_TERMINATE)
        return found->request;
    found = NULL;
    for (block = chs_blocks(); block; block = block->older)
        if (block->purpose == CHS_TERMINATE && (!found || !block->image || found->image))
            found = block;
    return found ? found->request : 0;
}

/* A pointer that the driver never wrote is told as NULL: the host gave it no other value. */
static int64_t told_list(PNET_BUFFER_LIST list)
{
    static const UCHAR untouched[sizeof(list)] = {CHS_PATTERN, CHS_PATTERN, CHS_PATTERN, CHS_PATTERN,
                                                  CHS_PATTERN, CHS_PATTERN, CHS_PATTERN, CHS_PATTERN};

    return memcmp(&list, untouched, sizeof(list)) ? chs_told(list, CHS_LIST) : 0;
}

/* What depends on a connection's traffic; a TimeoutDelta of -1 is told as -1. */
static void put_members(const TCP_OFFLOAD_STATE_DELEGATED *tcp)
{
    static const TCP_OFFLOAD_STATE_DELEGATED none;
    const TCP_OFFLOAD_STATE_DELEGATED *from = tcp ? tcp : &none;

    chs_word(from->CWnd);
    chs_word(from->SsThresh);
    chs_word(from->SRtt);
    chs_word(from->RttVar);
    chs_word(from->TotalRT);
    chs_word(from->DupAckCount);
    chs_word(from->SndWndProbeCount);
    chs_word(from->Retransmit.Count);
    chs_word((int32_t)from->Retransmit.TimeoutDelta);
    chs_word(from->KeepAlive.ProbeCount);
    chs_word((int32_t)from->KeepAlive.TimeoutDelta);
    chs_word(from->State);
    chs_word(from->SendWL1);
    chs_word(from->TsRecent);
    chs_word(from->TsRecentAge);
    chs_word(from->TsTime);
    chs_word(from->MaxSndWnd);
}

static void put_block(const struct chs_block *block)
{
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list = block->list;
    PTCP_OFFLOAD_STATE_DELEGATED tcp = block->tcp;

    chs_word((int64_t)(uintptr_t)list);
    chs_word((uint32_t)list->Status);
    chs_word(chs_told(list->NextBlock, CHS_BLOCK));
    chs_word(chs_told(list->DependentBlockList, CHS_BLOCK));
    chs_word(chs_told(list->NetBufferListChain, CHS_LIST));
    chs_word(tcp != NULL);
    chs_word(tcp ? tcp->SndUna : 0);
    chs_word(tcp ? tcp->SndNxt : 0);
    chs_word(tcp ? tcp->SndMax : 0);
    chs_word(tcp ? tcp->SndWnd : 0);
    chs_word(tcp ? tcp->RcvNxt : 0);
    chs_word(tcp ? tcp->RcvWnd : 0);
    put_members(tcp);
    chs_word(tcp ? told_list(tcp->SendDataHead) : 0);
    chs_word(tcp ? told_list(tcp->SendDataTail) : 0);
    chs_word(tcp ? told_list(tcp->BufferedData) : 0);
    chs_word((int64_t)(chs_hash(1, list, block->size) >> 1));
}

void chs_put_answer(const struct chs_block *block)
{
    const TCP_OFFLOAD_STATE_DELEGATED *tcp = block->tcp;

    put_block(block);
    chs_word(tcp ? tcp->SendBacklogSize : 0);
    chs_word(tcp ? tcp->ReceiveBacklogSize : 0);
}

static void put_tree(ULONG request)
{
    SIZE_T count = 0;
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older)
        count += is_of(block, request);
    chs_word((int64_t)count);
    for (block = chs_blocks(); block; block = block->older)
        if (is_of(block, request))
            put_block(block);
}

static void visit_chains(ULONG request, void (*visit)(PNET_BUFFER_LIST))
{
    struct chs_list *list;
    struct chs_block *block;

    chs_new_visit();
    for (list = chs_hosts_lists(); list; list = list->older)
        if (list->use == CHS_SEND && !list->resource.known.given)
            visit(list->nbl);
    for (block = chs_blocks(); block; block = block->older) {
        if (!is_of(block, request))
            continue;
        visit(block->list->NetBufferListChain);
        if (block->tcp && told_list(block->tcp->BufferedData) > 0)
            visit(block->tcp->BufferedData);
    }
}

static void put_with_data(PNET_BUFFER_LIST first)
{
    chs_put_reachable(first, true);
}

/* What is handed over: the chain of each connection, and the data it had received. */
static void give_trees_lists(ULONG request)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older) {
        struct chs_handle *handle = chs_find(block->list->NdisOffloadHandle, CHS_HANDLE);

        if (!is_of(block, request))
            continue;
        if (handle)
            handle->back = true;
        chs_give_chain(block->list->NetBufferListChain, CHS_SEND);
        if (block->tcp && told_list(block->tcp->BufferedData) > 0)
            chs_lend_chain(block->tcp->BufferedData, handle);
    }
}

static void keep_image(struct chs_block *block)
{
    block->image = block->image ? block->image : malloc(block->size);
    memcpy(block->image, block->list, block->size);
}

static const struct chs_block *terminated_by(const struct chs_handle *handle)
{
    const struct chs_block *block = chs_blocks();

    while (block && !(block->purpose == CHS_TERMINATE && block->list->MiniportOffloadContext == handle->location))
        block = block->older;
    return block;
}

bool chs_all_terminating(void)
{
    const struct chs_handle *handle;
    bool any = false;

    for (handle = chs_handles(); handle; handle = handle->older) {
        const struct chs_block *block = terminated_by(handle);

        if (!*handle->location || handle->freed)
            continue;
        if (!block)
            return false;
        any = any || !block->image;
    }
    return any;
}

/* Of neighbors and paths that were handed back; a connection is seen to when it is at rest. */
void chs_check_kept(void)
{
    const struct chs_handle *handle;

    for (handle = chs_handles(); handle; handle = handle->older) {
        const struct chs_block *block = terminated_by(handle);

        if (*handle->location && !handle->freed && block && is_back(block) && !block->tcp)
            chs_tell_kept(*handle->location);
    }
}

static bool has_pattern(const void *member, SIZE_T size)
{
    const UCHAR *bytes = member;
    SIZE_T k;

    for (k = 0; k < size; k++)
        if (bytes[k] != CHS_PATTERN)
            return false;
    return true;
}

/* A block's members for protocols and intermediate drivers are not the driver's to write. */
void chs_check_reserved(const char *name)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older) {
        const NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *list = block->list;

        if (block->purpose != CHS_RETIRED && !(has_pattern(list->ProtocolReserved, sizeof(list->ProtocolReserved)) &&
                                               has_pattern(list->ImReserved, sizeof(list->ImReserved)) &&
                                               has_pattern(&list->SourceHandle, sizeof(list->SourceHandle)))) {
            chs_complain("%s: the driver wrote into ProtocolReserved, ImReserved or SourceHandle of a block, which are "
                         "others' to write", name);
            return;
        }
    }
}

static uint64_t hash_hosts(const struct chs_block *block)
{
    return chs_hash(1, (const UCHAR *)block->list + AFTER_BLOCK, block->hosts);
}

/* Where its sends lie, how they are linked, their status, and where their data begins. */
static uint64_t hash_sends(const struct chs_block *block)
{
    uint64_t hash = chs_hash(1, &block->list->NetBufferListChain, sizeof(block->list->NetBufferListChain));
    PNET_BUFFER_LIST nbl;

    chs_new_visit();
    for (nbl = block->sends; chs_unvisited(nbl); nbl = nbl->Next) {
        hash = chs_hash(hash, &nbl->Next, sizeof(nbl->Next));
        hash = chs_hash(hash, &nbl->FirstNetBuffer, sizeof(nbl->FirstNetBuffer));
        hash = chs_hash(hash, &nbl->Status, sizeof(nbl->Status));
        if (nbl->FirstNetBuffer)
            hash = chs_hash(hash, &nbl->FirstNetBuffer->DataLength, sizeof(nbl->FirstNetBuffer->DataLength));
    }
    return hash;
}

void chs_note_hosts(void)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older) {
        if (block->purpose != CHS_INITIATE)
            continue;
        if (block->hosts)
            block->hosts_hash = hash_hosts(block);
        block->sends = block->list->NetBufferListChain;
        block->sends_hash = hash_sends(block);
    }
}

static bool is_refused(const struct chs_block *block)
{
    NDIS_STATUS status = block->list->Status;

    return block->purpose == CHS_INITIATE && block->sends && status != NDIS_STATUS_SUCCESS &&
           status != (NDIS_STATUS)CHS_UNWRITTEN;
}

void chs_check_hosts(void)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older)
        if (is_refused(block) && block->sends_hash != hash_sends(block))
            chs_complain("NdisMInitiateOffloadComplete: the driver failed the offload of a connection, and changed the "
                         "sends that came along: their links, status or data start");
    for (block = chs_blocks(); block; block = block->older)
        if (block->purpose == CHS_INITIATE && block->hosts && block->hosts_hash != hash_hosts(block))
            chs_complain("NdisMInitiateOffloadComplete: the driver wrote into the constant or the cached state behind "
                         "a block, which are the host's to change");
}

/* NDIS sets the length of a structure that the driver fills. */
static void check_headers(ULONG request)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older)
        if (is_of(block, request) && block->tcp &&
            block->tcp->Header.Length != sizeof(TCP_OFFLOAD_STATE_DELEGATED))
            chs_complain("NdisMTerminateOffloadComplete: the driver changed Header.Length of a "
                         "TCP_OFFLOAD_STATE_DELEGATED, which NDIS sets");
}

/* What a neighbor has besides its status: how long it was not heard of (NEIGHBOR_OFFLOAD_STATE_DELEGATED). */
static void check_neighbors(ULONG request)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older) {
        const NEIGHBOR_OFFLOAD_STATE_DELEGATED *state = (PVOID)((UCHAR *)block->list + AFTER_BLOCK);

        if (is_of(block, request) && block->size > AFTER_BLOCK &&
            block->list->Header.Type == NeighborOffloadDelegatedState &&
            block->list->Status == NDIS_STATUS_SUCCESS && state->NicReachabilityDelta == CHS_UNWRITTEN)
            chs_complain("NdisMTerminateOffloadComplete: a neighbor comes back without its NicReachabilityDelta");
    }
}

/* The tree is the host's from now on. */
static void hand_back(ULONG request)
{
    struct chs_block *block;
    bool first = false;

    for (block = chs_blocks(); block; block = block->older)
        if (is_of(block, request) && !block->image) {
            keep_image(block);
            first = true;
        }
    if (first)
        give_trees_lists(request);
}

VOID NdisMTerminateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
                                   PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList)
{
    ULONG request = request_of(OffloadBlockList);

    chs_calls("NdisMTerminateOffloadComplete", NdisMiniportHandle);
    chs_nic_lets_go();
    visit_chains(request, chs_look_over);
    check_headers(request);
    check_neighbors(request);
    chs_check_reserved("NdisMTerminateOffloadComplete");
    chs_begin();
    chs_word(chs_told(OffloadBlockList, CHS_BLOCK));
    put_tree(request);
    visit_chains(request, put_with_data);
    hand_back(request);
    chs_tell(CHS_TERMINATED);
}

void chs_check_trees(void)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older) {
        if (!is_back(block) || !memcmp(block->image, block->list, block->size))
            continue;
        keep_image(block);
        chs_begin();
        chs_word(0);
        chs_word(1);
        put_block(block);
        chs_tell(CHS_REWRITTEN);
    }
}

/* What the host freed, or uses for something else: no driver may look at it. */
static void retire(struct chs_block *block)
{
    struct chs_area area = {(UCHAR *)block->list, block->size};

    block->purpose = CHS_RETIRED;
    chs_poison(&area);
}

void chs_retire_trees(enum chs_purpose purpose)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older)
        if (block->purpose == purpose)
            retire(block);
}

void chs_next_cycle(void)
{
    struct chs_block *block;

    for (block = chs_blocks(); block; block = block->older)
        if (is_back(block))
            retire(block);
}
