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
