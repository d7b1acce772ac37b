/*
 * The hand-off, in the order of pages/terminate-offload-sequence.md, Part 2: wait for what is under
 * way, drain the connections, write the tree, hand it back, free.
 */
#include "miniport.h"

static VOID BeginTermination(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Unused)
{
    PCONNECTION Connection = ConnectionOf(Block);

    UNREFERENCED_PARAMETER(Unused);
    if (Connection == NULL)
        return;
    NdisAcquireSpinLock(&Connection->Lock);
    Connection->Terminating = TRUE;
    NdisReleaseSpinLock(&Connection->Lock);
}

/* Remembers the tree, and returns; from here on the segments of its connections are the host's. */
VOID MpTerminateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList)
{
    ForEachBlock(BlockList, BeginTermination, NULL);
    PostponeCall(MiniportAdapterContext, CallTerminate, BlockList);
}

static VOID CountBusy(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Busy)
{
    PCONNECTION Connection = ConnectionOf(Block);

    if (Connection == NULL)
        return;
    NdisAcquireSpinLock(&Connection->Lock);
    *(ULONG *)Busy += Connection->Busy;
    NdisReleaseSpinLock(&Connection->Lock);
}

/* [indications.status] [indications.offload-event] [indications.tcp-event] [indications.receive] */
static BOOLEAN IndicationsReturned(PADAPTER Adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Tree)
{
    ULONG Busy;

    NdisAcquireSpinLock(&Adapter->Lock);
    Busy = Adapter->Indications;
    NdisReleaseSpinLock(&Adapter->Lock);
    ForEachBlock(Tree, CountBusy, &Busy);
    return Busy == 0 && !CallsWait(Adapter); /* [calls.query]: they may have come meanwhile */
}

/* What the hardware loses from here on is handed back as it was: all of it, or nothing. [status.success-true] */
static VOID ReadOut(PCONNECTION Connection)
{
    NdisAcquireSpinLock(&Connection->Lock);
    Connection->ReadOut = TRUE;
    NdisReleaseSpinLock(&Connection->Lock);
}

/* Completes every request that is outstanding; sends whose data is not acknowledged go into the chain. */
static VOID DrainBlock(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Unused)
{
    PCONNECTION Connection = ConnectionOf(Block);

    UNREFERENCED_PARAMETER(Unused);
    if (Connection == NULL)
        return;
    ReadOut(Connection);
    CompleteForwards(Connection, NDIS_STATUS_UPLOAD_IN_PROGRESS); /* [calls.forward] */
    CompleteAbort(Connection, Connection->Object.Lost ? NDIS_STATUS_REQUEST_ABORTED : NDIS_STATUS_SUCCESS);
    if (Connection->Object.Lost) {
        AbortConnection(Connection); /* [chain.none-when-lost]: nothing is left to chain */
        return;
    }
    CompleteAcknowledged(Connection); /* [calls.send] */
    /* [calls.receive] [receive-complete.upload-status] */
    CompleteRequests(Connection, NDIS_STATUS_UPLOAD_IN_PROGRESS);
    /* [calls.disconnect] [disconnect.upload-status] */
    CompleteDisconnect(Connection, NDIS_STATUS_UPLOAD_IN_PROGRESS);
    FreeChunks(&Connection->Early); /* [sack.dropped]: the peer sends it again */
    if (Connection->AcksDue > 0 && !Connection->Aborted)
        SendAcknowledgement(Connection); /* [ack.delayed-sent] */
}

/* Links the pending sends in their order; the first byte of the first one is SndUna's. */
static VOID ChainSends(PCONNECTION Connection, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block,
                       PTCP_OFFLOAD_STATE_DELEGATED State)
{
    PNET_BUFFER_LIST First, Last;

    /* Off the queue, so none is completed as well: [chain.not-completed] [chain.order] [chain.content] */
    First = LinkChain(&Connection->Sends, &Last); /* [chain.coverage] [guarantee.send-kept] */
    if (First == NULL)
        return; /* [chain.null]: NetBufferListChain came as NULL */
    AdvanceData(First, Connection->SndUna - Connection->SendsBegin); /* [chain.advanced] */
    Block->NetBufferListChain = First; /* [chain.non-null] [chain.only-on-connections] */
    State->SendDataHead = First; /* [chain.ends] */
    State->SendDataTail = Last;
}

/* Received data that the application has not got, as BufferedData. It ends at RcvNxt. */
static PNET_BUFFER_LIST BufferedData(PCONNECTION Connection)
{
    PLOAN Loan = Connection->Reserve;

    if (IsListEmpty(&Connection->Held))
        return NULL;
    Connection->Reserve = NULL;
    Lend(Loan); /* [receive.kept] [receive.up-to-rcv-nxt] [guarantee.receive-kept] */
    return Loan->NetBufferList;
}

static VOID WriteConnection(PCONNECTION Connection, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    PTCP_OFFLOAD_STATE_DELEGATED State = TcpDelegated(Block);

    NdisAcquireSpinLock(&Connection->Lock);
    WriteDelegated(Connection, State); /* [delegated.written] */
    ChainSends(Connection, Block, State);
    State->BufferedData = BufferedData(Connection);
    NdisReleaseSpinLock(&Connection->Lock);
}

static VOID WriteNeighbor(PNEIGHBOR Neighbor, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block)
{
    PNEIGHBOR_OFFLOAD_STATE_DELEGATED State = (PNEIGHBOR_OFFLOAD_STATE_DELEGATED)(Block + 1);

    if (Block->Header.Type == NeighborOffloadDelegatedState)
        State->NicReachabilityDelta = Neighbor->Delegated.NicReachabilityDelta;
}

/* [status.every-block] [complete.same-tree]: Status, and for what came back the delegated structure. */
static VOID WriteBlock(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Unused)
{
    PSTATE_OBJECT Object = ObjectOf(Block);

    UNREFERENCED_PARAMETER(Unused);
    Block->Status = NDIS_STATUS_SUCCESS; /* [status.success-true] */
    if (Object == NULL)
        return; /* [status.placeholder] */
    if (Object->Lost)
        Block->Status = NDIS_STATUS_FAILURE; /* [status.failure-true] [guarantee.no-silent-loss] */
    else if (Object->Kind == ObjectConnection)
        WriteConnection(CONTAINING_RECORD(Object, CONNECTION, Object), Block);
    else if (Object->Kind == ObjectNeighbor)
        WriteNeighbor(CONTAINING_RECORD(Object, NEIGHBOR, Object), Block);
    NdisAcquireSpinLock(&Object->Adapter->Lock);
    Object->Written = TRUE;
    NdisReleaseSpinLock(&Object->Adapter->Lock);
}

static VOID Finish(PADAPTER Adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Tree)
{
    ForEachBlock(Tree, DrainBlock, NULL);
    ForEachBlock(Tree, WriteBlock, NULL);
    /* [complete.same-pointer] [complete.answered] [complete.untouched-after]: now it is the host's. */
    NdisMTerminateOffloadComplete(Adapter->NdisHandle, Tree);
    FreeIdleObjects(Adapter); /* [resources.freed] [resources.after-complete] */
}

/* [guarantee.completed-once]: a tree is taken off the queue before it is handed back. */
VOID FinishTerminations(PADAPTER Adapter)
{
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Tree;

    while ((Tree = FirstCall(Adapter, CallTerminate)) != NULL && IndicationsReturned(Adapter, Tree)) {
        TakeCall(Adapter, CallTerminate);
        Finish(Adapter, Tree);
    }
}
