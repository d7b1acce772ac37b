/*
 * What the Python side calls and is told. It reads these declarations too, so there is nothing
 * here but C types, constants and functions.
 *
 * A pointer into the driver's world is passed as its address: 0 for NULL, -1 for one that
 * does not point to anything of the kind that is wanted.
 */

/*
 * Everything the driver does is told through one function. The words of each event are in
 * its comment. A list of buffers is told as the address of its first one, then one row
 * (CHS_LIST_ROW words) for each known buffer that can be reached from it:
 *   address, Status, bytes transferred, Next, start, size, altered
 * start is how far the used data moved since the buffer was handed over. The next `size`
 * bytes of the event are its data: of a receive request all of it, of a send only if it was
 * altered, of a buffer of the driver's the used data.
 */
enum chs_event {
    CHS_INITIATED,     /* root; address, Status, handle, context of each block */
    CHS_TERMINATED,    /* root, number of blocks, a row of each (CHS_BLOCK_ROW), rows of buffers */
    CHS_INVALIDATED,   /* root; its row, SendBacklogSize, ReceiveBacklogSize */
    CHS_QUERIED,       /* the same */
    CHS_UPDATED,       /* the same */
    CHS_SENT,          /* buffers */
    CHS_RECEIVED,      /* buffers */
    CHS_DISCONNECTED,  /* buffers */
    CHS_FORWARDED,     /* buffers */
    CHS_INDICATED,     /* handle, buffers; returns 0 (all taken), 1 (none) or 2, and bytes taken * 4 */
    CHS_TCP_EVENT,     /* handle, EventType, EventSpecificInformation */
    CHS_STATUS,        /* StatusCode */
    CHS_OFFLOAD_EVENT, /* IndicationCode */
    CHS_UNPROCESSED,   /* a segment as for chs_segment; payload */
    CHS_TRANSMIT,      /* handle, a segment as for chs_segment; payload */
    CHS_FREED,         /* handle of the state object whose context was freed */
    CHS_LAID_OUT,      /* of each list about to be passed: its NET_BUFFERs; of each its MDLs, used bytes in each */
    CHS_REWRITTEN,     /* like CHS_TERMINATED: the tree was written after it was handed back */
    CHS_NONSENSE,      /* text: what no driver may do */
    CHS_TOUCHED,       /* text: memory that was given away and written */
    CHS_LEAKED,        /* text: what was never freed */
    CHS_BROKEN,        /* the rule, of chs_rule; text */
    CHS_RACED,         /* two places (see cover.c), whether the first wrote, and the second */
    CHS_INTERRUPTED    /* the other processor's turn: a thread of its own calls chs_processor_begins, the driver,
                          chs_processor_ends */
};

/* Rules that have a name of their own: CHS_LOCK_TWICE is target.lock-twice. */
enum chs_rule {
    CHS_LOCK_TWICE,
    CHS_LOCK_ACROSS_CALL,
    CHS_LOCK_KEPT,
    CHS_LOCK_NOT_HELD,
    CHS_LOCK_FREED,
    CHS_LOCK_ORDER,
    CHS_IRQL,
    CHS_WAITS,
    CHS_DEADLOCK /* the driver cannot go on */
};

enum {
    CHS_LIST_ROW = 7,
    /* address, Status, NextBlock, DependentBlockList, NetBufferListChain, 1 if a TCP state follows,
       SndUna, SndNxt, SndMax, SndWnd, RcvNxt, RcvWnd; CWnd, SsThresh, SRtt, RttVar, TotalRT, DupAckCount,
       SndWndProbeCount, Retransmit.Count and .TimeoutDelta, KeepAlive.ProbeCount and .TimeoutDelta, State, SendWL1,
       TsRecent, TsRecentAge, TsTime, MaxSndWnd;
       SendDataHead, SendDataTail, BufferedData,
       a number that changes with every byte of the block and its state */
    CHS_BLOCK_ROW = 33,
    CHS_UNWRITTEN = 0xCCCCCCCC, /* what stands in a field before the driver writes it */
    /* Seq, Ack, Window, Fin, Rst, Frame, SackCount, four pairs, Stamped, TsVal, TsEcr */
    CHS_SEGMENT_WORDS = 19
};

/* Returns what the event asks for. A negative number: the driver is not to be gone on with. */
typedef int64_t (*chs_callback)(int32_t event, const int64_t *words, int32_t count, const char *bytes, int64_t size);

enum chs_optional {
    CHS_HAS_TIMER = 1,
    CHS_HAS_FAILURE = 2,
    CHS_HAS_LINK = 4,
    CHS_HAS_NEIGHBOR = 8,
    CHS_HAS_CLOCK = 16,
    CHS_HAS_URGENT = 32
};

/* DriverEntry, once. Returns its status. */
int32_t chs_load(chs_callback callback);
/* From now on another one is told. */
void chs_listen(chs_callback callback);
/* MiniportInitializeEx: a new adapter, for one scenario. Returns its status. */
int32_t chs_start(void);
/* Which of the optional handlers the adapter's NIC has, chs_optional. */
int32_t chs_optional_handlers(void);
/* The host terminates the offload of all that was never terminated; nobody looks at how. */
void chs_take_rest(void);
/* MiniportHaltEx, and the leaks are told. */
void chs_stop(void);
/* How often the driver asked for memory, a pool, a buffer or an MDL; after so many more, one is refused. */
int64_t chs_asked(void);
void chs_run_short(int32_t after);
/*
 * The next call into the driver is interrupted at its point of this number, and what is called meanwhile at its
 * own (0: nowhere). How many points the processor, 0 or 1, has passed since.
 */
