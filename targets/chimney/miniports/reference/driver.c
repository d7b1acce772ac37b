/* Registration with NDIS, and the life of an adapter. */
#include "miniport.h"

static NDIS_HANDLE MiniportDriverHandle;

/* pages/registering-chimney-offload-functions.md: two tables, from within the SetOptions handler. */
static NDIS_STATUS MpSetOptions(NDIS_HANDLE NdisDriverHandle, NDIS_HANDLE DriverContext)
{
    NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS Generic;
    NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS Tcp;
    NDIS_STATUS Status;

    UNREFERENCED_PARAMETER(DriverContext);

    NdisZeroMemory(&Generic, sizeof(Generic));
    Generic.Header.Type = NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS;
    Generic.Header.Revision = 1; /* the published header has no name for it */
    Generic.Header.Size = sizeof(Generic);
    Generic.InitiateOffloadHandler = MpInitiateOffload;
    Generic.TerminateOffloadHandler = MpTerminateOffload;
    Generic.UpdateOffloadHandler = MpUpdateOffload;
    Generic.InvalidateOffloadHandler = MpInvalidateOffload;
    Generic.QueryOffloadHandler = MpQueryOffload;
    Status = NdisSetOptionalHandlers(NdisDriverHandle, (PNDIS_DRIVER_OPTIONAL_HANDLERS)&Generic);
    if (Status != NDIS_STATUS_SUCCESS)
        return Status;

    NdisZeroMemory(&Tcp, sizeof(Tcp));
    Tcp.Header.Type = NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS;
    Tcp.Header.Revision = 1;
    Tcp.Header.Size = sizeof(Tcp);
    Tcp.OffloadType = NdisTcpChimneyOffload;
    Tcp.TcpOffloadSendHandler = MpTcpOffloadSend;
    Tcp.TcpOffloadReceiveHandler = MpTcpOffloadReceive;
    Tcp.TcpOffloadDisconnectHandler = MpTcpOffloadDisconnect;
    Tcp.TcpOffloadForwardHandler = MpTcpOffloadForward;
    Tcp.TcpOffloadReceiveReturnHandler = MpTcpOffloadReceiveReturn;
    return NdisSetOptionalHandlers(NdisDriverHandle, (PNDIS_DRIVER_OPTIONAL_HANDLERS)&Tcp);
}

static NDIS_STATUS SetAttributes(PADAPTER Adapter)
{
    NDIS_MINIPORT_ADAPTER_ATTRIBUTES Attributes;
    PNDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES Registration = &Attributes.RegistrationAttributes;

    NdisZeroMemory(&Attributes, sizeof(Attributes));
    Registration->Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES;
    Registration->Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    Registration->Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    Registration->MiniportAdapterContext = Adapter;
    Registration->AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE;
    Registration->InterfaceType = NdisInterfacePci;
    return NdisMSetMiniportAttributes(Adapter->NdisHandle, &Attributes);
}

static NDIS_STATUS AllocateBufferPool(PADAPTER Adapter)
{
    NET_BUFFER_LIST_POOL_PARAMETERS Parameters;

    NdisZeroMemory(&Parameters, sizeof(Parameters));
    Parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    Parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    Parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    Parameters.ProtocolId = NDIS_PROTOCOL_ID_DEFAULT;
    Parameters.fAllocateNetBuffer = TRUE;
    Parameters.PoolTag = TAG_BUFFERS;
    Adapter->BufferPool = NdisAllocateNetBufferListPool(Adapter->NdisHandle, &Parameters);
    return Adapter->BufferPool == NULL ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS;
}

static PADAPTER AllocateAdapter(NDIS_HANDLE NdisMiniportHandle)
{
    PADAPTER Adapter = NdisAllocateMemoryWithTagPriority(NdisMiniportHandle, sizeof(ADAPTER), TAG_ADAPTER,
                                                         NormalPoolPriority);
    ULONG Call;

    if (Adapter == NULL)
        return NULL;
    NdisZeroMemory(Adapter, sizeof(*Adapter));
    Adapter->NdisHandle = NdisMiniportHandle;
    NdisAllocateSpinLock(&Adapter->Lock);
    InitializeListHead(&Adapter->Objects);
    for (Call = 0; Call < StateCalls; Call++)
        InitializeListHead(&Adapter->Calls[Call]);
    return Adapter;
}

