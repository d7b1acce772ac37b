/*
 * All that the driver remembers, in brief: its data, what it took from NDIS, and what of the host's it points to.
 * Objects are told apart by the order in which they are found, from the driver's data on; a word that holds the
 * address of one is told as that object and a place in it. A number that looks like an address by chance is told
 * so, too. A pointer to what was freed is told apart from others of its kind where nothing is used twice (see
 * arena.c); elsewhere it is told as the number that it is, and states with one may be told apart that are the same.
 */
#include "harness.h"

#include <stdlib.h>

#define NEAR (1 << 28) /* the library's own addresses lie so close to each other */

extern char chs_first_data[], chs_first_bss[], chs_last_data[], chs_last_bss[];
extern char chs_drivers_memory[] __attribute__((weak)); /* the linker is told so if NDIS knows all of it, */
extern char chs_drivers_time[] __attribute__((weak));   /* and if it asks for the time, or waits for it */

struct object {
    const UCHAR *start;
    SIZE_T size, told; /* the first bytes are told */
    bool mdl;
    int number; /* -1: not found yet */
};

static struct {
    struct object *items, **found;
    int count, room, numbered;
} objects;

#define MOST_STALE 64

static struct {
    uint64_t items[MOST_STALE]; /* pointers to what was freed, in the order in which they are found */
    int count;
} stale;

static uint64_t hashes[2];

static void put(uint64_t word)
{
    hashes[0] = (hashes[0] ^ word) * 0x9e3779b97f4a7c15ull;
    hashes[0] ^= hashes[0] >> 29;
    hashes[1] = (hashes[1] ^ word) * 0xbf58476d1ce4e5b9ull;
    hashes[1] ^= hashes[1] >> 32;
}

/* ---- which objects there are ---------------------------------------------------------------- */

static void add(const void *start, SIZE_T size, SIZE_T told)
{
    if (objects.count == objects.room) {
        objects.room = 2 * objects.room + 256;
        objects.items = realloc(objects.items, (SIZE_T)objects.room * sizeof(*objects.items));
        objects.found = realloc(objects.found, (SIZE_T)objects.room * sizeof(*objects.found));
    }
    objects.items[objects.count++] = (struct object){start, size ? size : 1, told, false, -1};
}

static void add_known(struct chs_known *known)
{
    const struct chs_handle *handle = (const void *)known;
    const MDL *mdl = known->address;
    PNET_BUFFER_LIST_CONTEXT context;
    SIZE_T size;

    switch (known->kind) {
    case CHS_MEMORY:
        size = ((struct chs_resource *)known)->size;
        add(known->address, size, size);
        break;
    case CHS_LIST:
        add(known->address, sizeof(NET_BUFFER_LIST), sizeof(NET_BUFFER_LIST));
        for (context = ((PNET_BUFFER_LIST)known->address)->Context; context; context = context->Next) {
            size = sizeof(*context) + context->Size + context->Offset;
            add(context, size, size);
        }
        break;
    case CHS_NET_BUFFER:
        add(known->address, sizeof(NET_BUFFER), sizeof(NET_BUFFER));
        break;
    case CHS_MDL:
        add(mdl, sizeof(*mdl), sizeof(*mdl));
        objects.items[objects.count - 1].mdl = true;
        if (!((struct chs_resource *)known)->before) /* of the host's: the bytes are its own, too */
            add(mdl->MappedSystemVa, mdl->ByteCount, mdl->ByteCount);
        break;
    case CHS_BLOCK:
        size = ((struct chs_block *)known)->size;
        add(known->address, size, size);
        break;
    case CHS_HANDLE:
        add(known->address, sizeof(handle->handle), 0);
        add(handle->location, sizeof(PVOID), handle->freed ? 0 : sizeof(PVOID)); /* then nobody follows it */
        break;
    default:
        add(known->address, 1, 0);
    }
}

static int by_address(const void *left, const void *right)
{
    const UCHAR *a = ((const struct object *)left)->start, *b = ((const struct object *)right)->start;

    return (a > b) - (a < b);
}

static struct object *at(const void *address)
{
    const UCHAR *place = address;
    int low = 0, high = objects.count;

    while (low < high) {
        int middle = (low + high) / 2;

        if (objects.items[middle].start <= place)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low || place >= objects.items[low - 1].start + objects.items[low - 1].size)
        return NULL;
    return &objects.items[low - 1];
}

/* ---- telling them ---------------------------------------------------------------------------- */

