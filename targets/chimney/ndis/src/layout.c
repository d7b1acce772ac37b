/* How the data of the host's lists lies in memory, for whoever is told a run step by step. */
#include "harness.h"

static bool wanted;

void chs_tell_layouts(int32_t tell)
{
    wanted = tell != 0;
}

static void put_part(const struct chs_part *part)
{
    ULONG skip = part->offset, left = part->length;
    int piece;

    chs_word(part->pieces);
    for (piece = 0; piece < part->pieces; piece++) {
        ULONG size = part->mdls[piece]->ByteCount, before = min(skip, size), used = min(left, size - before);

        chs_word(used);
        skip -= before;
        left -= used;
    }
}

void chs_tell_layout(PNET_BUFFER_LIST first)
{
    int n;

    if (!wanted)
        return;
    chs_begin();
    for (; first; first = first->Next) {
        const struct chs_list *list = chs_find(first, CHS_LIST);

        chs_word(list->part_count);
        for (n = 0; n < list->part_count; n++)
            put_part(&list->parts[n]);
    }
    chs_tell(CHS_LAID_OUT);
}
