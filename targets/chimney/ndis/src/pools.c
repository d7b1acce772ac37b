/* The driver's own NET_BUFFER_LISTs, NET_BUFFERs and MDLs: each is memory of its own, so that stray touches show. */
#include "harness.h"

#include <stdlib.h>

static NDIS_HANDLE make_pool(bool parameters, const char *name, const char *file, ULONG line)
{
    struct chs_pool *pool;

    if (!parameters) {
        chs_complain("%s is called without parameters", name);
        return NULL;
    }
    pool = calloc(1, sizeof(*pool));
    chs_own(&pool->resource, pool, CHS_POOL, file, line);
    return pool;
}

static void free_pool(NDIS_HANDLE handle, const char *name)
{
    struct chs_pool *pool = chs_find(handle, CHS_POOL);

    if (!pool) {
        chs_complain("%s is passed what is no pool, or was freed before", name);
        return;
    }
    if (pool->out)
        chs_complain("%s: %u of the pool's buffers are not freed", name, pool->out);
    chs_disown(&pool->resource);
    free(pool);
}

static struct chs_pool *pool_of(NDIS_HANDLE handle, const char *name)
{
    struct chs_pool *pool = chs_find(handle, CHS_POOL);

    if (!pool)
        chs_complain("%s is passed what is no pool, or was freed before", name);
    return pool;
}

NDIS_HANDLE ChsAllocateNetBufferListPool(PNET_BUFFER_LIST_POOL_PARAMETERS Parameters, const char *File, ULONG Line)
{
    return make_pool(Parameters != NULL, "NdisAllocateNetBufferListPool", File, Line);
}

NDIS_HANDLE ChsAllocateNetBufferPool(PNET_BUFFER_POOL_PARAMETERS Parameters, const char *File, ULONG Line)
{
    return make_pool(Parameters != NULL, "NdisAllocateNetBufferPool", File, Line);
}

VOID NdisFreeNetBufferListPool(NDIS_HANDLE PoolHandle)
{
    free_pool(PoolHandle, "NdisFreeNetBufferListPool");
}

VOID NdisFreeNetBufferPool(NDIS_HANDLE PoolHandle)
{
    free_pool(PoolHandle, "NdisFreeNetBufferPool");
}

static void place_data(PNET_BUFFER nb, PMDL chain, ULONG offset, SIZE_T length)
{
    ULONG left = offset;

    nb->MdlChain = nb->CurrentMdl = chain;
    nb->DataOffset = offset;
    nb->DataLength = (ULONG)length;
    while (nb->CurrentMdl && nb->CurrentMdl->Next && left >= nb->CurrentMdl->ByteCount) {
        left -= nb->CurrentMdl->ByteCount;
        nb->CurrentMdl = nb->CurrentMdl->Next;
    }
    nb->CurrentMdlOffset = left;
}

static PNET_BUFFER make_buffer(struct chs_pool *pool, PMDL chain, ULONG offset, SIZE_T length, const char *file,
                               ULONG line)
{
    PNET_BUFFER nb = aligned_alloc(MEMORY_ALLOCATION_ALIGNMENT, sizeof(*nb));
    struct chs_buffer *record = calloc(1, sizeof(*record));

    memset(nb, 0, sizeof(*nb));
    nb->NdisPoolHandle = pool;
    place_data(nb, chain, offset, length);
    record->nb = nb;
    record->pool = pool;
    pool->out++;
    chs_own(&record->resource, nb, CHS_NET_BUFFER, file, line);
    return nb;
}

static void free_buffer(struct chs_buffer *record)
{
    record->pool->out--;
    chs_disown(&record->resource);
    free(record->nb);
    free(record);
}

PNET_BUFFER ChsAllocateNetBuffer(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset, SIZE_T DataLength,
                                 const char *File, ULONG Line)
{
    struct chs_pool *pool = pool_of(PoolHandle, "NdisAllocateNetBuffer");

    return pool ? make_buffer(pool, MdlChain, DataOffset, DataLength, File, Line) : NULL;
}

VOID NdisFreeNetBuffer(PNET_BUFFER NetBuffer)
{
    struct chs_buffer *record = chs_find(NetBuffer, CHS_NET_BUFFER);

    if (!record || !record->pool)
        chs_complain("NdisFreeNetBuffer is passed what the driver never allocated, or freed before");
    else if (record->resource.known.given)
        chs_complain("NdisFreeNetBuffer is passed a NET_BUFFER that the host still holds");
    else
        free_buffer(record);
}

