/*
 * The smallest driver that NDIS takes: it offloads and hands back, and does nothing with data.
 * A test adds statements: -DON_SEND=... and so on, which run in the function of that name.
 */
#include "simnic.h"

#ifndef ON_ENTRY
#define ON_ENTRY
#endif
#ifndef ON_OPTIONS
#define ON_OPTIONS
#endif
#ifndef ON_INITIALIZE
#define ON_INITIALIZE
#endif
#ifndef ON_OFFLOAD
#define ON_OFFLOAD
#endif
#ifndef ON_SEND
#define ON_SEND
#endif
#ifndef ON_RECEIVE
#define ON_RECEIVE
#endif
#ifndef ON_SEGMENT
#define ON_SEGMENT
#endif
#ifndef ON_RUN
#define ON_RUN
#endif
#ifndef ON_BLOCK
#define ON_BLOCK
#endif
#ifndef ON_COMPLETE
#define ON_COMPLETE
#endif
#ifndef AFTERWARDS
#define AFTERWARDS
#endif
#ifndef ON_HALT
#define ON_HALT
#endif

#define TAG 'llmS'

struct object {
    struct adapter *adapter;
    struct object *next;
    NDIS_HANDLE handle;
    TCP_OFFLOAD_STATE_DELEGATED state;
};

struct adapter {
    NDIS_HANDLE handle;
    NDIS_TCP_OFFLOAD_EVENT_HANDLERS ndis;
    struct object *objects;
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST terminating;
    PNET_BUFFER_LIST kept;
    NDIS_HANDLE pool;
    NDIS_SPIN_LOCK lock;
    int count;
};

static NDIS_HANDLE driver;

static struct object *offload(struct adapter *adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block)
{
    struct object *object = ExAllocatePoolZero(NonPagedPool, sizeof(*object), TAG);
    PUCHAR at = (PUCHAR)block + sizeof(*block);

    object->adapter = adapter;
    object->handle = block->NdisOffloadHandle;
    object->next = adapter->objects;
    if (block->Header.Type == TcpOffloadState) {
        at += ALIGN_UP_BY(((POFFLOAD_STATE_HEADER)(PVOID)at)->Length, sizeof(PVOID));
        at += ALIGN_UP_BY(((POFFLOAD_STATE_HEADER)(PVOID)at)->Length, sizeof(PVOID));
        object->state = *(PTCP_OFFLOAD_STATE_DELEGATED)(PVOID)at;
    }
    return adapter->objects = object;
}

static void offload_all(struct adapter *adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block)
{
    for (; block; block = block->NextBlock) {
        *block->MiniportOffloadContext = offload(adapter, block);
        block->Status = NDIS_STATUS_SUCCESS;
        offload_all(adapter, block->DependentBlockList);
    }
}

static void hand_back(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block)
{
    for (; block; block = block->NextBlock) {
        struct object *object = block->MiniportOffloadContext ? *block->MiniportOffloadContext : NULL;
        PTCP_OFFLOAD_STATE_DELEGATED state = (PVOID)(block + 1);

        if (object && block->Header.Type == TcpOffloadDelegatedState)
            *state = object->state;
        block->Status = NDIS_STATUS_SUCCESS;
        ON_BLOCK;
        hand_back(block->DependentBlockList);
    }
}

static void free_object(struct adapter *adapter, struct object *object)
{
    struct object **link = &adapter->objects;

    while (*link != object)
        link = &(*link)->next;
    *link = object->next;
    ExFreePoolWithTag(object, TAG);
}

static void free_all(struct adapter *adapter, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST block)
{
    for (; block; block = block->NextBlock) {
        free_all(adapter, block->DependentBlockList);
        if (block->MiniportOffloadContext)
            free_object(adapter, *block->MiniportOffloadContext);
    }
}

static VOID initiate(NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    struct adapter *adapter = context;

    offload_all(adapter, list);
    ON_OFFLOAD;
    NdisMInitiateOffloadComplete(adapter->handle, list);
}

static VOID terminate(NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    ((struct adapter *)context)->terminating = list;
}

static VOID update(NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    NdisMUpdateOffloadComplete(((struct adapter *)context)->handle, list);
}

static VOID invalidate(NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    NdisMInvalidateOffloadComplete(((struct adapter *)context)->handle, list);
}

static VOID query(NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    NdisMQueryOffloadStateComplete(((struct adapter *)context)->handle, list);
}

static NDIS_STATUS send(NDIS_HANDLE context, PVOID offloaded, PNET_BUFFER_LIST list)
{
    struct adapter *adapter = context;
    struct object *object = *(PVOID *)offloaded;

    adapter->count++;
    object->state.SndMax = object->state.SndNxt;
    ON_SEND;
    return NDIS_STATUS_PENDING;
}

