/*
 * A small TCP chimney miniport that hands its connections back by the rules. It is written to be
 * read: start with terminate.c. A comment such as [chain.order] stands where the clause of that
 * name is kept; `chimneysweep list properties` says what each one demands.
 *
 * Known limitations: only what the hand-off needs of TCP. No congestion control, no push timer,
 * one acknowledgement is held back at most; cached state is of no use to the
 * simulated NIC and not kept, except a neighbor's; urgent data is dropped, not queued: the peer sends it again.
 */
#ifndef MINIPORT_H
#define MINIPORT_H

#include <ndis.h>
#include <simnic.h>

#define TAG_ADAPTER 'dAsC'
#define TAG_OBJECT 'bOsC'
#define TAG_DATA 'aDsC'
#define TAG_BUFFERS 'uBsC'

#define RETRANSMIT_TICKS 300 /* until what is not acknowledged is sent again */

/* Calls that are completed later, in the order in which Run completes them. */
typedef enum _STATE_CALL {
    CallInitiate,
    CallInvalidate,
    CallQuery,
    CallUpdate,
    CallTerminate, /* last: the others must be completed before it */
    StateCalls
} STATE_CALL;

typedef struct _ADAPTER {
    NDIS_HANDLE NdisHandle;
    PNDIS_TCP_OFFLOAD_EVENT_HANDLERS Ndis; /* NDIS's completion and indication functions */
    NDIS_HANDLE BufferPool;
    LONG Offloading;              /* offloads are being completed; written interlocked */
    NDIS_SPIN_LOCK Lock;          /* guards what follows */
    LIST_ENTRY Objects;           /* STATE_OBJECT.Link */
    LIST_ENTRY Calls[StateCalls]; /* block lists, linked through their MiniportReserved */
    ULONG Indications;            /* calls of ours that concern no connection and have not returned */
    LONG Now;                     /* the NIC's clock, ticks; read and written interlocked */
} ADAPTER, *PADAPTER;

typedef enum _OBJECT_KIND { ObjectNeighbor, ObjectPath, ObjectConnection } OBJECT_KIND;

/* The miniport offload context of any state object. */
typedef struct _STATE_OBJECT {
    LIST_ENTRY Link;
    PADAPTER Adapter;
    OBJECT_KIND Kind;
    NDIS_HANDLE NdisOffloadHandle;
    LONG Lost;          /* the hardware has forgotten it; written interlocked */
    BOOLEAN Written;    /* its block is; guarded by the adapter's lock, as the next one */
    BOOLEAN HandedBack; /* free it when nothing of it is lent any more */
    LONG Loans;         /* receive buffers of it that the host has */
} STATE_OBJECT, *PSTATE_OBJECT;

typedef struct _NEIGHBOR {
    STATE_OBJECT Object;
    NEIGHBOR_OFFLOAD_STATE_CONST Const;
    NEIGHBOR_OFFLOAD_STATE_CACHED Cached;
    NEIGHBOR_OFFLOAD_STATE_DELEGATED Delegated;
} NEIGHBOR, *PNEIGHBOR;

typedef struct _LOAN *PLOAN;

