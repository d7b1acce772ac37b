/* Arithmetic that says whether it overflowed (ntintsafe.h). */
#ifndef CHS_NTINTSAFE_H
#define CHS_NTINTSAFE_H

#include "nttypes.h"

#define CHS_SAFE(name, type, operation)                                  \
    CHS_INLINE NTSTATUS name(type Left, type Right, type *Result)        \
    {                                                                    \
        if (!operation(Left, Right, Result))                             \
            return STATUS_SUCCESS;                                       \
        *Result = (type)-1;                                              \
        return STATUS_INTEGER_OVERFLOW;                                  \
    }
CHS_SAFE(RtlULongAdd, ULONG, __builtin_add_overflow)
CHS_SAFE(RtlULongSub, ULONG, __builtin_sub_overflow)
CHS_SAFE(RtlULongMult, ULONG, __builtin_mul_overflow)
CHS_SAFE(RtlUIntAdd, UINT, __builtin_add_overflow)
CHS_SAFE(RtlUIntMult, UINT, __builtin_mul_overflow)
CHS_SAFE(RtlUShortAdd, USHORT, __builtin_add_overflow)
CHS_SAFE(RtlSizeTAdd, SIZE_T, __builtin_add_overflow)
CHS_SAFE(RtlSizeTSub, SIZE_T, __builtin_sub_overflow)
CHS_SAFE(RtlSizeTMult, SIZE_T, __builtin_mul_overflow)
CHS_SAFE(RtlULongLongAdd, ULONGLONG, __builtin_add_overflow)
CHS_SAFE(RtlULongLongMult, ULONGLONG, __builtin_mul_overflow)

CHS_INLINE NTSTATUS RtlSizeTToULong(SIZE_T Value, ULONG *Result)
{
    *Result = Value > MAXULONG ? MAXULONG : (ULONG)Value;
    return Value > MAXULONG ? STATUS_INTEGER_OVERFLOW : STATUS_SUCCESS;
}

#endif
