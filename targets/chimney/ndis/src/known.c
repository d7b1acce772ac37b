/* What an address stands for: a table of everything that was handed over in either direction. */
#include "harness.h"

#define BUCKETS 4096

static struct chs_known *buckets[BUCKETS];

static struct chs_known **bucket(const void *address)
{
    uintptr_t number = (uintptr_t)address >> 4;

    return &buckets[(number ^ number >> 12 ^ number >> 24) % BUCKETS];
}

void chs_know(struct chs_known *known, const void *address, enum chs_kind kind)
{
    struct chs_known **first = bucket(address);

    known->address = address;
    known->kind = kind;
    known->given = false;
    known->chain = *first;
    *first = known;
}

void chs_unknow(struct chs_known *known)
{
    struct chs_known **link = bucket(known->address);

    while (*link != known)
        link = &(*link)->chain;
    *link = known->chain;
}

void *chs_find(const void *address, enum chs_kind kind)
{
    struct chs_known *known = *bucket(address);

    while (known && (known->address != address || known->kind != kind))
        known = known->chain;
    return known;
}

void chs_each_known(void (*each)(struct chs_known *))
{
    int k;

    for (k = 0; k < BUCKETS; k++) {
        struct chs_known *known;

        for (known = buckets[k]; known; known = known->chain)
            each(known);
    }
}

int64_t chs_told(const void *address, enum chs_kind kind)
{
    if (!address)
        return 0;
    return chs_find(address, kind) ? (int64_t)(uintptr_t)address : -1;
}
