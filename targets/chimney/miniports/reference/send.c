/* The sending half of a connection. */
#include "miniport.h"

NDIS_STATUS MpTcpOffloadSend(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                             PNET_BUFFER_LIST NetBufferList)
{
    PCONNECTION Connection = ConnectionAt(MiniportOffloadContext);
    PNET_BUFFER_LIST Each;
    BOOLEAN Aborted;

    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    NdisAcquireSpinLock(&Connection->Lock);
    for (Each = NetBufferList; Each != NULL; Each = NET_BUFFER_LIST_NEXT_NBL(Each))
        Connection->SndEnd += DataLength(Each);
    QueueChain(&Connection->Sends, NetBufferList);
    Aborted = Connection->Aborted;
    NdisReleaseSpinLock(&Connection->Lock);
    if (Aborted) /* by an RST on another processor, which did not find these */
        AbortSends(Connection);
    return NDIS_STATUS_PENDING;
}

NDIS_STATUS MpTcpOffloadDisconnect(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                                   PNET_BUFFER_LIST NetBufferList, ULONG Flags)
{
    PCONNECTION Connection = ConnectionAt(MiniportOffloadContext);

    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    if (Flags == TCP_DISCONNECT_ABORTIVE_CLOSE) {
        CutOff(Connection, NetBufferList);
        return NDIS_STATUS_PENDING;
    }
    NdisAcquireSpinLock(&Connection->Lock);
    Connection->Disconnect = NetBufferList;
    Connection->SndEnd += DataLength(NetBufferList); /* what it brings goes out before the FIN */
    Connection->Closing = TRUE;
    NdisReleaseSpinLock(&Connection->Lock);
    return NDIS_STATUS_PENDING;
}

/* All that is received is acknowledged: [wire.ack-true] [wire.window-true] [wire.window-kept]. Lock held. */
static VOID FillSegment(PCONNECTION Connection, SIM_SEGMENT *Segment)
{
    PLIST_ENTRY Link;
    PCHUNK Chunk;

    NdisZeroMemory(Segment, sizeof(*Segment));
    Segment->Seq = Connection->SndNxt;
    Segment->Ack = Connection->RcvNxt;
    Segment->Window = Connection->RcvCapacity - Connection->HeldBytes;
    for (Link = Connection->Early.Flink; Link != &Connection->Early && Segment->SackCount < SIM_MAX_SACK;
         Link = Link->Flink) {
        Chunk = CONTAINING_RECORD(Link, CHUNK, Link);
        Segment->Sack[Segment->SackCount].Left = Chunk->Seq;
        Segment->Sack[Segment->SackCount].Right = Chunk->Seq + Chunk->Length;
        Segment->SackCount++;
    }
    Connection->AcksDue = 0;
    PutOptions(Connection, Segment);
}

VOID SendAcknowledgement(PCONNECTION Connection)
{
    SIM_SEGMENT Segment;

    NdisAcquireSpinLock(&Connection->Lock);
    FillSegment(Connection, &Segment);
    NdisReleaseSpinLock(&Connection->Lock);
    SimNicTransmit(Connection->Object.NdisOffloadHandle, &Segment);
}

VOID SendReset(PCONNECTION Connection)
{
    SIM_SEGMENT Segment;

    NdisAcquireSpinLock(&Connection->Lock);
    FillSegment(Connection, &Segment);
    NdisReleaseSpinLock(&Connection->Lock);
    Segment.Rst = TRUE;
    SimNicTransmit(Connection->Object.NdisOffloadHandle, &Segment);
}

/* [guarantee.send-in-order] [wire.bytes-true]: the bytes [Seq, Seq + Length) of the pending sends, copied. Lock held. */
static PUCHAR Gather(PCONNECTION Connection, ULONG Seq, ULONG Length)
{
    PUCHAR Payload = ExAllocatePoolWithTag(NonPagedPoolNx, Length, TAG_DATA);
    ULONG Skip = Seq - Connection->SendsBegin, Gathered = 0, Here;
    PLIST_ENTRY Link;
    PNET_BUFFER_LIST NetBufferList;

    if (Payload == NULL)
        return NULL;
    Link = Connection->Sends.Flink;
    for (; Link != &Connection->Sends && Gathered < Length; Link = Link->Flink) {
        NetBufferList = CONTAINING_RECORD(Link, NET_BUFFER_LIST, MiniportReserved);
        Here = DataLength(NetBufferList);
        if (Skip >= Here) {
            Skip -= Here;
            continue;
        }
        Gathered += CopyFrom(NetBufferList, Skip, Payload + Gathered, Length - Gathered);
        Skip = 0;
    }
    if (Gathered < Length && Connection->Disconnect != NULL)
        CopyFrom(Connection->Disconnect, Skip, Payload + Gathered, Length - Gathered);
    return Payload;
}