static VOID FreeAdapter(PADAPTER Adapter)
{
    if (Adapter->BufferPool != NULL)
        NdisFreeNetBufferListPool(Adapter->BufferPool);
    NdisFreeSpinLock(&Adapter->Lock);
    NdisFreeMemory(Adapter, 0, 0);
}

static NDIS_STATUS MpInitializeEx(NDIS_HANDLE NdisMiniportHandle, NDIS_HANDLE MiniportDriverContext,
                                  PNDIS_MINIPORT_INIT_PARAMETERS MiniportInitParameters)
{
    static const SIM_NIC_HANDLERS Nic = {
        .SegmentArrives = MpSegmentArrives,
        .TransmitOpportunity = MpTransmitOpportunity,
        .Run = MpRun,
        .TimerExpires = MpTimerExpires,
        .HardwareFails = MpHardwareFails,
        .LinkChanges = MpLinkChanges,
        .NeighborSilent = MpNeighborSilent,
        .ClockTicks = MpClockTicks,
        .UrgentArrives = MpUrgentArrives,
    };
    PADAPTER Adapter = AllocateAdapter(NdisMiniportHandle);
    NDIS_STATUS Status;

    UNREFERENCED_PARAMETER(MiniportDriverContext);
    UNREFERENCED_PARAMETER(MiniportInitParameters);

    if (Adapter == NULL)
        return NDIS_STATUS_RESOURCES;
    Status = SetAttributes(Adapter);
    if (Status == NDIS_STATUS_SUCCESS)
        Status = AllocateBufferPool(Adapter);
    if (Status == NDIS_STATUS_SUCCESS)
        Status = NdisMGetOffloadHandlers(NdisMiniportHandle, NdisTcpChimneyOffload,
                                         (PNDIS_OFFLOAD_EVENT_HANDLERS *)&Adapter->Ndis);
    if (Status != NDIS_STATUS_SUCCESS) {
        FreeAdapter(Adapter);
        return Status;
    }
    SimNicAttach(NdisMiniportHandle, &Nic);
    return NDIS_STATUS_SUCCESS;
}

/* Whatever the host never took back dies with the adapter. */
static VOID MpHaltEx(NDIS_HANDLE MiniportAdapterContext, NDIS_HALT_ACTION HaltAction)
{
    PADAPTER Adapter = MiniportAdapterContext;

    UNREFERENCED_PARAMETER(HaltAction);
    while (!IsListEmpty(&Adapter->Objects))
        FreeObject(CONTAINING_RECORD(Adapter->Objects.Flink, STATE_OBJECT, Link));
    FreeAdapter(Adapter);
}

static VOID MpUnload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    NdisMDeregisterMiniportDriver(MiniportDriverHandle);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS Characteristics;

    NdisZeroMemory(&Characteristics, sizeof(Characteristics));
    Characteristics.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS;
    Characteristics.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    Characteristics.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    Characteristics.MajorNdisVersion = NDIS_MINIPORT_MAJOR_VERSION;
    Characteristics.MinorNdisVersion = NDIS_MINIPORT_MINOR_VERSION;
    Characteristics.SetOptionsHandler = MpSetOptions;
    Characteristics.InitializeHandlerEx = MpInitializeEx;
    Characteristics.HaltHandlerEx = MpHaltEx;
    Characteristics.UnloadHandler = MpUnload;
    /* The OID, ordinary send and pause functions of a real miniport are not chimney, and left out. */
    return NdisMRegisterMiniportDriver(DriverObject, RegistryPath, NULL, &Characteristics,
                                       &MiniportDriverHandle);
}
