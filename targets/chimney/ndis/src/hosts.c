/*
 * NET_BUFFER_LISTs that the host makes. The data is scattered over several MDLs and begins
 * somewhere inside, that of a send over several NET_BUFFERs, in another way for each list but the
 * same way in every run, so that a driver which only works with data in one piece is found out.
 */
#include "harness.h"

#include <stdlib.h>

#define MOST_HEADROOM 40
#define MOST_SLACK 8

static struct chs_list *lists;
static uint64_t dice;

/* The next of a fixed sequence of numbers below `limit`. */
static ULONG throw(ULONG limit)
{
    uint64_t number = dice += 0x9e3779b97f4a7c15ull;

    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ull;
    number = (number ^ number >> 27) * 0x94d049bb133111ebull;
    return (ULONG)((number ^ number >> 31) % limit);
}

static PMDL make_mdl(SIZE_T size)
{
    struct chs_known *known = calloc(1, sizeof(struct chs_resource));
    PMDL mdl = calloc(1, sizeof(*mdl));
    PUCHAR bytes = malloc(size);

    memset(bytes, 0, size);
    mdl->Size = sizeof(*mdl);
    mdl->MdlFlags = MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED;
    mdl->MappedSystemVa = bytes;
    mdl->ByteOffset = (ULONG)((ULONG_PTR)bytes % PAGE_SIZE);
    mdl->StartVa = bytes - mdl->ByteOffset;
    mdl->ByteCount = (ULONG)size;
    chs_know(known, mdl, CHS_MDL);
    return mdl;
}

/* Now and then MDLs without a byte lie among those with data: at the head, in between, or at the end. */
static void add_empty(struct chs_part *part)
{
    uint64_t others = dice; /* that are drawn as if there were none */
    int more = throw(3) ? 0 : 1 + (int)throw(CHS_MOST_EMPTY);

    for (; more; more--) {
        int at = (int)throw((ULONG)part->pieces + 1);

        memmove(&part->mdls[at + 1], &part->mdls[at], (SIZE_T)(part->pieces - at) * sizeof(part->mdls[0]));
        part->mdls[at] = make_mdl(0);
        part->pieces++;
    }
    dice = others;
}

/* Cuts `total` bytes into pieces of at least one byte; many are of one. */
static void make_mdls(struct chs_part *part, ULONG total)
{
    ULONG left = total;
    int most = (int)min(total, (ULONG)CHS_MOST_PIECES);
    int pieces = 1 + (int)throw((ULONG)most), piece;

    for (piece = 0; piece < pieces; piece++) {
        ULONG after = (ULONG)(pieces - piece - 1);
        ULONG size = !after ? left : throw(3) ? 1 + throw(left - after) : 1;

        part->mdls[piece] = make_mdl(size);
        left -= size;
    }
    part->pieces = pieces;
    add_empty(part);
    for (piece = 1; piece < part->pieces; piece++)
        part->mdls[piece - 1]->Next = part->mdls[piece];
}

static void make_buffer(struct chs_part *part)
{
    struct chs_buffer *record = calloc(1, sizeof(*record));
    PNET_BUFFER nb = aligned_alloc(MEMORY_ALLOCATION_ALIGNMENT, sizeof(*nb));
    ULONG left = part->offset;
    PMDL mdl = part->mdls[0];

    memset(nb, 0, sizeof(*nb));
    memset(nb->MiniportReserved, CHS_PATTERN, sizeof(nb->MiniportReserved));
    nb->MdlChain = mdl;
    nb->DataOffset = part->offset;
    nb->DataLength = part->length;
    while (mdl->Next && left && left >= mdl->ByteCount) { /* so the data may begin at an empty one */
        left -= mdl->ByteCount;
        mdl = mdl->Next;
    }
    nb->CurrentMdl = mdl;
    nb->CurrentMdlOffset = left;
    record->nb = nb;
    chs_know(&record->resource.known, nb, CHS_NET_BUFFER);
    part->nb = nb;
}

static void scatter(struct chs_part *part, const char *data)
{
    ULONG at = 0, skip = part->offset;
    int piece;

    for (piece = 0; piece < part->pieces && at < part->length; piece++) {
        PMDL mdl = part->mdls[piece];
        ULONG start = min(skip, mdl->ByteCount), size = min(mdl->ByteCount - start, part->length - at);

        memcpy((PUCHAR)mdl->MappedSystemVa + start, data + at, size);
        at += size;
        skip -= start;
    }
}

/* How a list is scattered depends on what it is, and not on what was made for other uses before. */
static void shuffle(enum chs_use use, const char *data, SIZE_T length)
{
    struct chs_list *list;

    dice = use;
    for (list = lists; list; list = list->older)
        dice += list->use == use ? CHS_FRAME + 1 : 0;
    dice = chs_hash(dice, data, length);
}

