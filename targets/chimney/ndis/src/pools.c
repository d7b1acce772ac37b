/* The driver's own NET_BUFFER_LISTs, NET_BUFFERs and MDLs: each is memory of its own, so that stray touches show. */
#include "lent.h"

#include <stdlib.h>

static NDIS_HANDLE make_pool(bool parameters, bool buffers, const char *name)
{
    struct chs_pool *pool;

    if (!parameters) {
        chs_complain("%s is called without parameters", name);
        return NULL;
    }
    if (chs_refuses())
        return NULL;
    pool = calloc(1, sizeof(*pool));
    pool->buffers = buffers;
    chs_own(&pool->resource, pool, CHS_POOL);
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

NDIS_HANDLE NdisAllocateNetBufferListPool(NDIS_HANDLE NdisHandle, PNET_BUFFER_LIST_POOL_PARAMETERS Parameters)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    return make_pool(Parameters != NULL, Parameters && Parameters->fAllocateNetBuffer, "NdisAllocateNetBufferListPool");
}

NDIS_HANDLE NdisAllocateNetBufferPool(NDIS_HANDLE NdisHandle, PNET_BUFFER_POOL_PARAMETERS Parameters)
{
    UNREFERENCED_PARAMETER(NdisHandle);
    return make_pool(Parameters != NULL, true, "NdisAllocateNetBufferPool");
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

static PNET_BUFFER make_buffer(struct chs_pool *pool, PMDL chain, ULONG offset, SIZE_T length)
{
    PNET_BUFFER nb = aligned_alloc(MEMORY_ALLOCATION_ALIGNMENT, sizeof(*nb));
    struct chs_buffer *record = calloc(1, sizeof(*record));

    memset(nb, 0, sizeof(*nb));
    nb->NdisPoolHandle = pool;
    place_data(nb, chain, offset, length);
    record->nb = nb;
    record->pool = pool;
    pool->out++;
    chs_own(&record->resource, nb, CHS_NET_BUFFER);
    return nb;
}

static void free_buffer(struct chs_buffer *record)
{
    record->pool->out--;
    chs_disown(&record->resource);
    free(record->nb);
    free(record);
}

PNET_BUFFER NdisAllocateNetBuffer(NDIS_HANDLE PoolHandle, PMDL MdlChain, ULONG DataOffset, SIZE_T DataLength)
{
    struct chs_pool *pool = pool_of(PoolHandle, "NdisAllocateNetBuffer");

    return pool && !chs_refuses() ? make_buffer(pool, MdlChain, DataOffset, DataLength) : NULL;
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

static void whole_units(USHORT size, USHORT back_fill)
{
    if (size % MEMORY_ALLOCATION_ALIGNMENT || back_fill % MEMORY_ALLOCATION_ALIGNMENT)
        chs_complain("a NET_BUFFER_LIST is to have %u bytes of context and %u before them; both are multiples of "
                     "MEMORY_ALLOCATION_ALIGNMENT, %d",
                     size, back_fill, MEMORY_ALLOCATION_ALIGNMENT);
}

/* Room for drivers in front of what is there already, or a block of its own. */
NDIS_STATUS NdisAllocateNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize,
                                             USHORT ContextBackFill, ULONG PoolTag)
{
    PNET_BUFFER_LIST_CONTEXT context = NetBufferList->Context;

    UNREFERENCED_PARAMETER(PoolTag);
    whole_units(ContextSize, ContextBackFill);
    if (context && context->Offset >= ContextSize) {
        context->Offset = (USHORT)(context->Offset - ContextSize);
        context->Size = (USHORT)(context->Size + ContextSize);
        return NDIS_STATUS_SUCCESS;
    }
    context = calloc(1, sizeof(*context) + ContextSize + ContextBackFill);
    context->Next = NetBufferList->Context;
    context->Size = ContextSize;
    context->Offset = ContextBackFill;
    NetBufferList->Context = context;
    return NDIS_STATUS_SUCCESS;
}

VOID NdisFreeNetBufferListContext(PNET_BUFFER_LIST NetBufferList, USHORT ContextSize)
{
    PNET_BUFFER_LIST_CONTEXT context = NetBufferList->Context;

    if (!context || context->Size < ContextSize) {
        chs_complain("NdisFreeNetBufferListContext frees %u bytes of context; the NET_BUFFER_LIST has %u", ContextSize,
                     context ? context->Size : 0u);
        return;
    }
    context->Offset = (USHORT)(context->Offset + ContextSize);
    context->Size = (USHORT)(context->Size - ContextSize);
    if (!context->Size) {
        NetBufferList->Context = context->Next;
        free(context);
    }
}

PNET_BUFFER_LIST NdisAllocateNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize, USHORT ContextBackFill)
{
    struct chs_pool *pool = pool_of(PoolHandle, "NdisAllocateNetBufferList");
    struct chs_list *list;

    if (!pool || chs_refuses())
        return NULL;
    list = calloc(1, sizeof(*list));
    list->nbl = aligned_alloc(MEMORY_ALLOCATION_ALIGNMENT, sizeof(*list->nbl));
    memset(list->nbl, 0, sizeof(*list->nbl));
    list->nbl->NdisPoolHandle = pool;
    list->use = CHS_DRIVERS;
    list->pool = pool;
    pool->out++;
    chs_own(&list->resource, list->nbl, CHS_LIST);
    whole_units(ContextSize, ContextBackFill);
    if (ContextSize)
        NdisAllocateNetBufferListContext(list->nbl, ContextSize, ContextBackFill, 0);
    return list->nbl;
}

