/*
 *     actions_tell -> tell -> the chat's reply ... actions_told
 */
#include "agent/actions_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/fault.h"
#include "agent/base/mem.h"
#include "agent/base/seal.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"
#include "agent/cover.h"
#include "agent/judge/progress.h"
#include "agent/operator_internal.h"
#include "conf/action.h"
#include "conf/conf.h"
#include "conf/secret.h"
#include "reporters/payload.h"

enum {
	SECRET_MIN = 8, /* bytes of a header's word */
	REPLY_MAX = 2 * ACTIONS_REPLY_MAX,
};

/* Texts of receivers. */

/* A word of a template as it is filled in; NULL when a field is in it. */
static const char *
plain_word(const char *at, size_t len, struct arena *arena)
{
	char *plain = arena_dup_n(arena, at, len);
	char *to = plain;
	for (const char *from = plain; *from != '\0'; from++) {
		bool brace = *from == '{' || *from == '}';
		if (brace && from[1] != from[0])
			return NULL;
		from += brace;
		*to++ = *from;
	}
	*to = '\0';
	return plain;
}

static void
cover_words(struct cover *cover, const char *text, const char *between,
	struct arena *arena)
{
	while (text && *text != '\0') {
		text += strspn(text, between);
		size_t len = strcspn(text, between);
		const char *word =
			len >= SECRET_MIN ? plain_word(text, len, arena) : NULL;
		cover_add(cover, word);
		text += len;
	}
}

static bool
is_harmless(const char *header)
{
	static const char *const names[] = { "Content-Type", "Accept",
		"User-Agent", "Accept-Language" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ieq(names[i], header))
			return true;
	return false;
}

static void
cover_value(
	struct cover *cover, const struct conf_node *node, struct arena *arena)
{
	const char *text = node->kind == CONF_NODE_TEXT ? node->text
		: node->kind == CONF_NODE_INT
		? arena_printf(arena, "%" PRId64, node->integer)
		: NULL;
	cover_words(cover, text, " \t", arena);
}

/* What stands in it by a name that says so. */
static void
cover_body(struct cover *cover, const struct conf_node *node, bool named,
	struct arena *arena)
{
	bool is_map = node->kind == CONF_NODE_MAP;
	if (named)
		cover_value(cover, node, arena);
	if (!is_map && node->kind != CONF_NODE_LIST)
		return;
	for (size_t i = 0; i < node->count; i++)
		cover_body(cover, &node->items[i],
			named || (is_map && conf_is_secret_name(node->keys[i])),
			arena);
}

/* What ${NAME} stood for, and what is likely to be a secret besides. */
static struct cover *
cover_of(const struct conf *conf, const struct conf_action *action,
	struct arena *arena)
{
	struct cover *cover = cover_new();
	const char *const *secrets = conf->secrets.items;
	const struct conf_pair *headers = action->headers.items;
	const char *query = strchr(action->url, '?');
	for (size_t i = 0; i < conf->secrets.count; i++)
		cover_add(cover, secrets[i]);
	for (size_t i = 0; i < action->headers.count; i++)
		if (!is_harmless(headers[i].key))
			cover_words(cover, headers[i].value, " \t,;=", arena);
	cover_words(cover, query, "?&=#", arena);
	if (action->body)
		cover_body(cover, action->body, false, arena);
	cover_add(cover, action->secret);
	return cover;
}

const char *
actions_clean(const struct conf *conf, const struct conf_action *action,
	const char *text, struct arena *arena)
{
	struct cover *cover = cover_of(conf, action, arena);
	const char *covered = cover_text(cover, text, arena);
	cover_free(cover);
	struct buf buf;
	buf_init(&buf, strlen(covered) * UTF8_MENDED_FACTOR + 1);
	utf8_mend(covered, strlen(covered), &buf);
	for (char *at = buf.data; *at != '\0'; at++)
		if (((unsigned char)*at < ' ' && *at != '\n') || *at == '\x7f')
			*at = ' ';
	const char *begin = buf.data + strspn(buf.data, " \n");
	size_t len = strlen(begin);
	while (len > 0 && strchr(" \n", begin[len - 1]))
		len--;
	bool cut = len > ACTIONS_SAID_MAX - 4;
	if (cut)
		len = ACTIONS_SAID_MAX - 4
			- utf8_tail(begin, ACTIONS_SAID_MAX - 4);
	const char *clean = arena_printf(
		arena, "%.*s%s", (int)len, begin, cut ? "..." : "");
	buf_finish(&buf);
	return clean;
}

/* Answers. */

