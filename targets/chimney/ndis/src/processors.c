/*
 * Two processors: a call into the driver is interrupted at one of its points, and another one is made meanwhile by
 * the other processor, which may be interrupted once itself. A point is a lock taken or released, an interlocked
 * operation, a call of NDIS, memory freed. One of the two runs at a time, on a thread of its own: which, is a
 * matter of the points alone, so that a run is the same each time.
 *
 * A processor that waits for a lock lets the other one run until that releases it, and then goes on at once.
 */
#include "harness.h"

#include <pthread.h>

#define MOST_POINTS 1000 /* that a processor passes before the other gets on: it may wait for that one in a loop */

enum life { IDLE, RUNNING, OVER };

static struct {
    int points, at; /* so many were passed; it is interrupted there (0: nowhere) */
    int since;      /* points passed since it got its turn */
    PKSPIN_LOCK waits;
    bool interrupt; /* the call that it makes is the NIC's interrupt */
} processors[CHS_PROCESSORS];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;
static enum life other; /* processor 1 */
static bool armed, quitting;
static const char nic; /* what it does, it does before it lets go of a state object */

int chs_processor(void)
{
    return turn;
}

static void wait_turn(int me)
{
    pthread_mutex_lock(&mutex);
    while (turn != me)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

static void give_turn(int to)
{
    pthread_mutex_lock(&mutex);
    turn = to;
    processors[to].since = 0;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/* The other processor runs until it is this one's turn again. */
static void switch_over(void)
{
    int me = turn;

    chs_note_writes();
    give_turn(!me);
    wait_turn(me);
    if (quitting)
        chs_quit();
}

void chs_interrupt_at(int32_t first, int32_t second)
{
    memset(processors, 0, sizeof(processors));
    processors[0].at = first;
    processors[1].at = second;
    other = IDLE;
    quitting = false;
    armed = first > 0;
    chs_watch_races(armed);
}

int32_t chs_points(int32_t processor)
{
    return processors[processor].points;
}

void chs_point(void)
{
    int me = turn;

    if (!armed || !chs_outermost())
        return;
    processors[me].points++;
    processors[me].since++;
    if (me == 0 && other == IDLE && processors[0].points == processors[0].at) {
        chs_begin();
        chs_tell(CHS_INTERRUPTED);
        other = RUNNING;
        switch_over();
    } else if (other == RUNNING && me == 1 && processors[1].points == processors[1].at)
        switch_over();
    else if (processors[me].since > MOST_POINTS)
        chs_other_gets_on();
}

bool chs_other_gets_on(void)
{
    if (other != RUNNING || processors[!turn].waits)
        return false;
    switch_over();
    return true;
}

void chs_wait_for(PKSPIN_LOCK lock, const char *name)
{
    int me = turn;

    if (processors[!me].waits)
        chs_break(CHS_DEADLOCK,
                  "%s waits for a lock that the other processor took %s, which waits for one that this one took %s",
                  name, chs_held_at(lock), chs_held_at(processors[!me].waits));
    processors[me].waits = lock;
    switch_over();
    processors[me].waits = NULL;
}

void chs_released(const KSPIN_LOCK *lock)
{
    if (armed && processors[!turn].waits == lock)
        switch_over();
}

void chs_call_ends(bool abandoned)
{
    if (!armed || turn != 0 || other == IDLE)
        return;
    quitting = abandoned;
    chs_note_writes();
    while (other == RUNNING) {
        give_turn(1);
        wait_turn(0);
    }
    armed = false;
    chs_watch_races(false);
}

void chs_interrupt_begins(void)
{
    processors[turn].interrupt = true;
}

void chs_interrupt_ends(void)
{
    if (processors[turn].interrupt)
        chs_orders(&nic);
    processors[turn].interrupt = false;
}

void chs_nic_lets_go(void)
{
    while (armed && processors[!turn].interrupt && chs_other_gets_on())
        ;
    chs_is_ordered(&nic);
}

void chs_processor_begins(void)
{
    wait_turn(1);
}

void chs_processor_ends(int32_t failed)
{
    chs_note_writes();
    other = OVER;
    quitting = failed;
    give_turn(0);
}
