/*
 *     chat_front_take -> admit -> take_signed   -> answer
 *                              -> take_outgoing -> answer
 *     answer -> a reply at once, or chat_talk_start ... on_said -> done
 */
#include "agent/chat/front.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/hmac.h"
#include "agent/base/list.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/chat/seen.h"
#include "agent/chat/slack_read.h"
#include "agent/chat/slack_sign.h"
#include "agent/chat/talk.h"
#include "agent/doors.h"
#include "agent/inbound/front.h"
#include "agent/inbound/pace.h"
#include "agent/inbound/quiet.h"
#include "conf/conf.h"

enum {
	DOORS_PACED_MAX = 1000,
	CLIENTS_MAX = 4096,
	RETRY_S = 20,
	EVENTS_MAX = 4096, /* that are known when they come again */
};

#define JSON_TYPE "application/json; charset=utf-8"

struct chat_front {
	struct agent *agent;
	struct chat_talks *talks;
	struct inbound_pace *doors; /* by their names */
	struct inbound_pace *clients; /* by their networks */
	struct inbound_quiet *quiet;
	struct chat_seen *events;
	struct list exchanges;
	char words[CHAT_SLACK_CHALLENGE_MAX + 1]; /* of the last reply */
};

struct chat_exchange {
	struct list link;
	struct chat_talk *talk;
	chat_front_fn *done;
	void *cookie;
};

struct chat_front *
chat_front_new(struct agent *agent)
{
	struct chat_front *front = mem_zalloc(sizeof(*front));
	front->agent = agent;
	front->talks = chat_talks_new(agent);
	front->doors = inbound_pace_new(DOORS_PACED_MAX);
	front->clients = inbound_pace_new(CLIENTS_MAX);
	front->quiet = inbound_quiet_new();
	front->events = chat_seen_new(EVENTS_MAX);
	list_init(&front->exchanges);
	return front;
}

static void
free_exchange(struct chat_exchange *exchange)
{
	list_remove(&exchange->link);
	free(exchange);
}

void
chat_front_free(struct chat_front *front)
{
	if (!front)
		return;
	chat_talks_free(front->talks);
	LIST_EACH (at, &front->exchanges, after)
		free_exchange(LIST_ENTRY(at, struct chat_exchange, link));
	inbound_pace_free(front->doors);
	inbound_pace_free(front->clients);
	inbound_quiet_free(front->quiet);
	chat_seen_free(front->events);
	free(front);
}

void
chat_front_reload(struct chat_front *front)
{
	chat_talks_reload(front->talks);
}

/* Which door it is. */

struct way {
	const struct conf_chat *chat; /* NULL: none */
	bool is_outgoing;
};

static struct way
find_way(const struct chat_front *front, const char *path)
{
	const struct conf *conf = agent_view(front->agent).conf;
	const struct conf_chat *chats = conf->chats.items;
	for (size_t i = 0; i < conf->chats.count; i++) {
		const char *signed_at = conf_chat_path(&chats[i]);
		const char *outgoing = conf_chat_outgoing(&chats[i]);
		if (signed_at && str_eq(signed_at, path))
			return (struct way){ &chats[i], false };
		if (outgoing && str_eq(outgoing, path))
			return (struct way){ &chats[i], true };
	}
	return (struct way){ 0 };
}

bool
chat_front_has(const struct chat_front *front, const char *path)
{
	return find_way(front, path).chat != NULL;
}

static struct chat_slack_signature
signature_of(const struct inbound_request *request)
{
	return (struct chat_slack_signature){
		inbound_header(request, "X-Slack-Request-Timestamp"),
		inbound_header(request, "X-Slack-Signature"),
	};
}

/* A token is in the body. */
bool
chat_front_knows(const struct chat_front *front, const char *path,
	const struct inbound_request *request)
{
	struct way way = find_way(front, path);
	struct chat_slack_signature given = signature_of(request);
	return way.chat
		&& (way.is_outgoing
			|| chat_slack_may_be_signed(&given, clock_wall_ms()));
}

/* Replies. */

static void
reply_with(struct inbound_reply *reply, int status, const char *body)
{
	*reply = (struct inbound_reply){
		.status = status,
		.body = body,
		.retry_after_s = status == 503 ? RETRY_S : 0,
	};
}

