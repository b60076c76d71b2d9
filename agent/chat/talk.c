/*
 *     chat_talk_start -> operator_start ... on_answered -> give, or say_later
 *                     -> slow           ... on_slow -> give
 */
#include "agent/chat/talk.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "agent/actions.h"
#include "agent/agent.h"
#include "agent/agent_say.h"
#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/list.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/chat/answer.h"
#include "agent/chat/command.h"
#include "agent/chat/post.h"
#include "agent/chat/reply.h"
#include "agent/chat/runs.h"
#include "agent/chat/seen.h"
#include "agent/chat/slack_say.h"
#include "agent/operator.h"
#include "conf/conf.h"
#include "reporters/payload.h"

enum {
	NAME_MAX_BYTES = 80, /* of what somebody calls themselves */
	BEGUN_MAX = 4096, /* that are known when they come again */
};

struct chat_talks {
	struct agent *agent;
	struct ev_loop *loop;
	struct chat_posts *posts;
	struct chat_runs *runs;
	struct chat_seen *begun; /* requests for actions */
	struct list all;
	size_t count;
};

struct chat_talk {
	struct chat_talks *talks;
	struct list link;
	struct arena *arena;
	struct conf *conf; /* of the door, held */
	const struct conf_chat *chat;
	struct chat_slack_ask ask;
	json_t *mistake; /* the answer to it; NULL: it was understood */
	bool changes;
	bool repeated; /* and may not be done twice */
	int64_t asked_ms; /* wall clock */
	struct operator_call *call;
	struct ev_timer slow;
	chat_talk_fn *answer; /* NULL: nobody waits */
	void *cookie;
};

struct chat_talks *
chat_talks_new(struct agent *agent)
{
	struct chat_talks *talks = mem_zalloc(sizeof(*talks));
	talks->agent = agent;
	talks->loop = agent_loop(agent);
	talks->posts = chat_posts_new(talks->loop, agent_view(agent).http);
	talks->runs = chat_runs_new(agent, talks->posts);
	talks->begun = chat_seen_new(BEGUN_MAX);
	list_init(&talks->all);
	return talks;
}

static void
free_talk(struct chat_talk *talk)
{
	operator_cancel(talk->call);
	ev_timer_stop(talk->talks->loop, &talk->slow);
	list_remove(&talk->link);
	talk->talks->count--;
	chat_slack_ask_finish(&talk->ask);
	json_decref(talk->mistake);
	conf_free(talk->conf);
	arena_free(talk->arena);
	free(talk);
}

void
chat_talks_free(struct chat_talks *talks)
{
	if (!talks)
		return;
	LIST_EACH (at, &talks->all, after)
		free_talk(LIST_ENTRY(at, struct chat_talk, link));
	chat_posts_free(talks->posts);
	chat_runs_free(talks->runs);
	chat_seen_free(talks->begun);
	free(talks);
}

void
chat_talks_reload(struct chat_talks *talks)
{
	chat_runs_reload(talks->runs);
}

bool
chat_talks_are_full(const struct chat_talks *talks)
{
	return talks->count >= CHAT_TALKS_MAX;
}

/* Saying. */

static void
give(struct chat_talk *talk, const char *body)
{
	chat_talk_fn *answer = talk->answer;
	talk->answer = NULL;
	ev_timer_stop(talk->talks->loop, &talk->slow);
	answer(talk->cookie, body);
}

static const char *
response_url(const struct chat_talk *talk)
{
	return chat_slack_response_url(
		talk->chat, talk->ask.response_url, talk->arena);
}

/* It can be said once the request is over. */
static bool
can_say_later(const struct chat_talk *talk)
{
	return response_url(talk) || talk->chat->report_to;
}

/* Consumes the message. */
static void
post(const struct chat_talk *talk, const char *url, json_t *message)
{
	char *body = chat_slack_write(message);
	chat_posts_send(talk->talks->posts,
		&(struct chat_post){
			.url = url,
			.body = body,
			.asked_ms = talk->asked_ms,
		});
	free(body);
}

