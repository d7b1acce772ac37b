/*
 * The handlers of a miniport that concern no connection, added to the reference: all of them, most completed later.
 * Each name that is defined plants a fault.
 */
#include "miniport.h"

#define OID_OF(Request) ((Request)->DATA.QUERY_INFORMATION.Oid)

static PNDIS_OID_REQUEST Waiting;
static BOOLEAN Pausing, Resetting, Stopped;
static PADAPTER Known;

/* What it counts of its connections, as if the hardware did. */
static TCP_OFFLOAD_STATS Tcp;
static IP_OFFLOAD_STATS Ip;

static VOID CountReceived(const SIM_SEGMENT *Segment)
{
#ifndef COUNTS_NOTHING
    Tcp.InSegments++;
#endif
#ifdef COUNTS_TWICE
    Tcp.InSegments++;
#endif
    Ip.InReceives++;
#ifdef COUNTS_PAYLOAD
    Ip.InOctets += Segment->PayloadLength;
#else
    Ip.InOctets += 40 + Segment->PayloadLength;
#endif
}

static VOID CountSent(PVOID NdisOffloadHandle, const SIM_SEGMENT *Segment)
{
    static ULONG Next;
    static PVOID Last;
    BOOLEAN New = Last != NdisOffloadHandle || Segment->PayloadLength == 0 || Segment->Fin ||
                  SeqDiff(Segment->Seq + Segment->PayloadLength, Next) > 0;

#ifdef COUNTS_REPEATED
    New = TRUE;
#endif
    Last = NdisOffloadHandle;
    if (New) {
        Tcp.OutSegments++;
        Next = Segment->Seq + Segment->PayloadLength;
    }
    Ip.OutRequests++;
    Ip.OutOctets += 40 + Segment->PayloadLength;
}

VOID Counted(BOOLEAN Sent, PVOID NdisOffloadHandle, const SIM_SEGMENT *Segment)
{
    if (Sent)
        CountSent(NdisOffloadHandle, Segment);
    else
        CountReceived(Segment);
}

static NDIS_STATUS Tell(PNDIS_OID_REQUEST Request, const VOID *Statistics, UINT Size)
{
    Request->DATA.QUERY_INFORMATION.BytesWritten = min(Request->DATA.QUERY_INFORMATION.InformationBufferLength, Size);
    NdisMoveMemory(Request->DATA.QUERY_INFORMATION.InformationBuffer, Statistics,
                   Request->DATA.QUERY_INFORMATION.BytesWritten);
    return NDIS_STATUS_SUCCESS;
}

static NDIS_STATUS Statistics(PNDIS_OID_REQUEST Request)
{
    static const TCP_OFFLOAD_STATS None;

    if (Request->RequestType == NdisRequestSetInformation) {
#ifndef COUNTERS_KEPT
        NdisZeroMemory(&Tcp, sizeof(Tcp));
#endif
        Request->DATA.SET_INFORMATION.BytesRead = sizeof(Tcp);
        return NDIS_STATUS_SUCCESS;
    }
    if (OID_OF(Request) == OID_IP4_OFFLOAD_STATS)
        return Tell(Request, &Ip, sizeof(Ip));
#ifdef ONE_SET_FOR_BOTH
    return Tell(Request, &Tcp, sizeof(Tcp));
#else
    return Tell(Request, OID_OF(Request) == OID_TCP6_OFFLOAD_STATS ? &None : &Tcp, sizeof(Tcp));
#endif
}

static NDIS_STATUS Answer(PNDIS_OID_REQUEST Request)
{
    PVOID Buffer = Request->DATA.QUERY_INFORMATION.InformationBuffer;
    UINT Length = Request->DATA.QUERY_INFORMATION.InformationBufferLength;
    ULONG Version = 0x00010002;

    switch (OID_OF(Request)) {
    case OID_PNP_SET_POWER:
    case OID_GEN_CURRENT_PACKET_FILTER:
        Request->DATA.SET_INFORMATION.BytesRead = sizeof(ULONG);
        return NDIS_STATUS_SUCCESS;
    case OID_GEN_VENDOR_DRIVER_VERSION:
#ifndef LENGTH_NOT_LOOKED_AT
        Request->DATA.QUERY_INFORMATION.BytesNeeded = sizeof(Version);
        if (Length < sizeof(Version))
            return NDIS_STATUS_BUFFER_TOO_SHORT;
#endif
        NdisMoveMemory(Buffer, &Version, sizeof(Version));
        Request->DATA.QUERY_INFORMATION.BytesWritten = sizeof(Version);
        return NDIS_STATUS_SUCCESS;
    case OID_TCP4_OFFLOAD_STATS:
    case OID_TCP6_OFFLOAD_STATS:
    case OID_IP4_OFFLOAD_STATS:
        return Statistics(Request);
    default:
#ifdef SUCCESS_FOR_ANYTHING
        return NDIS_STATUS_SUCCESS;
#else
        return NDIS_STATUS_NOT_SUPPORTED;
#endif
    }
}

