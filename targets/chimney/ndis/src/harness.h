/* What the parts of the library share. Drivers see none of it. */
#ifndef CHS_HARNESS_H
#define CHS_HARNESS_H

#define CHS_PLAIN_ALLOCATION /* the functions themselves are defined here */
#include "ndis.h"
#include "simnic.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "api.h"
#include "arena.h"

/* ---- known.c: what an address stands for ---------------------------------------------------- */

enum chs_kind { CHS_MEMORY, CHS_POOL, CHS_LIST, CHS_NET_BUFFER, CHS_MDL, CHS_BLOCK, CHS_HANDLE, CHS_OBJECT };

struct chs_known {
    struct chs_known *chain;
    const void *address;
    enum chs_kind kind;
    bool given; /* memory of it is the host's, the driver may not use it */
};

void chs_know(struct chs_known *known, const void *address, enum chs_kind kind);
void chs_unknow(struct chs_known *known);
/* The record of an address, NULL if it is nothing of that kind. */
void *chs_find(const void *address, enum chs_kind kind);
void chs_each_known(void (*each)(struct chs_known *));
/* The address as api.h tells it. */
int64_t chs_told(const void *address, enum chs_kind kind);

/* ---- resources.c: what a driver takes and has to give back ---------------------------------- */

struct chs_resource {
    struct chs_known known;
    struct chs_resource *before, *after; /* all there are */
    SIZE_T size;
    ULONG tag;
    const char *file; /* where the driver asked for it; NULL where that is unknown */
    ULONG line;
    bool of_adapter; /* taken since MiniportInitializeEx */
    bool since_offload; /* since the first MiniportInitiateOffload: for a state object, and no table of them */
};

void chs_own(struct chs_resource *resource, const void *address, enum chs_kind kind);
void chs_disown(struct chs_resource *resource);
/* Whether what the driver asks for now is to be refused. */
bool chs_refuses(void);
/* Tells that the memory around that context is not freed, if it was taken for a state object. */
void chs_tell_kept(const void *context);
/* Frees what the adapter's driver took, in whatever state it is. */
void chs_free_resources(void);
/* What the driver took after that, in the order in which it did; NULL: its first, or none. */
struct chs_resource *chs_owned_after(struct chs_resource *resource);
/* From here on everything counts as the driver's, not the adapter's; what is left is told first if `tell`. */
void chs_settle_resources(const char *when);

struct chs_place { /* of the driver's; no file: it did not say where it was */
    const char *file;
    ULONG line;
};

/* Where the driver was when it called last, as far as it said so; of the next call it has to say so again. */
struct chs_place chs_take_place(void);

/* Whatever else a driver has a handle of, which is its address. */
struct chs_object {
    struct chs_resource resource;
    const char *what; /* in words, one constant for each kind */
};

void *chs_new_object(SIZE_T size, const char *what);
/* The object of a handle; NULL, and a complaint of `function`, if it is none of that kind. */
void *chs_object(const void *handle, const char *what, const char *function);
void chs_end_object(void *object);

/* ---- waiting.c: time, and what waits for it ------------------------------------------------- */

/* So much passes, and all runs that is due until then. */
void chs_pass_time(ULONGLONG milliseconds);
void chs_run_dpcs(void);
void chs_queue_work(void (*run)(void *item), void *item);
/* Whatever was to come later has come: NDIS halts no adapter before. */
void chs_complete_all(void);
/* Run what completes a request of the driver's: *later*, or now, unless it is said when. */
void chs_complete(void (*run)(void *item), void *item, bool later);
bool chs_is_queued(const void *item);
/* Complains of timers that are set, and DPCs that are queued, in memory that is freed. */
void chs_check_freed_waiting(const void *start, SIZE_T size);
/* Tells the address of all that waits, and what time it is. */
void chs_tell_waiting(void (*tell)(uint64_t word));
/* Forgets whatever waits, and begins the time anew. */
void chs_nothing_waits(void);

/* ---- report.c: telling Python, and calling the driver --------------------------------------- */

struct chs_frame {
    jmp_buf back;
    struct chs_frame *outer;
    const char *name;
    int locks;
    KIRQL irql, outside; /* at which it is called, and at which its caller is */
    bool unsure, abandoned;
};

/* The driver is called. Use: if (!setjmp(*chs_enter(&frame, name, irql))) call it; chs_leave(&frame). */
jmp_buf *chs_enter(struct chs_frame *frame, const char *name, KIRQL irql);
void chs_leave(struct chs_frame *frame);
/* Whether the driver is in a call that was made from outside of it, and not from below another. */
bool chs_outermost(void);
/* Whether the driver is in any. */
bool chs_is_inside(void);
/* Leaves that call. */
void chs_quit(void);

