/* State objects, and the trees of block lists in which NDIS names them. */
#include "miniport.h"

/* Every block of a tree: what depends on one, then the one beside it (pages/traversing-a-state-tree.md). */
VOID ForEachBlock(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST First, BLOCK_FUNCTION Function, PVOID Argument)
{
    for (; First != NULL; First = First->NextBlock) {
        Function(First, Argument);
        ForEachBlock(First->DependentBlockList, Function, Argument);
    }
}

/* MiniportOffloadContext as NDIS passes it: where the PVOID is that we stored. */
PCONNECTION ConnectionAt(PVOID MiniportOffloadContext)
{
    return CONTAINING_RECORD(*(PVOID *)MiniportOffloadContext, CONNECTION, Object);
}

/* The state object that a block stands for; NULL for a placeholder. */
PSTATE_OBJECT ObjectOf(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    return Block->MiniportOffloadContext == NULL ? NULL : *Block->MiniportOffloadContext;
}

/* The connection that a block stands for, or NULL. */
PCONNECTION ConnectionOf(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    PSTATE_OBJECT Object = ObjectOf(Block);

    return Object == NULL || Object->Kind != ObjectConnection ? NULL
                                                              : CONTAINING_RECORD(Object, CONNECTION, Object);
}

/* The structure that follows another one in memory; each starts on 8 bytes. */
static PVOID Following(PVOID State)
{
    return (PUCHAR)State + ALIGN_UP_BY(((POFFLOAD_STATE_HEADER)State)->Length, 8);
}

/* The delegated TCP structure behind a block; NULL if none follows. */
PTCP_OFFLOAD_STATE_DELEGATED TcpDelegated(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    if (Block->Header.Type == TcpOffloadDelegatedState)
        return (PTCP_OFFLOAD_STATE_DELEGATED)(Block + 1);
    if (Block->Header.Type == TcpOffloadState)
        return Following(Following(Block + 1));
    return NULL;
}

static PSTATE_OBJECT AllocateObject(PADAPTER Adapter, OBJECT_KIND Kind, UINT Size, NDIS_HANDLE Handle)
{
    PSTATE_OBJECT Object =
        NdisAllocateMemoryWithTagPriority(Adapter->NdisHandle, Size, TAG_OBJECT, LowPoolPriority);

    if (Object == NULL)
        return NULL;
    NdisZeroMemory(Object, Size);
    Object->Adapter = Adapter;
    Object->Kind = Kind;
    Object->NdisOffloadHandle = Handle;
    NdisAcquireSpinLock(&Adapter->Lock);
    InsertTailList(&Adapter->Objects, &Object->Link);
    NdisReleaseSpinLock(&Adapter->Lock);
    return Object;
}

/* What the host had received and its application not read: in order before RcvNxt. FALSE if there is no memory. */
static BOOLEAN TakeBufferedData(PCONNECTION Connection, PNET_BUFFER_LIST List)
{
    PNET_BUFFER_LIST Each;
    PCHUNK Chunk;

    for (Each = List; Each != NULL; Each = NET_BUFFER_LIST_NEXT_NBL(Each))
        Connection->HeldBytes += DataLength(Each);
    Connection->RcvCapacity += Connection->HeldBytes;
    for (Each = List; Each != NULL; Each = NET_BUFFER_LIST_NEXT_NBL(Each)) {
        Chunk = CopyChunk(Connection->RcvNxt - Connection->HeldBytes, Each);
        if (Chunk == NULL)
            return FALSE;
        InsertTailList(&Connection->Held, &Chunk->Link);
    }
    return TRUE;
}

/* The sends that are outstanding, the first byte of the first one being SndUna's, are ours from now on. */
static VOID TakeChain(PCONNECTION Connection, PNET_BUFFER_LIST First)
{
    PNET_BUFFER_LIST Each;

    for (Each = First; Each != NULL; Each = NET_BUFFER_LIST_NEXT_NBL(Each))
        Connection->SndEnd += DataLength(Each);
    QueueChain(&Connection->Sends, First);
}

/*
 * What was closed before. A FIN of ours was sent behind the chain; where it is acknowledged, SND.UNA is behind it.
 * The host has a FIN of the peer's.
 */
static VOID TakeClosed(PCONNECTION Connection, ULONG State)
{
    if (State == TcpConnectionFinWait2)
        Connection->SndEnd--;
    Connection->Closing = State == TcpConnectionFinWait1 || State == TcpConnectionClosing ||
                          State == TcpConnectionLastAck;
    Connection->PeerFinFirst = State == TcpConnectionCloseWait || State == TcpConnectionLastAck;
    Connection->PeerFin = Connection->PeerFinFirst || State == TcpConnectionClosing;
    Connection->FinTold = Connection->PeerFin;
}