/* [progress.transmitted] [wire.within-window] [wire.fin-in-place]: what window and Room allow, from SND.NXT on, if any. Lock held. */
static BOOLEAN NextSegment(PCONNECTION Connection, ULONG Room, SIM_SEGMENT *Segment, PUCHAR *Payload)
{
    LONG Open = SeqDiff(Connection->SndUna + Connection->SndWnd, Connection->SndNxt);
    LONG Unsent = SeqDiff(Connection->SndEnd, Connection->SndNxt);
    ULONG Length = Open > 0 && Unsent > 0 ? min(Room, (ULONG)min(Open, Unsent)) : 0;
    BOOLEAN Fin = Connection->Closing && Unsent == (LONG)Length && (LONG)Length < Open;

    if (Length == 0 && !Fin)
        return FALSE;
    if (Length > 0) {
        *Payload = Gather(Connection, Connection->SndNxt, Length);
        if (*Payload == NULL)
            return FALSE; /* the next opportunity may find memory */
    }
    FillSegment(Connection, Segment);
    Segment->Payload = *Payload;
    Segment->PayloadLength = Length;
    Segment->Fin = Fin;
    Connection->SndNxt += Length + (Fin ? 1 : 0);
    if (SeqDiff(Connection->SndNxt, Connection->SndMax) > 0)
        Connection->SndMax = Connection->SndNxt;
    return TRUE;
}

/* A lost, reset or terminating connection sends nothing new. */
static BOOLEAN IsOurs(PCONNECTION Connection)
{
    return !Connection->Object.Lost && !Connection->Aborted && !Connection->Terminating && !Connection->Urgent;
}

VOID MpTransmitOpportunity(PVOID MiniportOffloadContext, ULONG Room)
{
    PCONNECTION Connection = CONTAINING_RECORD(MiniportOffloadContext, CONNECTION, Object);
    SIM_SEGMENT Segment;
    PUCHAR Payload = NULL;
    BOOLEAN Any;

    if (!EnterUnlessTerminating(Connection))
        return;
    NdisAcquireSpinLock(&Connection->Lock);
    Any = IsOurs(Connection) && NextSegment(Connection, Room, &Segment, &Payload);
    NdisReleaseSpinLock(&Connection->Lock);
    if (Any)
        SimNicTransmit(Connection->Object.NdisOffloadHandle, &Segment);
    Leave(Connection);
    if (Payload != NULL)
        ExFreePoolWithTag(Payload, TAG_DATA);
}

/* Goes back to SND.UNA [progress.retransmitted], or acknowledges what is not yet [progress.acknowledged]. */
VOID MpTimerExpires(PVOID MiniportOffloadContext, SIM_TIMER Timer)
{
    PCONNECTION Connection = CONTAINING_RECORD(MiniportOffloadContext, CONNECTION, Object);
    BOOLEAN AckDue = FALSE;

    if (!EnterUnlessTerminating(Connection))
        return;
    NdisAcquireSpinLock(&Connection->Lock);
    if (IsOurs(Connection) && Timer == SimTimerRetransmit)
        Connection->SndNxt = Connection->SndUna;
    else if (IsOurs(Connection))
        AckDue = Connection->AcksDue > 0;
    NdisReleaseSpinLock(&Connection->Lock);
    if (AckDue)
        SendAcknowledgement(Connection);
    Leave(Connection);
}

static VOID CompleteSend(PCONNECTION Connection, PNET_BUFFER_LIST NetBufferList, NDIS_STATUS Status,
                         ULONG Bytes)
{
    PADAPTER Adapter = Connection->Object.Adapter;

    FinishRequest(NetBufferList, Status, Bytes); /* [send-complete.bytes] */
    Adapter->Ndis->NdisTcpOffloadSendComplete(Adapter->NdisHandle, NetBufferList);
}

/* Takes the oldest send off the queue. Acknowledged: how many of its bytes are. Lock held. */
static PNET_BUFFER_LIST PopSend(PCONNECTION Connection, ULONG *Acknowledged)
{
    LONG Done = SeqDiff(Connection->SndUna, Connection->SendsBegin);
    PNET_BUFFER_LIST NetBufferList = PopFirst(&Connection->Sends);
    ULONG Length;

    if (NetBufferList != NULL) {
        Length = DataLength(NetBufferList);
        *Acknowledged = Done > 0 ? min((ULONG)Done, Length) : 0;
        Connection->SendsBegin += Length;
    }
    return NetBufferList;
}

static BOOLEAN FirstIsAcknowledged(PCONNECTION Connection)
{
    PNET_BUFFER_LIST First = FirstOf(&Connection->Sends);

    return First != NULL && SeqDiff(Connection->SndUna, Connection->SendsBegin) >= (LONG)DataLength(First);
}

