/* Memory for received data: chunks, and the NET_BUFFER_LISTs under which the host gets them. */
#include "miniport.h"

PCHUNK AllocateChunk(ULONG Seq, const UCHAR *Data, ULONG Length)
{
    PCHUNK Chunk = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(CHUNK) + Length, TAG_DATA);

    if (Chunk == NULL)
        return NULL;
    Chunk->Mdl = NdisAllocateMdl(NULL, Chunk->Data, Length);
    if (Chunk->Mdl == NULL) {
        ExFreePoolWithTag(Chunk, TAG_DATA);
        return NULL;
    }
    Chunk->Seq = Seq;
    Chunk->Length = Length;
    Chunk->Consumed = 0;
    if (Data != NULL)
        NdisMoveMemory(Chunk->Data, Data, Length);
    return Chunk;
}

/* A chunk with the used data of a list of the host's. */
PCHUNK CopyChunk(ULONG Seq, PNET_BUFFER_LIST NetBufferList)
{
    PCHUNK Chunk = AllocateChunk(Seq, NULL, DataLength(NetBufferList));

    if (Chunk != NULL)
        CopyFrom(NetBufferList, 0, Chunk->Data, Chunk->Length);
    return Chunk;
}

VOID FreeChunk(PCHUNK Chunk)
{
    NdisFreeMdl(Chunk->Mdl);
    ExFreePoolWithTag(Chunk, TAG_DATA);
}

VOID FreeChunks(PLIST_ENTRY Chunks)
{
    while (!IsListEmpty(Chunks))
        FreeChunk(CONTAINING_RECORD(RemoveHeadList(Chunks), CHUNK, Link));
}

PLOAN AllocateLoan(PCONNECTION Connection)
{
    PLOAN Loan = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(LOAN), TAG_BUFFERS);

    if (Loan == NULL)
        return NULL;
    Loan->NetBufferList =
        NdisAllocateNetBufferAndNetBufferList(Connection->Object.Adapter->BufferPool, 0, 0, NULL, 0, 0);
    if (Loan->NetBufferList == NULL) {
        ExFreePoolWithTag(Loan, TAG_BUFFERS);
        return NULL;
    }
    NET_BUFFER_LIST_MINIPORT_RESERVED(Loan->NetBufferList)[0] = Loan;
    Loan->Connection = Connection;
    Loan->Length = 0;
    InitializeListHead(&Loan->Chunks);
    return Loan;
}

/* Frees the loan with the data that is still under it. */
VOID FreeLoan(PLOAN Loan)
{
    FreeChunks(&Loan->Chunks);
    NdisFreeNetBufferList(Loan->NetBufferList);
    ExFreePoolWithTag(Loan, TAG_BUFFERS);
}

/*
 * Moves all held data under the loan's NET_BUFFER_LIST: one MDL per chunk, the used data starting
 * behind what the application has. Needs no memory. The connection's lock is held.
 */
VOID Lend(PLOAN Loan)
{
    PCONNECTION Connection = Loan->Connection;
    PNET_BUFFER Buffer = NET_BUFFER_LIST_FIRST_NB(Loan->NetBufferList);
    PMDL *Link = &NET_BUFFER_FIRST_MDL(Buffer);
    PCHUNK Chunk;

    while (!IsListEmpty(&Connection->Held)) {
        Chunk = CONTAINING_RECORD(RemoveHeadList(&Connection->Held), CHUNK, Link);
        if (IsListEmpty(&Loan->Chunks)) {
            NET_BUFFER_CURRENT_MDL(Buffer) = Chunk->Mdl;
            NET_BUFFER_CURRENT_MDL_OFFSET(Buffer) = Chunk->Consumed;
            NET_BUFFER_DATA_OFFSET(Buffer) = Chunk->Consumed;
        }
        InsertTailList(&Loan->Chunks, &Chunk->Link);
        Loan->Length += Chunk->Length - Chunk->Consumed;
        *Link = Chunk->Mdl;
        Link = &NDIS_MDL_LINKAGE(Chunk->Mdl);
    }
    *Link = NULL;
    NET_BUFFER_DATA_LENGTH(Buffer) = Loan->Length;
    InterlockedIncrement(&Connection->Object.Loans);
}

/*
 * The host has refused a loan, after the application consumed some of it: the rest is held again,
 * before whatever came in since. The connection's lock is held.
 */
VOID TakeBack(PLOAN Loan, ULONG Consumed)
{
    PCONNECTION Connection = Loan->Connection;
    PCHUNK Chunk;
    ULONG Part;

    Connection->HeldBytes -= Consumed;
    while (!IsListEmpty(&Loan->Chunks)) {
        Chunk = CONTAINING_RECORD(RemoveTailList(&Loan->Chunks), CHUNK, Link);
        Chunk->Mdl->Next = NULL;
        InsertHeadList(&Connection->Held, &Chunk->Link);
    }
    while (Consumed > 0) {
        Chunk = CONTAINING_RECORD(Connection->Held.Flink, CHUNK, Link);
        Part = min(Consumed, Chunk->Length - Chunk->Consumed);
        Chunk->Consumed += Part;
        Consumed -= Part;
        if (Chunk->Consumed == Chunk->Length) {
            RemoveEntryList(&Chunk->Link);
            FreeChunk(Chunk);
        }
    }
    InterlockedDecrement(&Connection->Object.Loans);
}
