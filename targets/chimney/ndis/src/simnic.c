/* The simulated NIC: segments between the wire, which is Python's, and the driver. */
#include "harness.h"

#define MOST_PAYLOAD (1u << 30) /* RFC 7323, 2.3 */

static void put_segment(const SIM_SEGMENT *segment)
{
    ULONG count = min(segment->SackCount, (ULONG)SIM_MAX_SACK), k;

    chs_word(segment->Seq);
    chs_word(segment->Ack);
    chs_word(segment->Window);
    chs_word(segment->Fin != 0);
    chs_word(segment->Rst != 0);
    chs_word(chs_told(segment->Frame, CHS_LIST));
    chs_word(count);
    for (k = 0; k < SIM_MAX_SACK; k++) {
        chs_word(k < count ? segment->Sack[k].Left : 0);
        chs_word(k < count ? segment->Sack[k].Right : 0);
    }
    chs_word(segment->Stamped != 0);
    chs_word(segment->TsVal);
    chs_word(segment->TsEcr);
    chs_word(segment->Syn != 0);
    if (segment->PayloadLength)
        memcpy(chs_bytes(segment->PayloadLength), segment->Payload, segment->PayloadLength);
}

VOID SimNicTransmit(PVOID NdisOffloadHandle, const SIM_SEGMENT *Segment)
{
    chs_point(); /* hardware, and no call of NDIS: it calls nobody back, so locks may be held */
    chs_orders(NULL);
    if (!Segment || (Segment->PayloadLength && !Segment->Payload) || Segment->PayloadLength > MOST_PAYLOAD) {
        chs_complain("SimNicTransmit is passed no segment, or one whose payload is NULL or longer than any window");
        return;
    }
    if (Segment->SackCount > SIM_MAX_SACK)
        chs_complain("SimNicTransmit is passed a segment with a SackCount of %u; at most %d fit", Segment->SackCount,
                     SIM_MAX_SACK);
    chs_count_sent(NdisOffloadHandle, Segment);
    chs_begin();
    chs_word(chs_told(NdisOffloadHandle, CHS_HANDLE));
    put_segment(Segment);
    chs_tell(CHS_TRANSMIT);
}

BOOLEAN SimNicParseFrame(PNET_BUFFER_LIST Frame, SIM_SEGMENT *Segment)
{
    struct chs_list *list = chs_find(Frame, CHS_LIST);

    if (!list || (list->use != CHS_FORWARD && list->use != CHS_FRAME))
        return FALSE;
    if (list->resource.known.given) {
        chs_complain("SimNicParseFrame is passed %s that no longer belongs to the driver", chs_use_name(list->use));
        return FALSE;
    }
    *Segment = list->segment;
    return TRUE;
}

VOID SimNicRelease(PVOID MiniportOffloadContext)
{
    chs_memory_freed(MiniportOffloadContext, 1);
}

/* A frame of the NIC's is copied; a list of the driver's comes back before the call returns. */
static void come_back(void *item)
{
    struct chs_list *list = item;

    chs_take_back(list);
    chs_driver()->characteristics.ReturnNetBufferListsHandler(chs_adapter()->context, list->nbl, 0);
}

static void indicate(struct chs_list *list, ULONG flags)
{
    MINIPORT_RETURN_NET_BUFFER_LISTS_HANDLER back = chs_driver()->characteristics.ReturnNetBufferListsHandler;
    bool drivers = list->use == CHS_DRIVERS;
    SIM_SEGMENT none = {0};

    if (!drivers)
        chs_count_passed();
    chs_begin();
    put_segment(drivers ? &none : &list->segment);
    chs_tell(CHS_UNPROCESSED);
    list->nbl->Next = NULL;
    if (drivers && !(flags & NDIS_RECEIVE_FLAGS_RESOURCES) && back) {
        chs_give_away(list);
        chs_complete(come_back, list, false);
    }
}

VOID NdisMIndicateReceiveNetBufferLists(NDIS_HANDLE MiniportAdapterHandle, PNET_BUFFER_LIST NetBufferLists,
                                        NDIS_PORT_NUMBER PortNumber, ULONG NumberOfNetBufferLists,
                                        ULONG ReceiveFlags)
{
    static const char name[] = "NdisMIndicateReceiveNetBufferLists";
    PNET_BUFFER_LIST nbl = NetBufferLists;
    ULONG count = 0;

    UNREFERENCED_PARAMETER(PortNumber);
    chs_calls(name, MiniportAdapterHandle);
    chs_check_running(name);
    while (nbl && count < NumberOfNetBufferLists) {
        struct chs_list *list = chs_find(nbl, CHS_LIST);
        PNET_BUFFER_LIST following;

        if (!list || list->resource.known.given) {
            chs_complain("%s is passed what is no NET_BUFFER_LIST of the driver's, or was freed before", name);
            return;
        }
        following = nbl->Next;
        count++;
        indicate(list, ReceiveFlags);
        nbl = following;
    }
    if (nbl || count != NumberOfNetBufferLists)
        chs_complain("%s: NumberOfNetBufferLists is %u, which is not how many are linked", name,
                     NumberOfNetBufferLists);
}
