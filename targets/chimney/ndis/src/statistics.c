/*
 * What a driver counts of its offloaded connections, against what the NIC brought and what it was given to send.
 * All of them are IPv4. A count may be too small, where a driver drops what it does not look at; it is not nothing,
 * and never too large. Segments that the host forwards may be counted, or not.
 *
 * pages/maintaining-and-reporting-chimney-specific-statistics.md; ddi/ns-ndischimney-_tcp_offload_stats.md;
 * ddi/ns-ndischimney-_ip_offload_stats.md
 */
#include "harness.h"

#define LEAST_HEADERS 40 /* of IPv4 and TCP, without options */

struct counts {
    ULONG64 arrived, forwarded, passed; /* the last: segments that the driver gave to the host */
    ULONG64 sent, repeated, bare;       /* segments; with nothing but octets that were sent before; with none */
};

/* Since the adapter runs; as a request was made; as the last reset of the counters was asked for, and was done. */
static struct counts now, asked, reset, done;

void chs_forget_statistics(void)
{
    now = asked = reset = done = (struct counts){0};
}

void chs_count_received(bool forwarded)
{
    if (forwarded)
        now.forwarded++;
    else
        now.arrived++;
}

void chs_count_passed(void)
{
    now.passed++;
}

void chs_count_sent(PVOID handle, const SIM_SEGMENT *segment)
{
    struct chs_handle *of = chs_find(handle, CHS_HANDLE);
    ULONG end = segment->Seq + segment->PayloadLength;

    now.sent++;
    if (!segment->PayloadLength && !segment->Fin)
        now.bare++;
    if (!of || !segment->PayloadLength)
        return;
    if (of->sends && (LONG)(end - of->sent) <= 0 && !segment->Fin)
        now.repeated++;
    if (!of->sends || (LONG)(end - of->sent) > 0)
        of->sent = end;
    of->sends = true;
}

void chs_statistics_asked(void)
{
    asked = now;
}

static void judge_tcp(const TCP_OFFLOAD_STATS *told)
{
    ULONG64 in = now.arrived + now.forwarded - reset.arrived - reset.forwarded;
    ULONG64 out = now.sent - now.repeated - reset.sent + reset.repeated;

    if (told->InSegments > in)
        chs_complain("InSegments is %llu, and %llu segments arrived on offloaded connections since it was reset",
                     (unsigned long long)told->InSegments, (unsigned long long)in);
    if (told->OutSegments > out)
        chs_complain("OutSegments is %llu, and %llu segments with anything new were sent since it was reset",
                     (unsigned long long)told->OutSegments, (unsigned long long)out);
    if (!told->InSegments && asked.arrived - done.arrived > asked.passed - done.passed)
        chs_complain("InSegments is 0, and segments arrived on offloaded connections");
    if (!told->OutSegments && asked.bare > done.bare)
        chs_complain("OutSegments is 0, and segments were sent on offloaded connections");
}

static void judge_ip(const IP_OFFLOAD_STATS *told)
{
    if (told->InReceives > now.arrived + now.forwarded || told->OutRequests > now.sent)
        chs_complain("InReceives is %llu and OutRequests %llu, and that much did not pass on offloaded connections",
                     (unsigned long long)told->InReceives, (unsigned long long)told->OutRequests);
    if (told->InOctets < LEAST_HEADERS * told->InReceives || told->OutOctets < LEAST_HEADERS * told->OutRequests)
        chs_complain("InOctets is %llu and OutOctets %llu, which leaves no room for the headers of each datagram",
                     (unsigned long long)told->InOctets, (unsigned long long)told->OutOctets);
}

static bool is_zero(const UCHAR *bytes, SIZE_T size)
{
    SIZE_T k;

    for (k = 0; k < size; k++)
        if (bytes[k])
            return false;
    return true;
}

void chs_statistics_told(NDIS_OID oid, NDIS_REQUEST_TYPE type, const void *told, SIZE_T size)
{
    if (type == NdisRequestSetInformation) {
        if (oid == OID_TCP4_OFFLOAD_STATS) {
            reset = asked;
            done = now;
        }
    } else if (oid == OID_TCP4_OFFLOAD_STATS && size >= sizeof(TCP_OFFLOAD_STATS)) {
        judge_tcp(told);
    } else if (oid == OID_IP4_OFFLOAD_STATS && size >= sizeof(IP_OFFLOAD_STATS)) {
        judge_ip(told);
    } else if ((oid == OID_TCP6_OFFLOAD_STATS || oid == OID_IP6_OFFLOAD_STATS) && !is_zero(told, size)) {
        chs_complain("an OID request (0x%08X) tells of IPv6, and every offloaded connection is IPv4", oid);
    }
}
