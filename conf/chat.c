#include "conf/chat.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "conf/digest.h"
#include "conf/document.h"
#include "conf/inbound.h"
#include "conf/reader.h"
#include "conf/secret.h"

#define RATE_MAX 1e6

enum {
	SECRET_MIN = 16,
	TOKEN_MIN = 8,
	TRIGGER_MAX = 40,
	ID_MIN = 3,
	ID_MAX = 40,
	LIST_MAX = 1000, /* of users, of channels */
};

static const struct conf_choice types[] = {
	{ "slack", CONF_CHAT_SLACK },
	{ NULL, 0 },
};

static const struct conf_choice languages[] = {
	{ "en", CONF_CHAT_EN },
	{ "ko", CONF_CHAT_KO },
	{ "zh", CONF_CHAT_ZH },
	{ NULL, 0 },
};

const char *
conf_chat_type_name(int type)
{
	return types[type].name;
}

const char *
conf_chat_name(const struct conf_chat *chat)
{
	return chat->given_name ? chat->given_name
				: conf_chat_type_name(chat->type);
}

const char *
conf_chat_path(const struct conf_chat *chat)
{
	if (!chat->signing_secret)
		return NULL;
	return chat->given_path ? chat->given_path : "/slack";
}

const char *
conf_chat_outgoing(const struct conf_chat *chat)
{
	if (!chat->token)
		return NULL;
	return chat->given_outgoing ? chat->given_outgoing : "/fromSlack";
}

bool
conf_chat_response_origin(const struct conf_chat *chat,
	struct url_origin *origin, struct err *err)
{
	struct arena *arena = arena_new_small();
	const char *text = chat->response_host;
	bool is_whole = strstr(text, "://") != NULL;
	struct url url;
	const char *whole =
		is_whole ? text : arena_printf(arena, "https://%s", text);
	bool good = url_parse(whole, arena, &url, err)
		&& url_origin(whole, origin, err);
	if (good && (url.user || !str_eq(url.target, "/")))
		good = err_set(err,
			"expected a host such as hooks.slack.com, or "
			"http://127.0.0.1:9001");
	arena_free(arena);
	return good;
}

bool
conf_chat_hears_buttons(const struct conf *conf)
{
	const struct conf_chat *chats = conf->chats.items;
	for (size_t i = 0; i < conf->chats.count; i++)
		if (conf_chat_path(&chats[i]))
			return true;
	return false;
}

/* One door. */

static void
check_secrets(const struct conf_chat *chat, struct conf_reader *reader)
{
	const char *secret = chat->signing_secret;
	conf_check_strength(reader, "signing_secret", secret, SECRET_MIN);
	conf_check_strength(reader, "token", chat->token, TOKEN_MIN);
	if (chat->given_path && !secret)
		conf_reject(reader, "path", "needs a signing_secret beside it");
	if (chat->given_outgoing && !chat->token)
		conf_reject(reader, "outgoing", "needs a token beside it");
	if (!secret && !chat->token && !chat->given_path
		&& !chat->given_outgoing)
		conf_reject(reader, NULL,
			"needs a signing_secret, or the token of an outgoing "
			"webhook: else anybody could command");
}

static void
check_path(const char *key, const char *path, struct conf_reader *reader)
{
	const char *wrong = path ? conf_path_fault(path) : NULL;
	if (wrong)
		conf_reject(reader, key, "%s", wrong);
}