/* Sequence numbers mod 2^32, lengths in bytes. */
typedef struct _CONNECTION {
    STATE_OBJECT Object;
    TCP_OFFLOAD_STATE_DELEGATED Given; /* as offloaded: what is not kept below goes back as it came */
    NDIS_SPIN_LOCK Lock;               /* guards what follows; never held across a call to NDIS or the NIC */
    ULONG Busy;                        /* functions of ours that may call the host; a termination waits */

    ULONG SndUna, SndNxt, SndMax, SndWnd;
    ULONG SndEnd;     /* after the last byte posted; a FIN has this number */
    LIST_ENTRY Sends; /* pending sends, oldest first */
    ULONG SendsBegin; /* the sequence number of their first byte */
    ULONG SndWL1, SndWL2; /* Seq and Ack of the segment that SndWnd is from */
    PNET_BUFFER_LIST Disconnect;
    PNET_BUFFER_LIST Abort; /* an abortive disconnect */
    BOOLEAN Closing; /* a FIN follows the last byte posted */

    ULONG RcvNxt, RcvCapacity;
    LIST_ENTRY Held; /* CHUNKs received in order, not yet with the application */
    ULONG HeldBytes; /* in them, those being indicated included */
    LIST_ENTRY Early; /* CHUNKs received out of order: selectively acknowledged at most */
    ULONG AcksDue;    /* segments not yet acknowledged */
    BOOLEAN Sack, Stamped; /* both ends agreed on SACK, on timestamps */
    ULONG TsDelta, TsRecent, TsRecentAt, LastAck; /* NicDelta; the peer's newest, and when it came; RCV.NXT as it was sent */
    BOOLEAN PeerFin, PeerFinFirst, FinTold;

    LIST_ENTRY Requests; /* pending receive requests, oldest first */
    BOOLEAN Refused;     /* the application did not want what was indicated */
    BOOLEAN Starved;     /* there was no memory to indicate it */
    BOOLEAN Delivering;
    PLOAN Reserve; /* for the buffered data: handing back must not fail for want of memory */

    LIST_ENTRY Forwards;
    BOOLEAN Aborted; /* by an RST, of the peer or ours */
    BOOLEAN Terminating;
    BOOLEAN ReadOut; /* by a termination: it is not lost any more */
    BOOLEAN Urgent; /* for urgent data the host is to take it back: nothing more is sent or taken */
} CONNECTION, *PCONNECTION;

/* Received data. */
typedef struct _CHUNK {
    LIST_ENTRY Link;
    PMDL Mdl; /* over Data */
    ULONG Seq;
    ULONG Length;
    ULONG Consumed; /* bytes at the start that the application has */
    UCHAR Data[];
} CHUNK, *PCHUNK;

/* Received data in the host's hands, under one NET_BUFFER_LIST. */
typedef struct _LOAN {
    PCONNECTION Connection;
    PNET_BUFFER_LIST NetBufferList;
    LIST_ENTRY Chunks;
    ULONG Length;
} LOAN;

/* How many bytes Left lies after Right; negative: before it. */
FORCEINLINE LONG SeqDiff(ULONG Left, ULONG Right)
{
    return (LONG)(Left - Right);
}

/* buffers.c: queues of the host's NET_BUFFER_LISTs, and their data. */
VOID QueueChain(PLIST_ENTRY Queue, PNET_BUFFER_LIST First);
PNET_BUFFER_LIST FirstOf(PLIST_ENTRY Queue);
PNET_BUFFER_LIST PopFirst(PLIST_ENTRY Queue);
PNET_BUFFER_LIST PopLocked(PCONNECTION Connection, PLIST_ENTRY Queue);
PNET_BUFFER_LIST LinkChain(PLIST_ENTRY Queue, PNET_BUFFER_LIST *Last);
ULONG DataLength(PNET_BUFFER_LIST NetBufferList);
ULONG CopyFrom(PNET_BUFFER_LIST NetBufferList, ULONG Skip, PUCHAR To, ULONG Length);
VOID CopyTo(PNET_BUFFER_LIST NetBufferList, ULONG Skip, const UCHAR *From, ULONG Length);
VOID AdvanceData(PNET_BUFFER_LIST NetBufferList, ULONG Delta);
VOID FinishRequest(PNET_BUFFER_LIST NetBufferList, NDIS_STATUS Status, ULONG Bytes);

/* loans.c: memory for received data. */
PCHUNK AllocateChunk(ULONG Seq, const UCHAR *Data, ULONG Length);
PCHUNK CopyChunk(ULONG Seq, PNET_BUFFER_LIST NetBufferList);
VOID FreeChunk(PCHUNK Chunk);
VOID FreeChunks(PLIST_ENTRY Chunks);
PLOAN AllocateLoan(PCONNECTION Connection);
VOID FreeLoan(PLOAN Loan);
VOID Lend(PLOAN Loan);
VOID TakeBack(PLOAN Loan, ULONG Consumed);

/* objects.c: state objects and trees of block lists. */
typedef VOID (*BLOCK_FUNCTION)(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Argument);
VOID ForEachBlock(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST First, BLOCK_FUNCTION Function, PVOID Argument);
PCONNECTION ConnectionAt(PVOID MiniportOffloadContext);
PSTATE_OBJECT ObjectOf(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block);
PCONNECTION ConnectionOf(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block);
PTCP_OFFLOAD_STATE_DELEGATED TcpDelegated(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block);
PSTATE_OBJECT OffloadObject(PADAPTER Adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block);
VOID FreeObject(PSTATE_OBJECT Object);
VOID FreeUnlentObjects(PADAPTER Adapter);
VOID FreeIdleObjects(PADAPTER Adapter);

