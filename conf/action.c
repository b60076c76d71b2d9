#include "conf/action.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/pattern.h"
#include "agent/base/str.h"
#include "agent/http/client.h"
#include "conf/action_fill.h"
#include "conf/action_pattern.h"
#include "conf/body.h"
#include "conf/chat.h"
#include "conf/document.h"
#include "conf/reader.h"

#define HOUR_MS (3600.0 * 1000)

enum {
	NAME_MAX_LEN = 64,
	COMMAND_MAX_LEN = 100,
	ACTIONS_MAX = 1000,
};

static bool
is_capitals(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return len > 0 && text[len] == '\0';
}

/* One word, so that what follows it is told apart. */
static bool
is_plain_word(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at <= ' ' || strchr("/\\<>|&*`\"'{}", *at)
			|| *at == '\x7f')
			return false;
	return *text != '\0';
}

static void
check_names(const struct conf_action *action, struct conf_reader *reader)
{
	if (action->name
		&& (!is_plain_word(action->name)
			|| strlen(action->name) > NAME_MAX_LEN))
		conf_reject(reader, "name",
			"expected one word such as create-vm, of at most %d "
			"bytes",
			NAME_MAX_LEN);
	if (action->command
		&& (action->command[0] != '/'
			|| !is_plain_word(action->command + 1)
			|| strlen(action->command) > COMMAND_MAX_LEN))
		conf_reject(reader, "command",
			"expected a slash and one word, such as /cloudmaster");
}

/* The words of the section against one of its patterns. */
struct patterns {
	const struct conf_action *action;
	struct conf_reader *reader;
	struct arena *arena;
	bool are_known; /* each of them can be read */
};

static bool
is_field(const char *name)
{
	for (size_t i = 0; conf_action_fields[i].name; i++)
		if (str_eq(conf_action_fields[i].name, name))
			return true;
	return false;
}

static bool
check_pieces(const struct patterns *patterns,
	const struct conf_action_pattern *pattern)
{
	for (size_t i = 0; i < pattern->n; i++) {
		const struct conf_action_piece *piece = &pattern->pieces[i];
		if (!piece->is_word || !is_field(piece->text))
			continue;
		conf_reject(patterns->reader, "pattern",
			"{%s} is known anyway, and is not what is said; take "
			"another name",
			piece->text);
		return false;
	}
	return true;
}

static bool
check_pattern(const struct patterns *patterns, const char *text,
	struct conf_action_pattern *pattern)
{
	struct err err;
	if (!conf_action_pattern_read(text, patterns->arena, pattern, &err)) {
		conf_reject(patterns->reader, "pattern", "%s", err.text);
		return false;
	}
	return check_pieces(patterns, pattern);
}

static bool
check_each(const struct patterns *patterns, const char *const *texts, size_t n)
{
	struct conf_action_pattern pattern;
	bool good = true;
	for (size_t i = 0; i < n; i++)
		good = check_pattern(patterns, texts[i], &pattern) && good;
	return good;
}

static bool
names_word(const struct conf_action_pattern *pattern, const char *name)
{
	for (size_t i = 0; i < pattern->n; i++)
		if (pattern->pieces[i].is_word
			&& str_eq(pattern->pieces[i].text, name))
			return true;
	return false;
}

static bool
is_in_any(const struct patterns *patterns, const char *name)
{
	const char *const *texts = patterns->action->patterns.items;
	for (size_t i = 0; i < patterns->action->patterns.count; i++) {
		struct conf_action_pattern pattern;
		struct err ignored;
		if (conf_action_pattern_read(
			    texts[i], patterns->arena, &pattern, &ignored)
			&& names_word(&pattern, name))
			return true;
	}
	return false;
}

