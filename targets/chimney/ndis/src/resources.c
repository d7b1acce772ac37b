/* What a driver takes and has to give back: pool memory here, the rest registers itself. */
#include "harness.h"
#include "lent.h"
#include "turns.h"

#include <stdio.h>
#include <stdlib.h>

#define FRESH 0xCD
#define FREED 0xDD

static struct chs_resource all = {.before = &all, .after = &all};

/* Where the driver asked last; NULL where it does not say. */
static struct chs_place asked_at;

static int64_t asked;   /* times that the driver asked for anything since its adapter was started */
static int64_t refused; /* which of them is refused; 0: none */

VOID ChsPlace(const char *File, ULONG Line)
{
    asked_at = (struct chs_place){File, Line};
}

struct chs_place chs_take_place(void)
{
    struct chs_place place = asked_at;

    asked_at.file = NULL;
    return place;
}

void chs_own(struct chs_resource *resource, const void *address, enum chs_kind kind)
{
    chs_know(&resource->known, address, kind);
    resource->file = asked_at.file;
    resource->line = asked_at.line;
    resource->of_adapter = chs_adapter()->live || chs_adapter()->initializing;
    resource->since_offload = chs_blocks() != NULL;
    resource->before = all.before;
    resource->after = &all;
    resource->before->after = resource->after->before = resource;
}

void chs_disown(struct chs_resource *resource)
{
    chs_unknow(&resource->known);
    resource->before->after = resource->after;
    resource->after->before = resource->before;
}

void chs_free_resources(void)
{
    struct chs_resource *resource = all.after, *next;

    for (; resource != &all; resource = next) {
        void *memory = (void *)(uintptr_t)resource->known.address;

        next = resource->after;
        if (!resource->of_adapter)
            continue;
        chs_disown(resource);
        if (resource->known.kind == CHS_LIST)
            free(((struct chs_list *)resource)->areas);
        free(memory);
        if (memory != resource) /* a pool is its own record */
            free(resource);
    }
}

struct chs_resource *chs_owned_after(struct chs_resource *resource)
{
    struct chs_resource *next = resource ? resource->after : all.after;

    return next == &all ? NULL : next;
}

static void place(char *text, SIZE_T size, const struct chs_resource *resource)
{
    if (resource->file)
        snprintf(text, size, "taken at %s:%u", resource->file, resource->line);
    else
        snprintf(text, size, "taken at a line that is not known");
}

/* *when*: what returned, as it is told. */
static void tell_leak(const struct chs_resource *leak, const char *when)
{
    static const char *const names[] = {
        [CHS_POOL] = "a pool of NET_BUFFERs or NET_BUFFER_LISTs",
        [CHS_LIST] = "a NET_BUFFER_LIST",
        [CHS_NET_BUFFER] = "a NET_BUFFER",
        [CHS_MDL] = "an MDL",
    };
    char where[256];

    place(where, sizeof(where), leak);
    if (leak->known.kind != CHS_MEMORY)
        chs_say(CHS_LEAKED, "%s and %s is not freed, %s", when,
                leak->known.kind == CHS_OBJECT ? ((const struct chs_object *)leak)->what : names[leak->known.kind],
                where);
    else
        chs_say(CHS_LEAKED, "%s and %zu bytes with the tag '%.4s' are not freed, %s", when,
                (size_t)leak->size, leak->tag ? (const char *)&leak->tag : "none", where);
}

void chs_tell_kept(const void *context)
{
    const struct chs_resource *each;
    char where[256];

    for (each = all.after; each != &all; each = each->after) {
        const UCHAR *start = (const UCHAR *)(uintptr_t)each->known.address;

        if (each->known.kind != CHS_MEMORY || !each->since_offload || (const UCHAR *)context < start ||
            (const UCHAR *)context >= start + each->size)
            continue;
        place(where, sizeof(where), each);
        chs_say(CHS_LEAKED, "the memory of a neighbor or path that was handed back is not freed before MiniportHaltEx, %s",
                where);
    }
}

void chs_settle_resources(const char *when)
{
    struct chs_resource *resource = all.after;

    asked = refused = 0;
    while (resource != &all) {
        bool leaked = resource->of_adapter;

        resource->of_adapter = false;
        if (leaked && when)
            tell_leak(resource, when);
        resource = resource->after;
    }
}


int64_t chs_asked(void)
{
    return asked;
}

void chs_run_short(int32_t after)
{
    refused = asked + after + 1;
}

bool chs_refuses(void)
{
    chs_note_turn();
    return ++asked == refused;
}

