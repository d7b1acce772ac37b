/*
 * Data races between two processors: two accesses to the same byte, one of them a write, of which neither was
 * ordered before the other by a lock, an interlocked operation, an event, a DPC, or the host. The compiler calls a
 * function of AddressSanitizer's for each access of the driver's (see native/compiler.py); ours take note of it,
 * and call that. What runs in a schedule need not collide in it: the clocks tell that it could in another one.
 *
 * After M. Burrows, G. Nelson and others' Eraser and C. Flanagan and S. Freund's FastTrack (PLDI 2009), for two.
 * The compiler tells of one access to the same memory in a row, so what was read is compared with what it is before
 * anything is ordered: a write of another value shows.
 *
 * The compiler joins reads of members side by side into one of them all, which reads nothing of those in between: a
 * scalar that is read and a narrower write of a part of it are no race.
 *
 * Known limitations: a plain read comes after the interlocked operation beside it, as drivers read flags so; of what
 * the C library and NDIS read and write for the driver, only what is freed counts.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <dlfcn.h>
#include <stdlib.h>

enum { PLACES = 1 << 16, OBJECTS = 1 << 12, MOST_BYTES = 1 << 16, MOST_READ = 1 << 12, MOST_SCALAR = 8 };

struct seen { /* the last access of a processor: its time, its bytes, and where it was made */
    uint32_t when;
    uint32_t size;
    const char *where;
};

static struct place { /* a byte of the driver's memory */
    uintptr_t address;
    struct seen read[CHS_PROCESSORS], written[CHS_PROCESSORS], interlocked[CHS_PROCESSORS];
} *places; /* there are none until somebody watches: a search that goes back to states copies all data */

static struct order { /* a lock, or whatever else orders: until when, of each processor, it has seen */
    const volatile void *object;
    uint32_t seen[CHS_PROCESSORS];
} orders[OBJECTS];

/* What was read since anything was ordered. The compiler tells of no write where it told of a read just before. */
static struct {
    const volatile UCHAR *address;
    UCHAR value;
    uint32_t size;
    const char *where;
} reads[MOST_READ];
static int read_count;

static uint32_t now[CHS_PROCESSORS];   /* the time of each */
static uint32_t knows[CHS_PROCESSORS]; /* of the other one, until when */
static bool watching, told;
static const char host; /* who has seen all that happened before it calls */

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

void chs_watch_races(bool on)
{
    watching = on && chs_sanitized();
    if (!watching)
        return;
    places = places ? places : malloc(PLACES * sizeof(*places));
    watching = places != NULL;
    if (!watching)
        return;
    memset(places, 0, PLACES * sizeof(*places));
    memset(orders, 0, sizeof(orders));
    knows[0] = knows[1] = 0;
    now[0] = now[1] = 1;
    told = false;
    read_count = 0;
}

/* ---- who was before whom ------------------------------------------------------------------------ */

static struct order *order_of(const volatile void *object)
{
    uintptr_t at = ((uintptr_t)object >> 2) * 0x9e3779b97f4a7c15ull >> 40;
    int k;

    for (k = 0; k < OBJECTS; k++) {
        struct order *order = &orders[(at + (uintptr_t)k) % OBJECTS];

        if (!order->object)
            order->object = object;
        if (order->object == object)
            return order;
    }
    watching = false; /* too many to tell */
    return &orders[0];
}

void chs_orders(const volatile void *object)
{
    int me = chs_processor();
    struct order *order;

    if (!watching)
        return;
    chs_note_writes();
    order = order_of(object ? object : &host);
    order->seen[me] = now[me]++;
    order->seen[!me] = max(order->seen[!me], knows[me]);
}

void chs_is_ordered(const volatile void *object)
{
    int me = chs_processor();

    chs_note_writes();
    if (watching)
        knows[me] = max(knows[me], order_of(object ? object : &host)->seen[!me]);
}

typedef void (*access)(const volatile void *address);

static access find(const char *name)
{
    return (access)(uintptr_t)dlsym(RTLD_NEXT, name);
}

/* ---- accesses ----------------------------------------------------------------------------------- */

static struct place *place_of(uintptr_t address)
{
    uintptr_t at = address * 0x9e3779b97f4a7c15ull >> 40;
    int k;

    for (k = 0; k < 64; k++) {
        struct place *place = &places[(at + (uintptr_t)k) % PLACES];

        if (!place->address)
            place->address = address;
        if (place->address == address)
            return place;
    }
    return NULL; /* too many to tell */
}

