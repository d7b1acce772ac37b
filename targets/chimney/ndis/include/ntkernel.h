/*
 * What a driver takes from the kernel itself (wdm.h): pool memory, spin locks, assertions,
 * debug output, and DRIVER_OBJECT as far as DriverEntry needs it.
 *
 * Allocations remember the source line that made them: each function name is also a macro
 * that passes the line to its Chs... twin, so that memory which is never freed can be
 * reported with it. The plain functions exist as well, for objects built elsewhere;
 * define CHS_PLAIN_ALLOCATION before the first include to call those.
 */
#ifndef CHS_NTKERNEL_H
#define CHS_NTKERNEL_H

#include "ntlist.h"
#include "nttypes.h"

EXTERN_C_START

typedef enum _POOL_TYPE {
    NonPagedPool = 0,
    NonPagedPoolExecute = 0,
    PagedPool = 1,
    NonPagedPoolCacheAligned = 4,
    NonPagedPoolNx = 512
} POOL_TYPE;

typedef enum _EX_POOL_PRIORITY {
    LowPoolPriority = 0,
    NormalPoolPriority = 16,
    HighPoolPriority = 32
} EX_POOL_PRIORITY;

typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ull
#define POOL_FLAG_CACHE_ALIGNED 0x0000000000000008ull
#define POOL_FLAG_NON_PAGED 0x0000000000000040ull
#define POOL_FLAG_PAGED 0x0000000000000100ull

PVOID ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
PVOID ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, EX_POOL_PRIORITY Priority);
PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);
VOID ExFreePoolWithTag(PVOID P, ULONG Tag);
VOID ExFreePool(PVOID P);

#ifndef CHS_PLAIN_ALLOCATION
#define ExAllocatePool(...) CHS_PLACED(ExAllocatePool(__VA_ARGS__))
#define ExAllocatePoolWithTag(...) CHS_PLACED(ExAllocatePoolWithTag(__VA_ARGS__))
#define ExAllocatePoolWithTagPriority(...) CHS_PLACED(ExAllocatePoolWithTagPriority(__VA_ARGS__))
#define ExAllocatePoolZero(...) CHS_PLACED(ExAllocatePoolZero(__VA_ARGS__))
#define ExAllocatePool2(...) CHS_PLACED(ExAllocatePool2(__VA_ARGS__))
#define ExFreePoolWithTag(...) CHS_PLACED(ExFreePoolWithTag(__VA_ARGS__))
#define ExFreePool(...) CHS_PLACED(ExFreePool(__VA_ARGS__))
#endif

/* A lock that its processor holds already is reported; for one that the other processor holds, that one gets on. */
VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
KIRQL KeGetCurrentIrql(VOID);
BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
BOOLEAN KeTestSpinLock(PKSPIN_LOCK SpinLock);
#define KeAcquireSpinLock(lock, irql) (*(irql) = KeAcquireSpinLockRaiseToDpc(lock))

typedef struct _KLOCK_QUEUE_HANDLE {
    PKSPIN_LOCK Lock;
    PVOID Reserved;
    KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;
VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle);
#define KeAcquireInStackQueuedSpinLockAtDpcLevel(lock, handle) KeAcquireInStackQueuedSpinLock((lock), (handle))
#define KeReleaseInStackQueuedSpinLockFromDpcLevel(handle) KeReleaseInStackQueuedSpinLock(handle)
#ifndef CHS_PLAIN_ALLOCATION
#define KeAcquireSpinLockRaiseToDpc(...) CHS_PLACED(KeAcquireSpinLockRaiseToDpc(__VA_ARGS__))
#define KeAcquireSpinLockAtDpcLevel(...) CHS_PLACED(KeAcquireSpinLockAtDpcLevel(__VA_ARGS__))
#define KeTryToAcquireSpinLockAtDpcLevel(...) CHS_PLACED(KeTryToAcquireSpinLockAtDpcLevel(__VA_ARGS__))
#define KeAcquireInStackQueuedSpinLock(...) CHS_PLACED(KeAcquireInStackQueuedSpinLock(__VA_ARGS__))
#endif

/* The IRQL is what the driver made it, and at least DISPATCH_LEVEL while a spin lock is held, and in a DPC. */
KIRQL KfRaiseIrql(KIRQL NewIrql);
VOID KeLowerIrql(KIRQL NewIrql);
#define KeRaiseIrql(irql, before) (*(before) = KfRaiseIrql(irql))
#define KeRaiseIrqlToDpcLevel() KfRaiseIrql(DISPATCH_LEVEL)

