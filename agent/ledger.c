#include "agent/ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/store/store.h"

enum {
	WRITERS_MAX = 8,
	RETRY_MS = 1000,
	LATER_MS = 1000,
};

struct ledger {
	struct store *store;
	struct ledger_writer writers[WRITERS_MAX];
	size_t n;

	bool wanted;
	int64_t due_ms; /* -1: nothing waits */
	bool failing;
	int64_t failing_since_ms;
	struct err why;
};

struct ledger *
ledger_new(struct store *store)
{
	struct ledger *ledger = mem_zalloc(sizeof(*ledger));
	ledger->store = store;
	ledger->due_ms = -1;
	return ledger;
}

void
ledger_free(struct ledger *ledger)
{
	free(ledger);
}

void
ledger_join(struct ledger *ledger, struct ledger_writer writer)
{
	assert(ledger->n < WRITERS_MAX);
	ledger->writers[ledger->n++] = writer;
}

void
ledger_wake(struct ledger *ledger)
{
	/* While the disk is in trouble the next try has its own time. */
	if (!ledger->failing)
		ledger->wanted = true;
}

void
ledger_wake_later(struct ledger *ledger, struct moment now)
{
	if (ledger->due_ms < 0)
		ledger->due_ms = now.mono_ms + LATER_MS;
}

static bool
write_all(struct ledger *ledger, struct err *err)
{
	if (!store_begin(ledger->store, err))
		return false;
	for (size_t i = 0; i < ledger->n; i++) {
		const struct ledger_writer *writer = &ledger->writers[i];
		if (!writer->write(writer->cookie, ledger->store, err))
			goto rollback;
	}
	if (!store_commit(ledger->store, err))
		goto rollback;
	return true;

rollback:
	store_rollback(ledger->store);
	return false;
}

static void
note_failure(struct ledger *ledger, const struct err *why, struct moment now)
{
	if (!ledger->failing) {
		ledger->failing = true;
		ledger->failing_since_ms = now.mono_ms;
		log_say(LOG_ERROR,
			"cannot record, and will not tell until it can;"
			" trying again each second",
			log_text("error", why->text));
	}
	ledger->why = *why;
	ledger->wanted = false;
	ledger->due_ms = now.mono_ms + RETRY_MS;
}

static void
note_success(struct ledger *ledger, struct moment now)
{
	if (ledger->failing)
		log_say(LOG_INFO, "recording again",
			log_int("seconds",
				(now.mono_ms - ledger->failing_since_ms)
					/ 1000));
	ledger->failing = false;
	ledger->wanted = false;
	ledger->due_ms = -1;
	for (size_t i = 0; i < ledger->n; i++)
		ledger->writers[i].written(ledger->writers[i].cookie);
}

int64_t
ledger_turn(struct ledger *ledger, struct moment now)
{
	bool due = ledger->due_ms >= 0 && ledger->due_ms <= now.mono_ms;
	if (ledger->wanted || due) {
		struct err err;
		if (write_all(ledger, &err))
			note_success(ledger, now);
		else
			note_failure(ledger, &err, now);
	}
	return ledger->due_ms;
}

const char *
ledger_trouble(const struct ledger *ledger, int64_t *since_ms)
{
	if (!ledger->failing)
		return NULL;
	*since_ms = ledger->failing_since_ms;
	return ledger->why.text;
}
