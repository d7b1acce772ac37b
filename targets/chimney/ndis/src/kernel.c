/* The functions of the kernel that a driver calls besides: output, assertions, strings, lookaside lists. */
#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void print(PCSTR format, va_list arguments)
{
    if (getenv("CHIMNEYSWEEP_DEBUG_OUTPUT"))
        vfprintf(stderr, format, arguments);
}

ULONG DbgPrint(PCSTR Format, ...)
{
    va_list arguments;

    va_start(arguments, Format);
    print(Format, arguments);
    va_end(arguments);
    return STATUS_SUCCESS;
}

ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    va_list arguments;

    UNREFERENCED_PARAMETER(ComponentId);
    UNREFERENCED_PARAMETER(Level);
    va_start(arguments, Format);
    print(Format, arguments);
    va_end(arguments);
    return STATUS_SUCCESS;
}

VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR First, ULONG_PTR Second, ULONG_PTR Third, ULONG_PTR Fourth)
{
    chs_complain("the driver stops the machine: KeBugCheckEx(0x%X, 0x%llX, 0x%llX, 0x%llX, 0x%llX)", BugCheckCode,
                 (unsigned long long)First, (unsigned long long)Second, (unsigned long long)Third,
                 (unsigned long long)Fourth);
}

VOID ChsAssertionFailed(const char *Condition, const char *File, ULONG Line)
{
    chs_complain("an assertion of the driver fails at %s:%u: %s", File, Line, Condition);
}

VOID RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    SIZE_T length = 0;

    while (SourceString && SourceString[length])
        length++;
    DestinationString->Length = (USHORT)(length * sizeof(WCHAR));
    DestinationString->MaximumLength = (USHORT)(SourceString ? (length + 1) * sizeof(WCHAR) : 0);
    DestinationString->Buffer = (PWSTR)SourceString;
}

VOID RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString)
{
    SIZE_T length = SourceString ? strlen(SourceString) : 0;

    DestinationString->Length = (USHORT)length;
    DestinationString->MaximumLength = (USHORT)(SourceString ? length + 1 : 0);
    DestinationString->Buffer = (PCHAR)(ULONG_PTR)SourceString;
}

VOID RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    USHORT length = SourceString ? min(SourceString->Length, DestinationString->MaximumLength) : 0;

    if (length)
        memmove(DestinationString->Buffer, SourceString->Buffer, length);
    DestinationString->Length = length;
}

static WCHAR folded(WCHAR letter, BOOLEAN fold)
{
    return (WCHAR)(fold && letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
}

/* Known limitation: case is that of ASCII letters. */
LONG RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    SIZE_T count = min(String1->Length, String2->Length) / sizeof(WCHAR), k;

    for (k = 0; k < count; k++) {
        LONG differs = folded(String1->Buffer[k], CaseInSensitive) - folded(String2->Buffer[k], CaseInSensitive);

        if (differs)
            return differs;
    }
    return String1->Length - String2->Length;
}

BOOLEAN RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    return !RtlCompareUnicodeString(String1, String2, CaseInSensitive);
}

NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
    if (Destination->Length + Source->Length > Destination->MaximumLength)
        return STATUS_BUFFER_TOO_SMALL;
    memmove((PUCHAR)Destination->Buffer + Destination->Length, Source->Buffer, Source->Length);
    Destination->Length = (USHORT)(Destination->Length + Source->Length);
    return STATUS_SUCCESS;
}

NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
    UNICODE_STRING source;

    RtlInitUnicodeString(&source, Source);
    return RtlAppendUnicodeStringToString(Destination, &source);
}

SIZE_T RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
    const UCHAR *left = Source1, *right = Source2;
    SIZE_T same = 0;

    while (same < Length && left[same] == right[same])
        same++;
    return same;
}

/* ---- one processor -------------------------------------------------------------------------- */

ULONG KeGetCurrentProcessorNumber(VOID)
{
    return 0;
}

ULONG KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcNumber)
        memset(ProcNumber, 0, sizeof(*ProcNumber));
    return 0;
}

ULONG KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
    if (ActiveProcessors)
        *ActiveProcessors = 1;
    return 1;
}

ULONG KeQueryActiveProcessorCountEx(USHORT GroupNumber)
{
    return GroupNumber == 0 || GroupNumber == ALL_PROCESSOR_GROUPS;
}

/* ---- lookaside lists ------------------------------------------------------------------------ */

VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
                                     PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(Depth);
    Lookaside->Allocate = Allocate ? Allocate : ExAllocatePoolWithTag;
    Lookaside->Free = Free ? Free : ExFreePool;
    Lookaside->Size = Size;
    Lookaside->Tag = Tag;
    Lookaside->Type = NonPagedPool;
}

static bool is_lookaside(PNPAGED_LOOKASIDE_LIST list, const char *name)
{
    if (!list->Allocate || !list->Free)
        chs_complain("%s is passed a lookaside list that was never initialised, or was deleted before", name);
    return list->Allocate && list->Free;
}

VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    is_lookaside(Lookaside, "ExDeleteNPagedLookasideList");
    memset(Lookaside, 0, sizeof(*Lookaside));
}

PVOID ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    return is_lookaside(Lookaside, "ExAllocateFromNPagedLookasideList")
               ? Lookaside->Allocate(Lookaside->Type, Lookaside->Size, Lookaside->Tag)
               : NULL;
}

VOID ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry)
{
    if (is_lookaside(Lookaside, "ExFreeToNPagedLookasideList"))
        Lookaside->Free(Entry);
}

UINT NdisGetVersion(VOID)
{
    return NDIS_MINIPORT_MAJOR_VERSION << 16 | NDIS_MINIPORT_MINOR_VERSION;
}

ULONG NdisSystemProcessorCount(VOID)
{
    return 1;
}

ULONG NdisGroupActiveProcessorCount(USHORT Group)
{
    return KeQueryActiveProcessorCountEx(Group);
}
