/* State trees: block lists with their state structures behind them, as the driver gets them. */
#include "lent.h"

#include <stdlib.h>

#define PATH_MTU 1500
#define MSS 1460

enum layer { NEIGHBOR, PATH, TCP };
enum part { CONSTANT = 1, CACHED = 2, DELEGATED = 4, WHOLE = 7 };

struct node { /* as api.h has it */
    int64_t layer, placeholder, handle, next, dependent, una, nxt, max, wnd, rcv_nxt, rcv_wnd, cwnd, ssthresh, srtt, rttvar,
        total_rt, dup_acks, probe_round, retransmits, retransmit_delta, keepalives, keepalive_delta,
        state, snd_wl1, ts_recent, ts_recent_age, ts_time, max_snd_wnd, snd_wind_scale, rcv_wind_scale, flags;
};

static struct chs_block *blocks;
static struct chs_handle *handles;
static ULONG requests; /* to terminate an offload */

static const SIZE_T sizes[3][3] = {
    {sizeof(NEIGHBOR_OFFLOAD_STATE_CONST), sizeof(NEIGHBOR_OFFLOAD_STATE_CACHED),
     sizeof(NEIGHBOR_OFFLOAD_STATE_DELEGATED)},
    {sizeof(PATH_OFFLOAD_STATE_CONST), sizeof(PATH_OFFLOAD_STATE_CACHED), sizeof(PATH_OFFLOAD_STATE_DELEGATED)},
    {sizeof(TCP_OFFLOAD_STATE_CONST), sizeof(TCP_OFFLOAD_STATE_CACHED), sizeof(TCP_OFFLOAD_STATE_DELEGATED)},
};

/* ---- state objects -------------------------------------------------------------------------- */

static struct chs_handle *make_handle(int64_t layer, const struct chs_handle *path)
{
    struct chs_handle *handle = calloc(1, sizeof(*handle));

    handle->location = calloc(1, sizeof(PVOID));
    handle->handle.MiniportOffloadContext = handle->location;
    chs_know(&handle->known, &handle->handle, CHS_HANDLE);
    handle->older = handles;
    handle->layer = layer;
    chs_number(handle, path);
    handles = handle;
    return handle;
}

struct chs_handle *chs_handles(void)
{
    return handles;
}

PVOID *chs_location(int64_t handle)
{
    struct chs_handle *found = chs_find((const void *)(uintptr_t)handle, CHS_HANDLE);

    return found ? found->location : NULL;
}

PVOID chs_context(int64_t handle)
{
    PVOID *location = chs_location(handle);

    return location ? *location : NULL;
}

void chs_tell_freed(struct chs_handle *handle)
{
    if (handle->told)
        return;
    handle->told = true;
    handle->untold = false;
    chs_begin();
    chs_word((int64_t)(uintptr_t)&handle->handle);
    chs_tell(CHS_FREED);
}

void chs_tell_untold(void)
{
    struct chs_handle *handle;

    for (handle = handles; handle; handle = handle->older)
        if (handle->untold && !chs_lends(handle))
            chs_tell_freed(handle);
}

void chs_memory_freed(const void *start, SIZE_T size)
{
    struct chs_handle *handle;

    for (handle = handles; handle; handle = handle->older) {
        const UCHAR *context = *handle->location;

        if (!handle->freed && context >= (const UCHAR *)start && context < (const UCHAR *)start + size) {
            handle->freed = true;
            handle->untold = chs_is_back(handle) && chs_lends(handle);
            if (!handle->untold)
                chs_tell_freed(handle);
        }
    }
}

/* ---- building ------------------------------------------------------------------------------- */

static enum part parts_for(enum chs_purpose purpose)
{
    switch (purpose) {
    case CHS_INITIATE:
    case CHS_QUERY:
        return WHOLE;
    case CHS_TERMINATE:
        return DELEGATED;
    case CHS_UPDATE:
        return CACHED;
    default:
        return 0;
    }
}

