/* What a driver registers: its characteristics, and the two tables of the chimney. */
#include "harness.h"

extern DRIVER_INITIALIZE DriverEntry; /* the driver's: called once in the life of the process */

#define CHIMNEY_REVISION 1 /* of the two tables of the chimney; the published header has no name for it */

static struct chs_driver driver;
static DRIVER_OBJECT object = {.Size = sizeof(object), .DriverInit = DriverEntry};

struct chs_driver *chs_driver(void)
{
    return &driver;
}

struct handler {
    const char *name;
    bool there;
};

/* Complains of every handler that is missing. */
static bool all_there(const struct handler *handlers, SIZE_T count)
{
    bool all = true;
    SIZE_T k;

    for (k = 0; k < count; k++) {
        if (!handlers[k].there)
            chs_complain("the driver registers no %s", handlers[k].name);
        all = all && handlers[k].there;
    }
    return all;
}

bool chs_header_fits(const NDIS_OBJECT_HEADER *header, const char *name, UCHAR revision, SIZE_T size)
{
    if (header->Revision != revision)
        chs_complain("%s: Header.Revision is %u; it should be %u", name, header->Revision, revision);
    else if (header->Size < size)
        chs_complain("%s: Header.Size is %u; it should be %zu", name, header->Size, (size_t)size);
    else
        return true;
    return false;
}

static bool characteristics_fit(PNDIS_MINIPORT_DRIVER_CHARACTERISTICS given)
{
    static const char name[] = "NDIS_MINIPORT_DRIVER_CHARACTERISTICS";
    struct handler handlers[] = {
        {"MiniportSetOptions, where the chimney functions are registered", given->SetOptionsHandler},
        {"MiniportInitializeEx", given->InitializeHandlerEx},
        {"MiniportHaltEx", given->HaltHandlerEx},
    };
    bool second = given->Header.Revision == NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;

    if (given->Header.Type != NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS) {
        chs_complain("%s: Header.Type is 0x%02X; it should be 0x%02X", name, given->Header.Type,
                     NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS);
        return false;
    }
    if (given->MajorNdisVersion < NDIS_MINIPORT_MAJOR_VERSION) {
        chs_complain("%s: the driver is for NDIS %u.%u; the chimney needs 6.0 or later", name,
                     given->MajorNdisVersion, given->MinorNdisVersion);
        return false;
    }
    return chs_header_fits(&given->Header, name, second ? 2 : 1,
                       second ? NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2
                              : NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1) &&
           all_there(handlers, RTL_NUMBER_OF(handlers));
}

NDIS_STATUS NdisMRegisterMiniportDriver(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                                        NDIS_HANDLE MiniportDriverContext,
                                        PNDIS_MINIPORT_DRIVER_CHARACTERISTICS MiniportDriverCharacteristics,
                                        PNDIS_HANDLE NdisMiniportDriverHandle)
{
    CHS_LEVEL;
    NDIS_STATUS status;

    if (DriverObject != &object || !RegistryPath)
        chs_complain("NdisMRegisterMiniportDriver is passed another driver object than DriverEntry, or no registry path");
    if (!MiniportDriverCharacteristics || !NdisMiniportDriverHandle) {
        chs_complain("NdisMRegisterMiniportDriver is passed NULL for the characteristics or the handle");
        return NDIS_STATUS_INVALID_PARAMETER;
    }
    if (!characteristics_fit(MiniportDriverCharacteristics))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if (chs_refuses())
        return NDIS_STATUS_RESOURCES;
    memcpy(&driver.characteristics, MiniportDriverCharacteristics,
           min(MiniportDriverCharacteristics->Header.Size, sizeof(driver.characteristics)));
    driver.context = MiniportDriverContext;
    *NdisMiniportDriverHandle = &driver;
    driver.setting_options = true;
    status = driver.characteristics.SetOptionsHandler(&driver, MiniportDriverContext);
    driver.setting_options = false;
    driver.registered = status == NDIS_STATUS_SUCCESS;
    if (status != NDIS_STATUS_SUCCESS && !driver.table_refused)
        chs_complain("MiniportSetOptions returns 0x%08X", (unsigned)status);
    if (status == NDIS_STATUS_SUCCESS && driver.table_refused && (driver.has_generic || driver.has_tcp))
        chs_complain("MiniportSetOptions succeeds although NdisSetOptionalHandlers refused one table of the chimney "
                     "and took the other");
    return status;
}

VOID NdisMDeregisterMiniportDriver(NDIS_HANDLE NdisMiniportDriverHandle)
{
    CHS_LEVEL;
    if (NdisMiniportDriverHandle != &driver)
        chs_complain("NdisMDeregisterMiniportDriver is passed a handle that NDIS did not give out");
    else if (!driver.registered)
        chs_complain("NdisMDeregisterMiniportDriver is called for a driver that is not registered");
    driver.registered = false;
}

static bool take_generic(PNDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS given)
{
    struct handler handlers[] = {
        {"MiniportInitiateOffload", given->InitiateOffloadHandler},
        {"MiniportTerminateOffload", given->TerminateOffloadHandler},
        {"MiniportUpdateOffload", given->UpdateOffloadHandler},
        {"MiniportInvalidateOffload", given->InvalidateOffloadHandler},
        {"MiniportQueryOffload", given->QueryOffloadHandler},
    };

    if (!chs_header_fits(&given->Header, "NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS",
                     CHIMNEY_REVISION, sizeof(*given)))
        return false;
    driver.generic = *given;
    return driver.has_generic = all_there(handlers, RTL_NUMBER_OF(handlers));
}