/* Lookaside lists: each block is allocated and freed by itself. */
typedef PVOID ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef VOID FREE_FUNCTION(PVOID Buffer);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
typedef FREE_FUNCTION *PFREE_FUNCTION;
typedef struct DECLSPEC_ALIGN(64) _NPAGED_LOOKASIDE_LIST {
    PALLOCATE_FUNCTION Allocate;
    PFREE_FUNCTION Free;
    SIZE_T Size;
    ULONG Tag;
    POOL_TYPE Type;
    PVOID Reserved[12];
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST, PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;
VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
                                     PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
PVOID ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
VOID ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);
#ifndef CHS_PLAIN_ALLOCATION
#define ExAllocateFromNPagedLookasideList(...) CHS_PLACED(ExAllocateFromNPagedLookasideList(__VA_ARGS__))
#define ExFreeToNPagedLookasideList(...) CHS_PLACED(ExFreeToNPagedLookasideList(__VA_ARGS__))
#endif
#define ExInitializePagedLookasideList ExInitializeNPagedLookasideList
#define ExDeletePagedLookasideList ExDeleteNPagedLookasideList
#define ExAllocateFromPagedLookasideList(...) ExAllocateFromNPagedLookasideList(__VA_ARGS__)
#define ExFreeToPagedLookasideList(...) ExFreeToNPagedLookasideList(__VA_ARGS__)

/* Seen only if the environment variable CHIMNEYSWEEP_DEBUG_OUTPUT is set. */
ULONG DbgPrint(PCSTR Format, ...);
ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...);
#define DPFLTR_IHVNETWORK_ID 79
#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
/* The driver gives up: reported, with its code. */
VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR First, ULONG_PTR Second, ULONG_PTR Third, ULONG_PTR Fourth);
#define KeBugCheck(code) KeBugCheckEx((code), 0, 0, 0, 0)
/* An assertion of the driver failed: reported as misuse, with its place. */
VOID ChsAssertionFailed(const char *Condition, const char *File, ULONG Line);
#define NT_ASSERT(condition) \
    ((condition) ? (void)0 : ChsAssertionFailed(#condition, __FILE__, __LINE__))
#define NT_ASSERTMSG(text, condition) NT_ASSERT(condition)
#ifndef ASSERT
#define ASSERT(condition) NT_ASSERT(condition)
#endif
#define NT_VERIFY(condition) NT_ASSERT(condition)
#define RTL_VERIFY(condition) NT_ASSERT(condition)
#define ASSERTMSG(text, condition) NT_ASSERT(condition)
#define RtlAssert(condition, file, line, message) ChsAssertionFailed((condition), (file), (line))
#define KdPrint(arguments) DbgPrint arguments
#define KdPrintEx(arguments) DbgPrintEx arguments
#define KdBreakPoint() ((void)0)
#define DbgBreakPoint() ((void)0)
#define __debugbreak() ((void)0)

VOID RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
VOID RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString);
VOID RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString);
BOOLEAN RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
LONG RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source);
NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source);
SIZE_T RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length);
#define RtlUshortByteSwap(value) __builtin_bswap16(value)
#define RtlUlongByteSwap(value) __builtin_bswap32(value)
#define RtlUlonglongByteSwap(value) __builtin_bswap64(value)
#define RtlNumberOfSetBitsUlongPtr(value) ((ULONG)__builtin_popcountll(value))
#define RtlFindLeastSignificantBit(value) ((CCHAR)(__builtin_ffsll((LONGLONG)(value)) - 1))
#define RtlFindMostSignificantBit(value) ((CCHAR)((value) ? 63 - __builtin_clzll(value) : -1))
#define RTL_CONSTANT_STRING(text) \
    {                             \
        sizeof(text) - sizeof((text)[0]), sizeof(text), (PWSTR)(text) \
    }

/* Devices and requests of the I/O manager: there are none, drivers only hold pointers to them. */
typedef struct _DEVICE_OBJECT *PDEVICE_OBJECT;
typedef struct _IRP *PIRP;

struct _DRIVER_OBJECT;
typedef NTSTATUS DRIVER_INITIALIZE(struct _DRIVER_OBJECT *DriverObject, PUNICODE_STRING RegistryPath);
typedef VOID DRIVER_UNLOAD(struct _DRIVER_OBJECT *DriverObject);
typedef DRIVER_INITIALIZE *PDRIVER_INITIALIZE;
typedef DRIVER_UNLOAD *PDRIVER_UNLOAD;

typedef struct _DRIVER_OBJECT {
    CSHORT Type;
    CSHORT Size;
    PVOID DeviceObject;
    ULONG Flags;
    PVOID DriverStart;
    ULONG DriverSize;
    PVOID DriverSection;
    PVOID DriverExtension;
    UNICODE_STRING DriverName;
    PUNICODE_STRING HardwareDatabase;
    PVOID FastIoDispatch;
    PDRIVER_INITIALIZE DriverInit;
    PVOID DriverStartIo;
    PDRIVER_UNLOAD DriverUnload;
    PVOID MajorFunction[28];
} DRIVER_OBJECT, *PDRIVER_OBJECT;

EXTERN_C_END

#endif