static NDIS_STATUS MpOidRequest(NDIS_HANDLE MiniportAdapterContext, PNDIS_OID_REQUEST OidRequest)
{
    Known = MiniportAdapterContext;
    if (OID_OF(OidRequest) == OID_GEN_STATISTICS || OID_OF(OidRequest) == OID_PNP_SET_POWER) {
        Waiting = OidRequest; /* in Later */
        return NDIS_STATUS_PENDING;
    }
    if (OID_OF(OidRequest) == OID_IP4_OFFLOAD_STATS) { /* before it returns */
        NdisMOidRequestComplete(Known->NdisHandle, OidRequest, Answer(OidRequest));
#ifdef COMPLETED_AND_RETURNED
        return NDIS_STATUS_NOT_SUPPORTED;
#else
        return NDIS_STATUS_PENDING;
#endif
    }
    return Answer(OidRequest);
}

static VOID MpCancelOidRequest(NDIS_HANDLE MiniportAdapterContext, PVOID RequestId)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(RequestId);
}

static VOID Complete(NDIS_STATUS Status)
{
    PNDIS_OID_REQUEST Request = Waiting;

    Waiting = NULL;
    if (Request == NULL)
        return;
    NdisMOidRequestComplete(Known->NdisHandle, Request, Status);
#ifdef COMPLETED_TWICE
    NdisMOidRequestComplete(Known->NdisHandle, Request, Status);
#endif
}

/* With each Run. */
VOID Later(PADAPTER Adapter)
{
#ifndef SLEEPS_TOO_EARLY
    if (Waiting != NULL && OID_OF(Waiting) == OID_PNP_SET_POWER && !IsListEmpty(&Adapter->Calls[CallTerminate]))
        return; /* not before all is back */
#endif
#ifndef REQUEST_FORGOTTEN
    Complete(Waiting == NULL ? 0 : Answer(Waiting));
#endif
    if (Pausing) {
        Pausing = FALSE;
        Stopped = TRUE;
#ifndef PAUSE_FORGOTTEN
        NdisMPauseComplete(Adapter->NdisHandle);
#endif
    }
    if (Resetting) {
        Resetting = FALSE;
        NdisMResetComplete(Adapter->NdisHandle, NDIS_STATUS_SUCCESS, FALSE);
#ifdef RESET_COMPLETED_TWICE
        NdisMResetComplete(Adapter->NdisHandle, NDIS_STATUS_SUCCESS, FALSE);
#endif
    }
}

static NDIS_STATUS MpPause(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_PAUSE_PARAMETERS Parameters)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(Parameters);
    Pausing = TRUE;
    return NDIS_STATUS_PENDING;
}

static NDIS_STATUS MpRestart(NDIS_HANDLE MiniportAdapterContext, PNDIS_MINIPORT_RESTART_PARAMETERS Parameters)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    UNREFERENCED_PARAMETER(Parameters);
#ifndef STAYS_STOPPED
    Stopped = FALSE;
#endif
    NdisZeroMemory(&Tcp, sizeof(Tcp)); /* nothing is offloaded then */
    NdisZeroMemory(&Ip, sizeof(Ip));
    return NDIS_STATUS_SUCCESS;
}

/* Of what the hardware has, whether it goes to the driver. */
BOOLEAN IsStopped(VOID)
{
    return Stopped;
}

static BOOLEAN MpCheckForHang(NDIS_HANDLE MiniportAdapterContext)
{
    PADAPTER Adapter = MiniportAdapterContext;

    NdisAcquireSpinLock(&Adapter->Lock);
#ifndef LOCK_KEPT
    NdisReleaseSpinLock(&Adapter->Lock);
#endif
    return FALSE;
}

static NDIS_STATUS MpReset(NDIS_HANDLE MiniportAdapterContext, PBOOLEAN AddressingReset)
{
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
    *AddressingReset = FALSE;
    Resetting = TRUE;
    return NDIS_STATUS_PENDING;
}

static VOID MpPnpEvent(NDIS_HANDLE MiniportAdapterContext, PNET_DEVICE_PNP_EVENT Event)
{
    PADAPTER Adapter = MiniportAdapterContext;

#ifdef FREED_WHEN_PULLED_OUT
    if (Event->DevicePnPEvent == NdisDevicePnPEventSurpriseRemoved) {
        NdisFreeNetBufferListPool(Adapter->BufferPool);
    }
#else
    UNREFERENCED_PARAMETER(Adapter);
#endif
    if (Event->DevicePnPEvent == NdisDevicePnPEventPowerProfileChanged && Event->InformationBufferLength < sizeof(ULONG))
        NdisMSleep(0);
}

static VOID MpShutdown(NDIS_HANDLE MiniportAdapterContext, NDIS_SHUTDOWN_ACTION ShutdownAction)
{
    UNREFERENCED_PARAMETER(ShutdownAction);
#ifdef PAUSES_IN_SHUTDOWN
    NdisMPauseComplete(((PADAPTER)MiniportAdapterContext)->NdisHandle);
#else
    UNREFERENCED_PARAMETER(MiniportAdapterContext);
#endif
}

VOID AddHandlers(PNDIS_MINIPORT_DRIVER_CHARACTERISTICS Characteristics)
{
    Characteristics->OidRequestHandler = MpOidRequest;
    Characteristics->CancelOidRequestHandler = MpCancelOidRequest;
    Characteristics->PauseHandler = MpPause;
    Characteristics->RestartHandler = MpRestart;
    Characteristics->CheckForHangHandlerEx = MpCheckForHang;
    Characteristics->ResetHandlerEx = MpReset;
    Characteristics->DevicePnPEventNotifyHandler = MpPnpEvent;
    Characteristics->ShutdownHandlerEx = MpShutdown;
}
