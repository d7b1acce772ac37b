/*
 * The usual course of a run, at the speed of C: host, wire and hardware as targets/chimney has them, for a driver
 * that does what drivers do. Whatever is out of the ordinary is not judged here: the run is given up (BAIL), and
 * played as ever.
 */
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "api.h"   /* our NDIS */
#include "world.h" /* the judged world and its events, written for the monitor */
#include "quick.h"

#define SENDS 16
#define REQUESTS 4
#define LENT 32
#define KEPT 16
#define MOST_ROWS 64
#define MOST_NAMES 4096
#define MOST_CALLS 400 /* of one entry point; a plain run allows for more */
#define ALL (-1)       /* the appetite of an application that takes everything */
#define NONE (-1)      /* NULL of the model */

#define DRIVER(X)                                                                                               \
    X(chs_listen) X(chs_keep) X(chs_put_back) X(chs_build) X(chs_manipulate) X(chs_send) X(chs_receive)         \
    X(chs_return) X(chs_segment) X(chs_opportunity) X(chs_run) X(chs_timer) X(chs_stop) X(chs_remembered)       \
    X(chs_numbered)

struct driver {
#define POINTER(name) __typeof__(&name) name;
    DRIVER(POINTER)
#undef POINTER
};

/* One connection: what is on the wire, and the buffers that passed. */
struct line {
    uint8_t there[QUICK_STREAM];      /* 1 for each position that was transmitted */
    int64_t length, fin_at;           /* positions; a FIN that was not sent is at NONE */
    int64_t peer_sent;                /* end of what the peer ever sent */
    int64_t appetite;                 /* bytes of an indication that are taken, or ALL */
    int64_t refused;                  /* the application refused data */
    int64_t recovering;               /* something was sent again, or is to be */
    int64_t sends, requests;          /* that passed */
    int64_t sends_at[SENDS], sends_size[SENDS], sends_next[SENDS], sends_moved[SENDS];
    int64_t requests_at[REQUESTS], requests_size[REQUESTS];
    int64_t lent, lent_at[LENT];      /* buffers of the driver's that the host holds */
    int64_t buffered, buffered_at[LENT]; /* BufferedData, until it is returned */
};

/* All of a run that is kept with a state, besides the judged world and the driver's memory. */
struct scene {
    struct line lines[QUICK_CONNS];
    int64_t freed;                     /* state objects: a bit of each */
    int64_t made[2 * QUICK_BLOCKS];    /* of the tree that is terminated: the address of each block, its handle */
    int64_t sent, received;            /* completions */
    int64_t kept;                      /* moves that come during the next indications: so many times */
    const int64_t *kept_moves[KEPT];
    int64_t kept_rows[KEPT];
    int64_t calls, heard, names;
};

struct image {
    struct scene scene;
    Run run;
};

struct player {
    struct driver driver;
    struct quick_given given;
    Happens happens;
    Possible possible;
    Run *run;
    struct scene now;
    struct image images[QUICK_IMAGES + 1]; /* the last one: the beginning */
    uint8_t names[MOST_NAMES];
    int depth, waited_for; /* entry points that have not returned; those that the host waits for to terminate */
    int made;              /* calls that the outermost one made */
    _Bool halting, completing; /* the adapter; receive requests, from within which the host may post others */
    jmp_buf top;
    const char *why;
};

extern struct player quick;

#define BAIL(because) (quick.why = (because), longjmp(quick.top, 1))

#define CONN(c) (&quick.run->world.conns[c])
#define WORLD (&quick.run->world)
#define LINE(c) (&quick.now.lines[c])

/* An event of the model with its values; the second, if it can happen here: whether it did. */
#define HAPPENS(event, ...) quick_happens(E_##event, &(Values){__VA_ARGS__})
#define IF_POSSIBLE(event, ...) quick_if_possible(E_##event, &(Values){__VA_ARGS__})

void quick_happens(enum event event, const Values *values);
_Bool quick_if_possible(enum event event, const Values *values);

int64_t quick_hears(int32_t event, const int64_t *words, int32_t count, const char *bytes, int64_t size);
int64_t quick_terminated(const int64_t *words, int32_t count, const char *bytes);

/* A buffer as the driver tells of it. */
struct row {
    int64_t at, status, done, next, moved, size, altered;
    const char *data;
};
int quick_rows(const int64_t *words, int32_t count, const char *bytes, struct row *rows);
const struct row *quick_row(const struct row *rows, int count, int64_t at);
/* The send at an address; false if there is none. */
_Bool quick_send_at(int64_t at, int *conn, int *index);
int64_t quick_code(const struct quick_code *codes, int count, int64_t number);

void quick_moves(const int64_t *moves, int64_t rows);
void quick_move(const int64_t *move);
void quick_terminate(void);
void quick_return(int conns, _Bool in_one_list);
void quick_acknowledges(int c, int64_t n, int64_t window);
void quick_arrives(int c, int64_t at, int64_t ack, int64_t window, int64_t from, int64_t upto, _Bool fin);
_Bool quick_rests(void);
void quick_finish(void);

/* How far a run is, to see what a move leaves as it is. */
struct quick_trace {
    int64_t calls, heard, names, kept, appetite[QUICK_CONNS];
};
struct quick_trace quick_trace(void);
void quick_tell(struct quick_edge *edge, const struct quick_trace *before);
void quick_tell_key(uint64_t *key);

/* Calls of entry points are made between these two. */
void quick_enter(_Bool waited_for);
void quick_leave(_Bool waited_for);
#define CALL(statement) (quick_enter(0), (statement), quick_leave(0))

static inline _Bool is_live(const Connection *conn) { return WORLD->phase == 0 || conn->block == NONE; }
static inline _Bool is_back(const Connection *conn) { return WORLD->phase == 2 && conn->block != NONE; }
static inline _Bool is_lost(const Connection *conn) { return conn->block != NONE && WORLD->blocks[conn->block].lost; }
static inline _Bool is_over(const Connection *conn) { return conn->peer.rst || conn->peer.abandoned; }
static inline int64_t serial(int64_t number) { return (int64_t)(uint32_t)number; }
/* The position that a sequence number means to who stands at *position*. */
static inline int64_t decode(int64_t position, int64_t number, int64_t origin)
{
    return position + (int32_t)(uint32_t)(number - (origin + position));
}
static inline int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
/* The handle of a connection's state object. */
int64_t quick_handle(int c);
