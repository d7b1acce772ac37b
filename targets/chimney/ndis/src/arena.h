/* Where our NDIS takes memory from: see arena.c. Included after <stdlib.h>, whose functions it replaces. */
#ifndef CHS_ARENA_H
#define CHS_ARENA_H

#include <stdbool.h>
#include <stdlib.h>

void *chs_malloc(size_t size);
void *chs_calloc(size_t count, size_t size);
void *chs_aligned_alloc(size_t alignment, size_t size);
void *chs_realloc(void *memory, size_t size);
void chs_free(void *memory);
/* Whether an address lies where the driver's memory was taken from: of what was freed, too. */
bool chs_in_arena(const void *address);
/* What is not kept with the rest: which places of the driver's code ran. */
extern char *const chs_cover;
extern const size_t chs_cover_size;

#ifndef CHS_ARENA_ITSELF
#define malloc chs_malloc
#define calloc chs_calloc
#define aligned_alloc chs_aligned_alloc
#define realloc chs_realloc
#define free chs_free
#endif

#endif