void chs_interrupt_at(int32_t first, int32_t second);
int32_t chs_points(int32_t processor);
/* By the thread of processor 1. It waits for its turn; and it is over, since it failed or not. */
void chs_processor_begins(void);
void chs_processor_ends(int32_t failed);
enum chs_when { CHS_AS_USUAL, CHS_LATE, CHS_AT_ONCE };
/* When what NDIS completes for the driver comes, until the adapter is halted. */
void chs_complete_when(int32_t when);
/* After chs_stop: a new adapter that is refused what it asks for after so many times, and its end. */
void chs_start_short(int32_t after);
/* After chs_stop: the driver is loaded anew, refused likewise, and unloaded; then all is as it was before. */
void chs_load_short(int32_t after);
/* Drops the adapter of a scenario that could not be played to its end. */
void chs_forget(void);
/* The same, and all is as before chs_start: what the driver took is freed, its own data put back. */
void chs_abandon(void);

/*
 * For a search through all states. chs_arena, before anything else is called: from now on all can be kept and put
 * back that the driver and our NDIS hold. Each returns 0 where that cannot be. Nobody may be in the driver then.
 */
enum { CHS_IMAGES = 4 };
int32_t chs_arena(void);
int32_t chs_keep(int32_t image);
void chs_put_back(int32_t image);

/*
 * A tree of block lists: for each block
 *   layer (0 neighbor, 1 path, 2 TCP), 1 for a placeholder, handle of its state object (0: a new one; that of a
 *   former one, for a new offload),
 *   number of the next and of the first dependent block (-1: none), SndUna, SndNxt, SndMax, SndWnd, RcvNxt, RcvWnd,
 *   then CWnd to MaxSndWnd as in CHS_BLOCK_ROW, SndWindScale, RcvWindScale, Flags of TCP_OFFLOAD_STATE_CONST
 * made[2n] becomes the address of block n, made[2n + 1] its handle.
 */
enum { CHS_NODE_ROW = 31 };
enum chs_purpose { CHS_INITIATE, CHS_TERMINATE, CHS_INVALIDATE, CHS_QUERY, CHS_UPDATE, CHS_RETIRED };
void chs_build(int32_t purpose, const int64_t *nodes, int32_t count, int64_t *made);
/* What a new offload of a connection has besides its state: outstanding sends, and `length` bytes of received data. */
void chs_hand_over(int64_t block, int32_t count, const int64_t *lengths, const char *data, int64_t length,
                   const char *received, int64_t *made);
/* MiniportInitiateOffload etc. with a tree. */
void chs_manipulate(int32_t purpose, int64_t root);

/* The driver's function behind a name, such as "MiniportTcpOffloadSend" or "HardwareFails"; 0: it has none. */
int64_t chs_function(const char *name);
/* Whether CHS_LAID_OUT is told. */
void chs_tell_layouts(int32_t tell);

/* MiniportTcpOffloadSend etc. with `count` new buffers, of lengths[n] bytes each; made[n] becomes their addresses. */
int32_t chs_send(int64_t handle, int32_t count, const int64_t *lengths, const char *data, int64_t *made);
int32_t chs_receive(int64_t handle, int32_t count, const int64_t *lengths, const char *data, int32_t no_push,
                    int64_t *made);
int32_t chs_disconnect(int64_t handle, int32_t abortive, int64_t length, const char *data, int64_t *made);
int32_t chs_forward(int64_t handle, const int64_t *segment, const char *payload, int64_t length, int64_t *made);
/* Makes the buffer only; it is passed in a list with that of the next chs_forward, before it. */
void chs_forward_with_next(int64_t handle, const int64_t *segment, const char *payload, int64_t length, int64_t *made);
/* MiniportTcpOffloadReceiveReturn with buffers of the driver's, in this order. */
int32_t chs_return(int32_t count, const int64_t *lists);

/* The NIC. */
void chs_segment(int64_t handle, const int64_t *segment, const char *payload, int64_t length);
void chs_urgent(int64_t handle, const int64_t *segment, const char *payload, int64_t length);
void chs_opportunity(int64_t handle, uint32_t room);
void chs_run(void);
void chs_timer(int64_t handle, int32_t timer);
void chs_failure(int64_t handle);
void chs_link(void);
void chs_ticks(uint32_t ticks);
void chs_silence(int64_t handle);

/*
 * All that the driver remembers, as two numbers: the same for the same memory, wherever its objects lie. False
 * if it may remember something elsewhere: it is a library, or calls for memory past NDIS.
 */
int32_t chs_remembered(uint64_t *digest);
/* The number of the object in which an address was when chs_remembered was called last; -1: in none. */
int64_t chs_numbered(int64_t address);

/*
 * What ran of the driver's code since the last call: places in the library (see cover.c) * 8, plus a number
 * from 0 to 7 that grows with how often. Returns how many were told.
 */
int32_t chs_covered(uint32_t *into, int32_t room);
/* Every place that could be told. */
int32_t chs_coverable(uint32_t *into, int32_t room);
