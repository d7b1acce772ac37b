/* TCP chimney offload: events, the tables that drivers register, the functions of NDIS (ndischimney.h). */
#ifndef CHS_NDISCHIMNEY_H
#define CHS_NDISCHIMNEY_H

#include "ndischimneystate.h"
#include "ndisoffload.h"

typedef enum _NDIS_CHIMNEY_OFFLOAD_TYPE {
    NdisTcpChimneyOffload = 1,
    NdisIpsecChimneyOffload = 2,
    NdisRdmaChimneyOffload = 3,
    NdisMaxChimneyOffload = 4
} NDIS_CHIMNEY_OFFLOAD_TYPE, *PNDIS_CHIMNEY_OFFLOAD_TYPE;

/* IndicationCode of NdisMOffloadEventIndicate. */
typedef enum _INDICATE_OFFLOAD_EVENT {
    NeighborReachabilityInDoubt = 1,
    NeighborReachabilityQuery = 2,
    MaxOffloadEvent = 3
} INDICATE_OFFLOAD_EVENT, *PINDICATE_OFFLOAD_EVENT;

/* EventType of NdisTcpOffloadEventHandler. */
typedef enum _TCP_OFFLOAD_EVENT_TYPE {
    TcpIndicateSendBacklogChange = 1,
    TcpIndicateDisconnect = 2,
    TcpIndicateRetrieve = 3,
    TcpIndicateAbort = 4
} TCP_OFFLOAD_EVENT_TYPE, *PTCP_OFFLOAD_EVENT_TYPE;

/* EventSpecificInformation of TcpIndicateRetrieve. */
typedef enum _TCP_UPLOAD_REASON {
    LowActivity = 1,
    HighDropRate = 2,
    SmallIO = 3,
    NoBufferPreposting = 4,
    NoBufferProposting = 4, /* the published header has this spelling too */
    ReceivedUrgentData = 5,
    HighFragmentation = 6,
    HighOutOfOrderPackets = 7,
    TimeoutExpiration = 8,
    InvalidState = 9,
    UploadRequested = 10,
    HardwareFailure = 11,
    MaxUploadReason = 12
} TCP_UPLOAD_REASON, *PTCP_UPLOAD_REASON;

/* Flags of MiniportTcpOffloadDisconnect. */
#define TCP_DISCONNECT_GRACEFUL_CLOSE 0x01
#define TCP_DISCONNECT_ABORTIVE_CLOSE 0x02

typedef struct _TCP_OFFLOAD_STATS {
    ULONG64 InSegments;
    ULONG64 OutSegments;
    ULONG CurrentlyEstablished;
    ULONG ResetEstablished;
    ULONG RetransmittedSegments;
    ULONG InErrors;
    ULONG OutResets;
} TCP_OFFLOAD_STATS, *PTCP_OFFLOAD_STATS;

typedef struct _IP_OFFLOAD_STATS {
    ULONG64 InReceives;
    ULONG64 InOctets;
    ULONG64 InDelivers;
    ULONG64 OutRequests;
    ULONG64 OutOctets;
    ULONG InHeaderErrors;
    ULONG InTruncatedPackets;
    ULONG InDiscards;
    ULONG OutDiscards;
    ULONG OutNoRoutes;
} IP_OFFLOAD_STATS, *PIP_OFFLOAD_STATS;

/* ---- What an offload target registers ------------------------------------------------------- */

typedef VOID (*W_INITIATE_OFFLOAD_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                           PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*W_TERMINATE_OFFLOAD_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                            PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*W_UPDATE_OFFLOAD_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                         PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*W_INVALIDATE_OFFLOAD_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                             PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*W_QUERY_OFFLOAD_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                        PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);

typedef NDIS_STATUS (*W_TCP_OFFLOAD_SEND_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                                  PVOID MiniportOffloadContext,
                                                  PNET_BUFFER_LIST NetBufferList);
typedef NDIS_STATUS (*W_TCP_OFFLOAD_RECEIVE_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                                     PVOID MiniportOffloadContext,
                                                     PNET_BUFFER_LIST NetBufferList);
typedef NDIS_STATUS (*W_TCP_OFFLOAD_DISCONNECT_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                                        PVOID MiniportOffloadContext,
                                                        PNET_BUFFER_LIST NetBufferList, ULONG Flags);
typedef NDIS_STATUS (*W_TCP_OFFLOAD_FORWARD_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                                     PVOID MiniportOffloadContext,
                                                     PNET_BUFFER_LIST NetBufferList);
typedef NDIS_STATUS (*W_TCP_OFFLOAD_RECEIVE_RETURN_HANDLER)(NDIS_HANDLE MiniportAdapterContext,
                                                            PNET_BUFFER_LIST NetBufferList);

