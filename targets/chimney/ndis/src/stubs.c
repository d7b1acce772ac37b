/* Functions that are there so that drivers compile and link. The headers say of each what it does (CHS_STUB). */
#include "harness.h"

/* ---- one processor, no devices, no bus ------------------------------------------------------ */

VOID KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance)
{
    Dpc->Importance = (UCHAR)Importance;
}

VOID KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Number);
}

NTSTATUS KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(ProcNumber);
    return STATUS_SUCCESS;
}

NTSTATUS KeQueryDpcWatchdogInformation(PKDPC_WATCHDOG_INFORMATION WatchdogInformation)
{
    memset(WatchdogInformation, 0, sizeof(*WatchdogInformation));
    return STATUS_UNSUCCESSFUL;
}

NDIS_STATUS NdisGetRssProcessorInformation(NDIS_HANDLE NdisHandle, PNDIS_RSS_PROCESSOR_INFO RssProcessorInfo,
                                           PSIZE_T Size)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    UNREFERENCED_PARAMETER(RssProcessorInfo);
    UNREFERENCED_PARAMETER(Size);
    return NDIS_STATUS_NOT_SUPPORTED;
}

VOID NdisMGetDeviceProperty(NDIS_HANDLE MiniportAdapterHandle, PDEVICE_OBJECT *PhysicalDeviceObject,
                            PDEVICE_OBJECT *FunctionalDeviceObject, PDEVICE_OBJECT *NextDeviceObject,
                            PNDIS_RESOURCE_LIST *AllocatedResources,
                            PNDIS_RESOURCE_LIST *AllocatedResourcesTranslated)
{
    PVOID *wanted[] = {(PVOID *)PhysicalDeviceObject, (PVOID *)FunctionalDeviceObject, (PVOID *)NextDeviceObject,
                       (PVOID *)AllocatedResources, (PVOID *)AllocatedResourcesTranslated};
    SIZE_T k;

    chs_calls("NdisMGetDeviceProperty", MiniportAdapterHandle);
    for (k = 0; k < RTL_NUMBER_OF(wanted); k++)
        if (wanted[k])
            *wanted[k] = NULL;
}

NDIS_STATUS NdisMMapIoSpace(PVOID *VirtualAddress, NDIS_HANDLE MiniportAdapterHandle,
                            NDIS_PHYSICAL_ADDRESS PhysicalAddress, UINT Length)
{
    UNREFERENCED_PARAMETER(MiniportAdapterHandle);
    UNREFERENCED_PARAMETER(PhysicalAddress);
    UNREFERENCED_PARAMETER(Length);
    *VirtualAddress = NULL;
    return NDIS_STATUS_RESOURCES;
}

VOID NdisMUnmapIoSpace(NDIS_HANDLE MiniportAdapterHandle, PVOID VirtualAddress, UINT Length)
{
    UNREFERENCED_PARAMETER(MiniportAdapterHandle);
    UNREFERENCED_PARAMETER(VirtualAddress);
    UNREFERENCED_PARAMETER(Length);
}

NDIS_STATUS NdisMRegisterIoPortRange(PVOID *PortOffset, NDIS_HANDLE MiniportAdapterHandle, UINT InitialPort,
                                     UINT NumberOfPorts)
{
    UNREFERENCED_PARAMETER(MiniportAdapterHandle);
    UNREFERENCED_PARAMETER(InitialPort);
    UNREFERENCED_PARAMETER(NumberOfPorts);
    *PortOffset = NULL;
    return NDIS_STATUS_RESOURCES;
}

VOID NdisMDeregisterIoPortRange(NDIS_HANDLE MiniportAdapterHandle, UINT InitialPort, UINT NumberOfPorts,
                                PVOID PortOffset)
{
    UNREFERENCED_PARAMETER(MiniportAdapterHandle);
    UNREFERENCED_PARAMETER(InitialPort);
    UNREFERENCED_PARAMETER(NumberOfPorts);
    UNREFERENCED_PARAMETER(PortOffset);
}

static ULONG no_bus(NDIS_HANDLE handle, PVOID buffer)
{
    UNREFERENCED_PARAMETER(handle);
    UNREFERENCED_PARAMETER(buffer);
    return 0;
}

