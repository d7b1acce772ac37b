/* The few functions of the kernel that a driver calls besides: output, assertions, strings. */
#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Seen only if the environment variable CHIMNEYSWEEP_DEBUG_OUTPUT is set. */
ULONG DbgPrint(PCSTR Format, ...)
{
    va_list arguments;

    if (getenv("CHIMNEYSWEEP_DEBUG_OUTPUT")) {
        va_start(arguments, Format);
        vfprintf(stderr, Format, arguments);
        va_end(arguments);
    }
    return STATUS_SUCCESS;
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