/* Names can be changed by those who bear them, and are no proof. */
static bool
is_id(const char *text, const char *first)
{
	size_t len = strlen(text);
	return len >= ID_MIN && len <= ID_MAX && strchr(first, *text)
		&& strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

static void
check_ids(const char *key, const struct conf_list *list, const char *first,
	const char *wanted, struct conf_reader *reader)
{
	const char *const *ids = list->items;
	if (list->count > LIST_MAX)
		conf_reject(
			reader, key, "expected at most %d of them", LIST_MAX);
	for (size_t i = 0; i < list->count; i++)
		if (!is_id(ids[i], first))
			conf_reject(reader, key,
				"expected ids such as %s, got \"%.40s\": names "
				"are no proof, since they can be changed",
				wanted, ids[i]);
}

static void
check_trigger(const char *trigger, struct conf_reader *reader)
{
	if (*trigger == '\0' || strlen(trigger) > TRIGGER_MAX
		|| strpbrk(trigger, " \t\r\n<>&"))
		conf_reject(reader, "trigger", "expected one word");
}

static void
check_door(const void *section, struct conf_reader *reader)
{
	const struct conf_chat *chat = section;
	struct url_origin origin;
	struct err err;
	check_secrets(chat, reader);
	check_path("path", chat->given_path, reader);
	check_path("outgoing", chat->given_outgoing, reader);
	check_trigger(chat->trigger, reader);
	check_ids("users", &chat->users, "UW", "U0ONCALL1", reader);
	check_ids("channels", &chat->channels, "CGD", "C0OPS0001", reader);
	if (!conf_chat_response_origin(chat, &origin, &err))
		conf_reject(reader, "response_host", "%s", err.text);
}

static const struct conf_field fields[] = {
	{ "name", CONF_STRING(struct conf_chat, given_name),
		.otherwise = "its type", .help = "What the door is called." },
	{ "type", CONF_CHOICE(struct conf_chat, type, types),
		.fallback = "slack", .help = "Which chat it is." },
	{ "path", CONF_STRING(struct conf_chat, given_path),
		.otherwise = "/slack",
		.help = "Where on the server slash commands, buttons and"
			" events are sent to, all of them." },
	{ "signing_secret", CONF_STRING(struct conf_chat, signing_secret),
		.flags = CONF_SECRET, .otherwise = "nothing of it is taken",
		.help = "With what Slack signs its requests; it is among the"
			" credentials of the app." },
	{ "outgoing", CONF_STRING(struct conf_chat, given_outgoing),
		.otherwise = "/fromSlack",
		.help = "Where an outgoing webhook, as there were of old,"
			" sends to." },
	{ "token", CONF_STRING(struct conf_chat, token), .flags = CONF_SECRET,
		.otherwise = "nothing of it is taken",
		.help = "The token that the outgoing webhook sends." },
	{ "trigger", CONF_STRING(struct conf_chat, trigger),
		.fallback = "uptime",
		.help = "The word that begins what is said to the agent in a"
			" channel, where its name does not; of the Events"
			" API." },
	{ "report_to", CONF_STRING(struct conf_chat, report_to),
		.otherwise = "they are not given",
		.help = "The reporter through which answers go that cannot be"
			" given otherwise, such as to events." },
	{ "response_host", CONF_STRING(struct conf_chat, response_host),
		.fallback = "hooks.slack.com",
		.help = "The only host to which later answers go; with a"
			" scheme and a port for another than"
			" https://HOST:443." },
	{ "users", CONF_STRINGS(struct conf_chat, users),
		.otherwise = "all of them",
		.help = "Who may change something, by their ids; to look is"
			" for everybody." },
	{ "channels", CONF_STRINGS(struct conf_chat, channels),
		.otherwise = "all of them",
		.help = "Where something may be changed, by the ids of"
			" channels." },
	{ "language", CONF_CHOICE(struct conf_chat, language, languages),
		.fallback = "en",
		.help = "In which language to answer: English, Korean or"
			" Chinese." },
	{ "rate_limit", CONF_INT(struct conf_chat, rate_limit, 0, RATE_MAX),
		.fallback = "600",
		.help = "Requests a minute that are taken; 0 for any"
			" number." },
	{ 0 },
};

const struct conf_section conf_chat_section = {
	.name = "chat",
	.size = sizeof(struct conf_chat),
	.fields = fields,
	.check = check_door,
};

/* Between sections. */

/* Where something of a door is, and who else may be there. */
struct place {
	struct conf_reader *reader;
	const struct conf *conf;
	size_t index;
	const char *key;
	const char *path; /* NULL: nowhere */
};

static void
check_sources(const struct place *place)
{
	const struct conf_inbound *sources = place->conf->inbound.items;
	for (size_t i = 0; place->path && i < place->conf->inbound.count; i++)
		if (sources[i].path && str_eq(sources[i].path, place->path))
			conf_reject_item(place->reader, "chat", place->index,
				place->key,
				"is the path of inbound[%zu] already; each "
				"needs its own",
				i);
}

static void
check_others(const struct place *place)
{
	const struct conf_chat *chats = place->conf->chats.items;
	for (size_t i = 0; place->path && i < place->index; i++) {
		const char *path = conf_chat_path(&chats[i]);
		const char *outgoing = conf_chat_outgoing(&chats[i]);
		if ((path && str_eq(path, place->path))
			|| (outgoing && str_eq(outgoing, place->path)))
			conf_reject_item(place->reader, "chat", place->index,
				place->key,
				"is a path of chat[%zu] already; each needs "
				"its own",
				i);
	}
}

static void
check_paths(const struct conf *conf, struct conf_reader *reader, size_t index)
{
	const struct conf_chat *chats = conf->chats.items;
	const struct conf_chat *chat = &chats[index];
	struct place place = { reader, conf, index, "path",
		conf_chat_path(chat) };
	check_sources(&place);
	check_others(&place);
	const char *path = place.path;
	place.key = "outgoing";
	place.path = conf_chat_outgoing(chat);
	check_sources(&place);
	check_others(&place);
	if (path && place.path && str_eq(path, place.path))
		conf_reject_item(reader, "chat", index, "outgoing",
			"is its path as well; each needs its own");
}

static void
check_name(const struct conf *conf, struct conf_reader *reader, size_t index)
{
	const struct conf_chat *chats = conf->chats.items;
	const char *name = conf_chat_name(&chats[index]);
	if (*name == '\0')
		conf_reject_item(
			reader, "chat", index, "name", "must not be empty");
	for (size_t i = 0; i < index; i++) {
		if (!str_eq(conf_chat_name(&chats[i]), name))
			continue;
		conf_reject_item(reader, "chat", index, "name",
			"is the name of chat[%zu] already; each needs its own",
			i);
		return;
	}
}

static void
check_reporter(const struct conf *conf, struct conf_reader *reader,
	size_t index, const char *name)
{
	const struct conf_chosen *reporter = conf_reporter_called(conf, name);
	if (!reporter)
		conf_reject_item(reader, "chat", index, "report_to",
			"no reporter is named \"%.80s\"; see \"reporters:\"",
			name);
	else if (!str_eq(reporter->variant->name, "slack"))
		conf_reject_item(reader, "chat", index, "report_to",
			"\"%.80s\" is a %s; one of \"type: slack\" takes "
			"answers",
			name, reporter->variant->name);
}

void
conf_check_chats(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_chat *chats = conf->chats.items;
	if (conf->chats.count > 0 && !conf->server)
		conf_reject(reader, "chat",
			"needs a \"server:\" that listens for it");
	for (size_t i = 0; i < conf->chats.count; i++) {
		check_name(conf, reader, i);
		check_paths(conf, reader, i);
		if (chats[i].report_to)
			check_reporter(conf, reader, i, chats[i].report_to);
	}
}
