/*
 * An ordinary miniport, in the style of the kits' samples: its sends go nowhere, and it has no chimney. It is here
 * for what such files contain: trace headers, annotations, pragmas, a declaration that differs in its pointers.
 */
#include <ndis.h>
#include <ntintsafe.h>

_Analysis_mode_(_Analysis_code_type_kernel_driver_);

#define WPP_CONTROL_GUIDS WPP_DEFINE_CONTROL_GUID(Ordinary, (0, 1, 2, 3, 4), WPP_DEFINE_BIT(MP_TRACE) WPP_DEFINE_BIT(MP_ERROR))
// begin_wpp config
// FUNC DEBUGP(LEVEL, MSG, ...);
// end_wpp
#include "ordinary.tmh"

#define NIC_TAG ((ULONG)'dtsO')
#define NIC_FRAME 1514

typedef struct DECLSPEC_CACHEALIGN _MP_ADAPTER {
    LIST_ENTRY List;
    NDIS_HANDLE AdapterHandle;
    NDIS_SPIN_LOCK Lock;
    _Guarded_by_(Lock) LIST_ENTRY FreeTcbs;
    NDIS_HANDLE SendCompleteTimer;
    KDPC RecvDpc;
    UCHAR PermanentAddress[ETH_LENGTH_OF_ADDRESS];
    NDIS_DEVICE_POWER_STATE PowerState;
    volatile LONG Busy;
} MP_ADAPTER, *PMP_ADAPTER;

NDIS_STATUS DriverEntry(_In_ PVOID DriverObject, _In_ PVOID RegistryPath);
NDIS_STATUS MpStart(_In_ NDIS_HANDLE Adapter, ULONG Count);
SET_OPTIONS MpSetOptions;
MINIPORT_INITIALIZE MpInitialize;
MINIPORT_HALT MpHalt;
MINIPORT_OID_REQUEST MpOidRequest;
MINIPORT_SEND_NET_BUFFER_LISTS MpSend;
NDIS_TIMER_FUNCTION MpSendComplete;
KDEFERRED_ROUTINE MpReceive;

#pragma NDIS_INIT_FUNCTION(DriverEntry)
#pragma NDIS_PAGEABLE_FUNCTION(MpInitialize)

NDIS_HANDLE Driver;
static NDIS_OID Supported[] = {OID_GEN_SUPPORTED_LIST, OID_GEN_STATISTICS, OID_802_3_PERMANENT_ADDRESS, OID_PNP_SET_POWER};

__forceinline PLIST_ENTRY LinkOf(PNET_BUFFER Nb)
{
    return (PLIST_ENTRY)&NET_BUFFER_MINIPORT_RESERVED(Nb)[0];
}

_Use_decl_annotations_
NDIS_STATUS MpSetOptions(NDIS_HANDLE NdisDriverHandle, NDIS_HANDLE DriverContext)
{
    UNREFERENCED_PARAMETER(NdisDriverHandle);
    UNREFERENCED_PARAMETER(DriverContext);
    DEBUGP(MP_TRACE, "no options\n");
    return NDIS_STATUS_SUCCESS;
}

_IRQL_requires_max_(DISPATCH_LEVEL)
VOID MpSendComplete(PVOID SystemSpecific1, PVOID Context, PVOID SystemSpecific2, PVOID SystemSpecific3)
{
    PMP_ADAPTER Adapter = (PMP_ADAPTER)Context;

    InterlockedDecrement(&Adapter->Busy);
    KeInsertQueueDpc(&Adapter->RecvDpc, NULL, NULL);
}

VOID MpReceive(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PMP_ADAPTER Adapter = (PMP_ADAPTER)Context;

    NdisDprAcquireSpinLock(&Adapter->Lock);
    while (!IsListEmpty(&Adapter->FreeTcbs))
        RemoveHeadList(&Adapter->FreeTcbs);
    NdisDprReleaseSpinLock(&Adapter->Lock);
}

NDIS_STATUS MpStart(PMP_ADAPTER Adapter, ULONG Count)
{
    NDIS_TIMER_CHARACTERISTICS Timer;
    ULONG Bytes;

    if (!NT_SUCCESS(RtlULongMult(Count, NIC_FRAME, &Bytes)))
        return NDIS_STATUS_RESOURCES;
    NdisZeroMemory(&Timer, sizeof(Timer));
    {C_ASSERT(sizeof(Timer) >= NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1);}
    Timer.Header.Type = NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS;
    Timer.Header.Revision = NDIS_TIMER_CHARACTERISTICS_REVISION_1;
    Timer.Header.Size = NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1;
    Timer.TimerFunction = MpSendComplete;
    Timer.FunctionContext = Adapter;
    return NdisAllocateTimerObject(Adapter->AdapterHandle, &Timer, &Adapter->SendCompleteTimer);
}

