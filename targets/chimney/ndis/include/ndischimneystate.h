/*
 * The state that is handed over and back: the block list, the state structures of the three
 * layers, and the enumerations in them (ndischimney.h, NDIS 6.1 and later: with DWnd).
 *
 * Bit-fields: the Windows compiler starts a new unit when the declared type changes size, GCC
 * does not. An unnamed bit-field fills the rest of the unit, so that both agree on the offsets.
 */
#ifndef CHS_NDISCHIMNEYSTATE_H
#define CHS_NDISCHIMNEYSTATE_H

#include "nbl.h"

/* Header.Type of a block list: which structures follow it in memory. */
typedef enum _OFFLOAD_STATE_TYPE {
    NeighborOffloadConstState = 1,
    NeighborOffloadCachedState = 2,
    NeighborOffloadDelegatedState = 3,
    NeighborOffloadState = 4,
    Ip4OffloadConstState = 5,
    Ip4OffloadCachedState = 6,
    Ip4OffloadDelegatedState = 7,
    Ip4OffloadState = 8,
    Ip6OffloadConstState = 9,
    Ip6OffloadCachedState = 10,
    Ip6OffloadDelegatedState = 11,
    Ip6OffloadState = 12,
    TcpOffloadConstState = 13,
    TcpOffloadCachedState = 14,
    TcpOffloadDelegatedState = 15,
    TcpOffloadResourceState = 16,
    TcpOffloadState = 17,
    FilterReservedOffloadState = 0xFE,
    MaximumOffloadState = 0xFF
} OFFLOAD_STATE_TYPE, *POFFLOAD_STATE_TYPE;

typedef enum _TCP_OFFLOAD_CONNECTION_STATE {
    TcpConnectionClosed = 0,
    TcpConnectionListen = 1,
    TcpConnectionSynSent = 2,
    TcpConnectionSynRcvd = 3,
    TcpConnectionEstablished = 4,
    TcpConnectionFinWait1 = 5,
    TcpConnectionFinWait2 = 6,
    TcpConnectionCloseWait = 7,
    TcpConnectionClosing = 8,
    TcpConnectionLastAck = 9,
    TcpConnectionTimeWait = 10,
    TcpConnectionMaxState = 11
} TCP_OFFLOAD_CONNECTION_STATE, *PTCP_OFFLOAD_CONNECTION_STATE;

typedef struct _OFFLOAD_STATE_HEADER {
    ULONG Length; /* bytes of the structure that begins here */
    ULONG RecognizedOptions;
} OFFLOAD_STATE_HEADER, *POFFLOAD_STATE_HEADER;

typedef struct _NDIS_OFFLOAD_HANDLE {
    PVOID NdisReserved[1];
    PVOID MiniportOffloadContext;
} NDIS_OFFLOAD_HANDLE, *PNDIS_OFFLOAD_HANDLE;

typedef struct _NDIS_MINIPORT_OFFLOAD_BLOCK_LIST {
    NDIS_OBJECT_HEADER Header;
    struct _NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *NextBlock;
    struct _NDIS_MINIPORT_OFFLOAD_BLOCK_LIST *DependentBlockList;
    NDIS_STATUS Status;
    PVOID NdisReserved[2];
    PVOID *MiniportOffloadContext; /* NULL: a placeholder, no state object */
    NDIS_HANDLE NdisOffloadHandle;
    PVOID ProtocolReserved[2];
    PVOID MiniportReserved[2];
    PVOID ImReserved[2];
    PVOID Scratch[2];
    PVOID SourceHandle;
    NDIS_PORT_NUMBER PortNumber;
    PNET_BUFFER_LIST NetBufferListChain;
    /* The state structures follow in memory. */
} NDIS_MINIPORT_OFFLOAD_BLOCK_LIST, *PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST;

/* The same node as protocols and intermediate drivers see it from above. */
typedef struct _NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST {
    NDIS_OBJECT_HEADER Header;
    struct _NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *NextBlock;
    struct _NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST *DependentBlockList;
    NDIS_STATUS Status;
    PVOID NdisReserved[3];
    PNDIS_OFFLOAD_HANDLE OffloadHandle;
    PVOID ProtocolReserved[2];
    PVOID MiniportReserved[2];
    PVOID ImReserved[2];
    PVOID Scratch[2];
    PVOID SourceHandle;
    NDIS_PORT_NUMBER PortNumber;
    PNET_BUFFER_LIST NetBufferListChain;
} NDIS_PROTOCOL_OFFLOAD_BLOCK_LIST, *PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST;

typedef struct _NEIGHBOR_OFFLOAD_STATE_CONST {
    OFFLOAD_STATE_HEADER Header;
    UCHAR DlSourceAddress[32];
    ULONG VlanId : 12;
    ULONG : 20;
} NEIGHBOR_OFFLOAD_STATE_CONST, *PNEIGHBOR_OFFLOAD_STATE_CONST;

