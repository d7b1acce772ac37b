/* What a driver takes and has to give back: pool memory here, the rest registers itself. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#define FRESH 0xCD
#define FREED 0xDD

static struct chs_resource all = {.before = &all, .after = &all};

void chs_own(struct chs_resource *resource, const void *address, enum chs_kind kind, const char *file, ULONG line)
{
    chs_know(&resource->known, address, kind);
    resource->file = file;
    resource->line = line;
    resource->of_adapter = chs_adapter()->live || chs_adapter()->initializing;
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

static void place(char *text, SIZE_T size, const struct chs_resource *resource)
{
    if (resource->file)
        snprintf(text, size, "taken at %s:%u", resource->file, resource->line);
    else
        snprintf(text, size, "taken at a line that is not known");
}

static void tell_leak(const struct chs_resource *leak)
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
        chs_say(CHS_LEAKED, "MiniportHaltEx returns and %s is not freed, %s", names[leak->known.kind], where);
    else
        chs_say(CHS_LEAKED, "MiniportHaltEx returns and %zu bytes with the tag '%.4s' are not freed, %s",
                (size_t)leak->size, leak->tag ? (const char *)&leak->tag : "none", where);
}

void chs_settle_resources(bool tell)
{
    struct chs_resource *resource = all.after;

    while (resource != &all) {
        bool leaked = resource->of_adapter;

        resource->of_adapter = false;
        if (leaked && tell)
            tell_leak(resource);
        resource = resource->after;
    }
}

PVOID ChsAllocate(SIZE_T Length, ULONG Tag, BOOLEAN Zeroed, const char *File, ULONG Line)
{
    void *block = malloc(Length ? Length : 1);
    struct chs_resource *resource = calloc(1, sizeof(*resource));

    if (!block || !resource) {
        free(block);
        free(resource);
        return NULL;
    }
    memset(block, Zeroed ? 0 : FRESH, Length);
    resource->size = Length;
    resource->tag = Tag;
    chs_own(resource, block, CHS_MEMORY, File, Line);
    return block;
}

VOID ChsFree(PVOID Block, ULONG Tag, const char *File, ULONG Line)
{
    struct chs_resource *resource = chs_find(Block, CHS_MEMORY);
    const char *file = File ? File : "a line that is not known";

    if (!resource) {
        if (Block && chs_sanitized())
            free(Block); /* AddressSanitizer says best what is wrong with it */
        chs_complain("%s:%u frees memory that it never took, or freed before", file, Line);
        return;
    }
    if (Tag && resource->tag && Tag != resource->tag)
        chs_complain("%s:%u frees memory with the tag '%.4s' as '%.4s'", file, Line, (const char *)&resource->tag,
                     (const char *)&Tag);
    chs_check_freed_locks(Block, resource->size);
    chs_check_lent(Block, resource->size);
    chs_memory_freed(Block, resource->size);
    if (chs_find(Block, CHS_MEMORY) != resource)
        return; /* freed again while its context was told of */
    chs_disown(resource);
    if (!chs_sanitized())
        memset(Block, FREED, resource->size);
    free(Block);
    free(resource);
}

NDIS_STATUS ChsAllocateTo(PVOID *VirtualAddress, UINT Length, ULONG Tag, const char *File, ULONG Line)
{
    *VirtualAddress = ChsAllocate(Length, Tag, FALSE, File, Line);
    return *VirtualAddress ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
}

PVOID NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, UINT Length, ULONG Tag, EX_POOL_PRIORITY Priority)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    UNREFERENCED_PARAMETER(Priority);
    return ChsAllocate(Length, Tag, FALSE, NULL, 0);
}

NDIS_STATUS NdisAllocateMemoryWithTag(PVOID *VirtualAddress, UINT Length, ULONG Tag)
{
    return ChsAllocateTo(VirtualAddress, Length, Tag, NULL, 0);
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(PoolType);
    return ChsAllocate(NumberOfBytes, Tag, FALSE, NULL, 0);
}

PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    UNREFERENCED_PARAMETER(PoolType);
    return ChsAllocate(NumberOfBytes, Tag, TRUE, NULL, 0);
}

PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    return ChsAllocate(NumberOfBytes, Tag, !(Flags & POOL_FLAG_UNINITIALIZED), NULL, 0);
}

VOID NdisFreeMemory(PVOID VirtualAddress, UINT Length, UINT MemoryFlags)
{
    UNREFERENCED_PARAMETER(Length);
    UNREFERENCED_PARAMETER(MemoryFlags);
    ChsFree(VirtualAddress, 0, NULL, 0);
}

VOID NdisFreeMemoryWithTagPriority(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Tag)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    ChsFree(VirtualAddress, Tag, NULL, 0);
}

VOID ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    ChsFree(P, Tag, NULL, 0);
}

VOID ExFreePool(PVOID P)
{
    ChsFree(P, 0, NULL, 0);
}
