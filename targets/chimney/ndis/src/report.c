/* Telling Python what the driver does, and getting out of a driver that is not to be gone on with. */
#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECKED_EACH_TIME 8 /* lists that were given away; the rest is looked at when the adapter is halted */

static chs_callback listener;
static struct chs_frame *frames[CHS_PROCESSORS]; /* the innermost of each */

#define INNERMOST (frames[chs_processor()])

static struct {
    int64_t *words;
    SIZE_T count, room;
} words;

static struct {
    char *bytes;
    SIZE_T size, room;
} bytes;

void chs_listen(chs_callback callback)
{
    listener = callback;
}

void chs_begin(void)
{
    words.count = 0;
    bytes.size = 0;
}

void chs_word(int64_t word)
{
    if (words.count == words.room) {
        words.room = words.room ? 2 * words.room : 256;
        words.words = realloc(words.words, words.room * sizeof(*words.words));
    }
    words.words[words.count++] = word;
}

char *chs_bytes(SIZE_T size)
{
    if (bytes.size + size > bytes.room) {
        bytes.room = 2 * (bytes.size + size) + 4096;
        bytes.bytes = realloc(bytes.bytes, bytes.room);
    }
    bytes.size += size;
    return bytes.bytes + bytes.size - size;
}

int64_t chs_tell(enum chs_event event)
{
    int64_t answer = listener((int32_t)event, words.words, (int32_t)words.count, bytes.bytes, (int64_t)bytes.size);

    if (answer < 0)
        chs_quit();
    return answer;
}

bool chs_is_inside(void)
{
    return INNERMOST;
}

void chs_quit(void)
{
    if (INNERMOST) {
        INNERMOST->abandoned = true;
        longjmp(INNERMOST->back, 1);
    }
}

bool chs_outermost(void)
{
    return INNERMOST && !INNERMOST->outer;
}

static void say(enum chs_event event, const char *format, va_list arguments)
{
    char text[600];
    int length = vsnprintf(text, sizeof(text), format, arguments);

    length = min(length, (int)sizeof(text) - 1);
    memcpy(chs_bytes((SIZE_T)length), text, (SIZE_T)length);
    chs_tell(event);
}

void chs_say(enum chs_event event, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    chs_begin();
    say(event, format, arguments);
    va_end(arguments);
}

void chs_break(enum chs_rule rule, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    chs_begin();
    chs_word(rule);
    say(CHS_BROKEN, format, arguments);
    va_end(arguments);
}

jmp_buf *chs_enter(struct chs_frame *frame, const char *name, KIRQL irql)
{
    frame->outer = INNERMOST;
    frame->name = name;
    frame->locks = chs_locks_held();
    frame->irql = irql;
    frame->outside = chs_set_irql(irql);
    frame->unsure = chs_set_unsure(false);
    frame->abandoned = false;
    INNERMOST = frame;
    return &frame->back;
}

/* While it looks around nobody can be jumped out of: Python's frames lie between here and the outer driver call. */
void chs_leave(struct chs_frame *frame)
{
    KIRQL left;

    INNERMOST = NULL;
    if (!frame->abandoned)
        chs_drop_locks(frame->locks, frame->name);
    left = chs_set_irql(frame->outside);
    chs_set_unsure(frame->unsure);
    if (!frame->abandoned) {
        if (left != frame->irql)
            chs_break(CHS_IRQL, "%s returns at IRQL %u; it was called at %u", frame->name, left, frame->irql);
        chs_check_given(CHECKED_EACH_TIME);
        chs_check_trees();
    }
    INNERMOST = frame->outer;
}
