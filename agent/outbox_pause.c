/*
 * For how long a target asked not to be asked: remembered across restarts, as
 * whoever asks all the same is told to wait for longer, or is shut out.
 *
 * Two numbers of the store: when it is over by the wall clock, and how long it
 * was to last when that was written.  A wall clock that was set back lengthens
 * it by no more than that.
 */
#include <stdio.h>

#include "agent/base/log.h"
#include "agent/ledger.h"
#include "agent/outbox_internal.h"

enum {
	COUNTER_SIZE = 320,
};

static bool
write_number(struct store *store, const struct queue_of *queue,
	const char *what, int64_t number, struct err *err)
{
	char name[COUNTER_SIZE];
	snprintf(name, sizeof(name), "%s/%s", what, queue->reporter->id);
	return store_put_counter(store, name, number, err);
}

static bool
read_number(struct store *store, const struct queue_of *queue, const char *what,
	int64_t *number, struct err *err)
{
	char name[COUNTER_SIZE];
	snprintf(name, sizeof(name), "%s/%s", what, queue->reporter->id);
	return store_counter(store, name, number, err);
}

void
outbox_pause_until(struct queue_of *queue, int64_t until_ms)
{
	struct pace *pace = &queue->pace;
	if (until_ms <= pace->shut_until_ms)
		return;
	pace->shut_until_ms = until_ms;
	pace->unwritten = true;
	ledger_wake(queue->outbox->settings.ledger);
}

static bool
write_pause(const struct queue_of *queue, struct store *store,
	struct moment now, struct err *err)
{
	int64_t ms = queue->pace.shut_until_ms - now.mono_ms;
	if (ms < 0)
		ms = 0;
	return write_number(store, queue, "pause_until", now.wall_ms + ms, err)
		&& write_number(store, queue, "pause_ms", ms, err);
}

bool
outbox_pause_write(struct outbox *outbox, struct store *store, struct err *err)
{
	struct moment now = outbox->settings.now(outbox->settings.now_cookie);
	LIST_EACH (at, &outbox->queues, after) {
		struct queue_of *queue = LIST_ENTRY(at, struct queue_of, link);
		if (queue->pace.unwritten
			&& !write_pause(queue, store, now, err))
			return false;
	}
	return true;
}

void
outbox_pause_written(struct outbox *outbox)
{
	LIST_EACH (at, &outbox->queues, after)
		LIST_ENTRY(at, struct queue_of, link)->pace.unwritten = false;
}

static void
go_on(struct queue_of *queue, int64_t left_ms, struct moment now)
{
	queue->pace.shut_until_ms = now.mono_ms + left_ms;
	log_say(LOG_INFO, "the receiver asked for fewer requests, waiting",
		log_text("reporter", reporter_label(queue->reporter)),
		log_int("ms", left_ms));
}

bool
outbox_pause_load(struct outbox *outbox, struct moment now, struct err *err)
{
	struct store *store = outbox->settings.store;
	LIST_EACH (at, &outbox->queues, after) {
		struct queue_of *queue = LIST_ENTRY(at, struct queue_of, link);
		int64_t until_ms, ms;
		if (!read_number(store, queue, "pause_until", &until_ms, err)
			|| !read_number(store, queue, "pause_ms", &ms, err))
			return false;
		int64_t left_ms = until_ms - now.wall_ms;
		if (left_ms > ms)
			left_ms = ms;
		if (left_ms > OUTBOX_RETRY_AFTER_MAX_MS)
			left_ms = OUTBOX_RETRY_AFTER_MAX_MS;
		if (left_ms > 0)
			go_on(queue, left_ms, now);
	}
	return true;
}
