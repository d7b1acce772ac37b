/* The receiving half of a connection. */
#include "miniport.h"

/* Keeps data that came too early; the peer is told of it by a selective acknowledgement. Lock held. */
static VOID KeepEarly(PCONNECTION Connection, const SIM_SEGMENT *Segment)
{
    PLIST_ENTRY Link;
    PCHUNK Chunk;

    for (Link = Connection->Early.Flink; Link != &Connection->Early; Link = Link->Flink)
        if (CONTAINING_RECORD(Link, CHUNK, Link)->Seq == Segment->Seq)
            return;
    Chunk = AllocateChunk(Segment->Seq, Segment->Payload, Segment->PayloadLength);
    if (Chunk != NULL)
        InsertTailList(&Connection->Early, &Chunk->Link);
}

static VOID Hold(PCONNECTION Connection, PCHUNK Chunk)
{
    InsertTailList(&Connection->Held, &Chunk->Link);
    Connection->HeldBytes += Chunk->Length;
    Connection->RcvNxt += Chunk->Length;
}

/* Early data that is in order now. Lock held. */
static VOID AbsorbEarly(PCONNECTION Connection)
{
    PLIST_ENTRY Link = Connection->Early.Flink;
    PCHUNK Chunk;

    while (Link != &Connection->Early) {
        Chunk = CONTAINING_RECORD(Link, CHUNK, Link);
        Link = Link->Flink;
        if (Chunk->Seq == Connection->RcvNxt) {
            RemoveEntryList(&Chunk->Link);
            Hold(Connection, Chunk);
            Link = Connection->Early.Flink;
        }
    }
}

/* Takes a segment's data and FIN. Returns whether an acknowledgement must not wait. Lock held. */
static BOOLEAN Take(PCONNECTION Connection, const SIM_SEGMENT *Segment)
{
    PCHUNK Chunk;

    if (Segment->Seq != Connection->RcvNxt) {
        if (SeqDiff(Segment->Seq, Connection->RcvNxt) > 0 && Segment->PayloadLength > 0)
            KeepEarly(Connection, Segment);
        return TRUE;
    }
    if (Segment->PayloadLength > 0) {
        Chunk = AllocateChunk(Segment->Seq, Segment->Payload, Segment->PayloadLength);
        if (Chunk == NULL)
            return FALSE; /* not acknowledged, so the peer sends it again */
        Hold(Connection, Chunk);
    }
    if (Segment->Fin) {
        Connection->PeerFin = TRUE;
        Connection->PeerFinFirst = SeqDiff(Connection->SndMax, Connection->SndEnd) <= 0;
        Connection->RcvNxt++;
    }
    AbsorbEarly(Connection);
    return ++Connection->AcksDue > 1;
}

/* Fills a receive request from what is held. Returns the bytes in it. Lock held. */
static ULONG Fill(PCONNECTION Connection, PNET_BUFFER_LIST Request)
{
    ULONG Length = DataLength(Request), Filled = 0, Part;
    PCHUNK Chunk;

    while (Filled < Length && !IsListEmpty(&Connection->Held)) {
        Chunk = CONTAINING_RECORD(Connection->Held.Flink, CHUNK, Link);
        Part = min(Length - Filled, Chunk->Length - Chunk->Consumed);
        CopyTo(Request, Filled, Chunk->Data + Chunk->Consumed, Part);
        Filled += Part;
        Chunk->Consumed += Part;
        if (Chunk->Consumed == Chunk->Length) {
            RemoveEntryList(&Chunk->Link);
            FreeChunk(Chunk);
        }
    }
    Connection->HeldBytes -= Filled;
    return Filled;
}

static VOID CompleteRequest(PCONNECTION Connection, PNET_BUFFER_LIST Request, NDIS_STATUS Status, ULONG Bytes)
{
    PADAPTER Adapter = Connection->Object.Adapter;

    FinishRequest(Request, Status, Bytes);
    Adapter->Ndis->NdisTcpOffloadReceiveComplete(Adapter->NdisHandle, Request);
}

