/* Configuration: handles that open and close, and a registry without keywords of the driver's. */
#include "harness.h"

static const char configuration[] = "a configuration handle";

NDIS_STATUS NdisOpenConfigurationEx(PNDIS_CONFIGURATION_OBJECT ConfigObject, PNDIS_HANDLE ConfigurationHandle)
{
    CHS_LEVEL;
    if (ConfigObject->Header.Type != NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT) {
        chs_complain("NdisOpenConfigurationEx is passed a structure whose header does not say that it is an "
                     "NDIS_CONFIGURATION_OBJECT");
        return NDIS_STATUS_INVALID_PARAMETER;
    }
    *ConfigurationHandle = chs_new_object(sizeof(struct chs_object), configuration);
    return NDIS_STATUS_SUCCESS;
}

VOID NdisCloseConfiguration(NDIS_HANDLE ConfigurationHandle)
{
    CHS_LEVEL;
    struct chs_object *object = chs_object(ConfigurationHandle, configuration, "NdisCloseConfiguration");

    if (object)
        chs_end_object(object);
}

static NDIS_STATUS not_there(NDIS_HANDLE handle, const char *function)
{
    chs_object(handle, configuration, function);
    return NDIS_STATUS_FAILURE;
}

VOID NdisReadConfiguration(PNDIS_STATUS Status, PNDIS_CONFIGURATION_PARAMETER *ParameterValue,
                           NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword, NDIS_PARAMETER_TYPE ParameterType)
{
    CHS_LEVEL;
    UNREFERENCED_PARAMETER(Keyword);
    UNREFERENCED_PARAMETER(ParameterType);
    *ParameterValue = NULL;
    *Status = not_there(ConfigurationHandle, "NdisReadConfiguration");
}

VOID NdisReadNetworkAddress(PNDIS_STATUS Status, PVOID *NetworkAddress, PUINT NetworkAddressLength,
                            NDIS_HANDLE ConfigurationHandle)
{
    CHS_LEVEL;
    *NetworkAddress = NULL;
    *NetworkAddressLength = 0;
    *Status = not_there(ConfigurationHandle, "NdisReadNetworkAddress");
}

VOID NdisOpenConfigurationKeyByName(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING SubKeyName,
                                    PNDIS_HANDLE SubKeyHandle)
{
    UNREFERENCED_PARAMETER(SubKeyName);
    *SubKeyHandle = NULL;
    *Status = not_there(ConfigurationHandle, "NdisOpenConfigurationKeyByName");
}

VOID NdisOpenConfigurationKeyByIndex(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, ULONG Index,
                                     PNDIS_STRING KeyName, PNDIS_HANDLE KeyHandle)
{
    UNREFERENCED_PARAMETER(Index);
    UNREFERENCED_PARAMETER(KeyName);
    *KeyHandle = NULL;
    *Status = not_there(ConfigurationHandle, "NdisOpenConfigurationKeyByIndex");
}

VOID NdisWriteConfiguration(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword,
                            PNDIS_CONFIGURATION_PARAMETER ParameterValue)
{
    UNREFERENCED_PARAMETER(Keyword);
    UNREFERENCED_PARAMETER(ParameterValue);
    chs_object(ConfigurationHandle, configuration, "NdisWriteConfiguration");
    *Status = NDIS_STATUS_SUCCESS;
}
