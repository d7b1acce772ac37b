/* The calls on state: they are remembered, and completed in Run. Offloading, and what a query reads. */
#include "miniport.h"

C_ASSERT(sizeof(LIST_ENTRY) <= RTL_FIELD_SIZE(NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, MiniportReserved));

VOID PostponeCall(PADAPTER Adapter, STATE_CALL Call, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList)
{
    NdisAcquireSpinLock(&Adapter->Lock);
    InsertTailList(&Adapter->Calls[Call], (PLIST_ENTRY)BlockList->MiniportReserved);
    NdisReleaseSpinLock(&Adapter->Lock);
}

/* The oldest call that waits, or NULL. */
PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST FirstCall(PADAPTER Adapter, STATE_CALL Call)
{
    PLIST_ENTRY First;

    NdisAcquireSpinLock(&Adapter->Lock);
    First = IsListEmpty(&Adapter->Calls[Call]) ? NULL : Adapter->Calls[Call].Flink;
    NdisReleaseSpinLock(&Adapter->Lock);
    if (First == NULL)
        return NULL;
    return CONTAINING_RECORD(First, NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, MiniportReserved);
}

PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST TakeCall(PADAPTER Adapter, STATE_CALL Call)
{
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block = FirstCall(Adapter, Call);

    if (Block != NULL) {
        NdisAcquireSpinLock(&Adapter->Lock);
        RemoveEntryList((PLIST_ENTRY)Block->MiniportReserved);
        NdisReleaseSpinLock(&Adapter->Lock);
    }
    return Block;
}

/* Whether a call waits that is completed before a termination is. */
BOOLEAN CallsWait(PADAPTER Adapter)
{
    return FirstCall(Adapter, CallInvalidate) != NULL || FirstCall(Adapter, CallQuery) != NULL ||
           FirstCall(Adapter, CallUpdate) != NULL;
}

VOID MpInitiateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList)
{
    PostponeCall(MiniportAdapterContext, CallInitiate, BlockList);
}

VOID MpInvalidateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList)
{
    PostponeCall(MiniportAdapterContext, CallInvalidate, BlockList);
}

VOID MpQueryOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList)
{
    PostponeCall(MiniportAdapterContext, CallQuery, BlockList);
}

VOID MpUpdateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList)
{
    PostponeCall(MiniportAdapterContext, CallUpdate, BlockList);
}

static VOID OffloadBlock(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PADAPTER Adapter)
{
    if (Block->MiniportOffloadContext == NULL || *Block->MiniportOffloadContext != NULL)
        return; /* a placeholder, or a linker to what is offloaded already */
    *Block->MiniportOffloadContext = OffloadObject(Adapter, Block);
    if (*Block->MiniportOffloadContext == NULL)
        Block->Status = NDIS_STATUS_RESOURCES;
}

/* The state of the connection in the words of RFC 9293. */
static TCP_OFFLOAD_CONNECTION_STATE ConnectionState(PCONNECTION Connection)
{
    BOOLEAN FinSent = SeqDiff(Connection->SndMax, Connection->SndEnd) > 0;
    BOOLEAN FinAcknowledged = SeqDiff(Connection->SndUna, Connection->SndEnd) > 0;

    if (Connection->Aborted)
        return TcpConnectionClosed;
    if (FinAcknowledged && Connection->PeerFin) /* [delegated.state] */
        return Connection->PeerFinFirst ? TcpConnectionClosed : TcpConnectionTimeWait;
    if (FinAcknowledged)
        return TcpConnectionFinWait2;
    if (FinSent && Connection->PeerFin)
        return Connection->PeerFinFirst ? TcpConnectionLastAck : TcpConnectionClosing;
    if (FinSent)
        return TcpConnectionFinWait1;
    return Connection->PeerFin ? TcpConnectionCloseWait : TcpConnectionEstablished;
}

