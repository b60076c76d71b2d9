#include "tests/golden/inbound_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/file.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"

enum {
	OUT_MAX = 16 * 1024 * 1024,
};

static const char topic[] = "arn:aws:sns:us-east-1:111122223333:curlew-alerts";
static const int64_t noon_ms = INT64_C(1709294400000);

int
inbound_case_type(const char *name)
{
	static const char *const names[] = {
		[CONF_INBOUND_ALERTMANAGER] = "alertmanager",
		[CONF_INBOUND_CLOUDMONITOR] = "cloudmonitor",
		[CONF_INBOUND_EVENTBRIDGE] = "eventbridge",
		[CONF_INBOUND_GCP] = "gcp",
		[CONF_INBOUND_GENERIC] = "generic",
		[CONF_INBOUND_SNS] = "sns",
	};
	for (int i = 0; i < CONF_INBOUND_TYPE_COUNT; i++)
		if (str_eq(names[i], name))
			return i;
	abort();
}

static const char *
read_file(struct arena *arena, const char *name, size_t *len)
{
	struct buf buf;
	buf_init(&buf, OUT_MAX);
	const char *path =
		arena_printf(arena, GOLDEN_FOLDER "/inbound/%s", name);
	struct err err;
	if (!file_read(path, &buf, &err))
		abort();
	*len = buf.len;
	const char *text = arena_dup_n(arena, buf.data, buf.len);
	buf_finish(&buf);
	return text;
}

static void
read_body(struct inbound_case *one)
{
	const json_t *body = json_object_get(one->game, "body");
	const char *file =
		json_string_value(json_object_get(one->game, "file"));
	if (file) {
		const char *name =
			arena_printf(one->arena, "payloads/%s", file);
		one->request.body =
			read_file(one->arena, name, &one->request.body_len);
		return;
	}
	char *text = json_is_string(body) ? mem_dup(json_string_value(body))
					  : json_dumps(body, JSON_COMPACT);
	one->request.body = arena_dup(one->arena, text);
	one->request.body_len = strlen(text);
	free(text);
}

static void
read_headers(struct inbound_case *one)
{
	const char *name;
	json_t *value;
	json_object_foreach (json_object_get(one->game, "headers"), name, value)
		one->headers[one->request.n_headers++] =
			(struct inbound_header){ name,
				json_string_value(value) };
	one->request.headers = one->headers;
}

static void
read_source(struct inbound_case *one)
{
	const json_t *settings = json_object_get(one->game, "settings");
	const json_t *confirm = json_object_get(settings, "confirm");
	const json_t *topics = json_object_get(settings, "topics");
	struct conf_inbound *source = &one->source;
	source->name = "source";
	source->type = inbound_case_type(
		json_string_value(json_object_get(one->game, "type")));
	source->confirm = !confirm || json_is_true(confirm);
	source->raw = json_is_true(json_object_get(settings, "raw"));
	one->topics[0] = topic;
	source->topics = (struct conf_list){ one->topics, 1 };
	size_t i;
	const json_t *item;
	json_array_foreach (topics, i, item)
		one->topics[i] = json_string_value(item);
	one->request.source = source;
}

static const char *
text_at(const json_t *json, const char *key, const char *fallback)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : fallback;
}

void
inbound_case_init(struct inbound_case *one, const json_t *game)
{
	*one = (struct inbound_case){ .arena = arena_new(), .game = game };
	json_int_t now_ms = json_integer_value(json_object_get(game, "now_ms"));
	one->request.method = text_at(game, "method", "POST");
	one->request.query = text_at(game, "query", "");
	one->request.now_ms = now_ms ? now_ms : noon_ms;
	read_body(one);
	read_headers(one);
	read_source(one);
}

void
inbound_case_finish(struct inbound_case *one)
{
	arena_free(one->arena);
}

void
inbound_case_play(struct inbound_case *one, struct inbound_answer *answer)
{
	inbound_read(&one->request, answer);
	if (answer->need != INBOUND_NEED_CERTIFICATE)
		return;
	struct inbound_certificate certificate = { .url = answer->url };
	const json_t *given = json_object_get(one->game, "certificates");
	const json_t *file = json_object_get(given, answer->url);
	if (given && !file)
		return; /* still asked for */
	if (!given || json_is_string(file)) {
		if (!one->pem)
			one->pem = read_file(one->arena, "certificate.pem",
				&certificate.len);
		certificate.pem = one->pem;
		certificate.len = strlen(one->pem);
	}
	one->request.certificate = &certificate;
	inbound_read(&one->request, answer);
	one->request.certificate = NULL;
}

static void
add_text(struct buf *out, const char *what, const char *text)
{
	if (*text == '\0')
		return;
	buf_printf(out, "  %s: ", what);
	for (; *text != '\0'; text++)
		if (*text == '\n')
			buf_add_text(out, "\\n");
		else
			buf_add_char(out, *text);
	buf_add_char(out, '\n');
}

static void
add_time(struct buf *out, const char *what, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (ms == 0)
		return;
	clock_text(ms, text);
	add_text(out, what, text);
}

static void
add_problem(struct buf *out, const struct problem *problem)
{
	buf_printf(out, "%s", problem_state_name(problem->state));
	if (problem_is_open(problem))
		buf_printf(out, " %s", status_name(problem->status));
	buf_printf(out, "%s%s\n", problem->is_news ? ", news" : "",
		problem->is_for_ever ? ", for ever" : "");
	add_text(out, "subject", problem->subject);
	add_text(out, "identity", problem->identity);
	add_text(out, "delivery", problem->delivery);
	add_text(out, "severity", problem->severity);
	add_text(out, "title", problem->title);
	add_text(out, "text", problem->text);
	add_text(out, "link", problem->link);
	add_text(out, "service", problem->service);
	add_text(out, "category", problem->category);
	add_text(out, "account", problem->account);
	add_text(out, "region", problem->region);
	add_time(out, "started", problem->started_ms);
	add_time(out, "ended", problem->ended_ms);
	add_time(out, "at", problem->at_ms);
	for (size_t i = 0; i < problem->n_labels; i++) {
		char what[INBOUND_LABEL_MAX + 16];
		snprintf(what, sizeof(what), "  %s", problem->labels[i].name);
		add_text(out, what, problem->labels[i].value);
	}
}

char *
inbound_case_text(const struct inbound_answer *answer)
{
	static const char *const needs[] = {
		[INBOUND_NEED_NOTHING] = "",
		[INBOUND_NEED_CERTIFICATE] = "certificate ",
		[INBOUND_NEED_CONFIRM] = "confirm ",
	};
	struct buf out;
	buf_init(&out, OUT_MAX);
	buf_printf(&out, "%d %s\n", answer->status, answer->body);
	if (answer->need)
		buf_printf(&out, "%s%s\n", needs[answer->need], answer->url);
	for (size_t i = 0; i < answer->n_problems; i++)
		add_problem(&out, &answer->problems[i]);
	char *text = buf_steal(&out);
	buf_finish(&out);
	return text;
}