static UCHAR type_for(enum layer layer, enum part parts)
{
    static const UCHAR last[] = {NeighborOffloadState, Ip4OffloadState, TcpOffloadState};
    static const UCHAR delegated[] = {NeighborOffloadDelegatedState, Ip4OffloadDelegatedState,
                                      TcpOffloadDelegatedState};
    static const UCHAR cached[] = {NeighborOffloadCachedState, Ip4OffloadCachedState, TcpOffloadCachedState};

    return parts == DELEGATED ? delegated[layer] : parts == CACHED ? cached[layer] : last[layer];
}

static void fill_neighbor(PNEIGHBOR_OFFLOAD_STATE_CACHED cached)
{
    cached->HostReachabilityDelta = CHS_HOST_REACHABILITY;
}

static void fill_tcp(const struct node *node, UCHAR *constant, UCHAR *cached, PTCP_OFFLOAD_STATE_DELEGATED tcp)
{
    PTCP_OFFLOAD_STATE_CONST fixed = (PVOID)constant;
    PTCP_OFFLOAD_STATE_CACHED settings = (PVOID)cached;

    fixed->Flags = (USHORT)node->flags;
    fixed->RemoteMss = MSS;
    fixed->SndWindScale = node->snd_wind_scale & 0xF;
    fixed->RcvWindScale = node->rcv_wind_scale & 0xF;
    settings->InitialRcvWnd = (ULONG)node->rcv_wnd;
    settings->RcvIndicationSize = PATH_MTU;
    settings->TtlOrHopLimit = 64;
    tcp->State = (TCP_OFFLOAD_CONNECTION_STATE)node->state;
    tcp->SndUna = (ULONG)node->una;
    tcp->SndNxt = (ULONG)node->nxt;
    tcp->SndMax = (ULONG)node->max;
    tcp->SndWnd = (ULONG)node->wnd;
    tcp->MaxSndWnd = (ULONG)node->max_snd_wnd;
    tcp->RcvNxt = (ULONG)node->rcv_nxt;
    tcp->SendWL1 = (ULONG)node->snd_wl1;
    tcp->RcvWnd = (ULONG)node->rcv_wnd;
    tcp->CWnd = (ULONG)node->cwnd;
    tcp->SsThresh = (ULONG)node->ssthresh;
    tcp->SRtt = (USHORT)node->srtt;
    tcp->RttVar = (USHORT)node->rttvar;
    tcp->TsRecent = (ULONG)node->ts_recent;
    tcp->TsRecentAge = (ULONG)node->ts_recent_age;
    tcp->TsTime = (ULONG)node->ts_time;
    tcp->TotalRT = (ULONG)node->total_rt;
    tcp->DupAckCount = (UCHAR)node->dup_acks;
    tcp->SndWndProbeCount = (UCHAR)node->probe_round;
    tcp->Retransmit.Count = (UCHAR)node->retransmits;
    tcp->Retransmit.TimeoutDelta = (ULONG)node->retransmit_delta;
    tcp->KeepAlive.ProbeCount = (UCHAR)node->keepalives;
    tcp->KeepAlive.TimeoutDelta = (ULONG)node->keepalive_delta;
}

/* The application has another receive buffer (SO_RCVBUF). */
static void fill_update(const struct node *node, PTCP_OFFLOAD_STATE_CACHED settings)
{
    settings->Flags = TCP_FLAG_UPDATE_RCV_WND;
    settings->InitialRcvWnd = (ULONG)node->rcv_wnd;
    settings->RcvIndicationSize = PATH_MTU;
    settings->TtlOrHopLimit = 64;
}

/* The structures that follow a block: their headers, and either the state or the pattern. */
static void fill_states(struct chs_block *block, const struct node *node, const struct chs_handle *handle,
                        enum part parts)
{
    UCHAR *at = (UCHAR *)block->list + AFTER_BLOCK, *starts[3] = {NULL, NULL, NULL};
    int k;

