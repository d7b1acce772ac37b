/*
 * The basic types of a Windows kernel driver with the sizes of the x64 Windows ABI:
 * ULONG and LONG have 32 bits there (basetsd.h, ntdef.h, winnt.h), also when built elsewhere.
 */
#ifndef CHS_NTTYPES_H
#define CHS_NTTYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ntannotations.h"

#ifdef __cplusplus
#define EXTERN_C extern "C"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END }
#define C_ASSERT(condition) static_assert(condition, #condition)
#else
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#define C_ASSERT(condition) _Static_assert(condition, #condition)
#endif

/* Drivers ask for these to know their architecture. */
#ifndef _WIN64
#define _WIN64 1
#endif
#ifndef _AMD64_
#define _AMD64_ 1
#endif

#define VOID void
#define CONST const
#define FORCEINLINE static inline __attribute__((unused))
#define DECLSPEC_ALIGN(bytes) __attribute__((aligned(bytes)))
#define DECLSPEC_NOINLINE __attribute__((noinline))
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define TRUE 1
#define FALSE 0
#define MAXULONG 0xffffffffu
#define ANYSIZE_ARRAY 1

typedef char CHAR, *PCHAR, *PSTR;
typedef const char *PCSTR;
typedef int8_t INT8;
typedef uint8_t UINT8, UCHAR, *PUCHAR, BYTE, BOOLEAN, *PBOOLEAN;
typedef int16_t SHORT, CSHORT, INT16;
typedef uint16_t USHORT, *PUSHORT, UINT16;
typedef int32_t LONG, *PLONG, INT, INT32, BOOL;
typedef uint32_t ULONG, *PULONG, UINT, *PUINT, UINT32, ULONG32, DWORD;
typedef int64_t LONGLONG, *PLONGLONG, LONG64, INT64, LONG_PTR;
typedef uint64_t ULONGLONG, *PULONGLONG, ULONG64, *PULONG64, UINT64;
typedef uintptr_t ULONG_PTR, *PULONG_PTR, UINT_PTR, SIZE_T, *PSIZE_T;
typedef void *PVOID, *HANDLE, **PHANDLE;
#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR, *PWCHAR, *PWSTR; /* -fshort-wchar: L"..." has the right type */
#else
typedef uint16_t WCHAR, *PWCHAR, *PWSTR;
#endif
typedef const WCHAR *PCWSTR;

typedef LONG NTSTATUS, *PNTSTATUS;
typedef UCHAR KIRQL, *PKIRQL;
typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;
typedef char CCHAR;

#define PASSIVE_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2

typedef union _LARGE_INTEGER {
    struct {
        ULONG LowPart;
        LONG HighPart;
    };
    struct {
        ULONG LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER, PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID, *PGUID;

typedef struct _UNICODE_STRING {
    USHORT Length; /* bytes */
    USHORT MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

/* A free list of NDIS; drivers only know that it takes 16 bytes. */
typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
    struct {
        ULONGLONG Alignment;
        ULONGLONG Region;
    };
} SLIST_HEADER, *PSLIST_HEADER;

#define STATUS_SUCCESS ((NTSTATUS)0x00000000)
#define STATUS_PENDING ((NTSTATUS)0x00000103)
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001)
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#define STATUS_INSUFFICIENT_RESOURCES ((NTSTATUS)0xC000009A)
#define STATUS_NOT_SUPPORTED ((NTSTATUS)0xC00000BB)
#define STATUS_INVALID_DEVICE_STATE ((NTSTATUS)0xC0000184)
#define NT_SUCCESS(status) (((NTSTATUS)(status)) >= 0)

#define UNREFERENCED_PARAMETER(name) ((void)(name))
#define DBG_UNREFERENCED_PARAMETER(name) ((void)(name))
#define UNREFERENCED_LOCAL_VARIABLE(name) ((void)(name))
#define PAGED_CODE() ((void)0)
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) ((type *)((PUCHAR)(address)-offsetof(type, field)))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) (offsetof(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array) RTL_NUMBER_OF(array)
#define ALIGN_UP_BY(length, alignment) (((ULONG_PTR)(length) + (alignment)-1) & ~((ULONG_PTR)(alignment)-1))

/* Defined unless the driver has its own. */
#ifndef __cplusplus
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#endif

#define UlongToPtr(value) ((PVOID)(ULONG_PTR)(value))
#define PtrToUlong(pointer) ((ULONG)(ULONG_PTR)(pointer))

#define RtlCopyMemory(to, from, length) memcpy((to), (from), (length))
#define RtlMoveMemory(to, from, length) memmove((to), (from), (length))
#define RtlZeroMemory(to, length) memset((to), 0, (length))
#define RtlFillMemory(to, length, byte) memset((to), (byte), (length))
#define RtlEqualMemory(left, right, length) (!memcmp((left), (right), (length)))

#endif