NDIS_STATUS MpInitialize(NDIS_HANDLE Handle, NDIS_HANDLE Context, PNDIS_MINIPORT_INIT_PARAMETERS Parameters)
{
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES General = {0};
    NDIS_PM_CAPABILITIES Power = {0};
    PMP_ADAPTER Adapter = NdisAllocateMemoryWithTagPriority(Handle, sizeof(*Adapter), NIC_TAG, LowPoolPriority);

    PAGED_CODE();
    NDIS_DECLARE_MINIPORT_ADAPTER_CONTEXT(MP_ADAPTER);
    if (Adapter == NULL)
        return NDIS_STATUS_RESOURCES;
    Adapter->AdapterHandle = Handle;
    KeInitializeDpc(&Adapter->RecvDpc, MpReceive, Adapter);
    General.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES;
    General.MacOptions = NDIS_MAC_OPTION_8021P_PRIORITY | NDIS_MAC_OPTION_NO_LOOPBACK;
    General.SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST;
    General.PowerManagementCapabilitiesEx = &Power;
    General.SupportedOidList = Supported;
    General.SupportedOidListLength = sizeof(Supported);
    if (Parameters->AllocatedResources && Parameters->AllocatedResources->Count)
        DEBUGP(MP_ERROR, "%u resources\n", Parameters->AllocatedResources->PartialDescriptors[0].u.Memory.Length);
    return MpStart(Adapter, 4);
}

NDIS_STATUS MpOidRequest(NDIS_HANDLE Context, PNDIS_OID_REQUEST Request)
{
    PMP_ADAPTER Adapter = (PMP_ADAPTER)Context;

    switch (Request->DATA.QUERY_INFORMATION.Oid) {
    case OID_802_3_PERMANENT_ADDRESS:
        ETH_COPY_NETWORK_ADDRESS(Request->DATA.QUERY_INFORMATION.InformationBuffer, Adapter->PermanentAddress);
        __fallthrough;
    case OID_GEN_STATISTICS:
        return Request->RequestType == NdisRequestQueryInformation ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_OID;
    default:
        return NDIS_STATUS_NOT_SUPPORTED;
    }
}

VOID MpSend(NDIS_HANDLE Context, PNET_BUFFER_LIST Lists, NDIS_PORT_NUMBER Port, ULONG Flags)
{
    PMP_ADAPTER Adapter = (PMP_ADAPTER)Context;
    PNET_BUFFER Nb = NET_BUFFER_LIST_FIRST_NB(Lists);
    LARGE_INTEGER Due = {.QuadPart = -100};

    for (; Nb != NULL; Nb = NET_BUFFER_NEXT_NB(Nb))
        NdisInterlockedInsertTailList(&Adapter->FreeTcbs, LinkOf(Nb), &Adapter->Lock);
    NdisSetTimerObject(Adapter->SendCompleteTimer, Due, 0, NULL);
    NdisMSendNetBufferListsComplete(
        Adapter->AdapterHandle, Lists,
        NDIS_TEST_SEND_AT_DISPATCH_LEVEL(Flags) ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
}

VOID MpHalt(NDIS_HANDLE Context, NDIS_HALT_ACTION Action)
{
    PMP_ADAPTER Adapter = (PMP_ADAPTER)Context;

    NdisFreeTimerObject(Adapter->SendCompleteTimer);
    NdisFreeMemory(Adapter, 0, 0);
}

NDIS_STATUS DriverEntry(_In_ PVOID DriverObject, _In_ PVOID RegistryPath)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS Characteristics = {0};

    WPP_INIT_TRACING(DriverObject, RegistryPath);
    __pragma(warning(suppress : 28023))
    Characteristics.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS;
    Characteristics.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    Characteristics.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    Characteristics.MajorNdisVersion = NDIS_MINIPORT_MAJOR_VERSION;
    Characteristics.MinorNdisVersion = NDIS_MINIPORT_MINOR_VERSION;
    Characteristics.SetOptionsHandler = MpSetOptions;
    Characteristics.InitializeHandlerEx = MpInitialize;
    Characteristics.HaltHandlerEx = MpHalt;
    Characteristics.OidRequestHandler = MpOidRequest;
    Characteristics.SendNetBufferListsHandler = MpSend;
    return NdisMRegisterMiniportDriver(DriverObject, RegistryPath, NULL, &Characteristics, &Driver);
}