/* A block of the driver's; NULL if there is none. */
static PVOID allocate(SIZE_T length, ULONG tag, bool zeroed)
{
    bool refuses = chs_refuses();
    void *block = refuses ? NULL : malloc(length ? length : 1);
    struct chs_resource *resource = calloc(1, sizeof(*resource));

    if (!block || !resource) {
        free(block);
        free(resource);
        return NULL;
    }
    memset(block, zeroed ? 0 : FRESH, length);
    resource->size = length;
    resource->tag = tag;
    chs_own(resource, block, CHS_MEMORY);
    return block;
}

/* Tag 0 fits every block; another tag must be the one it was allocated with. */
static void release(PVOID block, ULONG tag, const char *where)
{
    struct chs_resource *resource;
    struct chs_place place = chs_take_place();
    const char *file = place.file ? place.file : "a line that is not known";

    chs_point();
    resource = chs_find(block, CHS_MEMORY);
    if (!resource) {
        if (block && chs_sanitized())
            free(block); /* AddressSanitizer says best what is wrong with it */
        chs_complain("%s:%u frees memory that it never took, or freed before", file, place.line);
        return;
    }
    if (tag && resource->tag && tag != resource->tag)
        chs_complain("%s:%u frees memory with the tag '%.4s' as '%.4s'", file, place.line,
                     (const char *)&resource->tag, (const char *)&tag);
    chs_check_freed_locks(block, resource->size);
    chs_check_freed_waiting(block, resource->size);
    chs_frees_lent(block, resource->size, NULL);
    chs_note_writes();
    chs_accesses(block, resource->size, true, where);
    chs_memory_freed(block, resource->size);
    if (chs_find(block, CHS_MEMORY) != resource)
        return; /* freed again while its context was told of */
    chs_disown(resource);
    if (!chs_sanitized())
        memset(block, FREED, resource->size);
    free(block);
    free(resource);
}

PVOID NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, UINT Length, ULONG Tag, EX_POOL_PRIORITY Priority)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    UNREFERENCED_PARAMETER(Priority);
    return allocate(Length, Tag, false);
}

NDIS_STATUS NdisAllocateMemoryWithTag(PVOID *VirtualAddress, UINT Length, ULONG Tag)
{
    *VirtualAddress = allocate(Length, Tag, false);
    return *VirtualAddress ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
}

PVOID ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
    UNREFERENCED_PARAMETER(PoolType);
    return allocate(NumberOfBytes, 0, false);
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(PoolType);
    return allocate(NumberOfBytes, Tag, false);
}

PVOID ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, EX_POOL_PRIORITY Priority)
{
    UNREFERENCED_PARAMETER(Priority);
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(PoolType);
    return allocate(NumberOfBytes, Tag, true);
}

PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    return allocate(NumberOfBytes, Tag, !(Flags & POOL_FLAG_UNINITIALIZED));
}

VOID NdisFreeMemory(PVOID VirtualAddress, UINT Length, UINT MemoryFlags)
{
    UNREFERENCED_PARAMETER(Length);
    if (MemoryFlags & ~(UINT)(NDIS_MEMORY_CONTIGUOUS | NDIS_MEMORY_NONCACHED))
        chs_complain("NdisFreeMemory is passed MemoryFlags 0x%X; there are NDIS_MEMORY_CONTIGUOUS and "
                     "NDIS_MEMORY_NONCACHED",
                     MemoryFlags);
    release(VirtualAddress, 0, __builtin_return_address(0));
}

VOID NdisFreeMemoryWithTagPriority(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Tag)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    release(VirtualAddress, Tag, __builtin_return_address(0));
}

VOID ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    release(P, Tag, __builtin_return_address(0));
}

VOID ExFreePool(PVOID P)
{
    release(P, 0, __builtin_return_address(0));
}

/* ---- what is known by a handle of ours ------------------------------------------------------ */

void *chs_new_object(SIZE_T size, const char *what)
{
    struct chs_object *object = calloc(1, size);

    object->what = what;
    chs_own(&object->resource, object, CHS_OBJECT);
    return object;
}

void *chs_object(const void *handle, const char *what, const char *function)
{
    struct chs_object *object = chs_find(handle, CHS_OBJECT);

    if (object && !strcmp(object->what, what))
        return object;
    chs_complain("%s is passed what is not %s, or was freed before", function, what);
    return NULL;
}

void chs_end_object(void *ended)
{
    struct chs_object *object = ended;

    chs_disown(&object->resource);
    free(object);
}