PNET_BUFFER_LIST NdisAllocateNetBufferAndNetBufferList(NDIS_HANDLE PoolHandle, USHORT ContextSize,
                                                       USHORT ContextBackFill, PMDL MdlChain, ULONG DataOffset,
                                                       SIZE_T DataLength)
{
    PNET_BUFFER_LIST nbl = NdisAllocateNetBufferList(PoolHandle, ContextSize, ContextBackFill);
    struct chs_list *list;

    if (!nbl)
        return NULL;
    list = chs_find(nbl, CHS_LIST);
    if (!list->pool->buffers)
        chs_complain("NdisAllocateNetBufferAndNetBufferList is passed a pool that was made without fAllocateNetBuffer");
    list->own = make_buffer(list->pool, MdlChain, DataOffset, DataLength);
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
        chs_frees_lent(NetBufferList, sizeof(*NetBufferList),
                       "NdisFreeNetBufferList is passed a NET_BUFFER_LIST that the host still holds");
        return;
    }
    if (list->own)
        free_buffer(chs_find(list->own, CHS_NET_BUFFER));
    list->pool->out--;
    chs_disown(&list->resource);
    while (list->nbl->Context)
        NdisFreeNetBufferListContext(list->nbl, list->nbl->Context->Size);
    free(list->areas);
    free(list->nbl);
    free(list);
}

PMDL NdisAllocateMdl(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, UINT Length)
{
    struct chs_resource *resource;
    PMDL mdl;

    UNREFERENCED_PARAMETER(NdisHandle);
    if (chs_refuses())
        return NULL;
    resource = calloc(1, sizeof(*resource));
    mdl = calloc(1, sizeof(*mdl));
    MmInitializeMdl(mdl, VirtualAddress, Length);
    chs_own(resource, mdl, CHS_MDL);
    return mdl;
}

PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp)
{
    UNREFERENCED_PARAMETER(SecondaryBuffer);
    UNREFERENCED_PARAMETER(ChargeQuota);
    UNREFERENCED_PARAMETER(Irp);
    return NdisAllocateMdl(NULL, VirtualAddress, Length);
}

VOID MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList)
{
    UNREFERENCED_PARAMETER(MemoryDescriptorList);
}

PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID BaseAddress)
{
    PHYSICAL_ADDRESS address = {.QuadPart = (LONGLONG)(ULONG_PTR)BaseAddress};

    return address;
}

VOID IoFreeMdl(PMDL Mdl)
{
    NdisFreeMdl(Mdl);
}

VOID NdisFreeMdl(PMDL Mdl)
{
    struct chs_resource *resource = chs_find(Mdl, CHS_MDL);

    if (!resource || !resource->before) {
        chs_complain("NdisFreeMdl is passed what the driver never allocated, or freed before");
        return;
    }
    if (resource->known.given) {
        chs_frees_lent(Mdl, sizeof(*Mdl), "NdisFreeMdl is passed an MDL that the host still holds");
        return;
    }
    chs_disown(resource);
    free(Mdl);
    free(resource);
}
