/* Which function of the driver's is behind a name: for whoever tells where a call went. */
#include "harness.h"

#include <string.h>

int64_t chs_function(const char *name)
{
    const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *generic = &chs_driver()->generic;
    const NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS *tcp = &chs_driver()->tcp;
    const SIM_NIC_HANDLERS *nic = &chs_adapter()->nic;
    const struct {
        const char *name;
        uintptr_t at;
    } functions[] = {
        {"MiniportInitiateOffload", (uintptr_t)generic->InitiateOffloadHandler},
        {"MiniportTerminateOffload", (uintptr_t)generic->TerminateOffloadHandler},
        {"MiniportUpdateOffload", (uintptr_t)generic->UpdateOffloadHandler},
        {"MiniportInvalidateOffload", (uintptr_t)generic->InvalidateOffloadHandler},
        {"MiniportQueryOffload", (uintptr_t)generic->QueryOffloadHandler},
        {"MiniportTcpOffloadSend", (uintptr_t)tcp->TcpOffloadSendHandler},
        {"MiniportTcpOffloadReceive", (uintptr_t)tcp->TcpOffloadReceiveHandler},
        {"MiniportTcpOffloadDisconnect", (uintptr_t)tcp->TcpOffloadDisconnectHandler},
        {"MiniportTcpOffloadForward", (uintptr_t)tcp->TcpOffloadForwardHandler},
        {"MiniportTcpOffloadReceiveReturn", (uintptr_t)tcp->TcpOffloadReceiveReturnHandler},
        {"SegmentArrives", (uintptr_t)nic->SegmentArrives},
        {"TimerExpires", (uintptr_t)nic->TimerExpires},
        {"HardwareFails", (uintptr_t)nic->HardwareFails},
        {"LinkChanges", (uintptr_t)nic->LinkChanges},
        {"NeighborSilent", (uintptr_t)nic->NeighborSilent},
        {"ClockTicks", (uintptr_t)nic->ClockTicks},
        {"UrgentArrives", (uintptr_t)nic->UrgentArrives},
    };
    size_t n;

    for (n = 0; n < RTL_NUMBER_OF(functions); n++)
        if (!strcmp(functions[n].name, name))
            return (int64_t)functions[n].at;
    return 0;
}
