/* Memory and spin locks in NDIS's own spelling (ndis.h). */
#ifndef CHS_NDISMEMORY_H
#define CHS_NDISMEMORY_H

#include "ndisobject.h"
#include "ntkernel.h"

typedef struct _NDIS_SPIN_LOCK {
    KSPIN_LOCK SpinLock;
    KIRQL OldIrql;
} NDIS_SPIN_LOCK, *PNDIS_SPIN_LOCK;

#define NdisZeroMemory(to, length) RtlZeroMemory((to), (length))
#define NdisMoveMemory(to, from, length) RtlCopyMemory((to), (from), (length))
#define NdisFillMemory(to, length, byte) RtlFillMemory((to), (length), (byte))
#define NdisEqualMemory(left, right, length) RtlEqualMemory((left), (right), (length))

EXTERN_C_START

PVOID NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, UINT Length, ULONG Tag,
                                        EX_POOL_PRIORITY Priority);
NDIS_STATUS NdisAllocateMemoryWithTag(PVOID *VirtualAddress, UINT Length, ULONG Tag);
VOID NdisFreeMemory(PVOID VirtualAddress, UINT Length, UINT MemoryFlags);
VOID NdisFreeMemoryWithTagPriority(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Tag);
NDIS_STATUS ChsAllocateTo(PVOID *VirtualAddress, UINT Length, ULONG Tag, const char *File, ULONG Line);

VOID NdisAllocateSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisFreeSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisDprAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisDprReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock);

EXTERN_C_END

#ifndef CHS_PLAIN_ALLOCATION
#define NdisAllocateMemoryWithTagPriority(handle, length, tag, priority) \
    ((void)(handle), (void)(priority), ChsAllocate((length), (tag), FALSE, __FILE__, __LINE__))
#define NdisAllocateMemoryWithTag(address, length, tag) \
    ChsAllocateTo((PVOID *)(address), (length), (tag), __FILE__, __LINE__)
#define NdisFreeMemory(address, length, flags) \
    ((void)(length), (void)(flags), ChsFree((address), 0, __FILE__, __LINE__))
#define NdisFreeMemoryWithTagPriority(handle, address, tag) \
    ((void)(handle), ChsFree((address), (tag), __FILE__, __LINE__))
#endif

#endif
