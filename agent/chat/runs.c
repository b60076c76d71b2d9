/*
 *     on_news -> tell, which has a queue of its own -> settle
 *             -> post ... on_progress_posted -> tell_result
 *             -> tell_result -> post ... on_result_posted -> settle
 *     settle -> actions_told
 */
#include "agent/chat/runs.h"

#include <stdlib.h>
#include <string.h>

#include "agent/actions.h"
#include "agent/agent.h"
#include "agent/agent_say.h"
#include "agent/base/arena.h"
#include "agent/base/list.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/chat/answer.h"
#include "agent/chat/post.h"
#include "agent/chat/reply.h"
#include "agent/chat/slack_read.h"
#include "agent/chat/slack_say.h"
#include "conf/conf.h"

struct chat_runs {
	struct agent *agent;
	struct chat_posts *posts;
	struct list doors;
	struct list runs;
};

/* One for whose runs we are told. */
struct door {
	struct chat_runs *runs;
	struct list link;
	char *name;
};

/* One of which something is being said, or was. */
struct run {
	struct chat_runs *runs;
	struct list link;
	char *id;
	char *door;
	unsigned spent; /* posts of its URL */
	unsigned posting; /* one at most */
	bool over;
	json_t *result; /* the last message; NULL before */
	char *url; /* where to post it; NULL: nowhere */
	int64_t asked_ms; /* wall clock: when that was given */
};

struct chat_runs *
chat_runs_new(struct agent *agent, struct chat_posts *posts)
{
	struct chat_runs *runs = mem_zalloc(sizeof(*runs));
	runs->agent = agent;
	runs->posts = posts;
	list_init(&runs->doors);
	list_init(&runs->runs);
	chat_runs_reload(runs);
	return runs;
}

static void
close_door(struct door *door)
{
	actions_set_reply(agent_view(door->runs->agent).actions, door->name,
		NULL, NULL, NULL);
	list_remove(&door->link);
	free(door->name);
	free(door);
}

static void
free_run(struct run *run)
{
	list_remove(&run->link);
	json_decref(run->result);
	free(run->url);
	free(run->id);
	free(run->door);
	free(run);
}

void
chat_runs_free(struct chat_runs *runs)
{
	if (!runs)
		return;
	LIST_EACH (at, &runs->doors, after)
		close_door(LIST_ENTRY(at, struct door, link));
	LIST_EACH (at, &runs->runs, after)
		free_run(LIST_ENTRY(at, struct run, link));
	free(runs);
}

/* NULL: a reload took it away. */
static const struct conf_chat *
find_chat(const struct chat_runs *runs, const char *name)
{
	const struct conf *conf = agent_view(runs->agent).conf;
	const struct conf_chat *chats = conf->chats.items;
	for (size_t i = 0; i < conf->chats.count; i++)
		if (str_eq(conf_chat_name(&chats[i]), name))
			return &chats[i];
	return NULL;
}

static struct run *
find_run(struct chat_runs *runs, const char *id, const char *door)
{
	LIST_EACH (at, &runs->runs, after) {
		struct run *run = LIST_ENTRY(at, struct run, link);
		if (str_eq(run->id, id))
			return run;
	}
	struct run *run = mem_zalloc(sizeof(*run));
	run->runs = runs;
	run->id = mem_dup(id);
	run->door = mem_dup(door);
	list_add(&runs->runs, &run->link);
	return run;
}

/* Saying. */

/* Of the last there is nothing more to say; from then on it is forgotten. */
static void
settle(struct run *run)
{
	if (!run->over || run->posting > 0)
		return;
	actions_told(agent_view(run->runs->agent).actions, run->id);
	free_run(run);
}

/* Through the reporter of the door, which has it in its own queue. */
static void
tell(const struct run *run, const json_t *message)
{
	const struct conf_chat *chat = find_chat(run->runs, run->door);
	json_t *copy = json_deep_copy(message);
	json_object_del(copy, "response_type");
	char *body = chat_slack_write(copy);
	if (!chat || !chat->report_to
		|| !agent_say(
			run->runs->agent, chat->report_to, body, clock_now()))
		log_say(LOG_WARN,
			"there is nowhere to tell what came of an action",
			log_text("chat", run->door), log_text("run", run->id));
	free(body);
}

