/*
 * What both ends agreed on: SACK, and timestamps (RFC 7323; pages/generating-and-using-timestamps.md).
 * Known limitation: a segment of the peer's with an old timestamp is taken.
 */
#include "miniport.h"

static ULONG Now(PCONNECTION Connection)
{
    return (ULONG)InterlockedExchangeAdd(&Connection->Object.Adapter->Now, 0);
}

VOID MpClockTicks(NDIS_HANDLE MiniportAdapterContext, ULONG Ticks)
{
    PADAPTER Adapter = MiniportAdapterContext;

    InterlockedExchangeAdd(&Adapter->Now, (LONG)Ticks);
}

/* NicDelta makes ours the host's clock: time goes on through both hand-offs. */
VOID TakeOptions(PCONNECTION Connection, const TCP_OFFLOAD_STATE_CONST *Const)
{
    Connection->Sack = (Const->Flags & TCP_FLAG_SACK_ENABLED) != 0;
    Connection->Stamped = (Const->Flags & TCP_FLAG_TIMESTAMP_ENABLED) != 0;
    Connection->TsDelta = Connection->Given.TsTime - Now(Connection);
    Connection->TsRecent = Connection->Given.TsRecent;
    Connection->TsRecentAt = Now(Connection) - Connection->Given.TsRecentAge;
    Connection->LastAck = Connection->Given.RcvNxt;
    Connection->Refused = Connection->HeldBytes > 0; /* what came along waits for a receive request */
}

/* Every segment has a timestamp, if any has. Lock held. */
VOID PutOptions(PCONNECTION Connection, SIM_SEGMENT *Segment)
{
    if (!Connection->Sack)
        Segment->SackCount = 0;
    Connection->LastAck = Segment->Ack;
    Segment->Stamped = Connection->Stamped;
    if (Connection->Stamped) {
        Segment->TsVal = Now(Connection) + Connection->TsDelta;
        Segment->TsEcr = Connection->TsRecent;
    }
}

/* TS.Recent (RFC 7323, 4.3). Lock held. */
VOID TakeStamp(PCONNECTION Connection, const SIM_SEGMENT *Segment)
{
    if (Segment->Stamped && SeqDiff(Segment->TsVal, Connection->TsRecent) >= 0 &&
        SeqDiff(Segment->Seq, Connection->LastAck) <= 0) {
        Connection->TsRecent = Segment->TsVal;
        Connection->TsRecentAt = Now(Connection);
    }
}

/* What the host goes on with. Lock held. */
VOID WriteStamps(PCONNECTION Connection, PTCP_OFFLOAD_STATE_DELEGATED State)
{
    if (!Connection->Stamped)
        return;
    State->TsTime = Now(Connection) + Connection->TsDelta;
    State->TsRecent = Connection->TsRecent;
    State->TsRecentAge = Now(Connection) - Connection->TsRecentAt;
}

/* The application has a larger receive buffer: the peer is told (pages/updating-cached-variables.md). */
VOID TakeUpdate(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Unused)
{
    PTCP_OFFLOAD_STATE_CACHED Cached = (PTCP_OFFLOAD_STATE_CACHED)(Block + 1);
    PCONNECTION Connection = ConnectionOf(Block);
    BOOLEAN Tell;

    UNREFERENCED_PARAMETER(Unused);
    if (Connection == NULL || Block->Header.Type != TcpOffloadCachedState ||
        (Cached->Flags & TCP_FLAG_UPDATE_RCV_WND) == 0 || !EnterUnlessTerminating(Connection))
        return;
    NdisAcquireSpinLock(&Connection->Lock);
    Connection->RcvCapacity = max(Connection->RcvCapacity, Cached->InitialRcvWnd);
    Tell = !Connection->Object.Lost && !Connection->Aborted;
    NdisReleaseSpinLock(&Connection->Lock);
    if (Tell)
        SendAcknowledgement(Connection);
    Leave(Connection);
}