static bool
check_words(const struct patterns *patterns)
{
	const struct conf_pair *words = patterns->action->words.items;
	struct conf_reader *reader = patterns->reader;
	bool good = true;
	for (size_t i = 0; i < patterns->action->words.count; i++) {
		const char *name = words[i].key;
		struct err err;
		if (patterns->are_known && !is_in_any(patterns, name))
			conf_reject(reader, "words",
				"no pattern has {%.60s} in it", name);
		else if (!words[i].value || *words[i].value == '\0')
			conf_reject(reader, "words",
				"%s: nothing can look like this; leave it out "
				"for any word without blanks",
				name);
		else if (!pattern_check(words[i].value, NULL, &err))
			conf_reject(reader, "words", "%s: %s", name, err.text);
		else
			continue;
		good = false;
	}
	return good;
}

/* What is still looked at of a request. */
struct rest {
	struct conf_action action;
	bool lacks; /* something, which might have had any word in it */
};

static void
leave_out(struct rest *rest, const char *key)
{
	rest->lacks = true;
	if (str_eq(key, "url"))
		rest->action.url = NULL;
	else if (str_eq(key, "headers"))
		rest->action.headers = (struct conf_list){ 0 };
	else
		rest->action.body = NULL;
}

/* What was complained of is left out, so that all of it is in one run. */
static void
check_request(struct rest *rest, const struct conf_action_pattern *pattern,
	struct conf_reader *reader)
{
	const char *key;
	struct err err;
	while (!conf_action_fill_try(&rest->action, pattern, &key, &err)) {
		bool unused = str_eq(key, "pattern");
		if (!unused || !rest->lacks)
			conf_reject(reader, key, "%s", err.text);
		if (unused)
			return;
		leave_out(rest, key);
	}
}

/* Once what is said is understood, the request is filled in from it. */
static void
check_patterns(const struct conf_action *action, struct conf_reader *reader)
{
	struct patterns patterns = {
		.action = action,
		.reader = reader,
		.arena = arena_new(),
	};
	static const char *const nothing[] = { "" };
	bool some = action->patterns.count > 0;
	const char *const *texts = some ? action->patterns.items : nothing;
	size_t n = some ? action->patterns.count : 1;
	patterns.are_known = check_each(&patterns, texts, n);
	bool good = check_words(&patterns) && patterns.are_known;
	struct rest rest = { *action, !action->url };
	for (size_t i = 0; good && i < n; i++) {
		struct conf_action_pattern pattern;
		struct err ignored;
		if (conf_action_pattern_read(
			    texts[i], patterns.arena, &pattern, &ignored))
			check_request(&rest, &pattern, reader);
	}
	arena_free(patterns.arena);
}

static void
check_headers(const struct conf_action *action, struct conf_reader *reader)
{
	static const char *const own[] = { "content-length",
		"transfer-encoding", "idempotency-key" };
	const struct conf_pair *headers = action->headers.items;
	for (size_t i = 0; i < action->headers.count; i++) {
		const char *name = headers[i].key;
		bool is_own = str_istarts(name, "x-curlew-");
		for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
			is_own = is_own || str_ieq(name, own[k]);
		if (!http_is_token(name))
			conf_reject(reader, "headers",
				"\"%s\" is no name of a header", name);
		else if (is_own)
			conf_reject(reader, "headers",
				"%s is set by the agent itself", name);
	}
}

static void
check_who(const struct conf_list *list, const char *key,
	struct conf_reader *reader)
{
	const char *const *ids = list->items;
	for (size_t i = 0; i < list->count; i++)
		if (*ids[i] == '\0' || strpbrk(ids[i], " @#<>"))
			conf_reject(reader, key,
				"expected ids as the chat has them, such as "
				"U0ONCALL1 or C0OPS0001");
}

static void
check_way(const struct conf_action *action, struct conf_reader *reader)
{
	struct err err;
	if (action->secret && *action->secret == '\0')
		conf_warn(reader, "secret", "is empty: nothing is signed");
	if (!is_capitals(action->method))
		conf_reject(reader, "method",
			"expected a method in capitals, such as POST or PUT");
	if (action->ca_file && !http_check_ca_file(action->ca_file, &err))
		conf_reject(reader, "ca_file", "%s", err.text);
	if (action->ca_file && action->insecure)
		conf_warn(reader, "ca_file",
			"does nothing where insecure takes any certificate");
}

