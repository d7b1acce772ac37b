/*
 * Memory that changes hands. With AddressSanitizer in the process, what the host owns is
 * poisoned and every touch is reported as it happens; without it, writes are found by
 * comparing, and reads are not found.
 */
#include "harness.h"

extern void __asan_poison_memory_region(const volatile void *start, size_t size) __attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *start, size_t size) __attribute__((weak));

bool chs_sanitized(void)
{
    return __asan_poison_memory_region != NULL;
}

void chs_poison(const struct chs_area *area)
{
    if (chs_sanitized())
        __asan_poison_memory_region(area->start, area->size);
}

void chs_unpoison(const struct chs_area *area)
{
    if (chs_sanitized())
        __asan_unpoison_memory_region(area->start, area->size);
}

void chs_copy(void *to, const void *from, SIZE_T size)
{
    volatile UCHAR *target = to; /* volatile: not to become a call of memcpy, which looks at the poison */
    const UCHAR *source = from;

    while (size--)
        *target++ = *source++;
}

uint64_t chs_hash(uint64_t hash, const void *bytes, SIZE_T size)
{
    const UCHAR *byte = bytes;
    uint64_t word;

    for (; size >= sizeof(word); size -= sizeof(word), byte += sizeof(word)) {
        __builtin_memcpy(&word, byte, sizeof(word));
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 32;
    }
    while (size--)
        hash = (hash ^ *byte++) * 0x100000001b3ull;
    return hash;
}
