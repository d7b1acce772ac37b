/* Memory and spin locks in NDIS's own spelling (ndis.h). */
#ifndef CHS_NDISMEMORY_H
#define CHS_NDISMEMORY_H

#include "ndisobject.h"
#include "ntkernel.h"

typedef struct _NDIS_SPIN_LOCK {
    KSPIN_LOCK SpinLock;
    KIRQL OldIrql;
} NDIS_SPIN_LOCK, *PNDIS_SPIN_LOCK;

/* Reader/writer locks: several readers, or one writer. */
typedef struct _NDIS_RW_LOCK_EX NDIS_RW_LOCK_EX, *PNDIS_RW_LOCK_EX;
typedef struct _LOCK_STATE_EX {
    KIRQL OldIrql;
    UCHAR LockState;
    UCHAR Flags;
} LOCK_STATE_EX, *PLOCK_STATE_EX;
#define NDIS_RWL_AT_DISPATCH_LEVEL 1

/* The same in the driver's own memory, as before NDIS 6.20. */
typedef struct _NDIS_RW_LOCK {
    union {
        struct {
            KSPIN_LOCK SpinLock;
            PVOID Context;
        };
        UCHAR Reserved[16];
    };
    DECLSPEC_ALIGN(16) UCHAR RefCount[64 * 16];
} NDIS_RW_LOCK, *PNDIS_RW_LOCK;
typedef struct _LOCK_STATE {
    USHORT LockState;
    KIRQL OldIrql;
} LOCK_STATE, *PLOCK_STATE;

#define NdisZeroMemory(to, length) RtlZeroMemory((to), (length))
#define NdisMoveMemory(to, from, length) RtlCopyMemory((to), (from), (length))
#define NdisFillMemory(to, length, byte) RtlFillMemory((to), (length), (byte))
#define NdisEqualMemory(left, right, length) RtlEqualMemory((left), (right), (length))

EXTERN_C_START

PVOID NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, UINT Length, ULONG Tag,
                                        EX_POOL_PRIORITY Priority);
NDIS_STATUS NdisAllocateMemoryWithTag(PVOID *VirtualAddress, UINT Length, ULONG Tag);
#define NDIS_MEMORY_CONTIGUOUS 0x00000001
#define NDIS_MEMORY_NONCACHED 0x00000002
VOID NdisFreeMemory(PVOID VirtualAddress, UINT Length, UINT MemoryFlags);
VOID NdisFreeMemoryWithTagPriority(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Tag);

VOID NdisAllocateSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisFreeSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisDprAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock);
VOID NdisDprReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock);

PNDIS_RW_LOCK_EX NdisAllocateRWLock(NDIS_HANDLE NdisHandle);
VOID NdisFreeRWLock(PNDIS_RW_LOCK_EX Lock);
VOID NdisAcquireRWLockRead(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags);
VOID NdisAcquireRWLockWrite(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags);
VOID NdisReleaseRWLock(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState);
VOID NdisInitializeReadWriteLock(PNDIS_RW_LOCK Lock);
VOID NdisAcquireReadWriteLock(PNDIS_RW_LOCK Lock, BOOLEAN fWrite, PLOCK_STATE LockState);
VOID NdisReleaseReadWriteLock(PNDIS_RW_LOCK Lock, PLOCK_STATE LockState);

EXTERN_C_END

/* Lookaside lists and lists under a lock, in NDIS's spelling. */
#define NdisInitializeNPagedLookasideList(list, allocate, free, flags, size, tag, depth) \
    ExInitializeNPagedLookasideList((list), (allocate), (free), (flags), (size), (tag), (depth))
#define NdisDeleteNPagedLookasideList(list) ExDeleteNPagedLookasideList(list)
#define NdisAllocateFromNPagedLookasideList(list) ExAllocateFromNPagedLookasideList(list)
#define NdisFreeToNPagedLookasideList(list, entry) ExFreeToNPagedLookasideList((list), (entry))
#define NdisInitializeListHead(head) InitializeListHead(head)
#define NdisInterlockedInsertHeadList(head, entry, lock) \
    ExInterlockedInsertHeadList((head), (entry), &(lock)->SpinLock)
#define NdisInterlockedInsertTailList(head, entry, lock) \
    ExInterlockedInsertTailList((head), (entry), &(lock)->SpinLock)
#define NdisInterlockedRemoveHeadList(head, lock) ExInterlockedRemoveHeadList((head), &(lock)->SpinLock)
#define NdisInterlockedPushEntryList(head, entry, lock) \
    ExInterlockedPushEntryList((head), (entry), &(lock)->SpinLock)
#define NdisInterlockedPopEntryList(head, lock) ExInterlockedPopEntryList((head), &(lock)->SpinLock)
#define NdisInterlockedPushEntrySList ExInterlockedPushEntrySList
#define NdisInterlockedPopEntrySList ExInterlockedPopEntrySList
#define NdisInitializeSListHead(head) ExInitializeSListHead(head)
#define NdisInterlockedFlushSList(head) ExInterlockedFlushSList(head)
#define NdisInterlockedIncrement(value) InterlockedIncrement(value)
#define NdisInterlockedDecrement(value) InterlockedDecrement(value)
#define NdisInterlockedAddUlong(value, increment, lock) \
    ((void)(lock), (ULONG)InterlockedExchangeAdd((LONG volatile *)(value), (LONG)(increment)))

#define NDIS_CURRENT_IRQL() KeGetCurrentIrql()
#define NDIS_RAISE_IRQL_TO_DISPATCH(irql) KeRaiseIrql(DISPATCH_LEVEL, (irql))
#define NDIS_LOWER_IRQL(old, current) ((void)(current), KeLowerIrql(old))

#ifndef CHS_PLAIN_ALLOCATION
#define NdisAcquireSpinLock(...) CHS_PLACED(NdisAcquireSpinLock(__VA_ARGS__))
#define NdisDprAcquireSpinLock(...) CHS_PLACED(NdisDprAcquireSpinLock(__VA_ARGS__))
#define NdisAcquireRWLockRead(...) CHS_PLACED(NdisAcquireRWLockRead(__VA_ARGS__))
#define NdisAcquireRWLockWrite(...) CHS_PLACED(NdisAcquireRWLockWrite(__VA_ARGS__))
#define NdisAcquireReadWriteLock(...) CHS_PLACED(NdisAcquireReadWriteLock(__VA_ARGS__))
#define NdisAllocateRWLock(...) CHS_PLACED(NdisAllocateRWLock(__VA_ARGS__))
#define NdisAllocateMemoryWithTagPriority(...) CHS_PLACED(NdisAllocateMemoryWithTagPriority(__VA_ARGS__))
#define NdisAllocateMemoryWithTag(address, length, tag) \
    CHS_PLACED(NdisAllocateMemoryWithTag((PVOID *)(address), (length), (tag)))
#define NdisFreeMemory(...) CHS_PLACED(NdisFreeMemory(__VA_ARGS__))
#define NdisFreeMemoryWithTagPriority(...) CHS_PLACED(NdisFreeMemoryWithTagPriority(__VA_ARGS__))
#define NdisFreeMemoryWithTag(address, tag) NdisFreeMemoryWithTagPriority(NULL, (address), (tag))
#endif

#endif