static NDIS_STATUS receive(NDIS_HANDLE context, PVOID offloaded, PNET_BUFFER_LIST list)
{
    struct adapter *adapter = context;

    adapter->kept = list;
    ON_RECEIVE;
    return NDIS_STATUS_PENDING;
}

static NDIS_STATUS forward(NDIS_HANDLE context, PVOID offloaded, PNET_BUFFER_LIST list)
{
    ((struct adapter *)context)->kept = list;
    return NDIS_STATUS_PENDING;
}

static NDIS_STATUS disconnect(NDIS_HANDLE context, PVOID offloaded, PNET_BUFFER_LIST list, ULONG flags)
{
    ((struct adapter *)context)->kept = list;
    return NDIS_STATUS_PENDING;
}

static NDIS_STATUS give_back(NDIS_HANDLE context, PNET_BUFFER_LIST list)
{
    ((struct adapter *)context)->kept = list;
    return NDIS_STATUS_SUCCESS;
}

static VOID arrives(PVOID context, const SIM_SEGMENT *segment)
{
    struct object *object = context;
    struct adapter *adapter = object->adapter;

    adapter->count++;
    ON_SEGMENT;
}

static VOID opportunity(PVOID context, ULONG room)
{
    ((struct object *)context)->adapter->count += (int)room;
}

static VOID run(NDIS_HANDLE context)
{
    struct adapter *adapter = context;
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list = adapter->terminating;

    ON_RUN;
    if (list) {
        adapter->terminating = NULL;
        hand_back(list);
        ON_COMPLETE;
        NdisMTerminateOffloadComplete(adapter->handle, list);
        AFTERWARDS;
        free_all(adapter, list);
    }
}

static NDIS_STATUS options(NDIS_HANDLE handle, NDIS_HANDLE context)
{
    NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic = {
        {NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS, 1, sizeof(generic)}, 0,
        initiate, terminate, update, invalidate, query};
    NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp = {
        {NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS, 1, sizeof(tcp)}, 0,
        NdisTcpChimneyOffload, send, receive, disconnect, forward, give_back};
    NDIS_STATUS status;

    ON_OPTIONS;
    status = NdisSetOptionalHandlers(handle, (PNDIS_DRIVER_OPTIONAL_HANDLERS)&generic);
    return status ? status : NdisSetOptionalHandlers(handle, (PNDIS_DRIVER_OPTIONAL_HANDLERS)&tcp);
}

static NDIS_STATUS initialize(NDIS_HANDLE handle, NDIS_HANDLE context, PNDIS_MINIPORT_INIT_PARAMETERS parameters)
{
    SIM_NIC_HANDLERS nic = {arrives, opportunity, run};
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {{NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(pool)}, .fAllocateNetBuffer = TRUE};
    NDIS_MINIPORT_ADAPTER_ATTRIBUTES attributes = {.RegistrationAttributes = {
        {NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES, 1, sizeof(attributes.RegistrationAttributes)}}};
    struct adapter *adapter = ExAllocatePoolZero(NonPagedPool, sizeof(*adapter), TAG);
    PNDIS_OFFLOAD_EVENT_HANDLERS handlers;

    adapter->handle = handle;
    adapter->pool = NdisAllocateNetBufferListPool(handle, &pool);
    NdisAllocateSpinLock(&adapter->lock);
    attributes.RegistrationAttributes.MiniportAdapterContext = adapter;
    ON_INITIALIZE;
    NdisMSetMiniportAttributes(handle, &attributes);
    NdisMGetOffloadHandlers(handle, NdisTcpChimneyOffload, &handlers);
    adapter->ndis = *(PNDIS_TCP_OFFLOAD_EVENT_HANDLERS)(PVOID)handlers;
    SimNicAttach(handle, &nic);
    return NDIS_STATUS_SUCCESS;
}

static VOID halt(NDIS_HANDLE context, NDIS_HALT_ACTION action)
{
    struct adapter *adapter = context;

    ON_HALT;
    while (adapter->objects)
        free_object(adapter, adapter->objects);
    NdisFreeNetBufferListPool(adapter->pool);
    ExFreePoolWithTag(adapter, TAG);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT object, PUNICODE_STRING path)
{
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS characteristics = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS, 2, sizeof(characteristics)},
        .MajorNdisVersion = 6, .MinorNdisVersion = 20,
        .SetOptionsHandler = options, .InitializeHandlerEx = initialize, .HaltHandlerEx = halt};

    ON_ENTRY;
    return NdisMRegisterMiniportDriver(object, path, NULL, &characteristics, &driver);
}