static void put_stale(uint64_t word)
{
    int k = 0;

    while (k < stale.count && stale.items[k] != word)
        k++;
    if (k < MOST_STALE)
        stale.items[k] = word;
    if (k == stale.count && k < MOST_STALE)
        stale.count++;
    put(k < MOST_STALE ? ~(uint64_t)k : word);
}

static void put_word(uint64_t word)
{
    struct object *object = at((const void *)(uintptr_t)word);
    uint64_t from = word - (uint64_t)(uintptr_t)chs_first_data;

    if (!object && chs_in_arena((const void *)(uintptr_t)word)) {
        put_stale(word);
        return;
    }
    if (!object) {
        put(from + NEAR < 2 * (uint64_t)NEAR ? ~from : word); /* where the library was loaded is chance */
        return;
    }
    if (object->number < 0) {
        object->number = objects.numbered++;
        objects.found[object->number] = object;
    }
    put(((uint64_t)object->number << 32) + (word - (uint64_t)(uintptr_t)object->start) + 1);
}

static void put_bytes(const UCHAR *start, SIZE_T size)
{
    uint64_t word = 0;

    put(size);
    for (; size >= sizeof(word); size -= sizeof(word), start += sizeof(word)) {
        memcpy(&word, start, sizeof(word));
        put_word(word);
    }
    for (; size; size--)
        put(*start++);
}

static void put_found(int from)
{
    for (; from < objects.numbered; from++) {
        const struct object *object = objects.found[from];
        MDL mdl;

        if (object->mdl) { /* where its data lies in a page is chance */
            memcpy(&mdl, object->start, sizeof(mdl));
            mdl.StartVa = NULL;
            mdl.ByteOffset = 0;
        }
        put_bytes(object->mdl ? (UCHAR *)&mdl : object->start, object->told);
    }
}

static void put_handles(void)
{
    struct chs_handle *handle;
    int count = 0, k;

    for (handle = chs_handles(); handle; handle = handle->older)
        count++;
    while (count--) { /* the oldest first */
        for (handle = chs_handles(), k = count; k; k--)
            handle = handle->older;
        put_word((uint64_t)(uintptr_t)&handle->handle);
        put_word((uint64_t)(uintptr_t)handle->location);
        put(handle->freed + 2 * (uint64_t)handle->told + 4 * (uint64_t)handle->untold);
    }
}

/* ---- putting it back ------------------------------------------------------------------------- */

static struct chs_area areas[2] = {{(UCHAR *)chs_first_data, 0}, {(UCHAR *)chs_first_bss, 0}};
static UCHAR *kept[CHS_DATA_KEPT][2];

void chs_keep_data(enum chs_moment moment)
{
    int k;

    areas[0].size = (SIZE_T)(chs_last_data - chs_first_data);
    areas[1].size = (SIZE_T)(chs_last_bss - chs_first_bss);
    for (k = 0; k < 2; k++) {
        kept[moment][k] = realloc(kept[moment][k], areas[k].size);
        chs_copy(kept[moment][k], areas[k].start, areas[k].size);
    }
}

void chs_put_data_back(enum chs_moment moment)
{
    int k;

    for (k = 0; k < 2; k++)
        chs_copy(areas[k].start, kept[moment][k], areas[k].size);
}

int32_t chs_remembered(uint64_t *digest)
{
    struct chs_resource *owned;

    if (!chs_drivers_memory)
        return false;
    objects.count = objects.numbered = stale.count = 0;
    hashes[0] = hashes[1] = 0;
    chs_each_known(add_known);
    qsort(objects.items, (SIZE_T)objects.count, sizeof(*objects.items), by_address);
    put_bytes(areas[0].start, areas[0].size);
    put_bytes(areas[1].start, areas[1].size);
    put_word((uint64_t)(uintptr_t)chs_adapter()->context);
    put_handles();
    if (chs_drivers_time)
        chs_tell_waiting(put_word);
    put_found(0);
    for (owned = chs_owned_after(NULL); owned; owned = chs_owned_after(owned)) {
        int from = objects.numbered;

        put_word((uint64_t)(uintptr_t)owned->known.address); /* found already, or held by nobody but the host */
        put(owned->known.given + 2 * owned->of_adapter + 4 * (uint64_t)owned->known.kind);
        put_found(from);
    }
    digest[0] = hashes[0];
    digest[1] = hashes[1];
    return true;
}

int64_t chs_numbered(int64_t address)
{
    struct object *object = at((const void *)(uintptr_t)address);

    return object ? object->number : -1;
}
