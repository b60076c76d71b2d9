/*
 *     actions_start -> actions_touch ... on_write, on_written (the ledger)
 *     agent_run's turn: actions_turn, commit, actions_launch
 *                       -> actions_send, actions_tell
 *     actions_end <- actions_send.c
 */
#include "agent/actions_internal.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/log.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/rng.h"
#include "agent/base/seal.h"
#include "agent/base/str.h"
#include "agent/base/uuid.h"
#include "agent/ledger.h"
#include "agent/operator.h"
#include "agent/orders.h"
#include "conf/action.h"
#include "conf/action_fill.h"
#include "conf/conf.h"
#include "reporters/payload.h"

#define HOUR_MS (INT64_C(3600) * 1000)

enum {
	PAST_MAX = 200, /* runs that are over and told of */
	UNTOLD_MAX = 1000, /* and all that are over */
	TIDY_MS = 60 * 1000,
	SEALED_MAX = 8 * 1024,
};

/* What the ledger makes durable. */

struct forgotten {
	struct list link;
	char id[UUID_TEXT_SIZE];
};

static bool
on_write(void *cookie, struct store *store, struct err *err)
{
	struct actions *actions = cookie;
	LIST_EACH (at, &actions->runs, after) {
		const struct run *run = LIST_ENTRY(at, struct run, link);
		if (run->unwritten && !store_put_run(store, &run->row, err))
			return false;
	}
	LIST_EACH (at, &actions->dropped, after)
		if (!store_drop_run(store,
			    LIST_ENTRY(at, struct forgotten, link)->id, err))
			return false;
	return true;
}

static void
on_written(void *cookie)
{
	struct actions *actions = cookie;
	LIST_EACH (at, &actions->runs, after)
		LIST_ENTRY(at, struct run, link)->unwritten = false;
	LIST_EACH (at, &actions->dropped, after) {
		list_remove(at);
		free(LIST_ENTRY(at, struct forgotten, link));
	}
}

void
actions_touch(struct run *run)
{
	run->unwritten = true;
	ledger_wake(run->actions->settings.ledger);
}

/* Runs. */

void
actions_leave_conf(struct run *run)
{
	conf_free(run->conf);
	run->conf = NULL;
	run->action = NULL;
}

static void
free_run(struct run *run)
{
	actions_hang_up(run);
	actions_leave_conf(run);
	list_remove(&run->link);
	free(run->last);
	free(run->elsewhere);
	arena_free(run->place);
	arena_free(run->arena);
}

static void
forget(struct run *run)
{
	struct actions *actions = run->actions;
	struct forgotten *forgotten = mem_zalloc(sizeof(*forgotten));
	str_copy(forgotten->id, sizeof(forgotten->id), run->row.id);
	list_add(&actions->dropped, &forgotten->link);
	actions->n_past--;
	free_run(run);
	ledger_wake(actions->settings.ledger);
}

static struct run *
new_run(struct actions *actions, const struct store_run *row)
{
	struct arena *arena = arena_new();
	struct run *run = arena_alloc(arena, sizeof(*run));
	run->actions = actions;
	run->arena = arena;
	run->row = *row;
	run->row.id = arena_dup(arena, row->id);
	run->row.action = arena_dup(arena, row->action);
	run->row.words = arena_dup(arena, row->words);
	run->row.text = arena_dup(arena, row->text);
	run->row.who = arena_dup(arena, row->who);
	run->row.user = arena_dup(arena, row->user);
	run->row.source = arena_dup(arena, row->source);
	run->row.channel = arena_dup(arena, row->channel);
	run->row.reply = arena_dup(arena, row->reply);
	run->row.follow = arena_dup(arena, row->follow);
	run->row.result = arena_dup(arena, row->result);
	list_add(&actions->runs, &run->link);
	return run;
}

static void
take_conf(struct run *run, const struct conf_action *action)
{
	run->conf = conf_hold(run->actions->conf);
	run->action = action;
}

/* Beginning. */

const char *
actions_key(const struct conf_action *action, struct arena *arena)
{
	const struct conf_pair *headers = action->headers.items;
	const char *key = arena_printf(arena, "%s\n%s", action->url,
		action->secret ? action->secret : "");
	for (size_t i = 0; i < action->headers.count; i++)
		key = arena_printf(arena, "%s\n%s", key,
			headers[i].value ? headers[i].value : "");
	return key;
}

