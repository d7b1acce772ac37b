/*
 * What of the driver's code runs. The compiler calls __sanitizer_cov_trace_pc at the start of every
 * basic block of a file that is built with -fsanitize-coverage=trace-pc, and of no other.
 * A place is told as its distance from the start of the library.
 */
#include <stdint.h>
#include <string.h>

#include "api.h"
#include "arena.h"

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char etext[] __attribute__((visibility("hidden")));

enum { MOST_CODE = 1 << 24, MOST_HITS = 1 << 16 };

static struct {
    uint8_t counts[MOST_CODE]; /* by place: times since the last chs_covered, at most 255 */
    uint32_t hits[MOST_HITS];  /* the places whose count is not 0 */
    uint32_t hit;
} seen;

char *const chs_cover = (char *)&seen;
const size_t chs_cover_size = sizeof(seen);

void __sanitizer_cov_trace_pc(void)
{
    uintptr_t place = (uintptr_t)__builtin_return_address(0) - (uintptr_t)__ehdr_start;

    if (place >= MOST_CODE)
        return;
    if (seen.counts[place] == 0) {
        if (seen.hit == MOST_HITS)
            return;
        seen.hits[seen.hit++] = (uint32_t)place;
    }
    if (seen.counts[place] < 255)
        seen.counts[place]++;
}

/* 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more: a loop is told from one that runs far longer. */
static uint32_t bucket(uint8_t count)
{
    if (count < 4)
        return count - 1u;
    return count < 8 ? 3 : count < 16 ? 4 : count < 32 ? 5 : count < 128 ? 6 : 7;
}

int32_t chs_covered(uint32_t *into, int32_t room)
{
    int32_t told = 0;

    for (uint32_t k = 0; k < seen.hit; k++) {
        if (told < room)
            into[told++] = seen.hits[k] << 3 | bucket(seen.counts[seen.hits[k]]);
        seen.counts[seen.hits[k]] = 0;
    }
    seen.hit = 0;
    return told;
}

/* Whether the instruction that ends before `end` calls the function above. */
static int calls_us(const char *end)
{
    uintptr_t us = (uintptr_t)&__sanitizer_cov_trace_pc;
#if defined(__x86_64__)
    int32_t far;

    memcpy(&far, end - 4, sizeof far);
    return (unsigned char)end[-5] == 0xE8 && (uintptr_t)end + (uintptr_t)(intptr_t)far == us;
#elif defined(__aarch64__)
    uint32_t word;

    memcpy(&word, end - 4, sizeof word);
    return word >> 26 == 0x25 && (uintptr_t)(end - 4) + (uintptr_t)((int64_t)(int32_t)(word << 6) >> 4) == us;
#else
    (void)end, (void)us;
    return 0;
#endif
}

int32_t chs_coverable(uint32_t *into, int32_t room)
{
    int32_t told = 0;

    for (const char *end = __ehdr_start + 64; end < etext && told < room; end++)
        if (calls_us(end))
            into[told++] = (uint32_t)(end - __ehdr_start);
    return told;
}
