/* Received data that the host holds, and what was handed back. */
#include "lent.h"

void chs_lend_chain(PNET_BUFFER_LIST first, struct chs_handle *lender)
{
    struct chs_list *list;

    chs_new_visit();
    while ((list = chs_unvisited(first))) {
        first = list->nbl->Next;
        if (list->use == CHS_DRIVERS)
            chs_lend(list, lender);
    }
}

static bool is_back(const struct chs_block *block)
{
    return block->purpose == CHS_TERMINATE && block->image;
}

bool chs_came_back(PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    return is_back(chs_find(list, CHS_BLOCK));
}

bool chs_is_back(const struct chs_handle *handle)
{
    const struct chs_block *block = chs_blocks();

    while (block && !(is_back(block) && block->list->MiniportOffloadContext == handle->location))
        block = block->older;
    return block != NULL;
}