/* The same; into a channel it is for all of it. */
static void
tell(const struct chat_talk *talk, json_t *message)
{
	const char *reporter = talk->chat->report_to;
	json_object_del(message, "response_type");
	json_object_del(message, "replace_original");
	char *body = chat_slack_write(message);
	if (!reporter
		|| !agent_say(talk->talks->agent, reporter, body, clock_now()))
		log_say(LOG_WARN,
			"there is nowhere to answer: the chat has no report_to",
			log_text("chat", conf_chat_name(talk->chat)));
	free(body);
}

/* The same. */
static void
say(struct chat_talk *talk, json_t *message)
{
	const char *url = response_url(talk);
	if (talk->answer) {
		char *body = chat_slack_write(message);
		give(talk, body);
		free(body);
	} else if (url) {
		post(talk, url, message);
	} else {
		tell(talk, message);
	}
}

/* What is said into a channel is for all of it. */
static void
address(const struct chat_talk *talk, json_t *message, bool to_all)
{
	if (talk->ask.kind == CHAT_SLACK_COMMAND
		|| talk->ask.kind == CHAT_SLACK_PRESS)
		chat_slack_address(message, to_all);
}

static void
on_slow(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop, (void)events;
	struct chat_talk *talk = timer->data;
	bool later = !talk->repeated && can_say_later(talk);
	enum chat_slack_word word = talk->repeated ? CHAT_SLACK_REPEATED
		: later				   ? CHAT_SLACK_LATER
						   : CHAT_SLACK_ASK_AGAIN;
	json_t *message = chat_slack_sentence(
		chat_slack_word(talk->chat->language, word));
	address(talk, message, false);
	say(talk, message);
	if (!later)
		free_talk(talk); /* what was asked for goes on */
}

/* What was not understood is answered with what would be. */
static json_t *
explain(const struct chat_talk *talk, const json_t *help)
{
	json_object_set(
		talk->mistake, "commands", json_object_get(help, "commands"));
	return talk->mistake;
}

/* By what we are spoken to there, for help to show it. */
static const char *
prefix_of(const struct chat_talk *talk)
{
	return talk->ask.kind == CHAT_SLACK_COMMAND ? talk->ask.command
						    : talk->chat->trigger;
}

/* Who asked how an action is asked for, changed nothing. */
static bool
is_help(const json_t *answer)
{
	const char *word =
		json_string_value(json_object_get(answer, "command"));
	return word && str_eq(word, command_rows[COMMAND_HELP].word);
}

static json_t *
message_of(const struct chat_talk *talk, json_t *answer)
{
	bool good = json_is_true(json_object_get(answer, "good"));
	int language = talk->chat->language;
	if (talk->ask.kind == CHAT_SLACK_PRESS && good)
		return chat_slack_replacement(&talk->ask, language);
	const struct words words = { .language = language };
	json_object_set_new(answer, "prefix", payload_text(prefix_of(talk)));
	json_t *message = chat_answer_slack(answer, &words);
	address(talk, message, good && talk->changes && !is_help(answer));
	if (talk->ask.kind == CHAT_SLACK_PRESS)
		json_object_set_new(message, "replace_original", json_false());
	return message;
}

static void
on_answered(void *cookie, json_t *answer)
{
	struct chat_talk *talk = cookie;
	talk->call = NULL;

	if (talk->mistake)
		answer = explain(talk, answer);
	say(talk, message_of(talk, answer));
	free_talk(talk);
}

/* Beginning. */

static bool
names(const struct conf_list *list, const char *id)
{
	const char *const *ids = list->items;
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(ids[i], id))
			return true;
	return list->count == 0;
}

/* "sora (U0ONCALL1)": what they call themselves, and who they are. */
static const char *
who_is(const char *id, const char *name, struct arena *arena)
{
	char *plain = arena_alloc(arena, NAME_MAX_BYTES);
	str_copy(plain, NAME_MAX_BYTES, name);
	for (char *at = plain; *at != '\0'; at++)
		if (*at == '(' || *at == ')' || (unsigned char)*at < ' ')
			*at = ' ';
	if (*plain == '\0')
		return id;
	return arena_printf(arena, "%s (%.40s)", plain, id);
}

static void
read_text(struct chat_talk *talk, struct command *command)
{
	struct err err;
	if (command_parse(talk->ask.text, talk->arena, command, &err))
		return;
	talk->mistake = chat_answer_mistake(command, &err);
	*command = (struct command){
		.verb = COMMAND_HELP,
		.whole = "",
		.said = "",
		.name = "",
		.time = "",
		.asked = "",
	};
}