PNET_BUFFER_LIST ChsAllocateNetBufferList(NDIS_HANDLE PoolHandle, const char *File, ULONG Line)
{
    struct chs_pool *pool = pool_of(PoolHandle, "NdisAllocateNetBufferList");
    struct chs_list *list;

    if (!pool)
        return NULL;
    list = calloc(1, sizeof(*list));
    list->nbl = aligned_alloc(MEMORY_ALLOCATION_ALIGNMENT, sizeof(*list->nbl));
    memset(list->nbl, 0, sizeof(*list->nbl));
    list->nbl->NdisPoolHandle = pool;
    list->use = CHS_DRIVERS;
    list->pool = pool;
    pool->out++;
    chs_own(&list->resource, list->nbl, CHS_LIST, File, Line);
    return list->nbl;
}

PNET_BUFFER_LIST ChsAllocateNetBufferAndNetBufferList(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset,
                                                      SIZE_T DataLength, const char *File, ULONG Line)
{
    PNET_BUFFER_LIST nbl = ChsAllocateNetBufferList(PoolHandle, File, Line);
    struct chs_list *list;

    if (!nbl)
        return NULL;
    list = chs_find(nbl, CHS_LIST);
    list->own = make_buffer(list->pool, MdlChain, DataOffset, DataLength, File, Line);
    nbl->FirstNetBuffer = list->own;
    return nbl;
}

VOID NdisFreeNetBufferList(PNET_BUFFER_LIST NetBufferList)
{
    struct chs_list *list = chs_find(NetBufferList, CHS_LIST);

    if (!list || list->use != CHS_DRIVERS) {
        chs_complain("NdisFreeNetBufferList is passed what the driver never allocated, or freed before");
        return;
    }
    if (list->resource.known.given) {
        chs_complain("NdisFreeNetBufferList is passed a NET_BUFFER_LIST that the host still holds");
        return;
    }
    if (list->own)
        free_buffer(chs_find(list->own, CHS_NET_BUFFER));
    list->pool->out--;
    chs_disown(&list->resource);
    free(list->areas);
    free(list->nbl);
    free(list);
}

PMDL ChsAllocateMdl(PVOID VirtualAddress, UINT Length, const char *File, ULONG Line)
{
    struct chs_resource *resource = calloc(1, sizeof(*resource));
    PMDL mdl = calloc(1, sizeof(*mdl));

    mdl->Size = sizeof(*mdl);
    mdl->MdlFlags = MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL;
    mdl->MappedSystemVa = VirtualAddress;
    mdl->ByteOffset = (ULONG)((ULONG_PTR)VirtualAddress % PAGE_SIZE);
    mdl->StartVa = (PUCHAR)VirtualAddress - mdl->ByteOffset;
    mdl->ByteCount = Length;
    chs_own(resource, mdl, CHS_MDL, File, Line);
    return mdl;
}

VOID NdisFreeMdl(PMDL Mdl)
{
    struct chs_resource *resource = chs_find(Mdl, CHS_MDL);

    if (!resource || !resource->before) {
        chs_complain("NdisFreeMdl is passed what the driver never allocated, or freed before");
        return;
    }
    if (resource->known.given) {
        chs_complain("NdisFreeMdl is passed an MDL that the host still holds");
        return;
    }
    chs_disown(resource);
    free(Mdl);
    free(resource);
}

/* The plain functions, for objects that were built without the macros. */

NDIS_HANDLE NdisAllocateNetBufferListPool(NDIS_HANDLE NdisHandle, PNET_BUFFER_LIST_POOL_PARAMETERS Parameters)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    return ChsAllocateNetBufferListPool(Parameters, NULL, 0);
}

NDIS_HANDLE NdisAllocateNetBufferPool(NDIS_HANDLE NdisHandle, PNET_BUFFER_POOL_PARAMETERS Parameters)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    return ChsAllocateNetBufferPool(Parameters, NULL, 0);
}

PNET_BUFFER_LIST NdisAllocateNetBufferAndNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
                                                       USHORT ContextBackFill, PMDL MdlChain, ULONG DataOffset,
                                                       SIZE_T DataLength)
{
    UNREFERENCED_PARAMETER(ContextSize);
    UNREFERENCED_PARAMETER(ContextBackFill);
    return ChsAllocateNetBufferAndNetBufferList(PoolHandle, MdlChain, DataOffset, DataLength, NULL, 0);
}

PNET_BUFFER_LIST NdisAllocateNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize, USHORT ContextBackFill)
{
    UNREFERENCED_PARAMETER(ContextSize);
    UNREFERENCED_PARAMETER(ContextBackFill);
    return ChsAllocateNetBufferList(PoolHandle, NULL, 0);
}

PNET_BUFFER NdisAllocateNetBuffer(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset, SIZE_T DataLength)
{
    return ChsAllocateNetBuffer(PoolHandle, MdlChain, DataOffset, DataLength, NULL, 0);
}

PMDL NdisAllocateMdl(PVOID NdisHandle, PVOID VirtualAddress, UINT Length)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    return ChsAllocateMdl(VirtualAddress, Length, NULL, 0);
}