    for (k = 0; k < 3; k++) {
        SIZE_T size = sizes[node->layer][k];

        if (!(parts & 1 << k))
            continue;
        memset(at, block->purpose == CHS_INITIATE || block->purpose == CHS_UPDATE ? 0 : CHS_PATTERN, size);
        ((POFFLOAD_STATE_HEADER)(PVOID)at)->Length = (ULONG)size;
        ((POFFLOAD_STATE_HEADER)(PVOID)at)->RecognizedOptions = 0;
        starts[k] = at;
        at += ALIGN_UP_BY(size, sizeof(PVOID));
    }
    if (block->purpose == CHS_UPDATE && node->layer == TCP)
        fill_update(node, (PVOID)starts[1]);
    if (node->layer == TCP)
        block->tcp = (PVOID)starts[2];
    if (block->purpose == CHS_INITIATE && node->layer == NEIGHBOR)
        fill_neighbor((PVOID)starts[1]);
    if (block->purpose == CHS_INITIATE && node->layer == PATH) {
        chs_fill_addresses(handle, (PVOID)starts[0]);
        ((PPATH_OFFLOAD_STATE_CACHED)(PVOID)starts[1])->PathMtu = PATH_MTU;
    }
    if (block->purpose == CHS_INITIATE && node->layer == TCP) {
        chs_fill_ports(handle, (PVOID)starts[0]);
        fill_tcp(node, starts[0], starts[1], block->tcp);
    }
}

/* The handle of the path that a connection's block depends on; NULL if there is none. */
static const struct chs_handle *path_of(const struct node *nodes, int32_t count, const int64_t *made, int32_t tcp)
{
    int32_t n, below;

    for (n = 0; n < count; n++)
        for (below = nodes[n].layer == PATH ? (int32_t)nodes[n].dependent : -1; below >= 0;
             below = (int32_t)nodes[below].next)
            if (below == tcp)
                return chs_find((const void *)(uintptr_t)made[2 * n + 1], CHS_HANDLE);
    return NULL;
}

static struct chs_block *make_block(const struct node *node, enum chs_purpose purpose, const struct chs_handle *path)
{
    struct chs_block *block = calloc(1, sizeof(*block));
    enum part parts = node->placeholder ? 0 : parts_for(purpose);
    struct chs_handle *handle = chs_find((const void *)(uintptr_t)node->handle, CHS_HANDLE);
    int k;

    if (handle && purpose == CHS_INITIATE) { /* the host uses it for another state object */
        *handle->location = NULL;
        handle->freed = handle->back = handle->told = handle->untold = handle->sends = false;
    }
    if (!handle && !node->placeholder)
        handle = make_handle(node->layer, path);
    block->purpose = purpose;
    block->request = requests;
    block->size = AFTER_BLOCK;
    for (k = 0; k < 3; k++)
        if (parts & 1 << k)
            block->size += ALIGN_UP_BY(sizes[node->layer][k], sizeof(PVOID));
    block->hosts = parts == WHOLE ? ALIGN_UP_BY(sizes[node->layer][0], sizeof(PVOID)) +
                                        ALIGN_UP_BY(sizes[node->layer][1], sizeof(PVOID))
                                  : 0;
    block->list = calloc(1, block->size);
    block->list->Header.Type = type_for((enum layer)node->layer, parts_for(purpose));
    block->list->Header.Revision = 1;
    block->list->Header.Size = sizeof(*block->list);
    block->list->Status = (NDIS_STATUS)CHS_UNWRITTEN;
    memset(block->list->ProtocolReserved, CHS_PATTERN, sizeof(block->list->ProtocolReserved));
    memset(block->list->ImReserved, CHS_PATTERN, sizeof(block->list->ImReserved));
    memset(block->list->MiniportReserved, CHS_PATTERN, sizeof(block->list->MiniportReserved)); /* anything */
    memset(block->list->Scratch, CHS_PATTERN, sizeof(block->list->Scratch));
    memset(&block->list->SourceHandle, CHS_PATTERN, sizeof(block->list->SourceHandle));
    fill_states(block, node, handle, parts);
    if (!node->placeholder) {
        block->list->MiniportOffloadContext = handle->location;
        block->list->NdisOffloadHandle = &handle->handle;
    }
    chs_know(&block->known, block->list, CHS_BLOCK);
    block->older = blocks;
    return blocks = block;
}