typedef struct _NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    W_INITIATE_OFFLOAD_HANDLER InitiateOffloadHandler;
    W_TERMINATE_OFFLOAD_HANDLER TerminateOffloadHandler;
    W_UPDATE_OFFLOAD_HANDLER UpdateOffloadHandler;
    W_INVALIDATE_OFFLOAD_HANDLER InvalidateOffloadHandler;
    W_QUERY_OFFLOAD_HANDLER QueryOffloadHandler;
} NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS,
    *PNDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;

typedef struct _NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_CHIMNEY_OFFLOAD_TYPE OffloadType;
    W_TCP_OFFLOAD_SEND_HANDLER TcpOffloadSendHandler;
    W_TCP_OFFLOAD_RECEIVE_HANDLER TcpOffloadReceiveHandler;
    W_TCP_OFFLOAD_DISCONNECT_HANDLER TcpOffloadDisconnectHandler;
    W_TCP_OFFLOAD_FORWARD_HANDLER TcpOffloadForwardHandler;
    W_TCP_OFFLOAD_RECEIVE_RETURN_HANDLER TcpOffloadReceiveReturnHandler;
} NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS, *PNDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS;

/* ---- What NDIS offers an offload target ----------------------------------------------------- */

typedef VOID (*NDIS_TCP_OFFLOAD_EVENT_INDICATE)(NDIS_HANDLE NdisOffloadHandle, ULONG EventType,
                                                ULONG EventSpecificInformation);
typedef NDIS_STATUS (*NDIS_TCP_OFFLOAD_RECEIVE_INDICATE)(NDIS_HANDLE NdisOffloadHandle,
                                                         PNET_BUFFER_LIST NetBufferList, NDIS_STATUS Status,
                                                         PULONG BytesConsumed);
typedef VOID (*NDIS_TCP_OFFLOAD_SEND_COMPLETE)(NDIS_HANDLE NdisMiniportHandle,
                                               PNET_BUFFER_LIST NetBufferList);
typedef VOID (*NDIS_TCP_OFFLOAD_RECEIVE_COMPLETE)(NDIS_HANDLE NdisMiniportHandle,
                                                  PNET_BUFFER_LIST NetBufferList);
typedef VOID (*NDIS_TCP_OFFLOAD_DISCONNECT_COMPLETE)(NDIS_HANDLE NdisMiniportHandle,
                                                     PNET_BUFFER_LIST NetBufferList);
typedef VOID (*NDIS_TCP_OFFLOAD_FORWARD_COMPLETE)(NDIS_HANDLE NdisMiniportHandle,
                                                  PNET_BUFFER_LIST NetBufferList);

typedef struct _NDIS_OFFLOAD_EVENT_HANDLERS {
    NDIS_OBJECT_HEADER Header;
} NDIS_OFFLOAD_EVENT_HANDLERS, *PNDIS_OFFLOAD_EVENT_HANDLERS;

#define NDIS_OBJECT_TCP_OFFLOAD_REVISION_1 1
typedef struct _NDIS_TCP_OFFLOAD_EVENT_HANDLERS {
    NDIS_OBJECT_HEADER Header;
    NDIS_TCP_OFFLOAD_EVENT_INDICATE NdisTcpOffloadEventHandler;
    NDIS_TCP_OFFLOAD_RECEIVE_INDICATE NdisTcpOffloadReceiveHandler;
    NDIS_TCP_OFFLOAD_SEND_COMPLETE NdisTcpOffloadSendComplete;
    NDIS_TCP_OFFLOAD_RECEIVE_COMPLETE NdisTcpOffloadReceiveComplete;
    NDIS_TCP_OFFLOAD_DISCONNECT_COMPLETE NdisTcpOffloadDisconnectComplete;
    NDIS_TCP_OFFLOAD_FORWARD_COMPLETE NdisTcpOffloadForwardComplete;
} NDIS_TCP_OFFLOAD_EVENT_HANDLERS, *PNDIS_TCP_OFFLOAD_EVENT_HANDLERS;
#define NDIS_SIZEOF_TCP_OFFLOAD_EVENT_HANDLERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_TCP_OFFLOAD_EVENT_HANDLERS, NdisTcpOffloadForwardComplete)

EXTERN_C_START

NDIS_STATUS NdisMGetOffloadHandlers(NDIS_HANDLE NdisMiniportHandle, NDIS_CHIMNEY_OFFLOAD_TYPE ChimneyType,
                                    PNDIS_OFFLOAD_EVENT_HANDLERS *OffloadHandlers);
VOID NdisMInitiateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
                                  PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
VOID NdisMTerminateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
                                   PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
VOID NdisMInvalidateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
                                    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
VOID NdisMUpdateOffloadComplete(NDIS_HANDLE NdisMiniportHandle,
                                PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
VOID NdisMQueryOffloadStateComplete(NDIS_HANDLE NdisMiniportHandle,
                                    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList);
VOID NdisMOffloadEventIndicate(NDIS_HANDLE NdisMiniportHandle,
                               PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST OffloadBlockList,
                               ULONG IndicationCode);

EXTERN_C_END

#include "ndischimneyclient.h"

#endif