static bool
has_room(const struct actions *actions, const struct conf_action *action,
	struct err *err)
{
	unsigned running = 0;
	unsigned same = 0;
	LIST_EACH (at, &actions->runs, after) {
		const struct run *run = LIST_ENTRY(at, struct run, link);
		if (run_is_over(run))
			continue;
		running++;
		same += str_eq(run->row.action, action->name);
	}
	if (same >= ACTIONS_EACH_MAX)
		return err_set(
			err, "%s runs %u times already", action->name, same);
	return running < ACTIONS_RUNNING_MAX
		|| err_set(err, "%u actions run already", running);
}

static const char *
words_json(const struct conf_action_words *words, struct arena *arena)
{
	json_t *json = json_object();
	for (size_t i = 0; i < words->n; i++)
		json_object_set_new(json, words->items[i].key,
			payload_text(words->items[i].value));
	return payload_write(json, arena);
}

static void
read_words(struct run *run)
{
	json_t *json = json_loads(run->row.words, 0, NULL);
	const char *key;
	json_t *value;
	json_object_foreach (json, key, value) {
		if (run->words.n == CONF_ACTION_WORDS_MAX
			|| !json_is_string(value))
			break;
		run->words.items[run->words.n++] = (struct conf_pair){
			.key = arena_dup(run->arena, key),
			.value =
				arena_dup(run->arena, json_string_value(value)),
		};
	}
	json_decref(json);
}

static const char *
sealed_reply(const struct actions *actions, const struct operator_asker *asker,
	const char *id, struct arena *arena)
{
	struct buf sealed;
	buf_init(&sealed, SEALED_MAX);
	LIST_EACH (at, &actions->sources, after) {
		const struct actions_source *source =
			LIST_ENTRY(at, struct actions_source, link);
		if (asker->reply && asker->reply_len <= ACTIONS_REPLY_MAX
			&& str_eq(source->name, asker->source))
			seal_close(source->secret, id, asker->reply,
				asker->reply_len, &sealed);
	}
	const char *kept = arena_dup(arena, sealed.data);
	buf_finish(&sealed);
	return kept;
}

/* That it can be filled in is seen before anybody is told that it is begun. */
static bool
try_request(const struct actions_found *found, const struct store_run *row,
	struct arena *arena, struct err *err)
{
	struct http_request request;
	const struct conf_action_said said = {
		.words = &found->words,
		.text = found->text,
		.user = row->who,
		.user_id = row->user,
		.channel = row->channel,
		.id = row->id,
		.now_ms = row->started_ms,
	};
	return conf_action_fill(found->action, &said, arena, &request, err);
}

static struct run *
begin(struct actions *actions, const struct actions_found *found,
	const struct store_run *row, struct moment now)
{
	struct run *run = new_run(actions, row);
	take_conf(run, found->action);
	read_words(run);
	run->until_ms = now.mono_ms + found->action->timeout_ms;
	run->due_ms = now.mono_ms;
	actions_touch(run);
	log_say(LOG_INFO, "action is begun", log_text("action", row->action),
		log_text("run", row->id), log_text("who", row->who));
	return run;
}

const char *
actions_start(struct actions *actions, const struct actions_found *found,
	const struct operator_asker *asker, struct moment now, bool *full,
	struct err *err)
{
	char id[UUID_TEXT_SIZE];
	struct arena *arena = arena_new();
	*full = !has_room(actions, found->action, err);
	uuid_make(now.wall_ms, actions->settings.rng, id);
	const struct store_run row = {
		.id = id,
		.action = found->action->name,
		.words = words_json(&found->words, arena),
		.text = found->text,
		.who = asker->who,
		.user = asker->user ? asker->user : asker->who,
		.source = asker->source,
		.channel = asker->channel,
		.reply = sealed_reply(actions, asker, id, arena),
		.follow = "",
		.started_ms = now.wall_ms,
		.result = "",
	};
	bool good = !*full && try_request(found, &row, arena, err);
	const struct run *run = good ? begin(actions, found, &row, now) : NULL;
	arena_free(arena);
	return run ? run->row.id : NULL;
}

/* A former process. */

struct loading {
	struct actions *actions;
	struct moment now;
};

static void
on_run(void *cookie, const struct store_run *row)
{
	const struct loading *loading = cookie;
	struct actions *actions = loading->actions;
	struct moment now = loading->now;
	struct run *run = new_run(actions, row);
	read_words(run);
	if (run_is_over(run)) {
		run->over_ms = now.mono_ms;
		actions->n_past++;
		return;
	}
	const struct conf_action *action =
		conf_action_find(actions->conf, row->action);
	if (action)
		take_conf(run, action);
	/* The wall clock may have been set. */
	int64_t lasted = now.wall_ms - row->started_ms;
	int64_t limit = action ? action->timeout_ms : 0;
	lasted = lasted < 0 ? 0 : lasted > limit ? limit : lasted;
	run->until_ms = now.mono_ms + limit - lasted;
	run->due_ms = now.mono_ms;
	actions_resume(run, now);
}

