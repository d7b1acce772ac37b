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

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);
VOID ExFreePoolWithTag(PVOID P, ULONG Tag);
VOID ExFreePool(PVOID P);

/* A block of Length bytes, NULL if there is none. File and Line: where the driver asked for it, or NULL. */
PVOID ChsAllocate(SIZE_T Length, ULONG Tag, BOOLEAN Zeroed, const char *File, ULONG Line);
/* Frees a block. Tag 0 fits every block; another tag must be the one it was allocated with. */
VOID ChsFree(PVOID Block, ULONG Tag, const char *File, ULONG Line);

#ifndef CHS_PLAIN_ALLOCATION
#define ExAllocatePoolWithTag(type, length, tag) \
    ((void)(type), ChsAllocate((length), (tag), FALSE, __FILE__, __LINE__))
#define ExAllocatePoolZero(type, length, tag) \
    ((void)(type), ChsAllocate((length), (tag), TRUE, __FILE__, __LINE__))
#define ExAllocatePool2(flags, length, tag) \
    ChsAllocate((length), (tag), !((flags)&POOL_FLAG_UNINITIALIZED), __FILE__, __LINE__)
#define ExFreePoolWithTag(block, tag) ChsFree((block), (tag), __FILE__, __LINE__)
#define ExFreePool(block) ChsFree((block), 0, __FILE__, __LINE__)
#endif

/* One thread plays all processors, so a lock never spins: taking a held lock is reported. */
VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
KIRQL KeGetCurrentIrql(VOID);
#define KeAcquireSpinLock(lock, irql) (*(irql) = KeAcquireSpinLockRaiseToDpc(lock))

ULONG DbgPrint(PCSTR Format, ...);
/* An assertion of the driver failed: reported as misuse, with its place. */
VOID ChsAssertionFailed(const char *Condition, const char *File, ULONG Line);
#define NT_ASSERT(condition) \
    ((condition) ? (void)0 : ChsAssertionFailed(#condition, __FILE__, __LINE__))
#define NT_ASSERTMSG(text, condition) NT_ASSERT(condition)
#ifndef ASSERT
#define ASSERT(condition) NT_ASSERT(condition)
#endif
#define KdPrint(arguments) DbgPrint arguments
#define KdBreakPoint() ((void)0)
#define DbgBreakPoint() ((void)0)

VOID RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
#define RTL_CONSTANT_STRING(text) \
    {                             \
        sizeof(text) - sizeof((text)[0]), sizeof(text), (PWSTR)(text) \
    }

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

/* The driver's. NDIS calls it once in the life of the process. */
DRIVER_INITIALIZE DriverEntry;

EXTERN_C_END

#endif