ULONG NdisMGetBusData(NDIS_HANDLE NdisMiniportHandle, ULONG WhichSpace, ULONG Offset, PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(WhichSpace);
    UNREFERENCED_PARAMETER(Offset);
    UNREFERENCED_PARAMETER(Length);
    return no_bus(NdisMiniportHandle, Buffer);
}

ULONG NdisMSetBusData(NDIS_HANDLE NdisMiniportHandle, ULONG WhichSpace, ULONG Offset, PVOID Buffer, ULONG Length)
{
    UNREFERENCED_PARAMETER(WhichSpace);
    UNREFERENCED_PARAMETER(Offset);
    UNREFERENCED_PARAMETER(Length);
    return no_bus(NdisMiniportHandle, Buffer);
}

ULONG ChsReadPort(PVOID Port)
{
    UNREFERENCED_PARAMETER(Port);
    return MAXULONG;
}

ULONG NdisMQueueDpc(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId, ULONG TargetProcessors,
                    PVOID MiniportDpcContext)
{
    UNREFERENCED_PARAMETER(NdisInterruptHandle);
    UNREFERENCED_PARAMETER(MessageId);
    UNREFERENCED_PARAMETER(TargetProcessors);
    UNREFERENCED_PARAMETER(MiniportDpcContext);
    return 0;
}

/* ---- what nobody asks for ------------------------------------------------------------------- */

VOID NdisMDirectOidRequestComplete(NDIS_HANDLE MiniportAdapterHandle, PNDIS_OID_REQUEST OidRequest,
                                   NDIS_STATUS Status)
{
    UNREFERENCED_PARAMETER(OidRequest);
    UNREFERENCED_PARAMETER(Status);
    chs_calls("NdisMDirectOidRequestComplete", MiniportAdapterHandle);
    chs_complain("NdisMDirectOidRequestComplete is called; no direct OID request was ever made");
}

VOID NdisWriteErrorLogEntry(NDIS_HANDLE NdisHandle, NDIS_ERROR_CODE ErrorCode, ULONG NumberOfErrorValues, ...)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    UNREFERENCED_PARAMETER(ErrorCode);
    UNREFERENCED_PARAMETER(NumberOfErrorValues);
}

/* ---- the host's side of the chimney --------------------------------------------------------- */

static NDIS_STATUS nobody_below(const char *name, const void *handle, const void *passed)
{
    UNREFERENCED_PARAMETER(handle);
    UNREFERENCED_PARAMETER(passed);
    chs_complain("%s is called; it is for protocols and intermediate drivers, and an offload target has nobody below it",
                 name);
    return NDIS_STATUS_NOT_SUPPORTED;
}

#define HOSTS_CALL(name)                                                                               \
    VOID name(NDIS_HANDLE NdisBindingHandle, PNDIS_PROTOCOL_OFFLOAD_BLOCK_LIST OffloadBlockList)       \
    {                                                                                                  \
        nobody_below(#name, NdisBindingHandle, OffloadBlockList);                                      \
    }
HOSTS_CALL(NdisInitiateOffload)
HOSTS_CALL(NdisTerminateOffload)
HOSTS_CALL(NdisInvalidateOffload)
HOSTS_CALL(NdisUpdateOffload)
HOSTS_CALL(NdisQueryOffloadState)

#define HOSTS_REQUEST(name)                                                                            \
    NDIS_STATUS name(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle, PNET_BUFFER_LIST NetBufferList)           \
    {                                                                                                  \
        return nobody_below(#name, NdisOffloadHandle, NetBufferList);                                  \
    }
HOSTS_REQUEST(NdisOffloadTcpSend)
HOSTS_REQUEST(NdisOffloadTcpReceive)
HOSTS_REQUEST(NdisOffloadTcpForward)

NDIS_STATUS NdisOffloadTcpDisconnect(PNDIS_OFFLOAD_HANDLE NdisOffloadHandle, PNET_BUFFER_LIST NetBufferList,
                                     ULONG Flags)
{
    UNREFERENCED_PARAMETER(Flags);
    return nobody_below("NdisOffloadTcpDisconnect", NdisOffloadHandle, NetBufferList);
}

VOID NdisOffloadTcpReceiveReturn(NDIS_HANDLE NdisBindingHandle, PNET_BUFFER_LIST NetBufferList)
{
    nobody_below("NdisOffloadTcpReceiveReturn", NdisBindingHandle, NetBufferList);
}