static bool take_tcp(PNDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS given)
{
    struct handler handlers[] = {
        {"MiniportTcpOffloadSend", given->TcpOffloadSendHandler},
        {"MiniportTcpOffloadReceive", given->TcpOffloadReceiveHandler},
        {"MiniportTcpOffloadDisconnect", given->TcpOffloadDisconnectHandler},
        {"MiniportTcpOffloadForward", given->TcpOffloadForwardHandler},
        {"MiniportTcpOffloadReceiveReturn", given->TcpOffloadReceiveReturnHandler},
    };

    if (!chs_header_fits(&given->Header, "NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS",
                     CHIMNEY_REVISION, sizeof(*given)))
        return false;
    if (given->OffloadType != NdisTcpChimneyOffload)
        chs_complain("NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS: OffloadType is %d; it should be "
                     "NdisTcpChimneyOffload",
                     (int)given->OffloadType);
    driver.tcp = *given;
    return driver.has_tcp = all_there(handlers, RTL_NUMBER_OF(handlers));
}

NDIS_STATUS NdisSetOptionalHandlers(NDIS_HANDLE NdisHandle, PNDIS_DRIVER_OPTIONAL_HANDLERS OptionalHandlers)
{
    CHS_LEVEL;
    bool taken;

    if (NdisHandle != &driver || !driver.setting_options)
        chs_complain("NdisSetOptionalHandlers is called outside MiniportSetOptions, or with another handle than it "
                     "was given");
    if (!OptionalHandlers)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (chs_refuses()) {
        driver.table_refused = true;
        return NDIS_STATUS_RESOURCES;
    }
    switch (OptionalHandlers->Header.Type) {
    case NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS:
        taken = take_generic((PVOID)OptionalHandlers);
        break;
    case NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS:
        taken = take_tcp((PVOID)OptionalHandlers);
        break;
    default: /* handlers of something else, which NDIS may not support */
        return NDIS_STATUS_NOT_SUPPORTED;
    }
    return taken ? NDIS_STATUS_SUCCESS : NDIS_STATUS_BAD_CHARACTERISTICS;
}

int32_t chs_load(chs_callback callback)
{
    static UNICODE_STRING path;
    struct chs_frame frame;
    volatile NTSTATUS status = STATUS_UNSUCCESSFUL;

    chs_listen(callback);
    if (driver.registered)
        return STATUS_SUCCESS;
    chs_keep_data(CHS_BEFORE_ENTRY);
    if (!setjmp(*chs_enter(&frame, "DriverEntry", PASSIVE_LEVEL)))
        status = DriverEntry(&object, &path);
    chs_leave(&frame);
    if (!NT_SUCCESS(status))
        return status;
    if (!driver.registered)
        chs_complain("DriverEntry returns success, but NdisMRegisterMiniportDriver did not succeed");
    else if (!driver.has_generic && !driver.has_tcp)
        chs_complain("the driver registers no chimney: it is an ordinary miniport, and no TCP connection can be offloaded "
                     "to it. MiniportSetOptions should pass NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS and "
                     "NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS to NdisSetOptionalHandlers");
    else if (!driver.has_generic || !driver.has_tcp)
        chs_complain("the driver registers no %s: MiniportSetOptions should pass it to NdisSetOptionalHandlers",
                     driver.has_generic ? "NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS"
                                        : "NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS");
    return status;
}

static void unload(void)
{
    struct chs_frame frame;

    if (!driver.characteristics.UnloadHandler)
        return; /* it stays until the machine is shut down */
    if (!setjmp(*chs_enter(&frame, "MiniportDriverUnload", PASSIVE_LEVEL)))
        driver.characteristics.UnloadHandler(&object);
    chs_leave(&frame);
    if (driver.registered && !frame.abandoned)
        chs_complain("MiniportDriverUnload returns and has not called NdisMDeregisterMiniportDriver");
    chs_settle_resources("MiniportDriverUnload returns");
}

void chs_load_short(int32_t after)
{
    static UNICODE_STRING path;
    struct chs_driver loaded = driver;
    struct chs_frame frame;
    volatile NTSTATUS status = STATUS_UNSUCCESSFUL;

    chs_keep_data(CHS_AFTER_HALT);
    chs_put_data_back(CHS_BEFORE_ENTRY);
    memset(&driver, 0, sizeof(driver));
    chs_adapter()->initializing = true; /* what it takes is to be freed in the end */
    chs_run_short(after);
    if (!setjmp(*chs_enter(&frame, "DriverEntry", PASSIVE_LEVEL)))
        status = DriverEntry(&object, &path);
    chs_leave(&frame);
    chs_run_short(-1);
    if (NT_SUCCESS(status) && driver.registered) {
        unload();
    } else if (!frame.abandoned) {
        if (NT_SUCCESS(status))
            chs_complain("DriverEntry returns success, but NdisMRegisterMiniportDriver did not succeed");
        else if (driver.registered)
            chs_complain("DriverEntry returns 0x%08X, and the driver is registered still", (unsigned)status);
        chs_settle_resources("DriverEntry fails");
    }
    chs_free_resources();
    driver = loaded;
    chs_put_data_back(CHS_AFTER_HALT);
    chs_forget();
}
