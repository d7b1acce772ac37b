/* NET_BUFFER_LISTs that change hands between the driver and the host: whoever gave one away may not touch it. */
#include "lent.h"

#include <stdlib.h>

#define AREAS_AT_ONCE 16

static struct chs_list *given;


static void add_area(struct chs_list *list, void *start, SIZE_T size)
{
    if (list->area_count % AREAS_AT_ONCE == 0)
        list->areas = realloc(list->areas, (SIZE_T)(list->area_count + AREAS_AT_ONCE) * sizeof(*list->areas));
    list->areas[list->area_count++] = (struct chs_area){start, size};
}

static void mark(const void *address, enum chs_kind kind, bool is_given)
{
    struct chs_known *known = chs_find(address, kind);

    if (known)
        known->given = is_given;
}

static void add_mdls(struct chs_list *list, PNET_BUFFER nb)
{
    PMDL mdl = nb->MdlChain;
    bool whole = list->use != CHS_DRIVERS;
    ULONG skip = whole ? 0 : nb->DataOffset, left = nb->DataLength;

    for (; mdl && chs_find(mdl, CHS_MDL); mdl = mdl->Next) {
        ULONG start = min(skip, mdl->ByteCount);
        ULONG size = whole ? mdl->ByteCount : min(left, mdl->ByteCount - start);

        add_area(list, mdl, sizeof(*mdl));
        mark(mdl, CHS_MDL, true);
        if (size)
            add_area(list, (PUCHAR)mdl->MappedSystemVa + start, size);
        skip -= start;
        left -= whole ? 0 : size;
    }
}

static uint64_t seal(const struct chs_list *list)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    int k;

    for (k = 0; k < list->area_count; k++)
        hash = chs_hash(hash, list->areas[k].start, list->areas[k].size);
    return hash;
}

static void add_buffer(struct chs_list *list, PNET_BUFFER nb)
{
    add_area(list, nb, sizeof(*nb));
    mark(nb, CHS_NET_BUFFER, true);
    add_mdls(list, nb);
}

/* The structures and the data: all of a list that the host made, the used data of the driver's. */
void chs_give_away(struct chs_list *list)
{
    PNET_BUFFER nb = list->use == CHS_DRIVERS ? list->nbl->FirstNetBuffer : NULL;
    int k;

    if (list->resource.known.given)
        return;
    list->resource.known.given = true;
    list->area_count = 0;
    add_area(list, list->nbl, sizeof(*list->nbl));
    for (k = 0; k < list->part_count; k++)
        add_buffer(list, list->parts[k].nb);
    for (k = 0; nb && k < CHS_MOST_BUFFERS && chs_find(nb, CHS_NET_BUFFER); nb = nb->Next, k++)
        add_buffer(list, nb);
    list->older_given = given;
    given = list;
    if (!chs_sanitized())
        list->seal = seal(list);
    for (k = 0; k < list->area_count; k++)
        chs_poison(&list->areas[k]);
}

void chs_give_chain(PNET_BUFFER_LIST first, enum chs_use use)
{
    struct chs_list *list;

    chs_new_visit();
    while ((list = chs_unvisited(first))) {
        first = list->nbl->Next;
        if (list->use == use)
            chs_give_away(list);
    }
}

void chs_lend(struct chs_list *list, struct chs_handle *lender)
{
    chs_give_away(list);
    list->lender = lender;
}

void chs_take_back(struct chs_list *list)
{
    struct chs_list **link = &given;
    int k;

    if (!list->resource.known.given)
        return;
    list->resource.known.given = false;
    list->lender = NULL;
    while (*link != list)
        link = &(*link)->older_given;
    *link = list->older_given;
    for (k = 0; k < list->area_count; k++) {
        chs_unpoison(&list->areas[k]);
        mark(list->areas[k].start, CHS_NET_BUFFER, false);
        mark(list->areas[k].start, CHS_MDL, false);
    }
}

void chs_check_given(int most)
{
    struct chs_list *list;

    for (list = chs_sanitized() ? NULL : given; list && most--; list = list->older_given) {
        uint64_t now = seal(list);

        if (now != list->seal)
            chs_say(CHS_TOUCHED, "the driver writes into %s after it gave it away", chs_use_name(list->use));
        list->seal = now;
    }
}

/* The list of the driver's that the host holds, with something in this memory. */
static struct chs_list *lent(const UCHAR *from, SIZE_T size)
{
    struct chs_list *list;
    int k;

    for (list = given; list; list = list->older_given)
        for (k = 0; list->use == CHS_DRIVERS && k < list->area_count; k++)
            if (list->areas[k].start < from + size && from < list->areas[k].start + list->areas[k].size)
                return list;
    return NULL;
}

void chs_frees_lent(const void *start, SIZE_T size, const char *says)
{
    struct chs_list *list = lent(start, size);

    if (list && list->lender && chs_is_back(list->lender))
        chs_tell_freed(list->lender);
    else if (says)
        chs_complain("%s", says);
    else if (list)
        chs_say(CHS_TOUCHED, "the driver frees received data that the host still holds");
}

void chs_return_lent(void)
{
    struct chs_list *list = given;
    int64_t lent_list;

    while (list && list->use != CHS_DRIVERS)
        list = list->older_given;
    if (!list)
        return;
    lent_list = (int64_t)(uintptr_t)list->nbl;
    chs_return(1, &lent_list);
    chs_return_lent();
}

bool chs_lends(const struct chs_handle *handle)
{
    const struct chs_list *list;

    for (list = given; list; list = list->older_given)
        if (list->lender == handle)
            return true;
    return false;
}

void chs_forget_given(void)
{
    while (given)
        chs_take_back(given);
}
