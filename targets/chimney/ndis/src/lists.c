/* Reading NET_BUFFER_LISTs, and passing them to and fro between the driver and the host. */
#include "harness.h"

#include <stdlib.h>

#define AREAS_AT_ONCE 16
#define MOST_BUFFERS 1000 /* NET_BUFFERs of a list, MDLs of a NET_BUFFER: more is a circle */

static unsigned visit;
static struct chs_list *given;

const char *chs_use_name(enum chs_use use)
{
    static const char *const names[] = {"one of the driver's NET_BUFFER_LISTs", "a send NET_BUFFER_LIST",
                                        "a receive request's NET_BUFFER_LIST",  "a disconnect's NET_BUFFER_LIST",
                                        "a forwarded NET_BUFFER_LIST",          "a received frame"};

    return names[use];
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The next byte run of the data; complains where the chain ends or leads astray. */
static bool run(PMDL *mdl, ULONG *skip, PUCHAR *start, ULONG *size)
{
    while (*mdl) {
        if (!chs_find(*mdl, CHS_MDL)) {
            chs_complain("the MDL chain of a NET_BUFFER leads to what is no MDL, or was freed before");
            return false;
        }
        if (*skip < (*mdl)->ByteCount) {
            *start = (PUCHAR)(*mdl)->MappedSystemVa + *skip;
            *size = (*mdl)->ByteCount - *skip;
            *skip = 0;
            *mdl = (*mdl)->Next;
            return true;
        }
        *skip -= (*mdl)->ByteCount;
        *mdl = (*mdl)->Next;
    }
    chs_complain("a NET_BUFFER has a larger DataLength than its MDLs have bytes");
    return false;
}

static bool gather(PMDL mdl, ULONG skip, UCHAR *to, SIZE_T size, bool ours)
{
    PUCHAR start;
    ULONG length;

    while (size) {
        if (!run(&mdl, &skip, &start, &length))
            return false;
        if (length > size)
            length = (ULONG)size;
        if (ours)
            chs_copy(to, start, length);
        else
            memcpy(to, start, length); /* AddressSanitizer sees to it that the driver's memory is still there */
        to += length;
        size -= length;
    }
    return true;
}

bool chs_gather(PNET_BUFFER nb, UCHAR *to, SIZE_T size)
{
    return gather(nb->CurrentMdl, nb->CurrentMdlOffset, to, size, false);
}

/* Whether the data start of a list of the host's is what NdisAdvanceNetBufferDataStart would have made of it. */
static void check_data_start(struct chs_list *list)
{
    PNET_BUFFER nb = list->own;
    PMDL mdl = list->mdls[0];
    ULONG left = nb->DataOffset;
    bool straight = list->nbl->FirstNetBuffer == nb && nb->MdlChain == mdl &&
                    nb->DataOffset + nb->DataLength == list->offset + list->length;

    while (mdl && mdl != nb->CurrentMdl && left >= mdl->ByteCount) {
        left -= mdl->ByteCount;
        mdl = mdl->Next;
    }
    straight = straight && mdl == nb->CurrentMdl && left == nb->CurrentMdlOffset;
    if (!straight && !list->crooked)
        chs_complain("%s comes back with a data start that makes no sense (DataOffset %u, DataLength %u, "
                     "CurrentMdlOffset %u); NdisAdvanceNetBufferDataStart moves all of them",
                     chs_use_name(list->use), nb->DataOffset, nb->DataLength, nb->CurrentMdlOffset);
    list->crooked = !straight;
}

/* Bytes of used data in a list of the driver's; NET_BUFFERs that are none end it. */
static SIZE_T data_of_drivers(struct chs_list *list)
{
    SIZE_T total = 0;
    PNET_BUFFER nb = list->nbl->FirstNetBuffer;
    int count = 0;

    for (; nb && count < MOST_BUFFERS && chs_find(nb, CHS_NET_BUFFER); nb = nb->Next, count++)
        total += nb->DataLength;
    return total;
}

static bool altered(struct chs_list *list)
{
    SIZE_T at = 0;
    int piece;

    if (!list->original)
        return false;
    for (piece = 0; piece < list->pieces; piece++) {
        PMDL mdl = list->mdls[piece];
        ULONG k;

        for (k = 0; k < mdl->ByteCount; k++, at++)
            if (at >= list->offset && at < list->offset + list->length &&
                ((UCHAR *)mdl->MappedSystemVa)[k] != list->original[at - list->offset])
                return true;
    }
    return false;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void put_row(struct chs_list *list, int64_t start, SIZE_T size, bool was_altered)
{
    PNET_BUFFER_LIST nbl = list->nbl;

    chs_word((int64_t)(uintptr_t)nbl);
    chs_word((uint32_t)nbl->Status);
    chs_word((int64_t)(uintptr_t)NET_BUFFER_LIST_INFO(nbl, TcpOffloadBytesTransferred));
    chs_word(chs_told(nbl->Next, CHS_LIST));
    chs_word(start);
    chs_word((int64_t)size);
    chs_word(was_altered);
}

/* The data follows the words, so a complaint about it would mix with them: it is looked at before. */
static void put_hosts(struct chs_list *list, bool with_data)
{
    bool was_altered = altered(list);
    bool data = with_data && (list->use == CHS_RECEIVE || was_altered);

    put_row(list, (int64_t)list->own->DataOffset - list->offset, data ? list->length : 0, was_altered);
    if (data)
        gather(list->mdls[0], list->offset, (UCHAR *)chs_bytes(list->length), list->length, true);
}

static void put_drivers(struct chs_list *list, bool with_data)
{
    SIZE_T size = with_data ? data_of_drivers(list) : 0;
    PNET_BUFFER nb = list->nbl->FirstNetBuffer;

    put_row(list, 0, size, false);
    while (size) {
        gather(nb->CurrentMdl, nb->CurrentMdlOffset, (UCHAR *)chs_bytes(nb->DataLength), nb->DataLength,
               list->resource.known.given);
        size -= nb->DataLength;
        nb = nb->Next;
    }
}

/* Whether all structures of a list of the driver's are what they should be, and the MDLs hold the data. */
static bool sound(struct chs_list *list)
{
    PNET_BUFFER nb = list->nbl->FirstNetBuffer;
    int count = 0;

    for (; nb && count < MOST_BUFFERS; nb = nb->Next, count++) {
        ULONG skip, rest, length;
        PUCHAR start;
        PMDL mdl;

        if (!chs_find(nb, CHS_NET_BUFFER)) {
            chs_complain("a NET_BUFFER_LIST leads to what is no NET_BUFFER, or was freed before");
            return false;
        }
        mdl = nb->CurrentMdl;
        skip = nb->CurrentMdlOffset;
        for (rest = nb->DataLength; rest; rest -= min(rest, length))
            if (!run(&mdl, &skip, &start, &length))
                return false;
    }
    if (nb)
        chs_complain("the NET_BUFFERs of a NET_BUFFER_LIST run in a circle");
    return !nb;
}

void chs_new_visit(void)
{
    visit++;
}

static struct chs_list *unvisited(PNET_BUFFER_LIST nbl)
{
    struct chs_list *list = nbl ? chs_find(nbl, CHS_LIST) : NULL;

    return list && list->visit != visit ? list : NULL;
}

void chs_put_reachable(PNET_BUFFER_LIST first, bool with_data)
{
    struct chs_list *list;

    while ((list = unvisited(first))) {
        list->visit = visit;
        if (list->use != CHS_DRIVERS)
            put_hosts(list, with_data);
        else
            put_drivers(list, with_data && !list->crooked);
        first = list->nbl->Next;
    }
}

/* Complaints come before the telling begins, since each begins anew. */
void chs_look_over(PNET_BUFFER_LIST first)
{
    struct chs_list *list;

    while ((list = unvisited(first))) {
        list->visit = visit;
        if (list->use != CHS_DRIVERS)
            check_data_start(list);
        else
            list->crooked = !sound(list);
        first = list->nbl->Next;
    }
}

void chs_put_lists(PNET_BUFFER_LIST first, bool with_data)
{
    chs_word(chs_told(first, CHS_LIST));
    chs_new_visit();
    chs_put_reachable(first, with_data);
}

/* ---- changing hands ------------------------------------------------------------------------- */

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

/* The structures and the data: all of a list that the host made, the used data of the driver's. */
void chs_give_away(struct chs_list *list)
{
    PNET_BUFFER nb = list->use == CHS_DRIVERS ? list->nbl->FirstNetBuffer : list->own;
    int k;

    if (list->resource.known.given)
        return;
    list->resource.known.given = true;
    list->area_count = 0;
    add_area(list, list->nbl, sizeof(*list->nbl));
    for (k = 0; nb && k < MOST_BUFFERS && chs_find(nb, CHS_NET_BUFFER); nb = nb->Next, k++) {
        add_area(list, nb, sizeof(*nb));
        mark(nb, CHS_NET_BUFFER, true);
        add_mdls(list, nb);
    }
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
    while ((list = unvisited(first))) {
        list->visit = visit;
        first = list->nbl->Next;
        if (list->use == use)
            chs_give_away(list);
    }
}

void chs_take_back(struct chs_list *list)
{
    struct chs_list **link = &given;
    int k;

    if (!list->resource.known.given)
        return;
    list->resource.known.given = false;
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

void chs_check_lent(const void *start, SIZE_T size)
{
    const UCHAR *from = start;
    struct chs_list *list;
    int k;

    for (list = given; list; list = list->older_given)
        for (k = 0; list->use == CHS_DRIVERS && k < list->area_count; k++)
            if (list->areas[k].start < from + size && from < list->areas[k].start + list->areas[k].size) {
                chs_say(CHS_TOUCHED, "the driver frees received data that the host still holds");
                return;
            }
}

void chs_forget_given(void)
{
    while (given)
        chs_take_back(given);
}
