/*
 * Memory that a search through all states can go back to: with chs_arena everything is taken from one place, and
 * the place with all that it holds, and the library's data, is kept and put back as a whole. Nothing of it is
 * used twice in a run: a pointer to what was freed never leads to what was taken afterwards.
 *
 * Not under AddressSanitizer, which knows its own memory only.
 */
#define _GNU_SOURCE
#define CHS_ARENA_ITSELF
#include "arena.h"

#include <stdint.h>
#include <string.h>

#include "api.h"

#ifdef __linux__
#include <link.h>
#include <sys/mman.h>

#define ROOM ((size_t)1 << 28) /* bytes of address space; what is not used costs nothing */
#define ALIGNED 16

/* What is the same whatever is put back: it lies outside of that. */
struct control {
    char *memory;                /* the arena */
    char *data, *rest;           /* the library's data, */
    size_t size, before, behind; /* how much there is of it; before what is not kept, and behind */
    char *kept[CHS_IMAGES];
    size_t room[CHS_IMAGES], used[CHS_IMAGES];
};

static struct control *control;
static size_t used = ALIGNED - sizeof(size_t); /* bytes of the arena: what follows a piece's size is aligned */
static bool spilled; /* it was not large enough */

static void *map(size_t size)
{
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return mapped == MAP_FAILED ? NULL : mapped;
}

bool chs_in_arena(const void *address)
{
    return control && (uintptr_t)address - (uintptr_t)control->memory < ROOM;
}

/* Each piece has its size before it. */
static size_t *size_of(void *memory)
{
    return (size_t *)memory - 1;
}

void *chs_malloc(size_t size)
{
    size_t whole = (size + sizeof(size_t) + ALIGNED - 1) / ALIGNED * ALIGNED;
    char *memory;

    if (!control || size > ROOM || used + whole > ROOM) {
        spilled = control != NULL;
        return malloc(size);
    }
    memory = control->memory + used + sizeof(size_t);
    used += whole;
    *size_of(memory) = size;
    return memory;
}

void *chs_calloc(size_t count, size_t size)
{
    void *memory;

    if (!control)
        return calloc(count, size);
    if (size && count > SIZE_MAX / size)
        return NULL;
    memory = chs_malloc(count * size);
    return memory ? memset(memory, 0, count * size) : NULL;
}

void *chs_aligned_alloc(size_t alignment, size_t size)
{
    return control && alignment <= ALIGNED ? chs_malloc(size) : aligned_alloc(alignment, size);
}

void *chs_realloc(void *memory, size_t size)
{
    void *larger;

    if (!control || (memory && !chs_in_arena(memory)))
        return realloc(memory, size);
    larger = chs_malloc(size);
    if (larger && memory)
        memcpy(larger, memory, *size_of(memory) < size ? *size_of(memory) : size);
    return larger;
}

void chs_free(void *memory)
{
    if (!chs_in_arena(memory))
        free(memory);
}

/* The part of the library's data that may be written once it is loaded. */
static int look_for_data(struct dl_phdr_info *info, size_t size, void *found)
{
    struct control *into = found;
    uintptr_t own = (uintptr_t)&used;
    int k;

    (void)size;
    for (k = 0; k < info->dlpi_phnum; k++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[k];
        uintptr_t start = info->dlpi_addr + part->p_vaddr;

        if (part->p_type == PT_LOAD && part->p_flags & PF_W && own - start < part->p_memsz) {
            into->data = (char *)start;
            into->size = part->p_memsz;
        }
    }
    for (k = 0; into->data && k < info->dlpi_phnum; k++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[k];
        char *end = (char *)(info->dlpi_addr + part->p_vaddr + part->p_memsz);

        if (part->p_type == PT_GNU_RELRO && end > into->data && end < into->data + into->size) {
            into->size -= (size_t)(end - into->data);
            into->data = end;
        }
    }
    into->rest = chs_cover + chs_cover_size;
    into->before = (size_t)(chs_cover - into->data);
    into->behind = (size_t)(into->data + into->size - into->rest);
    return into->data != NULL;
}

/* Copies all that is kept, to the image or from it. */
static void copy(char *image, size_t taken, bool back)
{
    const struct chs_span {
        char *start;
        size_t size;
    } spans[] = {
        {control->data, control->before},
        {control->rest, control->behind},
        {control->memory, taken},
    };
    int k;

    for (k = 0; k < 3; k++) {
        memcpy(back ? spans[k].start : image, back ? image : spans[k].start, spans[k].size);
        image += spans[k].size;
    }
}

int32_t chs_arena(void)
{
    struct control *made = control ? NULL : map(sizeof(*made));

    if (!made)
        return control != NULL;
    made->memory = map(ROOM);
    if (!made->memory || !dl_iterate_phdr(look_for_data, made))
        return false;
    control = made;
    return true;
}

int32_t chs_keep(int32_t image)
{
    size_t whole = control ? control->before + control->behind + used : 0;

    if (!control || spilled)
        return false;
    if (whole > control->room[image]) {
        free(control->kept[image]);
        control->room[image] = 2 * whole;
        control->kept[image] = malloc(2 * whole);
    }
    if (!control->kept[image])
        return control->room[image] = 0;
    copy(control->kept[image], used, false);
    control->used[image] = used;
    return true;
}

void chs_put_back(int32_t image)
{
    copy(control->kept[image], control->used[image], true);
}

#else /* nobody knows where the library's data lies */

bool chs_in_arena(const void *address)
{
    (void)address;
    return false;
}

void *chs_malloc(size_t size)
{
    return malloc(size);
}

void *chs_calloc(size_t count, size_t size)
{
    return calloc(count, size);
}

void *chs_aligned_alloc(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

void *chs_realloc(void *memory, size_t size)
{
    return realloc(memory, size);
}

void chs_free(void *memory)
{
    free(memory);
}

int32_t chs_arena(void)
{
    return false;
}

int32_t chs_keep(int32_t image)
{
    return image < 0;
}

void chs_put_back(int32_t image)
{
    (void)image;
}

#endif
