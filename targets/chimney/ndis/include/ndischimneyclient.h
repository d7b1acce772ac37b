/*
 * The other side of the chimney: what a protocol or an intermediate driver registers
 * (ndischimney.h). Offload targets do not use it; it is here so that their shared headers compile.
 */
#ifndef CHS_NDISCHIMNEYCLIENT_H
#define CHS_NDISCHIMNEYCLIENT_H

#include "ndischimney.h"

typedef VOID (*INITIATE_OFFLOAD_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                  PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*TERMINATE_OFFLOAD_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                   PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*UPDATE_OFFLOAD_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*INVALIDATE_OFFLOAD_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                    PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*QUERY_OFFLOAD_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                               PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList);
typedef VOID (*INDICATE_OFFLOAD_EVENT_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                               PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList,
                                               ULONG IndicationCode);

typedef VOID (*TCP_OFFLOAD_SEND_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                  PNET_BUFFER_LIST NetBufferList);
typedef VOID (*TCP_OFFLOAD_RECV_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                  PNET_BUFFER_LIST NetBufferList);
typedef VOID (*TCP_OFFLOAD_DISCONNECT_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                        PNET_BUFFER_LIST NetBufferList);
typedef VOID (*TCP_OFFLOAD_FORWARD_COMPLETE_HANDLER)(NDIS_HANDLE ProtocolBindingContext,
                                                     PNET_BUFFER_LIST NetBufferList);
typedef VOID (*TCP_OFFLOAD_EVENT_HANDLER)(PVOID OffloadContext, ULONG EventType,
                                          ULONG EventSpecificInformation);
typedef NDIS_STATUS (*TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER)(PVOID OffloadContext,
                                                            PNET_BUFFER_LIST NetBufferList,
                                                            NDIS_STATUS Status, PULONG BytesConsumed);

#define NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS_REVISION_1 1
typedef struct _NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    INITIATE_OFFLOAD_COMPLETE_HANDLER InitiateOffloadCompleteHandler;
    TERMINATE_OFFLOAD_COMPLETE_HANDLER TerminateOffloadCompleteHandler;
    UPDATE_OFFLOAD_COMPLETE_HANDLER UpdateOffloadCompleteHandler;
    INVALIDATE_OFFLOAD_COMPLETE_HANDLER InvalidateOffloadCompleteHandler;
    QUERY_OFFLOAD_COMPLETE_HANDLER QueryOffloadCompleteHandler;
    INDICATE_OFFLOAD_EVENT_HANDLER IndicateOffloadEventHandler;
} NDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, *PNDIS_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;

#define NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS_REVISION_1 1
typedef struct _NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_CHIMNEY_OFFLOAD_TYPE OffloadType;
    TCP_OFFLOAD_SEND_COMPLETE_HANDLER TcpOffloadSendCompleteHandler;
    TCP_OFFLOAD_RECV_COMPLETE_HANDLER TcpOffloadReceiveCompleteHandler;
    TCP_OFFLOAD_DISCONNECT_COMPLETE_HANDLER TcpOffloadDisconnectCompleteHandler;
    TCP_OFFLOAD_FORWARD_COMPLETE_HANDLER TcpOffloadForwardCompleteHandler;
    TCP_OFFLOAD_EVENT_HANDLER TcpOffloadEventHandler;
    TCP_OFFLOAD_RECEIVE_INDICATE_HANDLER TcpOffloadReceiveIndicateHandler;
} NDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS, *PNDIS_CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS;

#endif
