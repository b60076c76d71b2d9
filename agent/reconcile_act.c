#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/outbox.h"
#include "agent/reconcile_internal.h"
#include "reporters/payload.h"
#include "reporters/reporter.h"

enum {
	KEY_SIZE = 40,
};

/** What was left to people, as it was then. */
struct left {
	int64_t mark;
};

static void
key_of(char key[static KEY_SIZE], const char *what, int64_t id)
{
	snprintf(key, KEY_SIZE, "%s %" PRId64, what, id);
}

int64_t
reconcile_left(const struct desk *desk, const char *what, int64_t id)
{
	char key[KEY_SIZE];
	key_of(key, what, id);
	const struct left *left = map_get(desk->left, key);
	return left ? left->mark : -1;
}

void
reconcile_agree(struct desk *desk, const char *what, int64_t id)
{
	char key[KEY_SIZE];
	key_of(key, what, id);
	free(map_remove(desk->left, key));
}

static void
free_left(void *cookie, const char *key, void *thing)
{
	(void)cookie, (void)key;
	free(thing);
}

void
reconcile_forget_left(struct desk *desk)
{
	map_each(desk->left, free_left, NULL);
}

static void
say(enum log_level level, const char *msg, const struct desk *desk,
	const struct finding *finding)
{
	log_say(level, msg,
		log_text("reporter", reporter_label(desk->reporter)),
		log_text("what", finding->what), log_int("id", finding->id),
		log_text("endpoint", finding->event.endpoint.name),
		log_text("there", finding->there),
		log_text("truth", finding->truth),
		log_text("done",
			finding->act == DRIFT_MEND ? finding->deed
						   : "nothing"));
}

static void
add_row(const struct comparison *comparison, const struct finding *finding)
{
	if (!comparison->rows
		|| json_array_size(comparison->rows) >= RECONCILE_ROWS_MAX)
		return;
	const char *act =
		finding->act == DRIFT_MEND ? finding->deed : "left to people";
	json_t *row = json_object();
	json_object_set_new(row, "reporter",
		payload_text(reporter_label(comparison->desk->reporter)));
	json_object_set_new(row, "what", payload_text(finding->what));
	json_object_set_new(row, "id", json_integer(finding->id));
	json_object_set_new(
		row, "endpoint", payload_text(finding->event.endpoint.name));
	json_object_set_new(row, "there", payload_text(finding->there));
	json_object_set_new(row, "truth", payload_text(finding->truth));
	json_object_set_new(row, "act", payload_text(act));
	json_object_set_new(
		row, "mends", json_boolean(finding->act == DRIFT_MEND));
	json_array_append_new(comparison->rows, row);
}

static void
mend(struct comparison *comparison, const struct finding *finding)
{
	struct desk *desk = comparison->desk;
	struct outbox *outbox = desk->reconcile->settings.outbox;
	desk->stats.mended++;
	reconcile_agree(desk, finding->what, finding->id);
	say(LOG_WARN, "what the receiver shows was not as it should be", desk,
		finding);
	if (finding->incident)
		outbox_mend(outbox, &finding->event, desk->reporter,
			finding->reopen ? MEND_REOPEN : MEND_CLOSE, finding->id,
			comparison->now);
	else
		outbox_announce(outbox, &finding->event, &desk->reporter, 1,
			comparison->now);
}

/* Said once, and then no more until it is another difference. */
static void
leave(struct desk *desk, const struct finding *finding)
{
	char key[KEY_SIZE];
	key_of(key, finding->what, finding->id);
	struct left *left = map_get(desk->left, key);
	if (left && left->mark == finding->mark)
		return;
	if (!left) {
		left = mem_zalloc(sizeof(*left));
		map_put(desk->left, key, left);
	}
	left->mark = finding->mark;
	desk->stats.left++;
	say(LOG_INFO, "somebody changed what the receiver shows, left as it is",
		desk, finding);
}

void
reconcile_act(struct comparison *comparison, const struct finding *finding)
{
	struct desk *desk = comparison->desk;
	/* What is on its way sets it right, or leaves it owed. */
	if (finding->act == DRIFT_UNSURE)
		return;
	if (finding->act == DRIFT_NONE) {
		if (!comparison->dry)
			reconcile_agree(desk, finding->what, finding->id);
		return;
	}
	add_row(comparison, finding);
	if (comparison->dry)
		return;
	if (finding->act == DRIFT_MEND)
		mend(comparison, finding);
	else
		leave(desk, finding);
}
