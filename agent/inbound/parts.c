#include "agent/inbound/parts.h"

#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "agent/base/utf8.h"

enum {
	FIRST_ROOM = 4,
	KEY_SIZE = 64,
};

struct problem *
inbound_add(struct inbound_answer *answer)
{
	if (answer->n_problems == INBOUND_PROBLEMS_MAX)
		return NULL;
	if (answer->n_problems == answer->size) {
		size_t size = answer->size > 0 ? answer->size * 2 : FIRST_ROOM;
		struct problem *more = arena_alloc(
			answer->arena, size * sizeof(struct problem));
		if (answer->size > 0)
			memcpy(more, answer->problems,
				answer->size * sizeof(struct problem));
		answer->problems = more;
		answer->size = size;
	}
	struct problem *problem = &answer->problems[answer->n_problems++];
	*problem = (struct problem){
		.status = STATUS_MAJOR_OUTAGE,
		.subject = "",
		.identity = "",
		.delivery = "",
		.severity = "",
		.title = "",
		.text = "",
		.link = "",
		.service = "",
		.category = "",
		.account = "",
		.region = "",
	};
	return problem;
}

void
inbound_label(struct inbound_answer *answer, struct problem *problem,
	const char *name, const char *value)
{
	if (*name == '\0' || *value == '\0'
		|| problem->n_labels == INBOUND_LABELS_MAX)
		return;
	if (!problem->labels)
		problem->labels = arena_alloc(answer->arena,
			INBOUND_LABELS_MAX * sizeof(struct problem_label));
	problem->labels[problem->n_labels++] = (struct problem_label){
		.name = arena_dup(answer->arena, name),
		.value = value,
	};
}

static const char *
text_of(struct arena *arena, const json_t *json)
{
	if (json_is_true(json))
		return "true";
	if (json_is_false(json))
		return "false";
	if (json_is_integer(json))
		return arena_printf(
			arena, "%lld", (long long)json_integer_value(json));
	if (json_is_real(json))
		return arena_printf(arena, "%.15g", json_real_value(json));
	if (!json_is_string(json))
		return "";

	size_t len = json_string_length(json);
	char *text = arena_dup_n(arena, json_string_value(json), len);
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	return text;
}

void
inbound_labels(
	struct inbound_answer *answer, struct problem *problem, json_t *map)
{
	const char *name;
	json_t *value;
	json_object_foreach (map, name, value)
		inbound_label(
			answer, problem, name, text_of(answer->arena, value));
}

void
inbound_accept(struct inbound_answer *answer)
{
	answer->status = 200;
	answer->body = "ok";
	answer->why = NULL;
}

void
inbound_refuse(struct inbound_answer *answer, int status, const char *why)
{
	answer->status = status;
	answer->body = why;
	answer->why = why;
	answer->n_problems = 0;
	answer->need = INBOUND_NEED_NOTHING;
}

json_t *
inbound_json(const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";
	if (len >= 3 && memcmp(text, mark, 3) == 0)
		text += 3, len -= 3;
	json_error_t where;
	size_t flags = JSON_ALLOW_NUL;
	json_t *json = json_loadb(text, len, flags, &where);
	/* A number too large for an integer is none that we need exactly. */
	if (!json && json_error_code(&where) == json_error_numeric_overflow)
		json = json_loadb(
			text, len, flags | JSON_DECODE_INT_AS_REAL, &where);
	return json;
}

json_t *
inbound_at(const json_t *json, const char *path)
{
	for (;;) {
		char key[KEY_SIZE];
		size_t len = strcspn(path, ".");
		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		json_t *member = json_object_get(json, key);
		if (path[len] == '\0')
			return member;
		json = member;
		path += len + 1;
	}
}

const char *
inbound_text(struct arena *arena, const json_t *json, const char *path)
{
	return text_of(arena, inbound_at(json, path));
}

const char *
inbound_first(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (*texts[i] != '\0')
			return texts[i];
	return "";
}

enum status
inbound_severity(const char *word)
{
	static const struct {
		const char *word;
		enum status status;
	} words[] = {
		{ "error", STATUS_PARTIAL_OUTAGE },
		{ "err", STATUS_PARTIAL_OUTAGE },
		{ "average", STATUS_PARTIAL_OUTAGE },
		{ "medium", STATUS_PARTIAL_OUTAGE },
		{ "moderate", STATUS_PARTIAL_OUTAGE },
		{ "partial", STATUS_PARTIAL_OUTAGE },
		{ "partial_outage", STATUS_PARTIAL_OUTAGE },
		{ "p2", STATUS_PARTIAL_OUTAGE },
		{ "sev2", STATUS_PARTIAL_OUTAGE },
		{ "warning", STATUS_PERFORMANCE_ISSUES },
		{ "warn", STATUS_PERFORMANCE_ISSUES },
		{ "minor", STATUS_PERFORMANCE_ISSUES },
		{ "low", STATUS_PERFORMANCE_ISSUES },
		{ "info", STATUS_PERFORMANCE_ISSUES },
		{ "informational", STATUS_PERFORMANCE_ISSUES },
		{ "notice", STATUS_PERFORMANCE_ISSUES },
		{ "debug", STATUS_PERFORMANCE_ISSUES },
		{ "performance_issues", STATUS_PERFORMANCE_ISSUES },
		{ "p3", STATUS_PERFORMANCE_ISSUES },
		{ "p4", STATUS_PERFORMANCE_ISSUES },
		{ "p5", STATUS_PERFORMANCE_ISSUES },
		{ "sev3", STATUS_PERFORMANCE_ISSUES },
		{ "sev4", STATUS_PERFORMANCE_ISSUES },
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_ieq(word, words[i].word))
			return words[i].status;
	return STATUS_MAJOR_OUTAGE;
}

static const char *
any_of(struct arena *arena, const json_t *json, const char *const *keys)
{
	for (; *keys; keys++) {
		const char *text = inbound_text(arena, json, *keys);
		if (*text != '\0')
			return text;
	}
	return "";
}

void
inbound_plain(struct inbound_answer *answer, const json_t *json,
	const char *title, const char *text)
{
	static const char *const titles[] = { "title", "subject", "summary",
		"name", "alertname", "detail-type", NULL };
	static const char *const texts[] = { "text", "message", "msg",
		"description", "body", "content", NULL };
	static const char *const links[] = { "link", "url", NULL };
	static const char *const ids[] = { "id", "key", "MessageId", NULL };
	struct problem *problem = inbound_add(answer);
	if (!problem)
		return;
	struct arena *arena = answer->arena;
	problem->state = PROBLEM_NOTICE;
	problem->title = *title != '\0' ? title : any_of(arena, json, titles);
	problem->text = *text != '\0' ? text : any_of(arena, json, texts);
	problem->link = any_of(arena, json, links);
	problem->delivery = any_of(arena, json, ids);
	problem->subject = INBOUND_FIRST(problem->title, "notice");
	if (*problem->text == '\0' && json_is_object(json)) {
		char *whole = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
		if (whole)
			problem->text = arena_dup(arena, whole);
		free(whole);
	}
}
