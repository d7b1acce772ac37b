/* What the driver tells the host unasked. */
#include "miniport.h"

/*
 * Between Enter and Leave the host may be called about a connection; a termination waits until all
 * have left. [indications.tcp-event] [indications.receive]
 */
VOID Enter(PCONNECTION Connection)
{
    NdisAcquireSpinLock(&Connection->Lock);
    Connection->Busy++;
    NdisReleaseSpinLock(&Connection->Lock);
}

/* The same, for what a terminating connection leaves to the host: FALSE. */
BOOLEAN EnterUnlessTerminating(PCONNECTION Connection)
{
    BOOLEAN Entered;

    NdisAcquireSpinLock(&Connection->Lock);
    Entered = !Connection->Terminating;
    if (Entered)
        Connection->Busy++;
    NdisReleaseSpinLock(&Connection->Lock);
    return Entered;
}

VOID Leave(PCONNECTION Connection)
{
    NdisAcquireSpinLock(&Connection->Lock);
    Connection->Busy--;
    NdisReleaseSpinLock(&Connection->Lock);
}

/* What was read out already is lost no more: FALSE. */
static BOOLEAN Lose(PCONNECTION Connection)
{
    BOOLEAN Lost;

    NdisAcquireSpinLock(&Connection->Lock);
    Lost = !Connection->ReadOut;
    if (Lost)
        InterlockedExchange(&Connection->Object.Lost, TRUE);
    NdisReleaseSpinLock(&Connection->Lock);
    return Lost;
}

VOID IndicateTcpEvent(PCONNECTION Connection, TCP_OFFLOAD_EVENT_TYPE Event, ULONG Information)
{
    Connection->Object.Adapter->Ndis->NdisTcpOffloadEventHandler(Connection->Object.NdisOffloadHandle, Event,
                                                                 Information);
}

/* Whatever the host posted comes back as aborted. */
VOID AbortConnection(PCONNECTION Connection)
{
    AbortSends(Connection);
    CompleteRequests(Connection, NDIS_STATUS_REQUEST_ABORTED);
    CompleteDisconnect(Connection, NDIS_STATUS_REQUEST_ABORTED);
}

/* pages/responding-to-the-reception-of-a-fin-or-rst-segment.md */
VOID Reset(PCONNECTION Connection)
{
    NdisAcquireSpinLock(&Connection->Lock);
    Connection->Aborted = TRUE;
    NdisReleaseSpinLock(&Connection->Lock);
    AbortConnection(Connection);
    IndicateTcpEvent(Connection, TcpIndicateAbort, 0); /* [event.abort-due] [event.abort-told] */
}

/*
 * An abortive disconnect, which is completed in Run: the only RST there is [wire.reset-with-reason], and
 * nothing after it [wire.silent-after-reset]. [disconnect.abort-sent] [disconnect.abort-sends]
 */
VOID CutOff(PCONNECTION Connection, PNET_BUFFER_LIST NetBufferList)
{
    BOOLEAN Lost;

    NdisAcquireSpinLock(&Connection->Lock);
    Connection->Abort = NetBufferList;
    Lost = Connection->Object.Lost;
    Connection->Aborted |= !Lost;
    NdisReleaseSpinLock(&Connection->Lock);
    if (Lost)
        return; /* there is nobody who could send it */
    SendReset(Connection);
    AbortConnection(Connection);
}

/* The state is lost; ask the host to take a connection back. For the other layers the host finds out. */
VOID MpHardwareFails(PVOID MiniportOffloadContext)
{
    PSTATE_OBJECT Object = MiniportOffloadContext;
    PCONNECTION Connection;

    if (Object->Kind != ObjectConnection) {
        InterlockedExchange(&Object->Lost, TRUE);
        return;
    }
    Connection = CONTAINING_RECORD(Object, CONNECTION, Object);
    if (!Lose(Connection))
        return;
    Enter(Connection);
    IndicateTcpEvent(Connection, TcpIndicateRetrieve, HardwareFailure); /* [event.retrieve-told] */
    Leave(Connection);
}