/* [send-complete.success-acked] [send-complete.in-order]: oldest first, and only when acknowledged whole. */
VOID CompleteAcknowledged(PCONNECTION Connection)
{
    PNET_BUFFER_LIST NetBufferList;
    ULONG Acknowledged = 0;

    do {
        NdisAcquireSpinLock(&Connection->Lock);
        NetBufferList = FirstIsAcknowledged(Connection) ? PopSend(Connection, &Acknowledged) : NULL;
        NdisReleaseSpinLock(&Connection->Lock);
        if (NetBufferList != NULL)
            CompleteSend(Connection, NetBufferList, NDIS_STATUS_SUCCESS, Acknowledged);
    } while (NetBufferList != NULL);
}

/* [send-complete.aborted] [send-complete.after-failure] [send-complete.status]: every one of them. */
VOID AbortSends(PCONNECTION Connection)
{
    PNET_BUFFER_LIST NetBufferList;
    ULONG Acknowledged = 0;

    do {
        NdisAcquireSpinLock(&Connection->Lock);
        NetBufferList = PopSend(Connection, &Acknowledged);
        NdisReleaseSpinLock(&Connection->Lock);
        if (NetBufferList != NULL)
            CompleteSend(Connection, NetBufferList, NDIS_STATUS_REQUEST_ABORTED, Acknowledged);
    } while (NetBufferList != NULL);
}

static VOID CompleteClose(PCONNECTION Connection, PNET_BUFFER_LIST *Request, NDIS_STATUS Status)
{
    PADAPTER Adapter = Connection->Object.Adapter;
    PNET_BUFFER_LIST NetBufferList;
    ULONG Length, Bytes = 0;
    LONG Done;

    NdisAcquireSpinLock(&Connection->Lock);
    NetBufferList = *Request;
    *Request = NULL;
    if (NetBufferList != NULL) {
        Length = DataLength(NetBufferList); /* its data ends where the FIN stands */
        Done = SeqDiff(Connection->SndUna, Connection->SndEnd - Length);
        Bytes = Done > 0 ? min((ULONG)Done, Length) : 0;
    }
    NdisReleaseSpinLock(&Connection->Lock);
    if (NetBufferList != NULL) {
        FinishRequest(NetBufferList, Status, Bytes); /* [disconnect.advanced] */
        Adapter->Ndis->NdisTcpOffloadDisconnectComplete(Adapter->NdisHandle, NetBufferList);
    }
}

VOID CompleteDisconnect(PCONNECTION Connection, NDIS_STATUS Status)
{
    CompleteClose(Connection, &Connection->Disconnect, Status); /* [disconnect.not-failed] */
}

VOID CompleteAbort(PCONNECTION Connection, NDIS_STATUS Status)
{
    CompleteClose(Connection, &Connection->Abort, Status);
}

/* A segment that was overtaken has a window of before (RFC 9293, 3.10.7.4). Lock held. */
static VOID TakeWindow(PCONNECTION Connection, const SIM_SEGMENT *Segment)
{
    LONG Newer = SeqDiff(Segment->Seq, Connection->SndWL1);

    if (SeqDiff(Segment->Ack, Connection->SndUna) < 0 || SeqDiff(Segment->Ack, Connection->SndMax) > 0)
        return;
    if (Newer > 0 || (Newer == 0 && SeqDiff(Segment->Ack, Connection->SndWL2) >= 0)) {
        Connection->SndWnd = Segment->Window;
        Connection->SndWL1 = Segment->Seq;
        Connection->SndWL2 = Segment->Ack;
        Connection->Given.MaxSndWnd = max(Connection->Given.MaxSndWnd, Segment->Window);
    }
}

VOID ProcessAcknowledgement(PCONNECTION Connection, const SIM_SEGMENT *Segment)
{
    ULONG Ack = Segment->Ack;
    BOOLEAN FinAcknowledged;

    NdisAcquireSpinLock(&Connection->Lock);
    if (SeqDiff(Ack, Connection->SndUna) > 0 && SeqDiff(Ack, Connection->SndMax) <= 0) {
        Connection->SndUna = Ack;
        if (SeqDiff(Connection->SndNxt, Ack) < 0)
            Connection->SndNxt = Ack;
    }
    TakeStamp(Connection, Segment);
    TakeWindow(Connection, Segment);
    FinAcknowledged = SeqDiff(Connection->SndUna, Connection->SndEnd) > 0;
    NdisReleaseSpinLock(&Connection->Lock);

    CompleteAcknowledged(Connection); /* [progress.completed] */
    if (FinAcknowledged)
        CompleteDisconnect(Connection, NDIS_STATUS_SUCCESS); /* [disconnect.success-acked] */
}