/* Serves the oldest request. The lock is held before and after, not during the completion. */
static VOID ServeRequest(PCONNECTION Connection)
{
    PNET_BUFFER_LIST Request = PopFirst(&Connection->Requests);
    ULONG Bytes = Fill(Connection, Request);

    NdisReleaseSpinLock(&Connection->Lock);
    CompleteRequest(Connection, Request, NDIS_STATUS_SUCCESS, Bytes); /* [receive-complete.status] */
    NdisAcquireSpinLock(&Connection->Lock);
}

/* Offers the application all that is held. FALSE: out of memory. Lock as above. */
static BOOLEAN Indicate(PCONNECTION Connection)
{
    PLOAN Loan = AllocateLoan(Connection);
    NDIS_STATUS Status;
    ULONG Length, Consumed = 0;

    if (Loan == NULL) {
        Connection->Starved = TRUE;
        return FALSE;
    }
    Lend(Loan);
    Length = Loan->Length;
    NdisReleaseSpinLock(&Connection->Lock);
    Status = Connection->Object.Adapter->Ndis->NdisTcpOffloadReceiveHandler(
        Connection->Object.NdisOffloadHandle, Loan->NetBufferList, NDIS_STATUS_SUCCESS, &Consumed);
    NdisAcquireSpinLock(&Connection->Lock);
    if (Status == NDIS_STATUS_SUCCESS) {
        Connection->HeldBytes -= Length; /* the loan is the host's, and may be back and freed already */
    } else {
        TakeBack(Loan, Consumed); /* [receive.once]: less what the application took */
        FreeLoan(Loan);
        Connection->Refused = TRUE;
    }
    return TRUE;
}

/* Whether what is held is enough for the oldest request: all of it in nonpush mode [delivery.no-push]. Lock held. */
static BOOLEAN Serves(PCONNECTION Connection, PNET_BUFFER_LIST Request)
{
    ULONG Length = DataLength(Request);

    if (NET_BUFFER_LIST_INFO(Request, TcpReceiveNoPush) != NULL && !Connection->PeerFin)
        return Connection->HeldBytes >= Length;
    return !IsListEmpty(&Connection->Held) || Length == 0;
}

/* [progress.delivered] One step of the delivery algorithm: posted requests first, then an indication. FALSE: nothing to do. */
static BOOLEAN DeliverNext(PCONNECTION Connection)
{
    PNET_BUFFER_LIST Request = FirstOf(&Connection->Requests);

    if (Request != NULL && Serves(Connection, Request))
        ServeRequest(Connection);
    else if (Request == NULL && !IsListEmpty(&Connection->Held) && !Connection->Refused)
        return Indicate(Connection);
    else
        return FALSE;
    return TRUE;
}

/* pages/delivery-algorithm.md. What delivers data is serialized: [guarantee.receive-in-order] */
static VOID Deliver(PCONNECTION Connection)
{
    BOOLEAN TellFin = FALSE, Waits = InterlockedCompareExchange(&Connection->Object.Adapter->Offloading, 0, 0);

    NdisAcquireSpinLock(&Connection->Lock);
    if (Waits) {
        Connection->Starved = TRUE; /* an offload is being completed: in Run, afterwards */
    } else if (!Connection->Delivering && !Connection->Object.Lost) {
        Connection->Delivering = TRUE;
        Connection->Starved = FALSE;
        while (!Connection->Terminating && !Connection->Aborted && DeliverNext(Connection))
            ;
        Connection->Delivering = FALSE;
        TellFin = Connection->PeerFin && !Connection->FinTold && IsListEmpty(&Connection->Held) &&
                  !Connection->Terminating && !Connection->Aborted;
        if (TellFin)
            Connection->FinTold = TRUE; /* [event.end-once] */
    }
    NdisReleaseSpinLock(&Connection->Lock);
    if (TellFin) /* [event.end-due] [event.end-told]: all data is with the application */
        IndicateTcpEvent(Connection, TcpIndicateDisconnect, 0);
}

static BOOLEAN IsDead(PCONNECTION Connection)
{
    return Connection->Object.Lost || Connection->Aborted || Connection->Urgent;
}

