/*
 * What NDIS wants of an adapter besides its connections: OID requests, pauses and restarts, power, resets, checks
 * for hangs, events of plug and play. Only a driver that has a handler for it is asked, and in the order that NDIS
 * keeps: pause, reset and low power while nothing is offloaded; one OID request at a time.
 */
#include "harness.h"
#include <stdlib.h>

#define PATIENCE 3      /* Runs in which what is pending has to be completed */
#define A_RUN 1000      /* ms that pass in each */
#define NO_SUCH_OID 0xFF5AFE00

struct question {
    NDIS_OID oid;
    NDIS_REQUEST_TYPE type;
    UINT size;
    ULONG value; /* that is set */
};

static const struct question questions[] = {
    {OID_GEN_STATISTICS, NdisRequestQueryInformation, sizeof(NDIS_STATISTICS_INFO), 0},
    {OID_TCP4_OFFLOAD_STATS, NdisRequestQueryInformation, sizeof(TCP_OFFLOAD_STATS), 0},
    {OID_IP4_OFFLOAD_STATS, NdisRequestQueryInformation, sizeof(IP_OFFLOAD_STATS), 0},
    {OID_TCP6_OFFLOAD_STATS, NdisRequestQueryInformation, sizeof(TCP_OFFLOAD_STATS), 0},
    {OID_TCP4_OFFLOAD_STATS, NdisRequestSetInformation, sizeof(TCP_OFFLOAD_STATS), 0},
    {OID_TCP4_OFFLOAD_STATS, NdisRequestQueryInformation, sizeof(TCP_OFFLOAD_STATS), 0},
    {OID_GEN_VENDOR_DRIVER_VERSION, NdisRequestQueryInformation, sizeof(ULONG), 0},
    {OID_GEN_VENDOR_DRIVER_VERSION, NdisRequestQueryInformation, 1, 0},
    {OID_GEN_CURRENT_PACKET_FILTER, NdisRequestSetInformation, sizeof(ULONG), NDIS_PACKET_TYPE_DIRECTED},
    {NO_SUCH_OID, NdisRequestQueryInformation, sizeof(ULONG), 0},
    {NO_SUCH_OID, NdisRequestSetInformation, sizeof(ULONG), 0},
};
static const struct question sleep = {OID_PNP_SET_POWER, NdisRequestSetInformation, sizeof(ULONG), NdisDeviceStateD3};
static const struct question wake = {OID_PNP_SET_POWER, NdisRequestSetInformation, sizeof(ULONG), NdisDeviceStateD0};

static struct {
    PNDIS_OID_REQUEST request; /* that waits for its completion, or NULL */
    const struct question *question;
    SIZE_T next; /* question */
    int runs;    /* since it was asked */
    int turns;   /* Runs after which something could be asked */
    bool asleep;
} oid;

static struct waiting {
    const char *what;
    bool waits;
} pausing = {"MiniportPause", false}, restarting = {"MiniportRestart", false}, resetting = {"MiniportResetEx", false};
static bool paused;

#define DRIVER (&chs_driver()->characteristics)
#define CONTEXT (chs_adapter()->context)

/* Calls the driver; false if it is not to be gone on with. */
static bool call(const char *name, void (*calls)(const void *argument), const void *argument)
{
    struct chs_frame frame;

    if (!setjmp(*chs_enter(&frame, name, PASSIVE_LEVEL)))
        calls(argument);
    chs_leave(&frame);
    if (!frame.abandoned)
        chs_run_dpcs();
    return !frame.abandoned;
}

/* ---- what may be completed later ------------------------------------------------------------ */

static void returned(struct waiting *of, NDIS_STATUS status)
{
    if (status == NDIS_STATUS_PENDING)
        return;
    if (!of->waits)
        chs_complain("%s returns 0x%08X, and has been completed besides", of->what, (unsigned)status);
    of->waits = false;
}

static void completed(struct waiting *of, const char *name, NDIS_HANDLE handle)
{
    chs_calls(name, handle);
    if (!of->waits)
        chs_complain("%s is called; no %s waits for it", name, of->what);
    of->waits = false;
}