static PSTATE_OBJECT OffloadConnection(PADAPTER Adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    PTCP_OFFLOAD_STATE_DELEGATED State = TcpDelegated(Block);
    PSTATE_OBJECT Object =
        AllocateObject(Adapter, ObjectConnection, sizeof(CONNECTION), Block->NdisOffloadHandle);
    PCONNECTION Connection;

    if (Object == NULL)
        return NULL;
    Connection = CONTAINING_RECORD(Object, CONNECTION, Object);
    NdisAllocateSpinLock(&Connection->Lock);
    InitializeListHead(&Connection->Sends);
    InitializeListHead(&Connection->Held);
    InitializeListHead(&Connection->Early);
    InitializeListHead(&Connection->Requests);
    InitializeListHead(&Connection->Forwards);
    Connection->SndWL1 = State->SendWL1;
    Connection->SndWL2 = State->SndUna; /* nobody hands it over; no older one counts */
    Connection->Given = *State;
    Connection->SndUna = Connection->SendsBegin = Connection->SndEnd = State->SndUna;
    Connection->SndNxt = State->SndNxt;
    Connection->SndMax = State->SndMax;
    Connection->SndWnd = State->SndWnd;
    Connection->RcvNxt = State->RcvNxt;
    Connection->RcvCapacity = State->RcvWnd;
    Connection->Reserve = AllocateLoan(Connection);
    if (Connection->Reserve == NULL || !TakeBufferedData(Connection, State->BufferedData)) {
        FreeObject(Object);
        return NULL;
    }
    TakeChain(Connection, Block->NetBufferListChain); /* not before it is sure that the offload succeeds */
    TakeClosed(Connection, State->State);
    TakeOptions(Connection, (PTCP_OFFLOAD_STATE_CONST)(Block + 1));
    return Object;
}

static PSTATE_OBJECT OffloadNeighbor(PADAPTER Adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    PVOID Const = Block + 1, Cached = Following(Const), Delegated = Following(Cached);
    PSTATE_OBJECT Object =
        AllocateObject(Adapter, ObjectNeighbor, sizeof(NEIGHBOR), Block->NdisOffloadHandle);
    PNEIGHBOR Neighbor;

    if (Object == NULL)
        return NULL;
    Neighbor = CONTAINING_RECORD(Object, NEIGHBOR, Object);
    Neighbor->Const = *(PNEIGHBOR_OFFLOAD_STATE_CONST)Const;
    Neighbor->Cached = *(PNEIGHBOR_OFFLOAD_STATE_CACHED)Cached;
    Neighbor->Delegated = *(PNEIGHBOR_OFFLOAD_STATE_DELEGATED)Delegated;
    return Object;
}

/* Takes over the state object of a new offload; NULL if there is no memory. */
PSTATE_OBJECT OffloadObject(PADAPTER Adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    if (Block->Header.Type == TcpOffloadState)
        return OffloadConnection(Adapter, Block);
    if (Block->Header.Type == NeighborOffloadState)
        return OffloadNeighbor(Adapter, Block);
    return AllocateObject(Adapter, ObjectPath, sizeof(STATE_OBJECT), Block->NdisOffloadHandle);
}

static VOID EmptyConnection(PCONNECTION Connection)
{
    FreeChunks(&Connection->Held);
    FreeChunks(&Connection->Early);
    if (Connection->Reserve != NULL)
        FreeLoan(Connection->Reserve);
    NdisFreeSpinLock(&Connection->Lock);
}

static VOID ReleaseObject(PSTATE_OBJECT Object)
{
    if (Object->Kind == ObjectConnection)
        EmptyConnection(CONTAINING_RECORD(Object, CONNECTION, Object));
    NdisFreeMemory(Object, 0, 0);
}

VOID FreeObject(PSTATE_OBJECT Object)
{
    NdisAcquireSpinLock(&Object->Adapter->Lock);
    RemoveEntryList(&Object->Link);
    NdisReleaseSpinLock(&Object->Adapter->Lock);
    ReleaseObject(Object);
}

/* Finds a state object that is handed back, and of which the host reads nothing any more; unlinks it. */
static PSTATE_OBJECT TakeIdle(PADAPTER Adapter)
{
    PSTATE_OBJECT Object, Idle = NULL;
    PLIST_ENTRY Link;

    NdisAcquireSpinLock(&Adapter->Lock);
    for (Link = Adapter->Objects.Flink; Link != &Adapter->Objects && Idle == NULL; Link = Link->Flink) {
        Object = CONTAINING_RECORD(Link, STATE_OBJECT, Link);
        if (Object->HandedBack && Object->Loans == 0) /* [guarantee.not-used-after-free] */
            Idle = Object;
    }
    if (Idle != NULL)
        RemoveEntryList(&Idle->Link);
    NdisReleaseSpinLock(&Adapter->Lock);
    return Idle;
}

/* [resources.freed] */
VOID FreeUnlentObjects(PADAPTER Adapter)
{
    PSTATE_OBJECT Object;

    while ((Object = TakeIdle(Adapter)) != NULL)
        ReleaseObject(Object);
}

/* The host has the tree now: what was written into it is free, as far as nothing of it is lent. */
VOID FreeIdleObjects(PADAPTER Adapter)
{
    PSTATE_OBJECT Object;
    PLIST_ENTRY Link;

    NdisAcquireSpinLock(&Adapter->Lock);
    for (Link = Adapter->Objects.Flink; Link != &Adapter->Objects; Link = Link->Flink) {
        Object = CONTAINING_RECORD(Link, STATE_OBJECT, Link);
        Object->HandedBack = Object->Written;
    }
    NdisReleaseSpinLock(&Adapter->Lock);
    FreeUnlentObjects(Adapter);
}