static void
check(const void *section, struct conf_reader *reader)
{
	const struct conf_action *action = section;
	check_names(action, reader);
	check_patterns(action, reader);
	check_headers(action, reader);
	check_who(&action->users, "users", reader);
	check_who(&action->channels, "channels", reader);
	check_way(action, reader);
}

static const struct conf_field fields[] = {
	{ "name", CONF_STRING(struct conf_action, name), .flags = CONF_REQUIRED,
		.help = "What it is called: `run NAME` does it, wherever"
			" commands are taken." },
	{ "about", CONF_STRING(struct conf_action, about),
		.otherwise = "nothing",
		.help = "What it does, in a few words: help shows it." },
	{ "command", CONF_STRING(struct conf_action, command),
		.otherwise = "none; `run` is how it is done",
		.help = "A slash command of its own, such as /cloudmaster;"
			" several actions may share one." },
	{ "pattern", CONF_STRINGS(struct conf_action, patterns),
		.flags = CONF_OR_ONE, .otherwise = "nothing follows",
		.help = "What is said behind the command, such as \"create {vm}"
			" on {cloud}\", in any case of letters; or several." },
	{ "words", CONF_PAIRS(struct conf_action, words),
		.otherwise = "one word without blanks",
		.help = "How the words of the pattern must look: a regular"
			" expression for the whole of each." },
	{ "url", CONF_STRING(struct conf_action, url),
		.flags = CONF_REQUIRED | CONF_SECRET | CONF_TEMPLATE,
		.words = conf_action_fields,
		.help = "Where to send the request; in its path and query,"
			" words of the pattern are filled in, too." },
	{ "method", CONF_STRING(struct conf_action, method), .fallback = "POST",
		.help = "Method of the request." },
	{ "headers", CONF_PAIRS(struct conf_action, headers),
		.flags = CONF_SECRET | CONF_TEMPLATE,
		.words = conf_action_fields,
		.help = "More headers, the words filled in." },
	{ "body", CONF_TREE(struct conf_action, body),
		.flags = CONF_SECRET | CONF_TEMPLATE, .shape = &conf_body_shape,
		.words = conf_action_fields, .otherwise = "an empty one",
		.help = "A map or list that is sent as JSON, the words filled"
			" into its texts; or a text, into which they are"
			" written as its Content-Type says." },
	{ "secret", CONF_STRING(struct conf_action, secret),
		.flags = CONF_SECRET,
		.help = "Signs the request as that of a webhook is signed." },
	{ "users", CONF_STRINGS(struct conf_action, users),
		.otherwise = "whoever may change something in the chat",
		.help = "Who may have it done, by their ids in the chat." },
	{ "channels", CONF_STRINGS(struct conf_action, channels),
		.otherwise = "any of them",
		.help = "Where it may be asked for, by the ids of channels." },
	{ "timeout",
		CONF_DURATION(struct conf_action, timeout_ms, 1000, HOUR_MS),
		.fallback = "1m",
		.help = "How long to try and to wait, in all." },
	{ "repeat", CONF_BOOL(struct conf_action, repeat), .fallback = "true",
		.help = "Send it again, with the same Idempotency-Key, when its"
			" answer was lost or promises better; false for a"
			" receiver that would do it twice." },
	{ "ca_file", CONF_STRING(struct conf_action, ca_file),
		.flags = CONF_FILE, .otherwise = "those of the system",
		.help = "A file of certificates to trust, in PEM." },
	{ "insecure", CONF_BOOL(struct conf_action, insecure),
		.fallback = "false", .help = "Take any certificate." },
	{ 0 },
};

const struct conf_section conf_action_section = {
	.name = "action",
	.size = sizeof(struct conf_action),
	.fields = fields,
	.check = check,
	.bears_gaps = true,
};

