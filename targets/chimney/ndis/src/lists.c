/* Reading NET_BUFFER_LISTs: whether they are sound, and what they hold. */
#include "harness.h"

static unsigned visit;

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

/* Whether DataOffset bytes from the start of the MDLs lead to where the used data is said to begin. */
static bool leads_to_data(PNET_BUFFER nb)
{
    PMDL mdl = nb->MdlChain;
    ULONG left = nb->DataOffset;

    while (mdl && mdl != nb->CurrentMdl && left >= mdl->ByteCount && chs_find(mdl, CHS_MDL)) {
        left -= mdl->ByteCount;
        mdl = mdl->Next;
    }
    return mdl == nb->CurrentMdl && left == nb->CurrentMdlOffset;
}

static void complain_of_start(struct chs_list *list, PNET_BUFFER nb, const char *comes)
{
    chs_complain("%s %s with a data start that makes no sense (DataOffset %u, DataLength %u, CurrentMdlOffset %u); "
                 "NdisAdvanceNetBufferDataStart moves all of them",
                 chs_use_name(list->use), comes, nb->DataOffset, nb->DataLength, nb->CurrentMdlOffset);
}

/* Whether the data start of a part of the host's is what NdisAdvanceNetBufferDataStart would have made of it. */
static bool straight(const struct chs_part *part, PNET_BUFFER following)
{
    PNET_BUFFER nb = part->nb;

    return nb->Next == following && nb->MdlChain == part->mdls[0] &&
           nb->DataOffset + nb->DataLength == part->offset + part->length && leads_to_data(nb);
}

/* The data of a list of the host's is advanced over from its first NET_BUFFER on. */
static void check_data_start(struct chs_list *list)
{
    PNET_BUFFER crooked = NULL;
    bool left = false;
    int n;

    for (n = 0; n < list->part_count && !crooked; n++) {
        struct chs_part *part = &list->parts[n];

        if (!straight(part, n + 1 < list->part_count ? list->parts[n + 1].nb : NULL) ||
            (left && part->nb->DataOffset != part->offset))
            crooked = part->nb;
        left = left || part->nb->DataLength;
    }
    if (list->nbl->FirstNetBuffer != list->parts[0].nb)
        crooked = list->parts[0].nb;
    if (crooked && !list->crooked)
        complain_of_start(list, crooked, "comes back");
    list->crooked = crooked != NULL;
}

/* Bytes of used data in a list of the driver's; NET_BUFFERs that are none end it. */
static SIZE_T data_of_drivers(struct chs_list *list)
{
    SIZE_T total = 0;
    PNET_BUFFER nb = list->nbl->FirstNetBuffer;
    int count = 0;

    for (; nb && count < CHS_MOST_BUFFERS && chs_find(nb, CHS_NET_BUFFER); nb = nb->Next, count++)
        total += nb->DataLength;
    return total;
}

static bool part_altered(const struct chs_part *part, const UCHAR *original)
{
    SIZE_T at = 0;
    int piece;

    for (piece = 0; piece < part->pieces; piece++) {
        PMDL mdl = part->mdls[piece];
        ULONG k;

        for (k = 0; k < mdl->ByteCount; k++, at++)
            if (at >= part->offset && at < part->offset + part->length &&
                ((UCHAR *)mdl->MappedSystemVa)[k] != original[at - part->offset])
                return true;
    }
    return false;
}

static bool altered(struct chs_list *list)
{
    const UCHAR *original = list->original;
    int n;

    for (n = 0; original && n < list->part_count; n++) {
        if (part_altered(&list->parts[n], original))
            return true;
        original += list->parts[n].length;
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
    int64_t moved = 0;
    int n;

    for (n = 0; n < list->part_count; n++)
        moved += (int64_t)list->parts[n].nb->DataOffset - list->parts[n].offset;
    put_row(list, moved, data ? list->length : 0, was_altered);
    for (n = 0; data && n < list->part_count; n++) {
        struct chs_part *part = &list->parts[n];

        gather(part->mdls[0], part->offset, (UCHAR *)chs_bytes(part->length), part->length, true);
    }
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

    for (; nb && count < CHS_MOST_BUFFERS; nb = nb->Next, count++) {
        ULONG skip, rest, length;
        PUCHAR start;
        PMDL mdl;

        if (!chs_find(nb, CHS_NET_BUFFER)) {
            chs_complain("a NET_BUFFER_LIST leads to what is no NET_BUFFER, or was freed before");
            return false;
        }
        if (!leads_to_data(nb)) {
            complain_of_start(list, nb, "comes");
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

struct chs_list *chs_unvisited(PNET_BUFFER_LIST nbl)
{
    struct chs_list *list = nbl ? chs_find(nbl, CHS_LIST) : NULL;

    if (!list || list->visit == visit)
        return NULL;
    list->visit = visit;
    return list;
}

void chs_put_reachable(PNET_BUFFER_LIST first, bool with_data)
{
    struct chs_list *list;

    while ((list = chs_unvisited(first))) {
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

    while ((list = chs_unvisited(first))) {
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
