/* Locks and levels, two processors, and what they race for; part of harness.h. */
#ifndef CHS_CONCURRENCY_H
#define CHS_CONCURRENCY_H

/* ---- held.c, irql.c ---------------------------------------------------------------------------- */

#define CHS_PROCESSORS 2

enum chs_taking { CHS_WAITED, CHS_TRIED, CHS_SHARED }; /* a lock: waiting for it, without, as a reader */

int chs_locks_held(void);
void chs_hold(PKSPIN_LOCK lock, enum chs_taking taking, struct chs_place place);
bool chs_other_holds(const KSPIN_LOCK *lock);
/* False: it is not held. Before: the IRQL before it was taken. */
bool chs_let_go(PKSPIN_LOCK lock, KIRQL *before);
/* Where a lock was taken, and the one taken last; a place of the driver's: in words. */
const char *chs_held_at(const KSPIN_LOCK *lock);
const char *chs_last_held_at(void);
const char *chs_at(struct chs_place place);
/* Complains of every lock beyond the first `count`, and lets it go. */
void chs_drop_locks(int count, const char *name);
void chs_forget_locks(void);
/* Complains of locks that are held in memory that is freed. */
void chs_check_freed_locks(const void *start, SIZE_T size);

struct chs_level { /* the IRQLs at which a function may be called */
    const char *name;
    KIRQL least, most;
};

const struct chs_level *chs_level_of(const char *name);
void chs_check_level(const struct chs_level *level);
#define CHS_LEVEL                                        \
    do {                                                 \
        static const struct chs_level *level;            \
        level = level ? level : chs_level_of(__func__);  \
        chs_check_level(level);                          \
    } while (0)
/* Both return what it was. The IRQL without locks; whether it may be higher than that, for all that is known. */
KIRQL chs_set_irql(KIRQL to);
bool chs_set_unsure(bool now);

/* ---- processors.c ----------------------------------------------------------------------------- */

/* The processor that runs, 0 or 1. */
int chs_processor(void);
/* Here the other processor may come in between. */
void chs_point(void);
/* It runs, unless there is nothing that it does, or can do; whether it did. */
bool chs_other_gets_on(void);
/* It runs until it releases the lock. */
void chs_wait_for(PKSPIN_LOCK lock, const char *name);
void chs_released(const KSPIN_LOCK *lock);
/* A call into the driver from outside of it is over; so is what interrupted it, when this returns. */
void chs_call_ends(bool abandoned);
/* The processor is in the NIC's interrupt; and in none any more. */
void chs_interrupt_begins(void);
void chs_interrupt_ends(void);
/* What the driver hands back, the NIC has let go of: its interrupt on the other processor is over. */
void chs_nic_lets_go(void);

/* ---- races.c ---------------------------------------------------------------------------------- */

void chs_watch_races(bool on);
/* What this processor did until now is before what the other does after chs_is_ordered; NULL stands for the host. */
void chs_orders(const volatile void *object);
void chs_is_ordered(const volatile void *object);
/* Takes note of what this processor wrote where it had read; before the other runs, and before memory is freed. */
void chs_note_writes(void);
/* This processor reads or writes memory of the driver's. */
void chs_accesses(const volatile void *start, SIZE_T size, bool writes, const char *where);

#endif