void chs_begin(void);
void chs_word(int64_t word);
char *chs_bytes(SIZE_T size); /* room for that many, to be written at once */
int64_t chs_tell(enum chs_event event);
void chs_say(enum chs_event event, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define chs_complain(...) chs_say(CHS_NONSENSE, __VA_ARGS__)
/* The driver broke a rule that has a name. */
void chs_break(enum chs_rule rule, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- poison.c: memory that changes hands ---------------------------------------------------- */

struct chs_area {
    UCHAR *start;
    SIZE_T size;
};

bool chs_sanitized(void);
void chs_poison(const struct chs_area *area);
void chs_unpoison(const struct chs_area *area);
/* Copies bytes that may be poisoned. */
void chs_copy(void *to, const void *from, SIZE_T size);
uint64_t chs_hash(uint64_t hash, const void *bytes, SIZE_T size);

/* ---- lists.c, hands.c, pools.c, hosts.c: NET_BUFFER_LISTs ----------------------------------- */

enum chs_use { CHS_DRIVERS, CHS_SEND, CHS_RECEIVE, CHS_DISCONNECT, CHS_FORWARD, CHS_FRAME };
#define CHS_MOST_PIECES 4 /* with data */
#define CHS_MOST_EMPTY 2  /* MDLs besides, without any */
#define CHS_MOST_PARTS 3
#define CHS_MOST_BUFFERS 1000 /* NET_BUFFERs of a list, MDLs of a NET_BUFFER: more is a circle */

/* A NET_BUFFER that the host made: its data is `length` bytes, `offset` bytes into its MDLs. */
struct chs_part {
    PNET_BUFFER nb;
    ULONG offset, length;
    PMDL mdls[CHS_MOST_PIECES + CHS_MOST_EMPTY];
    int pieces;
};

struct chs_list {
    struct chs_resource resource;
    PNET_BUFFER_LIST nbl;
    enum chs_use use;
    PNET_BUFFER own; /* the NET_BUFFER that came with it, or NULL */
    struct chs_pool *pool;
    struct chs_list *older;       /* of the host's, in this scenario */
    struct chs_list *older_given; /* of those given away */
    struct chs_area *areas;       /* of a list that was given away */
    int area_count;
    uint64_t seal;
    unsigned visit;
    bool crooked; /* told already that its data start makes no sense */
    struct chs_handle *lender; /* while a list of the driver's is with the host: the connection that it is of */
    /* A list that the host made: */
    ULONG length; /* of all its parts */
    struct chs_part parts[CHS_MOST_PARTS];
    int part_count;
    UCHAR *original;
    SIM_SEGMENT segment; /* that a frame holds */
};

struct chs_buffer { /* a NET_BUFFER */
    struct chs_resource resource;
    PNET_BUFFER nb;
    struct chs_pool *pool;
};

struct chs_pool {
    struct chs_resource resource;
    unsigned out;
    bool buffers; /* each list has a NET_BUFFER of its own */
};

const char *chs_use_name(enum chs_use use);
/* Before telling: complains of what is wrong with the lists that are reachable. After chs_new_visit. */
void chs_look_over(PNET_BUFFER_LIST first);
/* Tells the first list and everything that is reachable from it. */
void chs_put_lists(PNET_BUFFER_LIST first, bool with_data);
void chs_new_visit(void);
/* The list, which counts as visited from now on; NULL if it is none, or was visited since chs_new_visit. */
struct chs_list *chs_unvisited(PNET_BUFFER_LIST nbl);
void chs_put_reachable(PNET_BUFFER_LIST first, bool with_data);
/* The first bytes of the used data of a NET_BUFFER; false (and a complaint) if its MDLs do not hold them. */
bool chs_gather(PNET_BUFFER nb, UCHAR *to, SIZE_T size);
void chs_give_away(struct chs_list *list);
void chs_give_chain(PNET_BUFFER_LIST first, enum chs_use use);
void chs_take_back(struct chs_list *list);
/* Without AddressSanitizer: complains if one of the last `most` lists that were given away was written. */
void chs_check_given(int most);
void chs_forget_given(void);

struct chs_list *chs_make_list(enum chs_use use, const char *data, SIZE_T length);
/* Tells how the data of the host's lists lies in MDLs, if that is wanted. */
void chs_tell_layout(PNET_BUFFER_LIST first);
struct chs_ports { /* of a connection */
    USHORT local, remote;
};
struct chs_list *chs_make_frame(enum chs_use use, struct chs_ports ports, const SIM_SEGMENT *segment);
void chs_destroy_list(struct chs_list *list);
void chs_destroy_hosts_lists(void);
struct chs_list *chs_hosts_lists(void);

/* ---- trees.c, handback.c -------------------------------------------------------------------- */

struct chs_handle {
    struct chs_known known;
    struct chs_handle *older;
    NDIS_OFFLOAD_HANDLE handle;
    PVOID *location; /* where the driver stores its context */
    bool freed, back; /* back: handed to the host */
    int64_t layer;
    const struct chs_handle *path; /* of a connection: below it */
    int number;                    /* among those of its layer, and on that path (tuples.c) */
    bool told, untold; /* that it was freed (lent.h) */
    bool sends; /* octets were sent on it */
    ULONG sent; /* the sequence number after the last one of them */
};

#define CHS_HOST_REACHABILITY 40u /* ticks since the host heard of a neighbor that it offloads */
#define AFTER_BLOCK ALIGN_UP_BY(sizeof(NDIS_MINIPORT_OFFLOAD_BLOCK_LIST), sizeof(PVOID)) /* there its states begin */
#define CHS_PATTERN 0xCC /* CHS_UNWRITTEN, byte for byte */

struct chs_block {
    struct chs_known known;
    struct chs_block *older;
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list;
    PTCP_OFFLOAD_STATE_DELEGATED tcp; /* behind it, or NULL */
    SIZE_T size;                      /* of the block and what follows it */
    enum chs_purpose purpose;
    ULONG request; /* of a termination: the number of the call */
    UCHAR *image; /* as it was handed back */
    SIZE_T hosts; /* of an offload: bytes of its constant and cached state, and their hash as it was passed */
    uint64_t hosts_hash;
    PNET_BUFFER_LIST sends; /* that came with an offload, and their hash as they were passed */
    uint64_t sends_hash;
};

struct chs_block *chs_blocks(void);
struct chs_handle *chs_handles(void);

/* ---- tuples.c: addresses and ports ----------------------------------------------------------- */

void chs_number(struct chs_handle *handle, const struct chs_handle *path);
void chs_fill_addresses(const struct chs_handle *path, PPATH_OFFLOAD_STATE_CONST constant);
void chs_fill_ports(const struct chs_handle *handle, PTCP_OFFLOAD_STATE_CONST constant);
struct chs_ports chs_ports(int64_t handle);

PVOID chs_context(int64_t handle);
PVOID *chs_location(int64_t handle);
/* Tells which state objects' contexts lie in memory that is freed. */
void chs_memory_freed(const void *start, SIZE_T size);
void chs_check_trees(void);
/* Complains of what the driver still holds for neighbors and paths that it handed back. At rest. */
void chs_check_kept(void);
/* Of an offload the constant and cached state, and if it fails the sends, are the host's: noted, and looked at. */
void chs_note_hosts(void);
void chs_check_hosts(void);
/* Complains if the driver, which calls *name*, wrote what is others' in a block. */
void chs_check_reserved(const char *name);
/* What a call on state objects came back with. */
void chs_put_answer(const struct chs_block *block);
void chs_destroy_trees(void);
/* Trees with that purpose are the host's for good. */
void chs_retire_trees(enum chs_purpose purpose);
/* What was handed back is the host's for good. */
void chs_next_cycle(void);

/* ---- requests.c: what NDIS wants of an adapter besides its connections ------------------------ */

/* It restarts; and it is reset, paused and put to sleep once. False: it cannot be played with. */
bool chs_begins_running(void);
/* Whatever may be asked at any time; after each Run. */
void chs_ask_adapter(void);
/* Low power, asked for while all that is offloaded is being terminated; and back. */
void chs_goes_to_sleep(void);
void chs_wakes_up(void);
/* Whether a termination is outstanding, and nothing else is offloaded. */
bool chs_all_terminating(void);
/* Complains if the adapter is paused. */
void chs_check_running(const char *name);
/* It is paused, and halted; after its hardware was pulled out, or not. */
void chs_ends_running(bool pulled_out);
/* The machine is shut down: the adapter is not halted. False: nobody tells it. */
bool chs_shuts_down(void);
void chs_forget_requests(void);

/* ---- statistics.c ---------------------------------------------------------------------------- */

void chs_forget_statistics(void);
void chs_count_received(bool forwarded);
void chs_count_passed(void);
void chs_count_sent(PVOID handle, const SIM_SEGMENT *segment);
/* An OID request is made; and succeeds, with so many bytes, of statistics or not. */
void chs_statistics_asked(void);
void chs_statistics_told(NDIS_OID oid, NDIS_REQUEST_TYPE type, const void *told, SIZE_T size);

/* ---- registration.c, adapter.c -------------------------------------------------------------- */

/* Complains of a header that is of another revision, or of something smaller. */
bool chs_header_fits(const NDIS_OBJECT_HEADER *header, const char *name, UCHAR revision, SIZE_T size);

struct chs_driver {
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS characteristics;
    NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS generic;
    NDIS_PROVIDER_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS tcp;
    NDIS_HANDLE context;
    bool registered, setting_options, has_generic, has_tcp, table_refused;
};

struct chs_adapter {
    NDIS_HANDLE context;
    SIM_NIC_HANDLERS nic;
    bool initializing, attributes_set, handlers_got, attached, live, halting;
    bool attributes_refused, handlers_refused; /* when they were asked for once */
    bool succeeded;                            /* says MiniportInitializeEx */
};

/* The driver's own data, kept as it is now; and as it was then. */
enum chs_moment { CHS_BEFORE_ENTRY, CHS_BEFORE_START, CHS_AFTER_HALT, CHS_DATA_KEPT };
void chs_keep_data(enum chs_moment moment);
void chs_put_data_back(enum chs_moment moment);

struct chs_driver *chs_driver(void);
struct chs_adapter *chs_adapter(void);
/* Complains unless `handle` is one that NDIS gave out, and of locks that are held. */
void chs_calls(const char *name, NDIS_HANDLE handle);

#include "concurrency.h" /* last: it uses what is above */

#endif