const struct conf_action *
conf_action_find(const struct conf *conf, const char *name)
{
	const struct conf_action *actions = conf->actions.items;
	for (size_t i = 0; i < conf->actions.count; i++)
		if (actions[i].name && str_ieq(actions[i].name, name))
			return &actions[i];
	return NULL;
}

/* Between sections. */

static bool
same_command(const struct conf_action *a, const struct conf_action *b)
{
	if (!a->command || !b->command)
		return !a->command && !b->command;
	return str_ieq(a->command, b->command);
}

/* NULL for one that was complained of. */
static const char *
shape_of(const struct conf_action *action, size_t i, struct arena *arena)
{
	const char *const *texts = action->patterns.items;
	struct conf_action_pattern pattern;
	struct err ignored;
	if (!conf_action_pattern_read(
		    action->patterns.count > 0 ? texts[i] : "", arena, &pattern,
		    &ignored))
		return NULL;
	return conf_action_pattern_shape(action, &pattern, arena);
}

static size_t
count_patterns(const struct conf_action *action)
{
	return action->patterns.count > 0 ? action->patterns.count : 1;
}

/* Which pattern of `a`, before number `end`, says the same; or NULL. */
static bool
says(const struct conf_action *a, size_t end, const char *shape,
	struct arena *arena)
{
	for (size_t i = 0; i < end; i++) {
		const char *other = shape_of(a, i, arena);
		if (other && str_eq(other, shape))
			return true;
	}
	return false;
}

/* Those without pattern and command are told apart by their names. */
static bool
needs_no_pattern(const struct conf_action *action)
{
	return !action->command && action->patterns.count == 0;
}

static void
check_patterns_differ(struct conf_reader *reader,
	const struct conf_action *actions, size_t index, struct arena *arena)
{
	const struct conf_action *action = &actions[index];
	for (size_t i = 0; i < count_patterns(action); i++) {
		const char *shape = shape_of(action, i, arena);
		if (!shape || needs_no_pattern(action))
			continue;
		if (says(action, i, shape, arena)) {
			conf_reject_item(reader, "actions", index, "pattern",
				"says the same twice");
			return;
		}
		for (size_t k = 0; k < index; k++) {
			if (!same_command(&actions[k], action)
				|| needs_no_pattern(&actions[k])
				|| !says(&actions[k],
					count_patterns(&actions[k]), shape,
					arena))
				continue;
			conf_reject_item(reader, "actions", index, "pattern",
				"actions[%zu] is for the same command and "
				"pattern already",
				k);
			return;
		}
	}
}

static void
check_twin(struct conf_reader *reader, const struct conf_action *actions,
	size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (!actions[i].name
			|| !str_ieq(actions[i].name, actions[index].name))
			continue;
		conf_reject_item(reader, "actions", index, "name",
			"is the name of actions[%zu] already; each needs its "
			"own",
			i);
		return;
	}
}

/* A slash command comes by a signed request, if at all. */
static void
check_is_heard(
	const struct conf *conf, struct conf_reader *reader, size_t index)
{
	const struct conf_action *actions = conf->actions.items;
	if (actions[index].command && !conf_chat_hears_buttons(conf))
		conf_warn_item(reader, "actions", index, "command",
			"nobody can say it without a \"chat:\" that has a "
			"signing_secret; `curlew ctl run %s` works",
			actions[index].name);
}

void
conf_check_actions(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_action *actions = conf->actions.items;
	size_t count = conf->actions.count;
	if (count > ACTIONS_MAX) {
		conf_reject(reader, "actions", "expected at most %d of them",
			ACTIONS_MAX);
		return;
	}
	struct arena *arena = arena_new();
	for (size_t i = 0; i < count; i++) {
		if (!actions[i].name)
			continue;
		check_twin(reader, actions, i);
		check_is_heard(conf, reader, i);
		check_patterns_differ(reader, actions, i, arena);
		arena_reset(arena);
	}
	arena_free(arena);
}
