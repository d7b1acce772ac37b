/* MDL (wdm.h) and its accessors. Buffers here are always mapped: the system address is in the MDL. */
#ifndef CHS_MDL_H
#define CHS_MDL_H

#include "ntkernel.h"

#define PAGE_SIZE 0x1000u
#define PAGE_SHIFT 12
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

CHS_INLINE PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority)
{
    UNREFERENCED_PARAMETER(Priority);
    return Mdl->MappedSystemVa;
}

#define MmGetSystemAddressForMdl(mdl) MmGetSystemAddressForMdlSafe((mdl), NormalPagePriority)
#define MmInitializeMdl(mdl, base, length) ChsInitializeMdl((mdl), (base), (length))
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, size) \
    ((ULONG)((((ULONG_PTR)(address) & (PAGE_SIZE - 1)) + (size) + (PAGE_SIZE - 1)) >> PAGE_SHIFT))
#define BYTE_OFFSET(address) ((ULONG)((ULONG_PTR)(address) & (PAGE_SIZE - 1)))
#define BYTES_TO_PAGES(size) (((size) >> PAGE_SHIFT) + (((size) & (PAGE_SIZE - 1)) != 0))
#define PAGE_ALIGN(address) ((PVOID)((ULONG_PTR)(address) & ~((ULONG_PTR)PAGE_SIZE - 1)))
#define ROUND_TO_PAGES(size) (((ULONG_PTR)(size) + PAGE_SIZE - 1) & ~((ULONG_PTR)PAGE_SIZE - 1))

#define NDIS_MDL_LINKAGE(mdl) ((mdl)->Next)
#define NdisGetNextMdl(mdl, next) (*(next) = (mdl)->Next)
#define NdisQueryMdlOffset(mdl, offset, length) \
    (*(offset) = MmGetMdlByteOffset(mdl), *(length) = MmGetMdlByteCount(mdl))
#define NdisQueryMdl(mdl, address, length, priority) \
    (*(PVOID *)(address) = MmGetSystemAddressForMdlSafe((mdl), (ULONG)(priority)), \
     *(length) = MmGetMdlByteCount(mdl))
#define NdisAdjustMdlLength(mdl, length) ((mdl)->ByteCount = (length))

CHS_INLINE VOID ChsInitializeMdl(PMDL Mdl, PVOID BaseVa, SIZE_T Length)
{
    Mdl->Next = NULL;
    Mdl->Size = sizeof(*Mdl);
    Mdl->MdlFlags = MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL;
    Mdl->MappedSystemVa = BaseVa;
    Mdl->ByteOffset = BYTE_OFFSET(BaseVa);
    Mdl->StartVa = PAGE_ALIGN(BaseVa);
    Mdl->ByteCount = (ULONG)Length;
}

EXTERN_C_START
/* An MDL over Length bytes of the driver's own memory, or NULL. NdisFreeMdl leaves the memory. */
PMDL NdisAllocateMdl(PVOID NdisHandle, PVOID VirtualAddress, UINT Length);
VOID NdisFreeMdl(PMDL Mdl);
/* Another MDL, as the kernel makes it. Memory is always there and locked: nothing is left to build. */
PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp);
VOID IoFreeMdl(PMDL Mdl);
VOID MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList);
/* A physical address is the address itself. */
PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID BaseAddress);
EXTERN_C_END

#ifndef CHS_PLAIN_ALLOCATION
#define NdisAllocateMdl(...) CHS_PLACED(NdisAllocateMdl(__VA_ARGS__))
#define IoAllocateMdl(...) CHS_PLACED(IoAllocateMdl(__VA_ARGS__))
#endif

#endif