static BOOLEAN HasForwards(PCONNECTION Connection)
{
    return !IsListEmpty(&Connection->Forwards);
}

static BOOLEAN IsStarved(PCONNECTION Connection)
{
    return Connection->Starved;
}

/* Asked with the lock held: on another processor the answer may be about to change. */
static BOOLEAN Ask(PCONNECTION Connection, BOOLEAN (*Question)(PCONNECTION))
{
    BOOLEAN Answer;

    NdisAcquireSpinLock(&Connection->Lock);
    Answer = Question(Connection);
    NdisReleaseSpinLock(&Connection->Lock);
    return Answer;
}

/* An RST outside of the window is nobody's that knows the connection (RFC 9293, 3.10.7.4). [event.abort-due] */
static VOID ResetIfMeant(PCONNECTION Connection, ULONG Seq)
{
    LONG Ahead;

    NdisAcquireSpinLock(&Connection->Lock);
    Ahead = SeqDiff(Seq, Connection->RcvNxt);
    NdisReleaseSpinLock(&Connection->Lock);
    if (Ahead >= 0 && (ULONG)Ahead <= Connection->RcvCapacity)
        Reset(Connection);
}

static VOID ProcessSegment(PCONNECTION Connection, const SIM_SEGMENT *Segment)
{
    BOOLEAN AckNow;

    if (Ask(Connection, IsDead))
        return;
    if (Segment->Rst) {
        ResetIfMeant(Connection, Segment->Seq);
        return;
    }
    if (Segment->Syn) {
        SendAcknowledgement(Connection); /* who did begin anew answers with an RST (RFC 5961, section 4) */
        return;
    }
    ProcessAcknowledgement(Connection, Segment);
    if (Segment->PayloadLength == 0 && !Segment->Fin)
        return;
    NdisAcquireSpinLock(&Connection->Lock);
    AckNow = Take(Connection, Segment);
    NdisReleaseSpinLock(&Connection->Lock);
    if (AckNow)
        SendAcknowledgement(Connection);
    Deliver(Connection);
}

VOID MpSegmentArrives(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment)
{
    PCONNECTION Connection = CONTAINING_RECORD(MiniportOffloadContext, CONNECTION, Object);

    if (!EnterUnlessTerminating(Connection)) { /* [segments.not-processed] */
        NdisMIndicateReceiveNetBufferLists(Connection->Object.Adapter->NdisHandle, Segment->Frame,
                                           NDIS_DEFAULT_PORT_NUMBER, 1, NDIS_RECEIVE_FLAGS_RESOURCES);
        return;
    }
    ProcessSegment(Connection, Segment);
    Leave(Connection);
}

/*
 * Requests are served in their order [delivery.in-order], before anything is indicated [delivery.requests-first];
 * what was refused waits for one [delivery.refused-waits].
 */
NDIS_STATUS MpTcpOffloadReceive(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                                PNET_BUFFER_LIST NetBufferList)
{
    PCONNECTION Connection = ConnectionAt(MiniportOffloadContext);

    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    NdisAcquireSpinLock(&Connection->Lock);
    QueueChain(&Connection->Requests, NetBufferList);
    Connection->Refused = FALSE;
    NdisReleaseSpinLock(&Connection->Lock);
    Enter(Connection);
    Deliver(Connection);
    Leave(Connection);
    return NDIS_STATUS_PENDING;
}

