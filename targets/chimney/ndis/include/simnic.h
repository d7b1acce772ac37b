/*
 * The simulated NIC: the hardware that a driver is given instead of its own.
 *
 * The driver attaches its handlers once per adapter, in MiniportInitializeEx; from then on
 * they are called one at a time, but for two processors at once (docs/drivers.md). MiniportOffloadContext is what
 * the driver stored for the state object at MiniportInitiateOffload, not where that is kept. They run at DISPATCH_LEVEL, as
 * the NIC's interrupt does; Run, which may wait, at PASSIVE_LEVEL.
 *
 * Sequence numbers count mod 2^32. Lengths and windows are bytes.
 */
#ifndef CHS_SIMNIC_H
#define CHS_SIMNIC_H

#include "ndis.h"

/* A run of data that arrived out of order: [Left, Right). */
typedef struct _SIM_SACK {
    ULONG Left;
    ULONG Right;
} SIM_SACK, *PSIM_SACK;

#define SIM_MAX_SACK 4

typedef struct _SIM_SEGMENT {
    ULONG Seq;
    ULONG Ack;
    ULONG Window; /* in bytes: the NIC scales what stands in the header */
    BOOLEAN Fin;
    BOOLEAN Rst;
    BOOLEAN Syn; /* only in what arrives, as Urg */
    BOOLEAN Urg; /* only in what UrgentArrives is passed */
    ULONG SackCount; /* at most SIM_MAX_SACK */
    SIM_SACK Sack[SIM_MAX_SACK];
    BOOLEAN Stamped; /* it has the timestamps option, with these two (RFC 7323, 3.2) */
    ULONG TsVal;
    ULONG TsEcr;
    ULONG PayloadLength;
    const UCHAR *Payload; /* valid during the call */
    /*
     * Incoming: the frame, for NdisMIndicateReceiveNetBufferLists. It is the hardware's: valid during
     * the call, and never given back to the driver. Outgoing: NULL.
     */
    PNET_BUFFER_LIST Frame;
} SIM_SEGMENT, *PSIM_SEGMENT;

typedef enum _SIM_TIMER {
    SimTimerRetransmit = 0,
    SimTimerDelayedAck = 1,
    SimTimerPush = 2
} SIM_TIMER;

typedef struct _SIM_NIC_HANDLERS {
    VOID (*SegmentArrives)(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment);
    /* The wire takes up to Room bytes of payload: call SimNicTransmit. */
    VOID (*TransmitOpportunity)(PVOID MiniportOffloadContext, ULONG Room);
    /* Deferred work: the driver has all the time it needs. */
    VOID (*Run)(NDIS_HANDLE MiniportAdapterContext);
    /* The rest may be NULL. The timer may not be running. */
    VOID (*TimerExpires)(PVOID MiniportOffloadContext, SIM_TIMER Timer);
    /* The hardware lost this state object; without a handler, no hardware ever fails. */
    VOID (*HardwareFails)(PVOID MiniportOffloadContext);
    /* The link went down and up again. */
    VOID (*LinkChanges)(NDIS_HANDLE MiniportAdapterContext);
    /* This neighbor was not heard of for long. */
    VOID (*NeighborSilent)(PVOID MiniportOffloadContext);
    /* So many ticks pass; without a handler, no connection has timestamps. */
    VOID (*ClockTicks)(NDIS_HANDLE MiniportAdapterContext, ULONG Ticks);
    /* A segment arrives whose URG bit is set; without a handler, none has one. */
    VOID (*UrgentArrives)(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment);
} SIM_NIC_HANDLERS, *PSIM_NIC_HANDLERS;

EXTERN_C_START

/* From MiniportInitializeEx, with the handle it was given. The handlers are copied. */
VOID SimNicAttach(NDIS_HANDLE MiniportAdapterHandle, const SIM_NIC_HANDLERS *Handlers);
/* A segment of the connection goes on the wire. It is copied; nobody is called back, so a spin lock may be held. */
VOID SimNicTransmit(PVOID NdisOffloadHandle, const SIM_SEGMENT *Segment);
/* The TCP segment in a list that was passed to MiniportTcpOffloadForward; FALSE if there is none. */
BOOLEAN SimNicParseFrame(PNET_BUFFER_LIST Frame, SIM_SEGMENT *Segment);
/*
 * What the driver held for this state object is free again. Needed only where the context is no
 * memory block of its own (an entry of a table): freeing such a block says the same.
 */
VOID SimNicRelease(PVOID MiniportOffloadContext);

EXTERN_C_END

#endif
