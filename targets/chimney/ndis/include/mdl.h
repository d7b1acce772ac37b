/* MDL (wdm.h) and its accessors. Buffers here are always mapped: the system address is in the MDL. */
#ifndef CHS_MDL_H
#define CHS_MDL_H

#include "ntkernel.h"

#define PAGE_SIZE 0x1000u
#define MDL_MAPPED_TO_SYSTEM_VA 0x0001
#define MDL_PAGES_LOCKED 0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004

typedef enum _MM_PAGE_PRIORITY {
    LowPagePriority = 0,
    NormalPagePriority = 16,
    HighPagePriority = 32
} MM_PAGE_PRIORITY;
#define MdlMappingNoWrite 0x80000000u
#define MdlMappingNoExecute 0x40000000u

/* A run of memory. The data begins at StartVa + ByteOffset and has ByteCount bytes. */
typedef struct _MDL {
    struct _MDL *Next;
    CSHORT Size; /* bytes of this structure with its page array */
    CSHORT MdlFlags;
    USHORT AllocationProcessorNumber;
    USHORT Reserved;
    PVOID Process;
    PVOID MappedSystemVa;
    PVOID StartVa; /* start of the page that the data begins in */
    ULONG ByteCount;
    ULONG ByteOffset;
} MDL, *PMDL;

#define MmGetMdlByteCount(mdl) ((mdl)->ByteCount)
#define MmGetMdlByteOffset(mdl) ((mdl)->ByteOffset)
#define MmGetMdlVirtualAddress(mdl) ((PVOID)((PUCHAR)(mdl)->StartVa + (mdl)->ByteOffset))

FORCEINLINE PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority)
{
    UNREFERENCED_PARAMETER(Priority);
    return Mdl->MappedSystemVa;
}

#define NDIS_MDL_LINKAGE(mdl) ((mdl)->Next)
#define NdisGetNextMdl(mdl, next) (*(next) = (mdl)->Next)
#define NdisQueryMdl(mdl, address, length, priority) \
    (*(PVOID *)(address) = MmGetSystemAddressForMdlSafe((mdl), (ULONG)(priority)), \
     *(length) = MmGetMdlByteCount(mdl))
#define NdisAdjustMdlLength(mdl, length) ((mdl)->ByteCount = (length))

EXTERN_C_START
/* An MDL over Length bytes of the driver's own memory, or NULL. NdisFreeMdl leaves the memory. */
PMDL NdisAllocateMdl(PVOID NdisHandle, PVOID VirtualAddress, UINT Length);
VOID NdisFreeMdl(PMDL Mdl);
PMDL ChsAllocateMdl(PVOID VirtualAddress, UINT Length, const char *File, ULONG Line);
EXTERN_C_END

#ifndef CHS_PLAIN_ALLOCATION
#define NdisAllocateMdl(handle, address, length) \
    ((void)(handle), ChsAllocateMdl((address), (length), __FILE__, __LINE__))
#endif

#endif