static void tell_result(struct run *run);

/* How it goes is worth no other way, and no second try, for which what came of
 * it would have to wait. */
static void
on_progress_posted(void *cookie, enum chat_posted outcome, unsigned spent)
{
	(void)outcome;
	struct run *run = cookie;
	run->posting--;
	run->spent += spent;
	if (run->over)
		tell_result(run);
	settle(run);
}

static void
on_result_posted(void *cookie, enum chat_posted outcome, unsigned spent)
{
	struct run *run = cookie;
	run->posting--;
	run->spent += spent;
	if (outcome != CHAT_POSTED)
		tell(run, run->result);
	settle(run);
}

static void
post(struct run *run, json_t *message, const char *url, int64_t asked_ms)
{
	char *body = chat_slack_write(json_incref(message));
	run->posting++;
	chat_posts_send(run->runs->posts,
		&(struct chat_post){
			.url = url,
			.body = body,
			.asked_ms = asked_ms,
			.spent = run->spent,
			.once = !run->over,
			.done = run->over ? on_result_posted
					  : on_progress_posted,
			.cookie = run,
		});
	free(body);
}

static json_t *
message_of(const struct conf_chat *chat, const struct actions_news *news)
{
	const struct words words = { .language = chat->language };
	json_t *message = chat_answer_slack(news->answer, &words);
	chat_slack_address(message, true);
	return message;
}

/* The last post of a URL is kept for what came of it. */
static bool
may_post(const struct run *run)
{
	unsigned most = run->over ? CHAT_POSTS_MAX : CHAT_POSTS_MAX - 1;
	return run->spent + run->posting < most;
}

static void
tell_result(struct run *run)
{
	if (run->url && may_post(run))
		post(run, run->result, run->url, run->asked_ms);
	else
		tell(run, run->result);
}

/* It follows what was said before. */
static void
take_result(struct run *run, json_t *message, const char *url, int64_t asked_ms)
{
	json_decref(run->result);
	free(run->url);
	run->over = true;
	run->result = json_incref(message);
	run->url = url ? mem_dup(url) : NULL;
	run->asked_ms = asked_ms;
	if (run->posting == 0)
		tell_result(run);
}

static void
on_news(void *cookie, const struct actions_news *news)
{
	const struct door *door = cookie;
	const struct conf_chat *chat = find_chat(door->runs, door->name);
	if (!chat)
		return;
	struct run *run = find_run(door->runs, news->run, door->name);
	struct arena *arena = arena_new_small();
	struct chat_reply reply =
		chat_reply_read(news->reply, news->reply_len, arena);
	const char *url = chat_slack_response_url(chat, reply.url, arena);
	json_t *message = message_of(chat, news);
	if (news->over)
		take_result(run, message, url, reply.asked_ms);
	else if (!url)
		tell(run, message);
	else if (run->posting == 0 && may_post(run))
		post(run, message, url, reply.asked_ms);
	json_decref(message);
	arena_free(arena);
	settle(run);
}

/* Doors. */

static bool
is_open(const struct chat_runs *runs, const char *name)
{
	LIST_EACH (at, &runs->doors, after)
		if (str_eq(LIST_ENTRY(at, struct door, link)->name, name))
			return true;
	return false;
}

static void
open_door(struct chat_runs *runs, const char *name)
{
	struct door *door = mem_zalloc(sizeof(*door));
	door->runs = runs;
	door->name = mem_dup(name);
	list_add(&runs->doors, &door->link);
}

void
chat_runs_reload(struct chat_runs *runs)
{
	const struct conf *conf = agent_view(runs->agent).conf;
	const struct conf_chat *chats = conf->chats.items;
	for (size_t i = 0; i < conf->chats.count; i++)
		if (!is_open(runs, conf_chat_name(&chats[i])))
			open_door(runs, conf_chat_name(&chats[i]));
	LIST_EACH (at, &runs->doors, after) {
		struct door *door = LIST_ENTRY(at, struct door, link);
		const struct conf_chat *chat = find_chat(runs, door->name);
		if (!chat)
			close_door(door);
		else
			actions_set_reply(agent_view(runs->agent).actions,
				door->name,
				chat->signing_secret ? chat->signing_secret
						     : chat->token,
				on_news, door);
	}
}