/* Receive buffers come back; the last one of a connection that is handed back frees it. */
NDIS_STATUS MpTcpOffloadReceiveReturn(NDIS_HANDLE MiniportAdapterContext, PNET_BUFFER_LIST NetBufferList)
{
    PNET_BUFFER_LIST Next;
    PCONNECTION Connection;
    PLOAN Loan;

    for (; NetBufferList != NULL; NetBufferList = Next) {
        Next = NET_BUFFER_LIST_NEXT_NBL(NetBufferList);
        Loan = NET_BUFFER_LIST_MINIPORT_RESERVED(NetBufferList)[0];
        Connection = Loan->Connection;
        FreeLoan(Loan);
        InterlockedDecrement(&Connection->Object.Loans);
    }
    FreeUnlentObjects(MiniportAdapterContext);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS MpTcpOffloadForward(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                                PNET_BUFFER_LIST NetBufferList)
{
    PCONNECTION Connection = ConnectionAt(MiniportOffloadContext);

    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    NdisAcquireSpinLock(&Connection->Lock);
    QueueChain(&Connection->Forwards, NetBufferList);
    NdisReleaseSpinLock(&Connection->Lock);
    return NDIS_STATUS_PENDING;
}

static VOID CompleteForward(PCONNECTION Connection, PNET_BUFFER_LIST NetBufferList, NDIS_STATUS Status)
{
    PADAPTER Adapter = Connection->Object.Adapter;

    NET_BUFFER_LIST_NEXT_NBL(NetBufferList) = NULL;
    NET_BUFFER_LIST_STATUS(NetBufferList) = Status;
    Adapter->Ndis->NdisTcpOffloadForwardComplete(Adapter->NdisHandle, NetBufferList);
}

static BOOLEAN HasAbort(PCONNECTION Connection)
{
    return Connection->Abort != NULL && !Connection->Object.Lost;
}

static PCONNECTION Next(PADAPTER Adapter, BOOLEAN (*Wants)(PCONNECTION))
{
    PCONNECTION Connection, Found = NULL;
    PLIST_ENTRY Link;

    NdisAcquireSpinLock(&Adapter->Lock);
    for (Link = Adapter->Objects.Flink; Link != &Adapter->Objects && Found == NULL; Link = Link->Flink) {
        if (CONTAINING_RECORD(Link, STATE_OBJECT, Link)->Kind != ObjectConnection)
            continue;
        Connection = CONTAINING_RECORD(Link, CONNECTION, Object.Link);
        NdisAcquireSpinLock(&Connection->Lock);
        if (!Connection->Terminating && Wants(Connection))
            Found = Connection;
        NdisReleaseSpinLock(&Connection->Lock);
    }
    NdisReleaseSpinLock(&Adapter->Lock);
    return Found;
}

/* Segments that came by another way, and that the host passed on. */
VOID ProcessForwards(PADAPTER Adapter)
{
    PCONNECTION Connection;
    PNET_BUFFER_LIST Forward;
    SIM_SEGMENT Segment;

    while ((Connection = Next(Adapter, HasForwards)) != NULL) {
        Enter(Connection);
        Forward = PopLocked(Connection, &Connection->Forwards);
        if (SimNicParseFrame(Forward, &Segment))
            ProcessSegment(Connection, &Segment);
        CompleteForward(Connection, Forward, NDIS_STATUS_SUCCESS); /* [forward-complete.status] */
        Leave(Connection);
    }
}

VOID CompleteAborts(PADAPTER Adapter)
{
    PCONNECTION Connection;

    while ((Connection = Next(Adapter, HasAbort)) != NULL) {
        Enter(Connection);
        CompleteAbort(Connection, NDIS_STATUS_SUCCESS);
        Leave(Connection);
    }
}

/* [progress.delivered] What could not be indicated before, for want of memory; if there is none yet, later. */
VOID DeliverStarved(PADAPTER Adapter)
{
    PCONNECTION Connection;
    BOOLEAN Starved = FALSE;

    while (!Starved && (Connection = Next(Adapter, IsStarved)) != NULL) {
        Enter(Connection);
        Deliver(Connection);
        Starved = Ask(Connection, IsStarved);
        Leave(Connection);
    }
}

VOID CompleteForwards(PCONNECTION Connection, NDIS_STATUS Status)
{
    PNET_BUFFER_LIST Forward;

    while ((Forward = PopLocked(Connection, &Connection->Forwards)) != NULL)
        CompleteForward(Connection, Forward, Status);
}

VOID CompleteRequests(PCONNECTION Connection, NDIS_STATUS Status)
{
    PNET_BUFFER_LIST Request;

    while ((Request = PopLocked(Connection, &Connection->Requests)) != NULL)
        CompleteRequest(Connection, Request, Status, 0);
}