/* The NET_BUFFERs of a list: of a send now and then several, of at least one byte each. */
static void make_parts(struct chs_list *list, const char *data)
{
    int most = list->use == CHS_SEND && throw(2) ? (int)min(list->length, (ULONG)CHS_MOST_PARTS) : 1, n;
    ULONG left = list->length;

    list->part_count = max(most, 1);
    for (n = 0; n < list->part_count; n++) {
        struct chs_part *part = &list->parts[n];
        ULONG after = (ULONG)(list->part_count - n - 1);

        part->length = after ? 1 + throw(left - after) : left;
        part->offset = throw(MOST_HEADROOM);
        if (part->offset % 8 == 0) /* more often than one in forty the data begins with the first MDL */
            part->offset = 0;
        make_mdls(part, part->offset + part->length + throw(MOST_SLACK) + (part->offset + part->length == 0));
        make_buffer(part);
        scatter(part, data + list->length - left);
        left -= part->length;
        if (n)
            list->parts[n - 1].nb->Next = part->nb;
    }
}

struct chs_list *chs_make_list(enum chs_use use, const char *data, SIZE_T length)
{
    struct chs_list *list = calloc(1, sizeof(*list));
    PNET_BUFFER_LIST nbl = aligned_alloc(MEMORY_ALLOCATION_ALIGNMENT, sizeof(*nbl));

    shuffle(use, data, length);
    list->use = use;
    list->nbl = nbl;
    list->length = (ULONG)length;
    make_parts(list, data);
    if (use == CHS_SEND || (use == CHS_DISCONNECT && length)) {
        list->original = malloc(length + 1);
        memcpy(list->original, data, length);
    }
    memset(nbl, 0, sizeof(*nbl));
    memset(nbl->MiniportReserved, CHS_PATTERN, sizeof(nbl->MiniportReserved)); /* from whoever had it before */
    memset(&nbl->Scratch, CHS_PATTERN, sizeof(nbl->Scratch));
    nbl->FirstNetBuffer = list->parts[0].nb;
    nbl->Status = (NDIS_STATUS)CHS_UNWRITTEN;
    chs_know(&list->resource.known, nbl, CHS_LIST);
    list->older = lists;
    lists = list;
    return list;
}

static void put16(UCHAR *to, ULONG number)
{
    to[0] = (UCHAR)(number >> 8);
    to[1] = (UCHAR)number;
}

static void put32(UCHAR *to, ULONG number)
{
    put16(to, number >> 16);
    put16(to + 2, number);
}

/*
 * The first byte of the data is the first of a TCP header (RFC 9293, 3.1). Its window field
 * has no room for what is beyond 65535; SimNicParseFrame knows the whole number.
 */
struct chs_list *chs_make_frame(enum chs_use use, struct chs_ports ports, const SIM_SEGMENT *segment)
{
    enum { HEADER = 20, FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10, URG = 0x20 };
    SIZE_T length = HEADER + segment->PayloadLength;
    UCHAR *bytes = calloc(1, length);
    struct chs_list *list;

    put16(bytes, ports.remote);
    put16(bytes + 2, ports.local);
    put32(bytes + 4, segment->Seq);
    put32(bytes + 8, segment->Ack);
    bytes[12] = HEADER / 4 << 4;
    bytes[13] = (UCHAR)(ACK | (segment->Fin ? FIN : 0) | (segment->Syn ? SYN : 0) | (segment->Rst ? RST : 0) |
                        (segment->Urg ? URG : 0));
    put16(bytes + 14, min(segment->Window, 0xffffu));
    if (segment->Urg)
        put16(bytes + 18, min(segment->PayloadLength, 0xffffu)); /* all of it */
    if (segment->PayloadLength)
        memcpy(bytes + HEADER, segment->Payload, segment->PayloadLength);
    list = chs_make_list(use, (char *)bytes, length);
    list->segment = *segment;
    list->segment.Frame = list->nbl;
    list->original = bytes; /* the segment's payload lies in it */
    list->segment.Payload = bytes + HEADER;
    return list;
}

static void destroy_known(const void *address, enum chs_kind kind)
{
    struct chs_known *known = chs_find(address, kind);

    chs_unknow(known);
    free(known);
}

static void destroy_part(struct chs_part *part)
{
    int piece;

    for (piece = 0; piece < part->pieces; piece++) {
        free(part->mdls[piece]->MappedSystemVa);
        destroy_known(part->mdls[piece], CHS_MDL);
        free(part->mdls[piece]);
    }
    destroy_known(part->nb, CHS_NET_BUFFER);
    free(part->nb);
}

void chs_destroy_list(struct chs_list *list)
{
    struct chs_list **link = &lists;
    int n;

    while (*link != list)
        link = &(*link)->older;
    *link = list->older;
    chs_take_back(list);
    for (n = 0; n < list->part_count; n++)
        destroy_part(&list->parts[n]);
    free(list->nbl);
    free(list->original);
    free(list->areas);
    destroy_known(list->nbl, CHS_LIST);
}

void chs_destroy_hosts_lists(void)
{
    while (lists)
        chs_destroy_list(lists);
}

struct chs_list *chs_hosts_lists(void)
{
    return lists;
}
