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

/* Before a function that is here so that drivers compile and link: what it does instead of what is published. */
#define CHS_STUB(does)
#define CHS_INLINE static inline __attribute__((unused))
/* Of an interlocked operation: what it touches is no plain access, and looked at by ChsInterlocked. */
#define CHS_ATOMIC static inline __attribute__((unused, no_sanitize("address")))

#define VOID void
#define CONST const
#define FORCEINLINE CHS_INLINE
#define __forceinline __inline__
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#define DECLSPEC_ALIGN(bytes) __attribute__((aligned(bytes)))
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(SYSTEM_CACHE_ALIGNMENT_SIZE)
#define DECLSPEC_NOINLINE __attribute__((noinline))
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define _alloca __builtin_alloca
#define DECLSPEC_SELECTANY __attribute__((weak))
#define DECLSPEC_IMPORT
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define TRUE 1
#define FALSE 0
#define MAXUCHAR 0xffu
#define MAXUSHORT 0xffffu
#define MAXULONG 0xffffffffu
#define MAXLONG 0x7fffffff
#define MAXULONGLONG 0xffffffffffffffffull
#define ANYSIZE_ARRAY 1

typedef char CHAR, *PCHAR, *PSTR, *LPSTR;
typedef const char *PCSTR, *LPCSTR, *PCSZ;
typedef int8_t INT8, *PINT8;
typedef uint8_t UINT8, *PUINT8, UCHAR, *PUCHAR, BYTE, *PBYTE, BOOLEAN, *PBOOLEAN;
typedef int16_t SHORT, *PSHORT, CSHORT, INT16, *PINT16;
typedef uint16_t USHORT, *PUSHORT, UINT16, *PUINT16, WORD;
typedef int32_t LONG, *PLONG, INT, *PINT, INT32, *PINT32, LONG32, BOOL;
typedef uint32_t ULONG, *PULONG, UINT, *PUINT, UINT32, *PUINT32, ULONG32, *PULONG32, DWORD, *PDWORD;
typedef int64_t LONGLONG, *PLONGLONG, LONG64, *PLONG64, INT64, *PINT64, LONG_PTR, *PLONG_PTR, INT_PTR, SSIZE_T;
typedef uint64_t ULONGLONG, *PULONGLONG, ULONG64, *PULONG64, UINT64, *PUINT64, DWORD64;
typedef uintptr_t ULONG_PTR, *PULONG_PTR, UINT_PTR, SIZE_T, *PSIZE_T, KAFFINITY, *PKAFFINITY;
typedef void *PVOID, *LPVOID, *PVOID64, *HANDLE, **PHANDLE;
typedef const void *PCVOID, *LPCVOID;
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

typedef union _ULARGE_INTEGER {
    struct {
        ULONG LowPart;
        ULONG HighPart;
    };
    struct {
        ULONG LowPart;
        ULONG HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

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

typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING;
typedef const ANSI_STRING *PCANSI_STRING;

/* A singly linked list; drivers only know that it takes 16 bytes. */
typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
    struct {
        ULONGLONG Alignment; /* here: the address of the first entry, */
        ULONGLONG Region;    /* and how many there are */
    };
} SLIST_HEADER, *PSLIST_HEADER;

#define STATUS_SUCCESS ((NTSTATUS)0x00000000)
#define STATUS_WAIT_0 ((NTSTATUS)0x00000000)
#define STATUS_TIMEOUT ((NTSTATUS)0x00000102)
#define STATUS_PENDING ((NTSTATUS)0x00000103)
#define STATUS_BUFFER_OVERFLOW ((NTSTATUS)0x80000005)
#define STATUS_NOT_IMPLEMENTED ((NTSTATUS)0xC0000002)
#define STATUS_INVALID_DEVICE_REQUEST ((NTSTATUS)0xC0000010)
#define STATUS_NO_MEMORY ((NTSTATUS)0xC0000017)
#define STATUS_BUFFER_TOO_SMALL ((NTSTATUS)0xC0000023)
#define STATUS_OBJECT_NAME_NOT_FOUND ((NTSTATUS)0xC0000034)
#define STATUS_INTEGER_OVERFLOW ((NTSTATUS)0xC0000095)
#define STATUS_CANCELLED ((NTSTATUS)0xC0000120)
#define STATUS_DEVICE_NOT_READY ((NTSTATUS)0xC00000A3)
#define STATUS_NOT_FOUND ((NTSTATUS)0xC0000225)
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001)
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000D)
#define STATUS_INSUFFICIENT_RESOURCES ((NTSTATUS)0xC000009A)
#define STATUS_NOT_SUPPORTED ((NTSTATUS)0xC00000BB)
#define STATUS_INVALID_DEVICE_STATE ((NTSTATUS)0xC0000184)
#define NT_SUCCESS(status) (((NTSTATUS)(status)) >= 0)
#define NT_ERROR(status) ((((ULONG)(status)) >> 30) == 3)