static json_t *
answer_of(const struct run *run, bool good, const char *outcome,
	const char *format)
{
	json_t *answer = json_object();
	struct arena *arena = arena_new_small();
	operator_set(answer, "command", "action");
	json_object_set_new(answer, "good", json_boolean(good));
	operator_set(answer, "outcome", outcome);
	operator_set(answer, "text",
		arena_printf(arena, "%s%s", run->row.action, format));
	operator_set(answer, "name", run->row.action);
	operator_set(answer, "by", run->row.who);
	operator_set(answer, "run", run->row.id);
	json_object_set_new(
		answer, "since", operator_time(run->row.started_ms));
	arena_free(arena);
	return answer;
}

json_t *
actions_result(const struct run *run, enum actions_end end, int status,
	const char *result)
{
	static const char *const texts[ACTIONS_ENDS] = {
		[ACTIONS_DONE] = " is done",
		[ACTIONS_FAILED] = " failed",
		[ACTIONS_UNSURE] = ": it is not known whether it was done",
	};
	json_t *answer = answer_of(
		run, end == ACTIONS_DONE, actions_end_name(end), texts[end]);
	json_object_set_new(answer, "ended", operator_time(run->row.ended_ms));
	if (status > 0)
		json_object_set_new(answer, "status", json_integer(status));
	if (*result != '\0')
		operator_set(answer, "result", result);
	return answer;
}

json_t *
actions_answer(const struct run *run)
{
	json_t *answer =
		run_is_over(run) ? json_loads(run->row.result, 0, NULL) : NULL;
	if (answer)
		return answer;
	answer = answer_of(run, true, "goes_on", " still runs");
	if (run->last && *run->last != '\0')
		operator_set(answer, "result", run->last);
	return answer;
}

/* To chats. */

void
actions_free_source(struct actions_source *source)
{
	list_remove(&source->link);
	free(source->name);
	free(source->secret);
	free(source);
}

void
actions_set_reply(struct actions *actions, const char *source,
	const char *secret, actions_reply_fn *reply, void *cookie)
{
	LIST_EACH (at, &actions->sources, after) {
		struct actions_source *former =
			LIST_ENTRY(at, struct actions_source, link);
		if (str_eq(former->name, source))
			actions_free_source(former);
	}
	if (!reply)
		return;
	struct actions_source *next = mem_zalloc(sizeof(*next));
	next->name = mem_dup(source);
	next->secret = mem_dup(secret ? secret : "");
	next->reply = reply;
	next->cookie = cookie;
	list_add(&actions->sources, &next->link);
}

void
actions_told(struct actions *actions, const char *id)
{
	struct run *run = actions_run(actions, id);
	if (!run || run->row.state != STORE_RUN_OVER)
		return;
	run->row.state = STORE_RUN_TOLD;
	run->row.reply = "";
	actions_touch(run);
}

static const struct actions_source *
source_of(const struct run *run)
{
	LIST_EACH (at, &run->actions->sources, after) {
		const struct actions_source *source =
			LIST_ENTRY(at, struct actions_source, link);
		if (str_eq(source->name, run->row.source))
			return source;
	}
	return NULL;
}

static void
tell(struct run *run, const struct actions_source *source)
{
	struct buf reply;
	buf_init(&reply, REPLY_MAX);
	bool there =
		seal_open(source->secret, run->row.id, run->row.reply, &reply);
	struct actions_news news = {
		.run = run->row.id,
		.action = run->row.action,
		.who = run->row.who,
		.channel = run->row.channel,
		.started_ms = run->row.started_ms,
		.over = run_is_over(run),
		.reply = there ? reply.data : NULL,
		.reply_len = there ? reply.len : 0,
		.answer = actions_answer(run),
	};
	source->reply(source->cookie, &news);
	json_decref(news.answer);
	buf_finish(&reply);
}

static int64_t
tell_progress(
	struct run *run, const struct actions_source *source, struct moment now)
{
	int64_t began_ms = run->until_ms - run->action->timeout_ms;
	int64_t lasted_ms = now.mono_ms - began_ms;
	unsigned passed = progress_passed(lasted_ms);
	if (passed > run->n_news) {
		run->n_news = passed;
		tell(run, source);
	}
	int64_t next_ms = progress_next(lasted_ms);
	return next_ms >= 0 ? began_ms + next_ms : -1;
}

int64_t
actions_tell(struct run *run, struct moment now)
{
	const struct actions_source *source = source_of(run);
	if (!source || run->unwritten || *run->row.reply == '\0')
		return -1;
	if (!run_is_over(run))
		return tell_progress(run, source, now);
	if (run->row.state == STORE_RUN_OVER && !run->handed) {
		run->handed = true;
		fault_point("action-told");
		tell(run, source);
	}
	return -1;
}
