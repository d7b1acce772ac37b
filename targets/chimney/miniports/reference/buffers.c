/*
 * The host's NET_BUFFER_LISTs: queueing them, and reaching their data, which may lie in several
 * NET_BUFFERs of several MDLs each and start somewhere in the middle.
 */
#include "miniport.h"

/* While a list is ours, the link of our queue lies in its MiniportReserved. */
C_ASSERT(sizeof(LIST_ENTRY) <= RTL_FIELD_SIZE(NET_BUFFER_LIST, MiniportReserved));

static PLIST_ENTRY LinkOf(PNET_BUFFER_LIST NetBufferList)
{
    return (PLIST_ENTRY)NET_BUFFER_LIST_MINIPORT_RESERVED(NetBufferList);
}

static PNET_BUFFER_LIST ListOf(PLIST_ENTRY Link)
{
    return CONTAINING_RECORD(Link, NET_BUFFER_LIST, MiniportReserved);
}

/* Puts each list of a linked list at the end of a queue, in its order. */
VOID QueueChain(PLIST_ENTRY Queue, PNET_BUFFER_LIST First)
{
    PNET_BUFFER_LIST Next;

    for (; First != NULL; First = Next) {
        Next = NET_BUFFER_LIST_NEXT_NBL(First);
        NET_BUFFER_LIST_NEXT_NBL(First) = NULL;
        InsertTailList(Queue, LinkOf(First));
    }
}

PNET_BUFFER_LIST FirstOf(PLIST_ENTRY Queue)
{
    return IsListEmpty(Queue) ? NULL : ListOf(Queue->Flink);
}

PNET_BUFFER_LIST PopFirst(PLIST_ENTRY Queue)
{
    return IsListEmpty(Queue) ? NULL : ListOf(RemoveHeadList(Queue));
}

/* What is taken off a queue is completed once: [guarantee.returned-once] */
PNET_BUFFER_LIST PopLocked(PCONNECTION Connection, PLIST_ENTRY Queue)
{
    PNET_BUFFER_LIST NetBufferList;

    NdisAcquireSpinLock(&Connection->Lock);
    NetBufferList = PopFirst(Queue);
    NdisReleaseSpinLock(&Connection->Lock);
    return NetBufferList;
}

/* Empties a queue into a linked list. Returns the first one, and the last. */
PNET_BUFFER_LIST LinkChain(PLIST_ENTRY Queue, PNET_BUFFER_LIST *Last)
{
    PNET_BUFFER_LIST First = NULL, NetBufferList;

    *Last = NULL;
    while ((NetBufferList = PopFirst(Queue)) != NULL) {
        if (First == NULL)
            First = NetBufferList;
        else
            NET_BUFFER_LIST_NEXT_NBL(*Last) = NetBufferList;
        *Last = NetBufferList;
    }
    return First;
}

/* Bytes of used data in all NET_BUFFERs of a list. */
ULONG DataLength(PNET_BUFFER_LIST NetBufferList)
{
    PNET_BUFFER Buffer = NET_BUFFER_LIST_FIRST_NB(NetBufferList);
    ULONG Length = 0;

    for (; Buffer != NULL; Buffer = NET_BUFFER_NEXT_NB(Buffer))
        Length += NET_BUFFER_DATA_LENGTH(Buffer);
    return Length;
}

/* Copies between Flat and the used data of one NET_BUFFER, from its byte Skip on. */
static VOID CopyBuffer(PNET_BUFFER Buffer, ULONG Skip, PUCHAR Flat, ULONG Length, BOOLEAN ToBuffer)
{
    PMDL Mdl = NET_BUFFER_CURRENT_MDL(Buffer);
    ULONG Offset = NET_BUFFER_CURRENT_MDL_OFFSET(Buffer) + Skip;
    ULONG Part;
    PUCHAR Address;

    for (; Mdl != NULL && Length > 0; Mdl = NDIS_MDL_LINKAGE(Mdl)) {
        if (Offset >= MmGetMdlByteCount(Mdl)) {
            Offset -= MmGetMdlByteCount(Mdl);
            continue;
        }
        Part = min(Length, MmGetMdlByteCount(Mdl) - Offset);
        Address = (PUCHAR)MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority) + Offset;
        if (ToBuffer)
            NdisMoveMemory(Address, Flat, Part);
        else
            NdisMoveMemory(Flat, Address, Part);
        Flat += Part;
        Length -= Part;
        Offset = 0;
    }
}

/* The same over all NET_BUFFERs. Returns how many bytes there were to copy. */
static ULONG CopyList(PNET_BUFFER_LIST NetBufferList, ULONG Skip, PUCHAR Flat, ULONG Length, BOOLEAN ToBuffer)
{
    PNET_BUFFER Buffer = NET_BUFFER_LIST_FIRST_NB(NetBufferList);
    ULONG Copied = 0, Here, Part;

    for (; Buffer != NULL && Copied < Length; Buffer = NET_BUFFER_NEXT_NB(Buffer)) {
        Here = NET_BUFFER_DATA_LENGTH(Buffer);
        if (Skip >= Here) {
            Skip -= Here;
            continue;
        }
        Part = min(Length - Copied, Here - Skip);
        CopyBuffer(Buffer, Skip, Flat + Copied, Part, ToBuffer);
        Copied += Part;
        Skip = 0;
    }
    return Copied;
}

ULONG CopyFrom(PNET_BUFFER_LIST NetBufferList, ULONG Skip, PUCHAR To, ULONG Length)
{
    return CopyList(NetBufferList, Skip, To, Length, FALSE);
}

VOID CopyTo(PNET_BUFFER_LIST NetBufferList, ULONG Skip, const UCHAR *From, ULONG Length)
{
    CopyList(NetBufferList, Skip, (PUCHAR)From, Length, TRUE);
}

/* The used data of a list starts Delta bytes later. The MDLs are the host's: FreeMdl is FALSE. */
VOID AdvanceData(PNET_BUFFER_LIST NetBufferList, ULONG Delta)
{
    PNET_BUFFER Buffer = NET_BUFFER_LIST_FIRST_NB(NetBufferList);
    ULONG Part;

    for (; Buffer != NULL && Delta > 0; Buffer = NET_BUFFER_NEXT_NB(Buffer)) {
        Part = min(Delta, NET_BUFFER_DATA_LENGTH(Buffer));
        NdisAdvanceNetBufferDataStart(Buffer, Part, FALSE, NULL);
        Delta -= Part;
    }
}

/* What every completion of a request must say: its status, the bytes done, and the data start behind them.
   [send-complete.advanced] [receive-complete.advanced] */
VOID FinishRequest(PNET_BUFFER_LIST NetBufferList, NDIS_STATUS Status, ULONG Bytes)
{
    NET_BUFFER_LIST_NEXT_NBL(NetBufferList) = NULL;
    NET_BUFFER_LIST_STATUS(NetBufferList) = Status;
    NET_BUFFER_LIST_INFO(NetBufferList, TcpOffloadBytesTransferred) = (PVOID)(ULONG_PTR)Bytes;
    AdvanceData(NetBufferList, Bytes);
}