/* What there is no sentence for. */
static void
reply_nothing(struct inbound_reply *reply, bool is_outgoing)
{
	reply_with(reply, 200, is_outgoing ? "{}" : "");
	reply->type = is_outgoing ? JSON_TYPE : "text/plain; charset=utf-8";
}

static void
note(struct chat_front *front, const struct conf_chat *chat,
	enum door_outcome outcome)
{
	doors_note(
		agent_view(front->agent).doors, conf_chat_name(chat), outcome);
}

/* One that comes: what is to be done about it. */
struct visit {
	struct chat_front *front;
	const struct conf_chat *chat;
	struct chat_slack_ask ask;
	const char *why; /* it is refused, if the log is told more */
	struct arena *arena;
	chat_front_fn *done;
	void *cookie;
};

static void
refuse(const struct visit *visit, const struct inbound_request *request,
	const struct inbound_reply *reply)
{
	struct chat_front *front = visit->front;
	const struct conf_chat *chat = visit->chat;
	bool later = reply->status == 503;
	int64_t untold;
	note(front, chat, later ? DOOR_DEFERRED : DOOR_REFUSED);
	if (!inbound_quiet_may_tell(front->quiet, request->network,
		    clock_now().mono_ms, &untold))
		return;
	log_say(reply->status == 401 ? LOG_INFO : LOG_WARN,
		"what came from a chat was not taken",
		log_text("chat", conf_chat_name(chat)),
		log_text("client", request->client ? request->client : ""),
		log_int("status", reply->status),
		log_text("reason", visit->why ? visit->why : reply->body),
		log_int("untold", untold));
}

/* Who may come in. */

static int
wait_of_client(struct chat_front *front, const struct inbound_request *request,
	int64_t mono_ms)
{
	const struct conf_server *server =
		agent_view(front->agent).conf->server;
	if (!server || !request->network || *request->network == '\0')
		return 0;
	return inbound_pace_wait_s(
		front->clients, request->network, server->rate_limit, mono_ms);
}

/* False: the reply says why not. */
static bool
admit(struct chat_front *front, const struct inbound_request *request,
	bool overlong, struct inbound_reply *reply)
{
	int wait_s = wait_of_client(front, request, clock_now().mono_ms);
	if (wait_s > 0) {
		reply_with(reply, 503, "too many requests of this client");
		reply->retry_after_s = wait_s;
	} else if (!str_eq(request->method, "GET")
		&& !str_eq(request->method, "POST")) {
		reply_with(reply, 405, "this method does not work here");
	} else if (overlong) {
		reply_with(reply, 413, "the body is longer than 1 MiB");
	} else {
		return true;
	}
	return false;
}

/* Once it is known to be from the chat. */
static bool
has_room(struct chat_front *front, const struct conf_chat *chat,
	struct inbound_reply *reply)
{
	int wait_s = inbound_pace_wait_s(front->doors, conf_chat_name(chat),
		chat->rate_limit, clock_now().mono_ms);
	if (wait_s > 0) {
		reply_with(reply, 503, "too many requests in a minute");
		reply->retry_after_s = wait_s;
	} else if (chat_talks_are_full(front->talks)) {
		reply_with(reply, 503, "too many requests at a time");
	} else {
		return true;
	}
	return false;
}

/* Answering. */

static void
on_said(void *cookie, const char *body)
{
	struct chat_exchange *exchange = cookie;
	struct inbound_reply reply = {
		.status = 200,
		.type = JSON_TYPE,
		.body = body,
	};
	exchange->done(exchange->cookie, &reply);
	free_exchange(exchange);
}

static bool
is_repeated(struct chat_front *front, const struct chat_slack_ask *ask)
{
	bool by_id = chat_seen_before(front->events, ask->event_id);
	bool by_place = chat_seen_before(front->events, ask->event_place);
	return by_id || by_place;
}

static void
reply_challenge(struct chat_front *front, const struct chat_slack_ask *ask,
	struct inbound_reply *reply)
{
	str_copy(front->words, sizeof(front->words), ask->challenge);
	reply_with(reply, 200, front->words);
	reply->type = "text/plain; charset=utf-8";
}