/* A slash command of its own. */
static bool
is_action(const struct chat_talk *talk)
{
	return talk->ask.kind == CHAT_SLACK_COMMAND
		&& actions_has_command(agent_view(talk->talks->agent).actions,
			talk->ask.command);
}

static void
read_action(const struct chat_talk *talk, struct command *command)
{
	const struct chat_slack_ask *ask = &talk->ask;
	char *whole = command_plain(
		arena_printf(talk->arena, "%s %s", ask->command, ask->text),
		talk->arena);
	*command = (struct command){
		.verb = COMMAND_RUN,
		.whole = whole,
		.said = whole,
		.name = whole,
		.time = "",
		.asked = "",
	};
}

static void
read_command(struct chat_talk *talk, struct command *command)
{
	const char *incident = talk->ask.incident;
	if (is_action(talk)) {
		read_action(talk, command);
		return;
	}
	if (talk->ask.kind != CHAT_SLACK_PRESS) {
		read_text(talk, command);
		return;
	}
	*command = (struct command){
		.verb = COMMAND_ACK,
		.whole = incident,
		.said = incident,
		.name = incident,
		.time = "",
		.asked = "",
		.incident = incident,
	};
}

/* A request that was caught and sent again, or sent again because its answer
 * was lost, would have an action done twice; all else may be repeated. */
static bool
is_repeated(const struct chat_talk *talk, const struct command *command)
{
	return talk->answer && command->verb == COMMAND_RUN
		&& chat_seen_before(talk->talks->begun, talk->ask.once);
}

static void
ask_operator(struct chat_talk *talk)
{
	const struct chat_slack_ask *ask = &talk->ask;
	struct arena *arena = talk->arena;
	struct command command;
	read_command(talk, &command);
	talk->repeated = is_repeated(talk, &command);
	if (talk->repeated) {
		ev_timer_stop(talk->talks->loop, &talk->slow);
		ev_timer_set(&talk->slow, 0., 0.);
		ev_timer_start(talk->talks->loop, &talk->slow);
		return;
	}
	talk->changes = command_rows[command.verb].changes;
	const struct chat_reply reply = { ask->response_url, talk->asked_ms };
	const char *kept = chat_reply_write(&reply, ACTIONS_REPLY_MAX, arena);
	const struct operator_asker asker = {
		.who = who_is(ask->user, ask->user_name, arena),
		.source = conf_chat_name(talk->chat),
		.user = ask->user,
		.channel = who_is(ask->channel, ask->channel_name, arena),
		.payload = ask->payload,
		.channel_id = ask->channel,
		.reply = kept,
		.reply_len = strlen(kept),
		.not_by_you = !names(&talk->chat->users, ask->user),
		.not_here = !names(&talk->chat->channels, ask->channel),
	};
	talk->call =
		operator_start(agent_view(talk->talks->agent).operator_desk,
			&command, &asker, on_answered, talk, clock_now());
}

struct chat_talk *
chat_talk_start(struct chat_talks *talks, const struct conf_chat *chat,
	struct chat_slack_ask *ask, struct arena *arena, chat_talk_fn *answer,
	void *cookie)
{
	struct chat_talk *talk = mem_zalloc(sizeof(*talk));
	talk->talks = talks;
	talk->arena = arena;
	talk->conf = conf_hold(agent_view(talks->agent).conf);
	talk->chat = chat;
	talk->ask = *ask;
	*ask = (struct chat_slack_ask){ 0 };
	talk->asked_ms = clock_wall_ms();
	talk->answer = answer;
	talk->cookie = cookie;
	list_add(&talks->all, &talk->link);
	talks->count++;
	ev_timer_init(&talk->slow, on_slow, CHAT_PATIENCE_MS / 1000., 0.);
	talk->slow.data = talk;
	if (answer) {
		ev_now_update(talks->loop);
		ev_timer_start(talks->loop, &talk->slow);
	}
	ask_operator(talk);
	return talk;
}

void
chat_talk_leave(struct chat_talk *talk)
{
	talk->answer = NULL;
	ev_timer_stop(talk->talks->loop, &talk->slow);
}