static void run(const void *unused)
{
    UNREFERENCED_PARAMETER(unused);
    chs_adapter()->nic.Run(CONTEXT);
}

static bool settle(const bool *waits, const char *what)
{
    int k;

    for (k = 0; k < PATIENCE && *waits; k++) {
        chs_pass_time(A_RUN);
        if (!call("Run", run, NULL))
            return false;
    }
    if (*waits)
        chs_complain("%s returned NDIS_STATUS_PENDING, and is never completed", what);
    return true;
}

/* ---- OID requests --------------------------------------------------------------------------- */

static void forget_request(void)
{
    if (oid.request)
        free(oid.request->DATA.QUERY_INFORMATION.InformationBuffer);
    free(oid.request);
    oid.request = NULL;
}

/* The buffer is as long as it says, and memory of its own, so that a byte beyond it shows. */
static void make_request(const struct question *question)
{
    PNDIS_OID_REQUEST request = calloc(1, sizeof(*request));
    PUCHAR buffer = calloc(1, question->size);

    if (question->value)
        memcpy(buffer, &question->value, min(question->size, sizeof(question->value)));
    request->Header = (NDIS_OBJECT_HEADER){NDIS_OBJECT_TYPE_OID_REQUEST, NDIS_OID_REQUEST_REVISION_1,
                                           NDIS_SIZEOF_OID_REQUEST_REVISION_1};
    request->RequestType = question->type;
    request->RequestId = request;
    request->DATA.QUERY_INFORMATION.Oid = question->oid;
    request->DATA.QUERY_INFORMATION.InformationBuffer = buffer;
    request->DATA.QUERY_INFORMATION.InformationBufferLength = question->size;
    oid.request = request;
    oid.question = question;
    oid.runs = 0;
    chs_statistics_asked();
}

/* BytesWritten of a query and BytesRead of what is set lie in the same place. */
static void answered(NDIS_STATUS status)
{
    const struct question *question = oid.question;
    UINT bytes = oid.request->DATA.QUERY_INFORMATION.BytesWritten;

    if (status == NDIS_STATUS_SUCCESS)
        chs_statistics_told(question->oid, question->type, oid.request->DATA.QUERY_INFORMATION.InformationBuffer,
                            min(bytes, question->size));
    forget_request();
    if (question == &sleep || question == &wake)
        oid.asleep = question == &sleep && status == NDIS_STATUS_SUCCESS;
    if (oid.asleep && chs_all_terminating())
        chs_complain("OID_PNP_SET_POWER is granted before the offload of every connection has ended");
    if (status == NDIS_STATUS_PENDING)
        chs_complain("an OID request (0x%08X) is completed with NDIS_STATUS_PENDING", question->oid);
    else if (status == NDIS_STATUS_SUCCESS && bytes > question->size)
        chs_complain("an OID request (0x%08X) succeeds with %u bytes, and its buffer has %u", question->oid, bytes,
                     question->size);
    else if (status == NDIS_STATUS_SUCCESS && question->oid == NO_SUCH_OID)
        chs_complain("an OID request (0x%08X) succeeds, and there is no such OID", question->oid);
}

static void request_oid(const void *question)
{
    PNDIS_OID_REQUEST request;
    NDIS_STATUS status;

    make_request(question);
    request = oid.request;
    status = DRIVER->OidRequestHandler(CONTEXT, request);
    if (status == NDIS_STATUS_PENDING)
        return;
    if (oid.request == request)
        answered(status);
    else
        chs_complain("MiniportOidRequest (0x%08X) returns 0x%08X, and has completed the request besides",
                     ((const struct question *)question)->oid, (unsigned)status);
}

VOID NdisMOidRequestComplete(NDIS_HANDLE MiniportAdapterHandle, PNDIS_OID_REQUEST OidRequest, NDIS_STATUS Status)
{
    chs_calls("NdisMOidRequestComplete", MiniportAdapterHandle);
    if (!oid.request || OidRequest != oid.request)
        chs_complain("NdisMOidRequestComplete is passed a request that waits no more, or was never made");
    else
        answered(Status);
}