static struct chat_exchange *
begin_talk(struct visit *visit)
{
	struct chat_exchange *exchange = mem_zalloc(sizeof(*exchange));
	exchange->done = visit->done;
	exchange->cookie = visit->cookie;
	list_add(&visit->front->exchanges, &exchange->link);
	exchange->talk = chat_talk_start(visit->front->talks, visit->chat,
		&visit->ask, visit->arena, on_said, exchange);
	visit->arena = NULL;
	return exchange;
}

/* Nobody waits for what it says. */
static void
begin_aside(struct visit *visit)
{
	chat_talk_start(visit->front->talks, visit->chat, &visit->ask,
		visit->arena, NULL, NULL);
	visit->arena = NULL;
}

static struct chat_exchange *
answer(struct visit *visit, bool is_outgoing, struct inbound_reply *reply)
{
	struct chat_front *front = visit->front;
	enum chat_slack_kind kind = visit->ask.kind;
	bool again =
		kind == CHAT_SLACK_MESSAGE && is_repeated(front, &visit->ask);
	reply_nothing(reply, is_outgoing);
	note(front, visit->chat,
		kind == CHAT_SLACK_NOTHING || again ? DOOR_IGNORED
						    : DOOR_TAKEN);
	switch (kind) {
	case CHAT_SLACK_NOTHING:
	case CHAT_SLACK_BAD:
		break;
	case CHAT_SLACK_CHALLENGE:
		reply_challenge(front, &visit->ask, reply);
		break;
	case CHAT_SLACK_COMMAND:
	case CHAT_SLACK_OUTGOING:
		return begin_talk(visit);
	case CHAT_SLACK_PRESS:
	case CHAT_SLACK_MESSAGE:
		if (!again)
			begin_aside(visit);
		break;
	}
	return NULL;
}

/* False: the reply says why not. */
static bool
read_visit(struct visit *visit, const struct inbound_request *request,
	bool is_outgoing, struct inbound_reply *reply)
{
	struct chat_slack_signature given = signature_of(request);
	const struct conf_chat *chat = visit->chat;
	const char *token = "";
	if (is_outgoing) {
		chat_slack_read_outgoing(
			request, chat, visit->arena, &visit->ask, &token);
		if (!hmac_same_text(token, chat->token)) {
			visit->why = *token == '\0'
				? "it has no token, as outgoing webhooks have"
				: "its token is not the one of the chat";
			reply_with(reply, 401, "who are you?");
			return false;
		}
	} else if (!chat_slack_is_signed(&given, chat->signing_secret,
			   request->body, request->body_len, clock_wall_ms())) {
		visit->why = chat_slack_sign_fault(&given, clock_wall_ms());
		reply_with(reply, 401, "who are you?");
		return false;
	} else {
		chat_slack_read(chat, request, visit->arena, &visit->ask);
		visit->ask.once = arena_dup(visit->arena, given.signature);
	}
	if (visit->ask.kind == CHAT_SLACK_BAD) {
		reply_with(reply, 400, visit->ask.why);
		return false;
	}
	return has_room(visit->front, chat, reply);
}

struct chat_exchange *
chat_front_take(struct chat_front *front, const char *path,
	const struct inbound_request *request, bool overlong,
	chat_front_fn *done, void *cookie, struct inbound_reply *reply)
{
	struct way way = find_way(front, path);
	struct chat_exchange *exchange = NULL;
	if (!way.chat) { /* a reload took it away meanwhile */
		reply_with(reply, 404, "there is nothing here");
		return NULL;
	}
	struct visit visit = {
		.front = front,
		.chat = way.chat,
		.arena = arena_new(),
		.done = done,
		.cookie = cookie,
	};
	if (admit(front, request, overlong, reply)
		&& read_visit(&visit, request, way.is_outgoing, reply))
		exchange = answer(&visit, way.is_outgoing, reply);
	else
		refuse(&visit, request, reply);
	chat_slack_ask_finish(&visit.ask);
	arena_free(visit.arena);
	return exchange;
}

void
chat_front_cancel(struct chat_exchange *exchange)
{
	chat_talk_leave(exchange->talk);
	free_exchange(exchange);
}