/* offload.c */
VOID MpInitiateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList);
VOID MpInvalidateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList);
VOID MpQueryOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList);
VOID MpUpdateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList);
VOID PostponeCall(PADAPTER Adapter, STATE_CALL Call, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList);
PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST FirstCall(PADAPTER Adapter, STATE_CALL Call);
PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST TakeCall(PADAPTER Adapter, STATE_CALL Call);
BOOLEAN CallsWait(PADAPTER Adapter);
VOID WriteDelegated(PCONNECTION Connection, PTCP_OFFLOAD_STATE_DELEGATED State);
VOID MpRun(NDIS_HANDLE MiniportAdapterContext);

/* send.c */
NDIS_STATUS MpTcpOffloadSend(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                             PNET_BUFFER_LIST NetBufferList);
NDIS_STATUS MpTcpOffloadDisconnect(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                                   PNET_BUFFER_LIST NetBufferList, ULONG Flags);
VOID MpTransmitOpportunity(PVOID MiniportOffloadContext, ULONG Room);
VOID MpTimerExpires(PVOID MiniportOffloadContext, SIM_TIMER Timer);
VOID SendAcknowledgement(PCONNECTION Connection);
VOID ProcessAcknowledgement(PCONNECTION Connection, const SIM_SEGMENT *Segment);
VOID CompleteAcknowledged(PCONNECTION Connection);
VOID SendReset(PCONNECTION Connection);
VOID CompleteDisconnect(PCONNECTION Connection, NDIS_STATUS Status);
VOID CompleteAbort(PCONNECTION Connection, NDIS_STATUS Status);
VOID AbortSends(PCONNECTION Connection);

/* receive.c */
VOID ProcessForwards(PADAPTER Adapter);
VOID CompleteAborts(PADAPTER Adapter);
VOID DeliverStarved(PADAPTER Adapter);
NDIS_STATUS MpTcpOffloadReceive(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                                PNET_BUFFER_LIST NetBufferList);
NDIS_STATUS MpTcpOffloadReceiveReturn(NDIS_HANDLE MiniportAdapterContext, PNET_BUFFER_LIST NetBufferList);
NDIS_STATUS MpTcpOffloadForward(NDIS_HANDLE MiniportAdapterContext, PVOID MiniportOffloadContext,
                                PNET_BUFFER_LIST NetBufferList);
VOID MpSegmentArrives(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment);
VOID CompleteRequests(PCONNECTION Connection, NDIS_STATUS Status);
VOID CompleteForwards(PCONNECTION Connection, NDIS_STATUS Status);

/* events.c */
VOID Enter(PCONNECTION Connection);
BOOLEAN EnterUnlessTerminating(PCONNECTION Connection);
VOID Leave(PCONNECTION Connection);
VOID IndicateTcpEvent(PCONNECTION Connection, TCP_OFFLOAD_EVENT_TYPE Event, ULONG Information);
VOID Reset(PCONNECTION Connection);
VOID CutOff(PCONNECTION Connection, PNET_BUFFER_LIST NetBufferList);
VOID AbortConnection(PCONNECTION Connection);
VOID MpHardwareFails(PVOID MiniportOffloadContext);
VOID MpLinkChanges(NDIS_HANDLE MiniportAdapterContext);
VOID MpNeighborSilent(PVOID MiniportOffloadContext);
VOID MpUrgentArrives(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment);

/* options.c */
VOID TakeOptions(PCONNECTION Connection, const TCP_OFFLOAD_STATE_CONST *Const);
VOID TakeUpdate(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Block, PVOID Unused);
VOID PutOptions(PCONNECTION Connection, SIM_SEGMENT *Segment);
VOID TakeStamp(PCONNECTION Connection, const SIM_SEGMENT *Segment);
VOID WriteStamps(PCONNECTION Connection, PTCP_OFFLOAD_STATE_DELEGATED State);
VOID MpClockTicks(NDIS_HANDLE MiniportAdapterContext, ULONG Ticks);

/* terminate.c */
VOID MpTerminateOffload(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST BlockList);
VOID FinishTerminations(PADAPTER Adapter);

#endif
