/* The host's and the NIC's calls into the driver. */
#include "harness.h"
#include "lent.h"
#include "turns.h"

#include <stdlib.h>

/* The statement calls the driver, from where it can be left in any depth. */
#define CALLING_AT(irql, name, statement)              \
    do {                                               \
        struct chs_frame frame;                        \
        chs_is_ordered(NULL);                          \
        if (!setjmp(*chs_enter(&frame, name, irql))) { \
            statement;                                 \
        }                                              \
        chs_leave(&frame);                             \
        if (!frame.outer)                              \
            chs_interrupt_ends();                      \
        if (!frame.outer && !frame.abandoned)          \
            chs_run_dpcs();                            \
        if (!frame.outer)                              \
            chs_call_ends(frame.abandoned);            \
    } while (0)
#define CALLING(name, statement) CALLING_AT(PASSIVE_LEVEL, name, statement)
#define INTERRUPTING(name, statement) CALLING_AT(DISPATCH_LEVEL, name, chs_interrupt_begins(); statement)

#define A_RUN 1000 /* ms that pass in each Run */

#define CONTEXT (chs_adapter()->context)
#define NIC (&chs_adapter()->nic)

void chs_manipulate(int32_t purpose, int64_t root)
{
    const NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS *generic = &chs_driver()->generic;
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST tree = (PVOID)(uintptr_t)root;

    switch (purpose) {
    case CHS_INITIATE:
        if (!chs_is_inside())
            chs_wakes_up();
        chs_note_hosts();
        chs_begin_turns();
        CALLING("MiniportInitiateOffload", generic->InitiateOffloadHandler(CONTEXT, tree));
        break;
    case CHS_TERMINATE:
        CALLING("MiniportTerminateOffload", generic->TerminateOffloadHandler(CONTEXT, tree));
        if (!chs_is_inside())
            chs_goes_to_sleep();
        break;
    case CHS_INVALIDATE:
        CALLING("MiniportInvalidateOffload", generic->InvalidateOffloadHandler(CONTEXT, tree));
        break;
    case CHS_QUERY:
        CALLING("MiniportQueryOffload", generic->QueryOffloadHandler(CONTEXT, tree));
        break;
    case CHS_UPDATE:
        CALLING("MiniportUpdateOffload", generic->UpdateOffloadHandler(CONTEXT, tree));
        break;
    }
}

/* Linked lists of the host's, in the order of the data. */
static PNET_BUFFER_LIST make_lists(enum chs_use use, int32_t count, const int64_t *lengths, const char *data,
                                   int64_t *made)
{
    PNET_BUFFER_LIST first = NULL, *link = &first;
    int32_t n;

    for (n = 0; n < count; n++) {
        *link = chs_make_list(use, data, (SIZE_T)lengths[n])->nbl;
        made[n] = (int64_t)(uintptr_t)*link;
        link = &(*link)->Next;
        data += lengths[n];
    }
    return first;
}

void chs_hand_over(int64_t block, int32_t count, const int64_t *lengths, const char *data, int64_t length,
                   const char *received, int64_t *made)
{
    struct chs_block *of = chs_find((const void *)(uintptr_t)block, CHS_BLOCK);

    of->list->NetBufferListChain = of->tcp->SendDataHead = make_lists(CHS_SEND, count, lengths, data, made);
    of->tcp->SendDataTail = count ? (PVOID)(uintptr_t)made[count - 1] : NULL;
    if (length)
        of->tcp->BufferedData = make_lists(CHS_RECEIVE, 1, &length, received, &made[count]);
}

int32_t chs_send(int64_t handle, int32_t count, const int64_t *lengths, const char *data, int64_t *made)
{
    PNET_BUFFER_LIST lists = make_lists(CHS_SEND, count, lengths, data, made);
    volatile NDIS_STATUS status = NDIS_STATUS_FAILURE;

    chs_tell_layout(lists);
    CALLING("MiniportTcpOffloadSend",
            status = chs_driver()->tcp.TcpOffloadSendHandler(CONTEXT, chs_location(handle), lists));
    return status;
}

int32_t chs_receive(int64_t handle, int32_t count, const int64_t *lengths, const char *data, int32_t no_push,
                    int64_t *made)
{
    PNET_BUFFER_LIST lists = make_lists(CHS_RECEIVE, count, lengths, data, made), list;
    volatile NDIS_STATUS status = NDIS_STATUS_FAILURE;

    for (list = lists; list != NULL; list = list->Next)
        NET_BUFFER_LIST_INFO(list, TcpReceiveNoPush) = (PVOID)(ULONG_PTR)no_push;
    chs_tell_layout(lists);
    CALLING("MiniportTcpOffloadReceive",
            status = chs_driver()->tcp.TcpOffloadReceiveHandler(CONTEXT, chs_location(handle), lists));
    return status;
}

int32_t chs_disconnect(int64_t handle, int32_t abortive, int64_t length, const char *data, int64_t *made)
{
    PNET_BUFFER_LIST list = make_lists(CHS_DISCONNECT, 1, &length, data, made);
    volatile NDIS_STATUS status = NDIS_STATUS_FAILURE;

    CALLING("MiniportTcpOffloadDisconnect",
            status = chs_driver()->tcp.TcpOffloadDisconnectHandler(
                CONTEXT, chs_location(handle), list,
                abortive ? TCP_DISCONNECT_ABORTIVE_CLOSE : TCP_DISCONNECT_GRACEFUL_CLOSE));
    return status;
}