void chs_build(int32_t purpose, const int64_t *nodes, int32_t count, int64_t *made)
{
    const struct node *node = (const struct node *)nodes;
    int32_t n;

    if (purpose == CHS_INITIATE)
        chs_next_cycle();
    if (purpose == CHS_TERMINATE)
        chs_retire_trees(CHS_INITIATE);
    requests += purpose == CHS_TERMINATE;
    for (n = 0; n < count; n++) {
        bool connects = purpose == CHS_INITIATE && node[n].layer == TCP;
        const struct chs_handle *path = connects ? path_of(node, count, made, n) : NULL;
        struct chs_block *block = make_block(&node[n], (enum chs_purpose)purpose, path);

        made[2 * n] = (int64_t)(uintptr_t)block->list;
        made[2 * n + 1] = (int64_t)(uintptr_t)block->list->NdisOffloadHandle;
    }
    for (n = 0; n < count; n++) {
        PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list = (PVOID)(uintptr_t)made[2 * n];

        list->NextBlock = node[n].next < 0 ? NULL : (PVOID)(uintptr_t)made[2 * node[n].next];
        list->DependentBlockList = node[n].dependent < 0 ? NULL : (PVOID)(uintptr_t)made[2 * node[n].dependent];
    }
}

/* ---- what is left at the end ---------------------------------------------------------------- */

#define MOST_LEFT 64
#define MOST_RUNS 8

/* A tree of all state objects of one layer that are offloaded yet; NULL if there are none. */
static PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST left_of(enum layer layer)
{
    struct node nodes[MOST_LEFT];
    int64_t made[2 * MOST_LEFT];
    const struct chs_handle *handle;
    int32_t count = 0;

    for (handle = handles; handle && count < MOST_LEFT; handle = handle->older)
        if (*handle->location && !handle->freed && !handle->back && handle->layer == layer) {
            nodes[count] = (struct node){.layer = layer, .handle = (int64_t)(uintptr_t)&handle->handle,
                                         .next = count + 1, .dependent = -1};
            count++;
        }
    if (!count)
        return NULL;
    nodes[count - 1].next = -1;
    chs_build(CHS_TERMINATE, (const int64_t *)nodes, count, made);
    return (PVOID)(uintptr_t)made[0];
}

void chs_take_rest(void)
{
    int layer, runs;

    for (layer = TCP; layer >= NEIGHBOR; layer--) {
        PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST tree = left_of((enum layer)layer);

        if (tree)
            chs_manipulate(CHS_TERMINATE, (int64_t)(uintptr_t)tree);
        for (runs = 0; tree && runs < MOST_RUNS && !chs_came_back(tree); runs++)
            chs_run();
    }
    chs_return_lent();
}

struct chs_block *chs_blocks(void)
{
    return blocks;
}

void chs_destroy_trees(void)
{
    while (blocks) {
        struct chs_block *block = blocks;
        struct chs_area area = {(UCHAR *)block->list, block->size};

        blocks = block->older;
        chs_unknow(&block->known);
        chs_unpoison(&area);
        free(block->image);
        free(block->list);
        free(block);
    }
    while (handles) {
        struct chs_handle *handle = handles;

        handles = handle->older;
        chs_unknow(&handle->known);
        free(handle->location);
        free(handle);
    }
}
