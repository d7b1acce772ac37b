/*
 * Addresses and ports of what is offloaded. No two connections have the same four of them, and all are alike to a
 * driver that compares less, or only a hash: exclusive or, or a sum, of ports that are swapped or of addresses.
 */
#include "harness.h"

#define MOST_PATHS 32
#define MOST_PORTS 16 /* pairs on a path, before they collide less */
#define HERE 1024
#define THERE 80

static UCHAR addresses[MOST_PATHS][2][4]; /* a driver may keep where they are */

static struct chs_ports ports_of(const struct chs_handle *handle)
{
    USHORT more = (USHORT)(handle->number / 2 % MOST_PORTS + 0x1000 * (handle->number / 2 / MOST_PORTS));
    struct chs_ports ports = {HERE + more, THERE + more};

    return handle->number % 2 ? (struct chs_ports){ports.remote, ports.local} : ports;
}

void chs_number(struct chs_handle *handle, const struct chs_handle *path)
{
    const struct chs_handle *other;

    handle->path = path;
    for (other = handle->older; other; other = other->older)
        handle->number += other->layer == handle->layer && other->path == path;
}

void chs_fill_addresses(const struct chs_handle *path, PPATH_OFFLOAD_STATE_CONST constant)
{
    UCHAR(*pair)[4] = addresses[path->number % MOST_PATHS];
    int end;

    for (end = 0; end < 2; end++)
        memcpy(pair[end], ((const UCHAR[]){192, 0, 2, (UCHAR)(4 * (path->number % MOST_PATHS) + 1 + end)}), 4);
    constant->SourceAddress = pair[0];
    constant->DestinationAddress = pair[1];
}

void chs_fill_ports(const struct chs_handle *handle, PTCP_OFFLOAD_STATE_CONST constant)
{
    struct chs_ports ports = ports_of(handle);

    constant->LocalPort = ports.local;
    constant->RemotePort = ports.remote;
}

struct chs_ports chs_ports(int64_t handle)
{
    const struct chs_handle *found = chs_find((const void *)(uintptr_t)handle, CHS_HANDLE);

    return found ? ports_of(found) : (struct chs_ports){HERE, THERE};
}