/* The same for indications that concern no connection. [indications.status] [indications.offload-event] */
static VOID CountIndications(PADAPTER Adapter, LONG Change)
{
    NdisAcquireSpinLock(&Adapter->Lock);
    Adapter->Indications += Change;
    NdisReleaseSpinLock(&Adapter->Lock);
}

VOID MpLinkChanges(NDIS_HANDLE MiniportAdapterContext)
{
    PADAPTER Adapter = MiniportAdapterContext;
    NDIS_STATUS_INDICATION Indication;

    NdisZeroMemory(&Indication, sizeof(Indication));
    Indication.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    Indication.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    Indication.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    Indication.SourceHandle = Adapter->NdisHandle;
    Indication.StatusCode = NDIS_STATUS_LINK_STATE;
    CountIndications(Adapter, 1);
    NdisMIndicateStatusEx(Adapter->NdisHandle, &Indication);
    CountIndications(Adapter, -1);
}

/* pages/making-a-neighborreachabilityquery-indication.md: one block, with the neighbor's three structures. */
VOID MpNeighborSilent(PVOID MiniportOffloadContext)
{
    struct {
        NDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block;
        DECLSPEC_ALIGN(8) NEIGHBOR_OFFLOAD_STATE_CONST Const;
        DECLSPEC_ALIGN(8) NEIGHBOR_OFFLOAD_STATE_CACHED Cached;
        DECLSPEC_ALIGN(8) NEIGHBOR_OFFLOAD_STATE_DELEGATED Delegated;
    } Query;
    PNEIGHBOR Neighbor = CONTAINING_RECORD(MiniportOffloadContext, NEIGHBOR, Object);
    PADAPTER Adapter = Neighbor->Object.Adapter;

    NdisZeroMemory(&Query, sizeof(Query));
    Query.Block.Header.Type = NeighborOffloadState;
    Query.Block.Header.Revision = 1;
    Query.Block.Header.Size = sizeof(Query.Block);
    Query.Block.Status = NDIS_STATUS_SUCCESS;
    Query.Block.NdisOffloadHandle = Neighbor->Object.NdisOffloadHandle;
    Query.Const = Neighbor->Const;
    Query.Cached = Neighbor->Cached;
    Query.Delegated = Neighbor->Delegated;
    CountIndications(Adapter, 1);
    NdisMOffloadEventIndicate(Adapter->NdisHandle, &Query.Block, NeighborReachabilityQuery);
    CountIndications(Adapter, -1);
}

/* In the window, and acknowledging nothing that was never sent. Lock held. */
static BOOLEAN IsAcceptable(PCONNECTION Connection, const SIM_SEGMENT *Segment)
{
    LONG Ahead = SeqDiff(Segment->Seq, Connection->RcvNxt);

    return Ahead >= 0 && (ULONG)Ahead < Connection->RcvCapacity - Connection->HeldBytes &&
           SeqDiff(Segment->Ack, Connection->SndMax) <= 0;
}

/* pages/handling-the-reception-of-urgent-data.md: it is not acknowledged, and the host takes the connection back. */
VOID MpUrgentArrives(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment)
{
    PCONNECTION Connection = CONTAINING_RECORD(MiniportOffloadContext, CONNECTION, Object);
    BOOLEAN Ask;

    if (!EnterUnlessTerminating(Connection)) {
        NdisMIndicateReceiveNetBufferLists(Connection->Object.Adapter->NdisHandle, Segment->Frame,
                                           NDIS_DEFAULT_PORT_NUMBER, 1, NDIS_RECEIVE_FLAGS_RESOURCES);
        return;
    }
    NdisAcquireSpinLock(&Connection->Lock);
    Ask = !Connection->Object.Lost && !Connection->Aborted && !Connection->Urgent;
    Ask = Ask && IsAcceptable(Connection, Segment);
    Connection->Urgent |= Ask;
    NdisReleaseSpinLock(&Connection->Lock);
    if (Ask)
        IndicateTcpEvent(Connection, TcpIndicateRetrieve, ReceivedUrgentData);
    Leave(Connection);
}
