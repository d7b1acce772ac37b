/* The adapter of one scenario, from MiniportInitializeEx to MiniportHaltEx. */
#include "harness.h"

static struct chs_adapter adapter;

struct chs_adapter *chs_adapter(void)
{
    return &adapter;
}

void chs_calls(const char *name, NDIS_HANDLE handle)
{
    if (handle && handle != &adapter && handle != chs_driver())
        chs_complain("%s is passed a handle that NDIS did not give out", name);
    if (chs_locks_held())
        chs_break(CHS_LOCK_ACROSS_CALL,
                  "%s is called with a spin lock held, taken %s; NDIS may call back into the driver, which would wait "
                  "for it",
                  name, chs_last_held_at());
    chs_point();
    chs_orders(NULL);
}

NDIS_STATUS NdisMSetMiniportAttributes(NDIS_HANDLE NdisMiniportHandle,
                                       union _NDIS_MINIPORT_ADAPTER_ATTRIBUTES *MiniportAttributes)
{
    CHS_LEVEL;
    if (NdisMiniportHandle != &adapter || !adapter.initializing) {
        chs_complain("NdisMSetMiniportAttributes is called outside MiniportInitializeEx, or with another handle than "
                     "it was given");
        return NDIS_STATUS_FAILURE;
    }
    if (!MiniportAttributes)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (chs_refuses()) {
        adapter.attributes_refused = true;
        return NDIS_STATUS_RESOURCES;
    }
    if (MiniportAttributes->RegistrationAttributes.Header.Type ==
        NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES) {
        chs_header_fits(&MiniportAttributes->RegistrationAttributes.Header,
                        "NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES",
                        NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
                        NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1);
        adapter.context = MiniportAttributes->RegistrationAttributes.MiniportAdapterContext;
        adapter.attributes_set = true;
    }
    return NDIS_STATUS_SUCCESS;
}

VOID SimNicAttach(NDIS_HANDLE MiniportAdapterHandle, const SIM_NIC_HANDLERS *Handlers)
{
    if (MiniportAdapterHandle != &adapter || !adapter.initializing)
        chs_complain("SimNicAttach is called outside MiniportInitializeEx, or with another handle than it was given");
    else if (!Handlers || !Handlers->SegmentArrives || !Handlers->TransmitOpportunity || !Handlers->Run)
        chs_complain("SimNicAttach needs the handlers SegmentArrives, TransmitOpportunity and Run");
    else {
        adapter.nic = *Handlers;
        adapter.attached = true;
    }
}

static void check_initialized(void)
{
    if (!adapter.attributes_set)
        chs_complain(adapter.attributes_refused
                         ? "MiniportInitializeEx succeeds although NdisMSetMiniportAttributes failed"
                         : "MiniportInitializeEx does not call NdisMSetMiniportAttributes with its adapter context");
    if (!adapter.handlers_got)
        chs_complain(adapter.handlers_refused
                         ? "MiniportInitializeEx succeeds although NdisMGetOffloadHandlers failed"
                         : "MiniportInitializeEx does not call NdisMGetOffloadHandlers");
    if (!adapter.attached)
        chs_complain("MiniportInitializeEx does not call SimNicAttach: the driver has no hardware");
}

int32_t chs_start(void)
{
    NDIS_MINIPORT_INIT_PARAMETERS parameters = {
        .Header = {NDIS_OBJECT_TYPE_MINIPORT_INIT_PARAMETERS, 1, sizeof(parameters)}};
    struct chs_frame frame;
    volatile NDIS_STATUS status = NDIS_STATUS_FAILURE;

    chs_keep_data(CHS_BEFORE_START);
    memset(&adapter, 0, sizeof(adapter));
    adapter.initializing = true;
    if (!setjmp(*chs_enter(&frame, "MiniportInitializeEx", PASSIVE_LEVEL))) {
        status = chs_driver()->characteristics.InitializeHandlerEx(&adapter, chs_driver()->context, &parameters);
        if (status == NDIS_STATUS_SUCCESS) {
            adapter.succeeded = true;
            check_initialized();
            adapter.live = adapter.attributes_set && adapter.handlers_got && adapter.attached;
        }
    }
    adapter.initializing = false;
    chs_leave(&frame);
    if (adapter.live && !frame.abandoned && !chs_begins_running()) {
        chs_ends_running(false);
        adapter.live = false;
    }
    return status == NDIS_STATUS_SUCCESS && !adapter.live ? NDIS_STATUS_FAILURE : status;
}

int32_t chs_optional_handlers(void)
{
    const SIM_NIC_HANDLERS *nic = &adapter.nic;

    return (nic->TimerExpires ? CHS_HAS_TIMER : 0) | (nic->HardwareFails ? CHS_HAS_FAILURE : 0) |
           (nic->LinkChanges ? CHS_HAS_LINK : 0) | (nic->NeighborSilent ? CHS_HAS_NEIGHBOR : 0) |
           (nic->ClockTicks ? CHS_HAS_CLOCK : 0) | (nic->UrgentArrives ? CHS_HAS_URGENT : 0);
}

/* Every other one is pulled out, and of those that can be told so every fourth is shut down with the machine. */
void chs_stop(void)
{
    const struct chs_list *list;
    unsigned lists = 0;

    for (list = chs_hosts_lists(); list; list = list->older)
        lists++;
    chs_complete_all();
    chs_check_kept();
    adapter.halting = true;
    if (lists % 4 == 3 && chs_shuts_down()) {
        chs_abandon();
        return;
    }
    chs_ends_running(lists % 2);
    chs_forget();
}

void chs_forget(void)
{
    adapter.live = adapter.initializing = false;
    chs_settle_resources(NULL);
    chs_nothing_waits();
    chs_complete_when(CHS_AS_USUAL);
    chs_forget_locks();
    chs_forget_requests();
    chs_interrupt_at(0, 0);
    chs_forget_given();
    chs_destroy_hosts_lists();
    chs_destroy_trees();
}

void chs_abandon(void)
{
    chs_forget_given();
    chs_free_resources();
    chs_forget();
    chs_put_data_back(CHS_BEFORE_START);
}

void chs_start_short(int32_t after)
{
    int32_t status;

    chs_run_short(after);
    status = chs_start();
    if (adapter.live) {
        chs_stop();
        return;
    }
    if (adapter.succeeded) { /* which was told: it lacks something */
        chs_abandon();
        return;
    }
    chs_settle_resources("MiniportInitializeEx fails");
    chs_forget();
    if (chs_start() == NDIS_STATUS_SUCCESS)
        chs_stop();
    else
        chs_complain("MiniportInitializeEx returns 0x%08X when it is refused something, and fails when it is called "
                     "again and nothing is refused",
                     (unsigned)status);
}

VOID NdisMSendNetBufferListsComplete(NDIS_HANDLE MiniportAdapterHandle, PNET_BUFFER_LIST NetBufferList,
                                     ULONG SendCompleteFlags)
{
    UNREFERENCED_PARAMETER(NetBufferList);
    UNREFERENCED_PARAMETER(SendCompleteFlags);
    chs_calls("NdisMSendNetBufferListsComplete", MiniportAdapterHandle);
    chs_complain("NdisMSendNetBufferListsComplete is called; no frame was ever sent the usual way");
}