static void cancel(const void *unused)
{
    UNREFERENCED_PARAMETER(unused);
    DRIVER->CancelOidRequestHandler(CONTEXT, oid.request->RequestId);
}

/* It may take its time; NDIS gives it up in the end, and it has to be completed all the same. */
static bool settle_request(void)
{
    bool waits;
    int k;

    for (k = 0; k < PATIENCE && oid.request; k++) {
        if (k == PATIENCE - 1 && DRIVER->CancelOidRequestHandler && !call("MiniportCancelOidRequest", cancel, NULL))
            return false;
        waits = oid.request != NULL;
        if (waits && !call("Run", run, NULL))
            return false;
    }
    if (oid.request)
        chs_complain("an OID request (0x%08X) is never completed", oid.question->oid);
    forget_request();
    return true;
}

static void check_for_hang(const void *unused)
{
    UNREFERENCED_PARAMETER(unused);
    DRIVER->CheckForHangHandlerEx(CONTEXT);
}

void chs_ask_adapter(void)
{
    SIZE_T k;

    if (DRIVER->CheckForHangHandlerEx && !call("MiniportCheckForHangEx", check_for_hang, NULL))
        return;
    if (oid.request && ++oid.runs == PATIENCE - 1 && DRIVER->CancelOidRequestHandler &&
        !call("MiniportCancelOidRequest", cancel, NULL))
        return;
    if (oid.asleep && !oid.request && !call("MiniportOidRequest", request_oid, &wake))
        return;
    if (++oid.turns % 2) /* so that something else can be asked meanwhile */
        return;
    for (k = 0; DRIVER->OidRequestHandler && !oid.request && k < RTL_NUMBER_OF(questions); k++)
        if (!call("MiniportOidRequest", request_oid, &questions[oid.next++ % RTL_NUMBER_OF(questions)]))
            return;
}

/* ---- pausing, restarting, resetting --------------------------------------------------------- */

static void pause_adapter(const void *unused)
{
    NDIS_MINIPORT_PAUSE_PARAMETERS parameters = {.Header = {NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(parameters)}};

    UNREFERENCED_PARAMETER(unused);
    pausing.waits = true;
    returned(&pausing, DRIVER->PauseHandler(CONTEXT, &parameters));
}

static void restart_adapter(const void *failed)
{
    NDIS_MINIPORT_RESTART_PARAMETERS parameters = {.Header = {NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(parameters)}};
    NDIS_STATUS status;

    paused = false;
    restarting.waits = true;
    status = DRIVER->RestartHandler(CONTEXT, &parameters);
    returned(&restarting, status);
    *(bool *)(uintptr_t)failed = status != NDIS_STATUS_SUCCESS && status != NDIS_STATUS_PENDING;
    if (*(const bool *)failed && status != NDIS_STATUS_RESOURCES)
        chs_complain("MiniportRestart returns 0x%08X", (unsigned)status);
}

static void reset_adapter(const void *unused)
{
    BOOLEAN again = FALSE;

    UNREFERENCED_PARAMETER(unused);
    resetting.waits = true;
    returned(&resetting, DRIVER->ResetHandlerEx(CONTEXT, &again));
}

VOID NdisMPauseComplete(NDIS_HANDLE MiniportAdapterHandle)
{
    completed(&pausing, "NdisMPauseComplete", MiniportAdapterHandle);
}

VOID NdisMRestartComplete(NDIS_HANDLE MiniportAdapterHandle, NDIS_STATUS Status)
{
    UNREFERENCED_PARAMETER(Status);
    completed(&restarting, "NdisMRestartComplete", MiniportAdapterHandle);
}

VOID NdisMResetComplete(NDIS_HANDLE MiniportAdapterHandle, NDIS_STATUS Status, BOOLEAN AddressingReset)
{
    UNREFERENCED_PARAMETER(Status);
    UNREFERENCED_PARAMETER(AddressingReset);
    completed(&resetting, "NdisMResetComplete", MiniportAdapterHandle);
}