/* The variables as they are, without data; the header is the host's. [rcv.wnd] [guarantee.window-kept] */
VOID WriteDelegated(PCONNECTION Connection, PTCP_OFFLOAD_STATE_DELEGATED State)
{
    OFFLOAD_STATE_HEADER Header = State->Header;

    *State = Connection->Given; /* [delegated.as-offloaded] [delegated.congestion-window] */
    State->Header = Header;
    State->SendWL1 = Connection->SndWL1; /* [snd.wl1] */
    State->State = ConnectionState(Connection);
    State->SndUna = Connection->SndUna; /* [snd.una] */
    State->SndNxt = Connection->SndNxt; /* [snd.nxt] [snd.specified] */
    State->SndMax = Connection->SndMax; /* [snd.max] */
    State->SndWnd = Connection->SndWnd; /* [snd.wnd] */
    State->RcvNxt = Connection->RcvNxt; /* [rcv.nxt] */
    State->RcvWnd = Connection->RcvCapacity - Connection->HeldBytes;
    State->KeepAlive.TimeoutDelta = (ULONG)-1; /* no such timer runs [keepalive.idle] */
    State->Retransmit.TimeoutDelta = /* [retransmit.idle] [retransmit.running] */
        Connection->SndUna == Connection->SndMax ? (ULONG)-1 : RETRANSMIT_TICKS;
    State->SendDataHead = State->SendDataTail = NULL;
    State->BufferedData = NULL;
    WriteStamps(Connection, State);
}

/* [calls.status] [query.status] */
static VOID Answer(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Unused)
{
    PSTATE_OBJECT Object = ObjectOf(Block);

    UNREFERENCED_PARAMETER(Unused);
    Block->Status = Object != NULL && Object->Lost ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS;
}

static VOID QueryBlock(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Unused)
{
    PCONNECTION Connection = ConnectionOf(Block);
    PTCP_OFFLOAD_STATE_DELEGATED State = TcpDelegated(Block);

    Answer(Block, Unused);
    if (Connection == NULL || State == NULL)
        return;
    NdisAcquireSpinLock(&Connection->Lock);
    WriteDelegated(Connection, State); /* [query.current] */
    State->SendBacklogSize = 0xFFFFFFFF; /* the feature is not supported [query.send-backlog] */
    State->ReceiveBacklogSize = Connection->HeldBytes;
    NdisReleaseSpinLock(&Connection->Lock);
}

/* Nothing is offloaded that depends on what was not: no connection without its path and neighbor. */
static VOID OffloadBlocks(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PADAPTER Adapter, NDIS_STATUS Above)
{
    for (; Block != NULL; Block = Block->NextBlock) {
        Block->Status = Above;
        if (Above == NDIS_STATUS_SUCCESS)
            OffloadBlock(Block, Adapter);
        OffloadBlocks(Block->DependentBlockList, Adapter, Block->Status);
    }
}

/* Deferred work: completes what waits, terminations last. [calls.invalidate] [calls.query] [calls.update] */
VOID MpRun(NDIS_HANDLE MiniportAdapterContext)
{
    PADAPTER Adapter = MiniportAdapterContext;
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Tree;

    while ((Tree = TakeCall(Adapter, CallInitiate)) != NULL) {
        OffloadBlocks(Tree, Adapter, NDIS_STATUS_SUCCESS);
        InterlockedIncrement(&Adapter->Offloading); /* segments may come, and nothing is indicated */
        NdisMInitiateOffloadComplete(Adapter->NdisHandle, Tree);
        InterlockedDecrement(&Adapter->Offloading);
    }
    while ((Tree = TakeCall(Adapter, CallInvalidate)) != NULL) {
        ForEachBlock(Tree, Answer, NULL);
        NdisMInvalidateOffloadComplete(Adapter->NdisHandle, Tree);
    }
    while ((Tree = TakeCall(Adapter, CallQuery)) != NULL) {
        ForEachBlock(Tree, QueryBlock, NULL);
        NdisMQueryOffloadStateComplete(Adapter->NdisHandle, Tree);
    }
    while ((Tree = TakeCall(Adapter, CallUpdate)) != NULL) {
        ForEachBlock(Tree, Answer, NULL);
        ForEachBlock(Tree, TakeUpdate, NULL);
        NdisMUpdateOffloadComplete(Adapter->NdisHandle, Tree);
    }
    ProcessForwards(Adapter);
    CompleteAborts(Adapter);
    DeliverStarved(Adapter);
    FinishTerminations(Adapter);
}