bool
actions_load(struct actions *actions, struct moment now, struct err *err)
{
	struct loading loading = { actions, now };
	return store_runs(actions->settings.store, on_run, &loading, err);
}

/* Turns. */

/* What nobody could be told yet stays longer; however the wall clock leaps. */
static bool
is_past(const struct run *run, struct moment now)
{
	size_t n = run->actions->n_past;
	int64_t over_ms = now.mono_ms - run->over_ms;
	if (!run_is_over(run) || run->unwritten)
		return false;
	if (run->row.state == STORE_RUN_TOLD)
		return n > PAST_MAX || over_ms >= HOUR_MS;
	return n > UNTOLD_MAX || over_ms >= 24 * HOUR_MS;
}

static void
forget_past(struct actions *actions, struct moment now)
{
	LIST_EACH (at, &actions->runs, after) {
		struct run *run = LIST_ENTRY(at, struct run, link);
		if (is_past(run, now))
			forget(run);
	}
}

void
actions_turn(struct actions *actions, struct moment now)
{
	LIST_EACH (at, &actions->runs, after)
		actions_check_time(LIST_ENTRY(at, struct run, link), now);
	if (now.mono_ms < actions->tidy_ms && actions->n_past <= PAST_MAX)
		return;
	forget_past(actions, now);
	actions->tidy_ms = now.mono_ms + TIDY_MS;
}

int64_t
actions_launch(struct actions *actions, struct moment now)
{
	int64_t since_ms;
	bool stuck =
		ledger_trouble(actions->settings.ledger, &since_ms) != NULL;
	int64_t due = list_empty(&actions->runs) ? -1 : actions->tidy_ms;
	LIST_EACH (at, &actions->runs, after) {
		struct run *run = LIST_ENTRY(at, struct run, link);
		due = clock_earlier(due, actions_send(run, now));
		due = clock_earlier(due, actions_tell(run, now));
		if (run->unwritten) /* by what was done just now */
			due = clock_earlier(
				due, now.mono_ms + (stuck ? 1000 : 0));
		else if (!run_is_over(run) && !run->call)
			due = clock_earlier(due, run->until_ms);
	}
	return due;
}

size_t
actions_busy(const struct actions *actions)
{
	size_t n = 0;
	LIST_EACH (at, &actions->runs, after)
		n += LIST_ENTRY(at, struct run, link)->call != NULL;
	return n;
}

/* Looking. */

struct run *
actions_run(const struct actions *actions, const char *id)
{
	LIST_EACH (at, &actions->runs, after) {
		struct run *run = LIST_ENTRY(at, struct run, link);
		if (str_eq(run->row.id, id))
			return run;
	}
	return NULL;
}

json_t *
actions_look(const struct actions *actions, const char *id)
{
	const struct run *run = actions_run(actions, id);
	if (!run)
		return NULL;
	json_t *answer = actions_answer(run);
	/* Not before it can be relied on. */
	bool over = run_is_over(run) && !run->unwritten;
	json_object_set_new(answer, "over", json_boolean(over));
	return answer;
}

json_t *
actions_list(const struct actions *actions)
{
	json_t *list = json_array();
	LIST_EACH (at, &actions->runs, after) {
		const struct run *run = LIST_ENTRY(at, struct run, link);
		json_t *row = actions_answer(run);
		json_object_set_new(row, "said", payload_text(run->row.text));
		json_array_insert_new(list, 0, row);
	}
	return list;
}

/* Making. */

struct actions *
actions_new(const struct actions_settings *settings)
{
	struct actions *actions = mem_zalloc(sizeof(*actions));
	actions->settings = *settings;
	list_init(&actions->runs);
	list_init(&actions->sources);
	list_init(&actions->dropped);
	actions->tallies = map_new();
	ledger_join(settings->ledger,
		(struct ledger_writer){
			.write = on_write,
			.written = on_written,
			.cookie = actions,
		});
	return actions;
}

void
actions_free(struct actions *actions)
{
	if (!actions)
		return;
	LIST_EACH (at, &actions->runs, after)
		free_run(LIST_ENTRY(at, struct run, link));
	LIST_EACH (at, &actions->sources, after)
		actions_free_source(
			LIST_ENTRY(at, struct actions_source, link));
	LIST_EACH (at, &actions->dropped, after)
		free(LIST_ENTRY(at, struct forgotten, link));
	actions_free_counts(actions);
	conf_free(actions->conf);
	free(actions);
}

void
actions_set_conf(struct actions *actions, struct conf *conf)
{
	conf_hold(conf);
	conf_free(actions->conf);
	actions->conf = conf;
}