typedef struct _NEIGHBOR_OFFLOAD_STATE_CACHED {
    OFFLOAD_STATE_HEADER Header;
    UCHAR DlDestinationAddress[32];
    ULONG HostReachabilityDelta;
} NEIGHBOR_OFFLOAD_STATE_CACHED, *PNEIGHBOR_OFFLOAD_STATE_CACHED;

typedef struct _NEIGHBOR_OFFLOAD_STATE_DELEGATED {
    OFFLOAD_STATE_HEADER Header;
    ULONG NicReachabilityDelta;
} NEIGHBOR_OFFLOAD_STATE_DELEGATED, *PNEIGHBOR_OFFLOAD_STATE_DELEGATED;

typedef struct _PATH_OFFLOAD_STATE_CONST {
    OFFLOAD_STATE_HEADER Header;
    CONST UCHAR *SourceAddress;
    CONST UCHAR *DestinationAddress;
} PATH_OFFLOAD_STATE_CONST, *PPATH_OFFLOAD_STATE_CONST;

typedef struct _PATH_OFFLOAD_STATE_CACHED {
    OFFLOAD_STATE_HEADER Header;
    ULONG PathMtu;
} PATH_OFFLOAD_STATE_CACHED, *PPATH_OFFLOAD_STATE_CACHED;

typedef struct _PATH_OFFLOAD_STATE_DELEGATED {
    OFFLOAD_STATE_HEADER Header;
} PATH_OFFLOAD_STATE_DELEGATED, *PPATH_OFFLOAD_STATE_DELEGATED;

#define TCP_FLAG_TIMESTAMP_ENABLED 0x01
#define TCP_FLAG_SACK_ENABLED 0x02
#define TCP_FLAG_WINDOW_SCALING_ENABLED 0x04

typedef struct _TCP_OFFLOAD_STATE_CONST {
    OFFLOAD_STATE_HEADER Header;
    USHORT Flags; /* TCP_FLAG_TIMESTAMP_ENABLED and the two after it */
    USHORT RemotePort;
    USHORT LocalPort;
    UCHAR SndWindScale : 4;
    UCHAR RcvWindScale : 4;
    USHORT RemoteMss;
    ULONG HashValue;
} TCP_OFFLOAD_STATE_CONST, *PTCP_OFFLOAD_STATE_CONST;

#define TCP_FLAG_KEEP_ALIVE_ENABLED 0x01
#define TCP_FLAG_NAGLING_ENABLED 0x02
#define TCP_FLAG_KEEP_ALIVE_RESTART 0x04
#define TCP_FLAG_MAX_RT_RESTART 0x08
#define TCP_FLAG_UPDATE_RCV_WND 0x10

typedef struct _TCP_OFFLOAD_STATE_CACHED {
    OFFLOAD_STATE_HEADER Header;
    USHORT Flags; /* TCP_FLAG_KEEP_ALIVE_ENABLED and the four after it */
    ULONG InitialRcvWnd;
    ULONG RcvIndicationSize;
    UCHAR KaProbeCount;
    ULONG KaTimeout;
    ULONG KaInterval;
    ULONG MaxRT;
    ULONG FlowLabel : 20;
    ULONG : 12;
    UCHAR TtlOrHopLimit;
    UCHAR TosOrTrafficClass;
    UCHAR UserPriority : 3;
    UCHAR : 5;
} TCP_OFFLOAD_STATE_CACHED, *PTCP_OFFLOAD_STATE_CACHED;

typedef struct _TCP_OFFLOAD_STATE_DELEGATED {
    OFFLOAD_STATE_HEADER Header;
    TCP_OFFLOAD_CONNECTION_STATE State;
    USHORT Flags;
    ULONG RcvNxt;
    ULONG RcvWnd;
    ULONG SndUna;
    ULONG SndNxt;
    ULONG SndMax;
    ULONG SndWnd;
    ULONG MaxSndWnd;
    ULONG SendWL1;
    ULONG CWnd;
    ULONG SsThresh;
    USHORT SRtt;
    USHORT RttVar;
    ULONG TsRecent;
    ULONG TsRecentAge;
    ULONG TsTime;
    ULONG TotalRT;
    UCHAR DupAckCount;
    UCHAR SndWndProbeCount;
    struct {
        UCHAR ProbeCount;
        ULONG TimeoutDelta; /* (ULONG)-1: no such timer runs */
    } KeepAlive;
    struct {
        UCHAR Count;
        ULONG TimeoutDelta;
    } Retransmit;
    union {
        struct { /* at termination: the first and last list of NetBufferListChain */
            PNET_BUFFER_LIST SendDataHead;
            PNET_BUFFER_LIST SendDataTail;
        };
        ULONG SendBacklogSize; /* at a query, bytes */
    };
    union {
        PNET_BUFFER_LIST BufferedData; /* at initiation and termination */
        ULONG ReceiveBacklogSize;      /* at a query, bytes */
    };
    ULONG DWnd;
} TCP_OFFLOAD_STATE_DELEGATED, *PTCP_OFFLOAD_STATE_DELEGATED;

#endif
