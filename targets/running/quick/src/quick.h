/*
 * What the Python side calls. It reads these declarations too, so there is nothing here but C types, constants
 * and functions.
 *
 * A move is a row: kind, connection, n, m, and how many rows follow that come during the next indication.
 */
enum {
    QUICK_CONNS = 2,     /* connections */
    QUICK_BLOCKS = 8,    /* of the tree that is terminated */
    QUICK_OBJECTS = 16,  /* state objects that were offloaded */
    QUICK_NODE = 31,     /* CHS_NODE_ROW of our NDIS */
    QUICK_STREAM = 512,  /* bytes of each stream that are known; runs that need more are not played here */
    QUICK_STATUSES = 8,  /* NDIS_STATUS */
    QUICK_EVENTS = 8,    /* TCP_OFFLOAD_EVENT_TYPE */
    QUICK_MOVE = 5,      /* numbers of a move */
    QUICK_IMAGES = 3,
    QUICK_BOUNDS = 6,    /* of what a run may have only so much */
    QUICK_NAMES = 256,   /* events */
    QUICK_LEFT = 1024,   /* ways that are left to go from a state */
    QUICK_COUNTED = 4096 /* what is counted of the runs that end in a state */
};

enum quick_kind {
    QUICK_SEND,
    QUICK_TRANSMIT,
    QUICK_PEER_GETS,
    QUICK_ACK,
    QUICK_RETRANSMIT,
    QUICK_LOSE,
    QUICK_DATA,
    QUICK_FIN,
    QUICK_RECEIVE,
    QUICK_APPETITE,
    QUICK_ACK_TIMER,
    QUICK_GIVE_BACK,
    QUICK_RUN,
    QUICK_MEANWHILE,
    QUICK_REST,
    QUICK_TERMINATE,
    QUICK_KINDS
};

/* A number of NDIS, and what it is in the model. */
struct quick_code {
    int64_t number, code;
};

/* Where all runs begin: the connections are offloaded, and nothing has happened yet. */
struct quick_given {
    void *happens, *possible, *run; /* the monitor's functions, and what it knows of this run */
    int64_t conns, objects, blocks;
    int64_t buffers;             /* sends of a connection that the judged world has room for */
    int64_t sends, requests;     /* that the host may post */
    int64_t offered[QUICK_CONNS]; /* the window of the peer at the offload */
    int64_t handles[QUICK_OBJECTS], conn_of[QUICK_OBJECTS]; /* -1: a neighbor or a path */
    int64_t nodes[QUICK_BLOCKS * QUICK_NODE], numbers[QUICK_BLOCKS]; /* for chs_build, and their numbers in the model */
    struct quick_code requests_status[QUICK_STATUSES], blocks_status[QUICK_STATUSES], events[QUICK_EVENTS];
    char out[QUICK_CONNS][QUICK_STREAM], peers[QUICK_CONNS][QUICK_STREAM]; /* what passes each way */
};

/* What came of moves. */
struct quick_edge {
    int64_t possible; /* they left a trace */
    int64_t fails;    /* a property is broken */
    int64_t calls;    /* of entry points */
    int64_t heard;    /* calls that the driver made */
    int64_t names;    /* events in all since the run began */
    int64_t data, any; /* whether the driver indicated data, or anything */
    uint64_t key[2];
};

/* A way on: of what is bounded it spends so much; so many others, from that number on, may come instead of it. */
struct quick_way {
    const int64_t *moves;
    int64_t rows, ends, spends[QUICK_BOUNDS];
    int64_t data, data_ways; /* if it has the driver indicate data */
    int64_t any, any_ways;   /* if it has the driver indicate anything */
};

/* The ways of a search, the first of them from every state; the others come instead of them. */
struct quick_offer {
    const struct quick_way *ways;
    int64_t choices, ends_only, most[QUICK_BOUNDS];
    uint8_t unheard[QUICK_NAMES]; /* events that are left out where two in a row are counted */
};

/* Of a sweep: words that tell edges, words in all; runs that ended, calls of entry points and of the driver's. */
struct quick_swept {
    int64_t edges, words, runs, calls, heard;
};

enum quick_counted {
    QUICK_REACHED,
    QUICK_HAPPENED,
    QUICK_PAIR
};

/*
 * All return 0 where the run cannot be played, or judged, here: then what the driver holds is not to be gone on with.
 */
int32_t quick_begins(void *const *driver, const struct quick_given *given);
/* The moves, from the beginning. */
int32_t quick_plays(const int64_t *moves, int32_t rows, struct quick_edge *edge);
/* The moves, from where the run is; *ends*: and the run's end. */
int32_t quick_goes(const int64_t *moves, int32_t rows, int32_t ends, struct quick_edge *edge);
int32_t quick_keep(int32_t image);
void quick_put_back(int32_t image);
/*
 * Ways on from many states of the same depth, each with the ways that lead to it; how many were looked at: after
 * one in which something breaks, no other is. Of each it is told how many edges it has (times 2^32) and how many
 * of them are told, its key, and of those edges the way and the key; or UINT64_MAX alone: all of it is left to
 * others. An edge is not told if another one to the same key was told before.
 */
void quick_sweep_begins(const struct quick_offer *offer);
int32_t quick_sweep(const uint16_t *paths, int32_t depth, int32_t states);
/* Whether something broke in the last one. */
int32_t quick_broke(void);
/* What was told; then, in how many of the runs that ended was what: the kind and two numbers in a word, the runs. */
const uint64_t *quick_sweep_ends(struct quick_swept *swept);
/* The numbers of the events that happened, as in world.h. */
const uint8_t *quick_names(void);
/* Why a run could not be played here. */
const char *quick_why(void);