static bool pauses(void)
{
    if (!DRIVER->PauseHandler)
        return true;
    if (!call("MiniportPause", pause_adapter, NULL) || !settle(&pausing.waits, "MiniportPause"))
        return false;
    paused = true;
    return true;
}

/* False if it fails, too: the adapter stays paused. */
static bool restarts(void)
{
    bool failed = false;

    paused = false;
    return !DRIVER->RestartHandler || (call("MiniportRestart", restart_adapter, &failed) && !failed &&
                                       settle(&restarting.waits, "MiniportRestart"));
}

void chs_check_running(const char *name)
{
    if (paused)
        chs_complain("%s is called while the adapter is paused", name);
}

/* ---- events, and the life of an adapter ----------------------------------------------------- */

static void notify(const void *event)
{
    NDIS_POWER_PROFILE profile = NdisPowerProfileAcOnLine;
    NET_DEVICE_PNP_EVENT told = {.Header = {NDIS_OBJECT_TYPE_DEFAULT, 1, sizeof(told)},
                                 .DevicePnPEvent = *(const NDIS_DEVICE_PNP_EVENT *)event};

    if (told.DevicePnPEvent == NdisDevicePnPEventPowerProfileChanged) {
        told.InformationBuffer = &profile;
        told.InformationBufferLength = sizeof(profile);
    }
    DRIVER->DevicePnPEventNotifyHandler(CONTEXT, &told);
}

static bool notifies(NDIS_DEVICE_PNP_EVENT event)
{
    return !DRIVER->DevicePnPEventNotifyHandler || call("MiniportDevicePnPEventNotify", notify, &event);
}

static bool sets_power(const struct question *state)
{
    return !DRIVER->OidRequestHandler || (call("MiniportOidRequest", request_oid, state) && settle_request());
}

bool chs_begins_running(void)
{
    chs_forget_statistics();
    if (!restarts() || !notifies(NdisDevicePnPEventPowerProfileChanged))
        return false;
    if (DRIVER->ResetHandlerEx &&
        (!call("MiniportResetEx", reset_adapter, NULL) || !settle(&resetting.waits, "MiniportResetEx")))
        return false;
    if (!DRIVER->PauseHandler && !DRIVER->OidRequestHandler)
        return true;
    return pauses() && sets_power(&sleep) && sets_power(&wake) && restarts();
}

/* The host has asked for all that is offloaded, and wants to sleep: the driver lets it when all is back. */
void chs_goes_to_sleep(void)
{
    if (DRIVER->OidRequestHandler && !oid.request && chs_all_terminating())
        call("MiniportOidRequest", request_oid, &sleep);
}

void chs_wakes_up(void)
{
    if (oid.request && oid.question == &sleep && !settle_request())
        return;
    if (oid.asleep)
        sets_power(&wake);
}

static void halt(const void *action)
{
    DRIVER->HaltHandlerEx(CONTEXT, *(const NDIS_HALT_ACTION *)action);
    chs_check_given(INT32_MAX);
    chs_settle_resources("MiniportHaltEx returns");
}

void chs_ends_running(bool pulled_out)
{
    NDIS_HALT_ACTION action = pulled_out ? NdisHaltDeviceSurpriseRemoved : NdisHaltDeviceDisabled;

    if (settle_request() && (!pulled_out || notifies(NdisDevicePnPEventSurpriseRemoved)) && pauses())
        call("MiniportHaltEx", halt, &action);
    chs_forget_requests();
}

static void shut_down(const void *unused)
{
    UNREFERENCED_PARAMETER(unused);
    DRIVER->ShutdownHandlerEx(CONTEXT, NdisShutdownPowerOff);
}

bool chs_shuts_down(void)
{
    return DRIVER->ShutdownHandlerEx && call("MiniportShutdownEx", shut_down, NULL);
}

void chs_forget_requests(void)
{
    forget_request();
    oid.next = 0;
    oid.turns = 0;
    oid.asleep = false;
    paused = pausing.waits = restarting.waits = resetting.waits = false;
}