/* The words as put_segment in simnic.c writes them. */
static SIM_SEGMENT read_segment(const int64_t *words, const char *payload, int64_t length)
{
    SIM_SEGMENT segment = {
        .Seq = (ULONG)words[0],
        .Ack = (ULONG)words[1],
        .Window = (ULONG)words[2],
        .Fin = words[3] != 0,
        .Rst = words[4] != 0,
        .SackCount = (ULONG)words[6],
        .PayloadLength = (ULONG)length,
        .Payload = (const UCHAR *)payload,
    };
    ULONG k;

    for (k = 0; k < segment.SackCount; k++)
        segment.Sack[k] = (SIM_SACK){(ULONG)words[7 + 2 * k], (ULONG)words[8 + 2 * k]};
    words += 7 + 2 * SIM_MAX_SACK;
    segment.Stamped = words[0] != 0;
    segment.TsVal = (ULONG)words[1];
    segment.TsEcr = (ULONG)words[2];
    segment.Syn = words[3] != 0;
    return segment;
}

static PNET_BUFFER_LIST forwarding; /* a list that is to be passed on */

void chs_forward_with_next(int64_t handle, const int64_t *words, const char *payload, int64_t length, int64_t *made)
{
    SIM_SEGMENT segment = read_segment(words, payload, length);
    PNET_BUFFER_LIST list = chs_make_frame(CHS_FORWARD, chs_ports(handle), &segment)->nbl, *link = &forwarding;

    while (*link)
        link = &(*link)->Next;
    *link = list;
    *made = (int64_t)(uintptr_t)list;
    chs_count_received(true);
}

int32_t chs_forward(int64_t handle, const int64_t *words, const char *payload, int64_t length, int64_t *made)
{
    volatile NDIS_STATUS status = NDIS_STATUS_FAILURE;
    PNET_BUFFER_LIST first;

    chs_forward_with_next(handle, words, payload, length, made);
    first = forwarding;
    forwarding = NULL;
    CALLING("MiniportTcpOffloadForward",
            status = chs_driver()->tcp.TcpOffloadForwardHandler(CONTEXT, chs_location(handle), first));
    return status;
}

int32_t chs_return(int32_t count, const int64_t *lists)
{
    PNET_BUFFER_LIST first = NULL, *link = &first;
    volatile NDIS_STATUS status = NDIS_STATUS_FAILURE;
    int32_t n;

    for (n = 0; n < count; n++) {
        struct chs_list *list = chs_find((const void *)(uintptr_t)lists[n], CHS_LIST);

        chs_take_back(list);
        *link = list->nbl;
        link = &list->nbl->Next;
        *link = NULL;
    }
    CALLING("MiniportTcpOffloadReceiveReturn",
            chs_tell_untold();
            status = chs_driver()->tcp.TcpOffloadReceiveReturnHandler(CONTEXT, first));
    return status;
}

/* The segment is memory of its own for the time of the call, so that a later use of it shows. */
static void arrives(int64_t handle, const SIM_SEGMENT *segment)
{
    struct chs_list *volatile frame = chs_make_frame(CHS_FRAME, chs_ports(handle), segment);
    SIM_SEGMENT *volatile copy = malloc(sizeof(*copy));

    *copy = frame->segment;
    chs_count_received(false);
    if (copy->Urg)
        INTERRUPTING("UrgentArrives", NIC->UrgentArrives(chs_context(handle), copy));
    else
        INTERRUPTING("SegmentArrives", NIC->SegmentArrives(chs_context(handle), copy));
    free(copy);
    chs_destroy_list(frame);
}

void chs_segment(int64_t handle, const int64_t *words, const char *payload, int64_t length)
{
    SIM_SEGMENT segment = read_segment(words, payload, length);

    arrives(handle, &segment);
}

void chs_urgent(int64_t handle, const int64_t *words, const char *payload, int64_t length)
{
    SIM_SEGMENT segment = read_segment(words, payload, length);

    segment.Urg = TRUE;
    arrives(handle, &segment);
}

void chs_opportunity(int64_t handle, uint32_t room)
{
    INTERRUPTING("TransmitOpportunity", NIC->TransmitOpportunity(chs_context(handle), room));
}

void chs_run(void)
{
    chs_pass_time(A_RUN);
    CALLING("Run", chs_set_unsure(true); NIC->Run(CONTEXT));
    if (!chs_is_inside())
        chs_ask_adapter();
}

void chs_timer(int64_t handle, int32_t timer)
{
    INTERRUPTING("TimerExpires", NIC->TimerExpires(chs_context(handle), (SIM_TIMER)timer));
}

void chs_failure(int64_t handle)
{
    INTERRUPTING("HardwareFails", NIC->HardwareFails(chs_context(handle)));
}

void chs_link(void)
{
    INTERRUPTING("LinkChanges", NIC->LinkChanges(CONTEXT));
}

void chs_ticks(uint32_t ticks)
{
    INTERRUPTING("ClockTicks", NIC->ClockTicks(CONTEXT, ticks));
}

void chs_silence(int64_t handle)
{
    INTERRUPTING("NeighborSilent", NIC->NeighborSilent(chs_context(handle)));
}
