/* LIST_ENTRY and SINGLE_LIST_ENTRY with their functions (wdm.h), and the Interlocked functions. */
#ifndef CHS_NTLIST_H
#define CHS_NTLIST_H

#include "nttypes.h"

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

CHS_INLINE VOID InitializeListHead(PLIST_ENTRY ListHead)
{
    ListHead->Flink = ListHead;
    ListHead->Blink = ListHead;
}

CHS_INLINE BOOLEAN IsListEmpty(const LIST_ENTRY *ListHead)
{
    return ListHead->Flink == ListHead;
}

CHS_INLINE BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
    PLIST_ENTRY Before = Entry->Blink, After = Entry->Flink;

    Before->Flink = After;
    After->Blink = Before;
    return Before == After;
}

CHS_INLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY Entry = ListHead->Flink;

    RemoveEntryList(Entry);
    return Entry;
}

CHS_INLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY Entry = ListHead->Blink;

    RemoveEntryList(Entry);
    return Entry;
}

CHS_INLINE VOID InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    PLIST_ENTRY Last = ListHead->Blink;

    Entry->Flink = ListHead;
    Entry->Blink = Last;
    Last->Flink = Entry;
    ListHead->Blink = Entry;
}

CHS_INLINE VOID InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    InsertTailList(ListHead->Flink, Entry);
}

CHS_INLINE VOID PushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY Entry)
{
    Entry->Next = ListHead->Next;
    ListHead->Next = Entry;
}

CHS_INLINE PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY ListHead)
{
    PSINGLE_LIST_ENTRY First = ListHead->Next;

    if (First != NULL)
        ListHead->Next = First->Next;
    return First;
}

CHS_INLINE VOID AppendTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListToAppend)
{
    PLIST_ENTRY Last = ListHead->Blink;

    ListHead->Blink->Flink = ListToAppend;
    ListHead->Blink = ListToAppend->Blink;
    ListToAppend->Blink->Flink = ListHead;
    ListToAppend->Blink = Last;
}

/* The entry that was the first, or NULL. The lock is held meanwhile. */
EXTERN_C_START
PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock);
PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY ListEntry,
                                              PKSPIN_LOCK Lock);
PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock);
EXTERN_C_END

typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
    struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

CHS_INLINE VOID InitializeSListHead(PSLIST_HEADER SListHead)
{
    SListHead->Alignment = SListHead->Region = 0;
}

CHS_ATOMIC PSLIST_ENTRY InterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry)
{
    PSLIST_ENTRY First;

    ChsInterlocked(ListHead);
    First = (PSLIST_ENTRY)(ULONG_PTR)ListHead->Alignment;
    ListEntry->Next = First;
    ListHead->Alignment = (ULONG_PTR)ListEntry;
    ListHead->Region++;
    return First;
}

CHS_ATOMIC PSLIST_ENTRY InterlockedPopEntrySList(PSLIST_HEADER ListHead)
{
    PSLIST_ENTRY First;

    ChsInterlocked(ListHead);
    First = (PSLIST_ENTRY)(ULONG_PTR)ListHead->Alignment;
    if (First != NULL) {
        ListHead->Alignment = (ULONG_PTR)First->Next;
        ListHead->Region--;
    }
    return First;
}

CHS_ATOMIC PSLIST_ENTRY InterlockedFlushSList(PSLIST_HEADER ListHead)
{
    PSLIST_ENTRY First;

    ChsInterlocked(ListHead);
    First = (PSLIST_ENTRY)(ULONG_PTR)ListHead->Alignment;
    InitializeSListHead(ListHead);
    return First;
}

#define ExInitializeSListHead(head) InitializeSListHead(head)
#define ExInterlockedPushEntrySList(head, entry, lock) ((void)(lock), InterlockedPushEntrySList((head), (entry)))
#define ExInterlockedPopEntrySList(head, lock) ((void)(lock), InterlockedPopEntrySList(head))
#define ExInterlockedFlushSList(head) InterlockedFlushSList(head)
#define ExQueryDepthSList(head) ((USHORT)(head)->Region)
#define QueryDepthSList(head) ExQueryDepthSList(head)

CHS_ATOMIC LONG InterlockedIncrement(LONG volatile *Value)
{
    ChsInterlocked(Value);
    return __atomic_add_fetch(Value, 1, __ATOMIC_SEQ_CST);
}

CHS_ATOMIC LONG InterlockedDecrement(LONG volatile *Value)
{
    ChsInterlocked(Value);
    return __atomic_sub_fetch(Value, 1, __ATOMIC_SEQ_CST);
}

CHS_ATOMIC LONG InterlockedExchange(LONG volatile *Target, LONG Value)
{
    ChsInterlocked(Target);
    return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

CHS_ATOMIC LONG InterlockedExchangeAdd(LONG volatile *Target, LONG Value)
{
    ChsInterlocked(Target);
    return __atomic_fetch_add(Target, Value, __ATOMIC_SEQ_CST);
}

CHS_ATOMIC LONG InterlockedCompareExchange(LONG volatile *Target, LONG Value, LONG Comparand)
{
    ChsInterlocked(Target);
    __atomic_compare_exchange_n(Target, &Comparand, Value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return Comparand;
}

CHS_ATOMIC PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value)
{
    ChsInterlocked(Target);
    return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

CHS_ATOMIC PVOID InterlockedCompareExchangePointer(PVOID volatile *Target, PVOID Value, PVOID Comparand)
{
    ChsInterlocked(Target);
    __atomic_compare_exchange_n(Target, &Comparand, Value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return Comparand;
}

/* The rest of the family, alike. Add and the bitwise ones: the value before, except for Add. */
#define CHS_INTERLOCKED(name, type, operation)                    \
    CHS_ATOMIC type name(type volatile *Target, type Value)       \
    {                                                             \
        ChsInterlocked(Target);                                   \
        return operation(Target, Value, __ATOMIC_SEQ_CST);        \
    }
CHS_INTERLOCKED(InterlockedAdd, LONG, __atomic_add_fetch)
CHS_INTERLOCKED(InterlockedAnd, LONG, __atomic_fetch_and)
CHS_INTERLOCKED(InterlockedOr, LONG, __atomic_fetch_or)
CHS_INTERLOCKED(InterlockedXor, LONG, __atomic_fetch_xor)
CHS_INTERLOCKED(InterlockedAdd64, LONG64, __atomic_add_fetch)
CHS_INTERLOCKED(InterlockedAnd64, LONG64, __atomic_fetch_and)
CHS_INTERLOCKED(InterlockedOr64, LONG64, __atomic_fetch_or)
CHS_INTERLOCKED(InterlockedExchange64, LONG64, __atomic_exchange_n)
CHS_INTERLOCKED(InterlockedExchangeAdd64, LONG64, __atomic_fetch_add)
#define InterlockedIncrement64(value) InterlockedAdd64((value), 1)
#define InterlockedDecrement64(value) InterlockedAdd64((value), -1)

CHS_ATOMIC LONG64 InterlockedCompareExchange64(LONG64 volatile *Target, LONG64 Value, LONG64 Comparand)
{
    ChsInterlocked(Target);
    __atomic_compare_exchange_n(Target, &Comparand, Value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return Comparand;
}

#define KeMemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define MemoryBarrier() KeMemoryBarrier()
#define KeMemoryBarrierWithoutFence() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define YieldProcessor() ((void)0)

#endif