#define UNREFERENCED_PARAMETER(name) ((void)(name))
#define DBG_UNREFERENCED_PARAMETER(name) ((void)(name))
#define UNREFERENCED_LOCAL_VARIABLE(name) ((void)(name))
#define PAGED_CODE() ((void)0)
#define PAGED_CODE_LOCKED() ((void)0)
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) ((type *)((PUCHAR)(address)-offsetof(type, field)))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) (offsetof(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array) RTL_NUMBER_OF(array)
#define TYPE_ALIGNMENT(type) _Alignof(type)
#define ALIGN_DOWN_BY(length, alignment) ((ULONG_PTR)(length) & ~((ULONG_PTR)(alignment)-1))
#define ALIGN_UP_BY(length, alignment) (((ULONG_PTR)(length) + (alignment)-1) & ~((ULONG_PTR)(alignment)-1))
#define ALIGN_UP(length, type) ALIGN_UP_BY(length, sizeof(type))
#define ALIGN_UP_POINTER_BY(pointer, alignment) ((PVOID)ALIGN_UP_BY(pointer, alignment))
#define ALIGN_DOWN_POINTER_BY(pointer, alignment) ((PVOID)ALIGN_DOWN_BY(pointer, alignment))
#define Add2Ptr(pointer, bytes) ((PVOID)((PUCHAR)(pointer) + (bytes)))

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
#define ULongToPtr(value) UlongToPtr(value)
#define LongToPtr(value) ((PVOID)(LONG_PTR)(value))
#define UlongToHandle(value) ((HANDLE)(ULONG_PTR)(value))
#define PtrToUlong(pointer) ((ULONG)(ULONG_PTR)(pointer))
#define PtrToLong(pointer) ((LONG)(LONG_PTR)(pointer))
#define PtrToUint(pointer) ((UINT)(ULONG_PTR)(pointer))
#define HandleToUlong(handle) ((ULONG)(ULONG_PTR)(handle))

/* Where the driver calls what it has to give back: a leak is told with that line. Objects built with
   CHS_PLAIN_ALLOCATION do not say where. */
EXTERN_C_START
VOID ChsPlace(const char *File, ULONG Line);
/* Before an interlocked operation: another processor may come in between. */
VOID ChsInterlocked(volatile VOID *Address);
EXTERN_C_END
#define CHS_PLACED(call) (ChsPlace(__FILE__, __LINE__), call)

#define RtlCopyMemory(to, from, length) memcpy((to), (from), (length))
#define RtlMoveMemory(to, from, length) memmove((to), (from), (length))
#define RtlZeroMemory(to, length) memset((to), 0, (length))
#define RtlFillMemory(to, length, byte) memset((to), (byte), (length))
#define RtlSecureZeroMemory(to, length) memset((to), 0, (length))
#define RtlCopyBytes(to, from, length) memcpy((to), (from), (length))
#define RtlZeroBytes(to, length) memset((to), 0, (length))
#define RtlEqualMemory(left, right, length) (!memcmp((left), (right), (length)))

#endif