static void tell(const struct seen *other, bool wrote, bool writes, const char *where)
{
    told = true;
    chs_begin();
    chs_word(other->where - __ehdr_start);
    chs_word(where - __ehdr_start);
    chs_word(wrote);
    chs_word(writes);
    chs_tell(CHS_RACED);
}

/* Whether a read of so many bytes may be one of others that are side by side with what was written. */
static bool joined(uint32_t read, uint32_t written)
{
    return written < read && read <= MOST_SCALAR;
}

static void touch(struct place *place, struct seen *last, struct seen mine, bool plain, bool writes)
{
    int me = chs_processor();
    const struct seen *wrote = &place->written[!me], *read = &place->read[!me], *locked = &place->interlocked[!me];

    if (writes || last->when < mine.when || mine.size < last->size)
        *last = mine;
    if (wrote->when > knows[me] && (writes || (plain && !joined(mine.size, wrote->size))))
        tell(wrote, true, writes, mine.where);
    else if (plain && writes && read->when > knows[me] && !joined(read->size, mine.size))
        tell(read, false, true, mine.where);
    else if (plain && writes && locked->when > knows[me])
        tell(locked, true, true, mine.where);
    else if (plain) /* it sees what that left behind */
        knows[me] = max(knows[me], locked->when);
}

void chs_note_writes(void)
{
    int me = chs_processor(), k, count = read_count;

    read_count = 0;
    for (k = 0; watching && !told && k < count; k++) {
        struct place *place = *reads[k].address != reads[k].value ? place_of((uintptr_t)reads[k].address) : NULL;

        if (place)
            touch(place, &place->written[me], (struct seen){now[me], reads[k].size, reads[k].where}, true, true);
    }
}

static void note_read(const volatile UCHAR *address, uint32_t size, const char *where)
{
    if (read_count == MOST_READ)
        chs_note_writes();
    reads[read_count].address = address;
    reads[read_count].value = *address;
    reads[read_count].size = size;
    reads[read_count++].where = where;
}

void chs_accesses(const volatile void *start, SIZE_T size, bool writes, const char *where)
{
    int me = chs_processor();
    struct seen mine = {now[me], (uint32_t)min(size, (SIZE_T)MOST_BYTES), where};
    SIZE_T k;

    for (k = 0; watching && !told && k < min(size, (SIZE_T)MOST_BYTES); k++) {
        struct place *place = place_of((uintptr_t)start + k);

        if (!writes)
            note_read((const volatile UCHAR *)start + k, mine.size, where);
        if (place)
            touch(place, writes ? &place->written[me] : &place->read[me], mine, true, writes);
    }
}

VOID ChsInterlocked(volatile VOID *Address)
{
    static access look;
    struct place *place;
    int me = chs_processor();

    chs_point();
    if (chs_sanitized()) {
        look = look ? look : find("__asan_load4");
        look(Address);
    }
    if (!watching || told)
        return;
    chs_is_ordered(Address);
    place = place_of((uintptr_t)Address);
    if (place)
        touch(place, &place->interlocked[me], (struct seen){now[me], sizeof(LONG), __builtin_return_address(1)}, false,
              true);
    chs_orders(Address);
}

/* ---- what the compiler calls -------------------------------------------------------------------- */

#define HOOK(name, size, writes)                                                         \
    void __asan_##name(const volatile void *address)                                     \
    {                                                                                    \
        static access real;                                                              \
        real = real ? real : find("__asan_" #name);                                      \
        real(address);                                                                   \
        if (watching)                                                                    \
            chs_accesses(address, size, writes, __builtin_return_address(0));            \
    }
HOOK(load1, 1, false)
HOOK(store1, 1, true)
HOOK(load2, 2, false)
HOOK(store2, 2, true)
HOOK(load4, 4, false)
HOOK(store4, 4, true)
HOOK(load8, 8, false)
HOOK(store8, 8, true)
HOOK(load16, 16, false)
HOOK(store16, 16, true)

typedef void (*range)(const volatile void *address, size_t size);

#define RANGE(name, writes)                                                              \
    void __asan_##name(const volatile void *address, size_t size)                        \
    {                                                                                    \
        static range real;                                                               \
        real = real ? real : (range)(uintptr_t)dlsym(RTLD_NEXT, "__asan_" #name);     \
        real(address, size);                                                             \
        if (watching)                                                                    \
            chs_accesses(address, size, writes, __builtin_return_address(0));            \
    }
RANGE(loadN, false)
RANGE(storeN, true)
