#include "tests/golden/play_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "reporters/reporter.h"
#include "reporters/view.h"

enum {
	KINDS_MAX = 16,
};

/* What is said of what came before. */

enum reporter_opening
play_opening(const char *word)
{
	return str_eq(word, "told")	  ? OPENING_TOLD
		: str_eq(word, "set")	  ? OPENING_SET
		: str_eq(word, "pending") ? OPENING_PENDING
		: str_eq(word, "failed")  ? OPENING_FAILED
					  : OPENING_NONE;
}

/* Settings, by the way that users give them. */

struct holder {
	struct conf_chosen chosen;
};

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	struct buf *out = cookie;
	const char *place = strchr(message, ' ');
	buf_printf(out, "%s%s\n",
		severity == CONF_ERROR ? "error:" : "warning:",
		place ? place : message);
}

static void
write_file(int fd, const json_t *settings)
{
	json_t *document = json_pack("{s:O}", "it", settings);
	if (json_dumpfd(document, fd, 0) != 0)
		abort();
	json_decref(document);
	close(fd);
}

const struct conf_chosen *
play_settings(const char *type, const json_t *settings, struct arena *arena,
	struct buf *out)
{
	static const struct conf_variant *kinds[KINDS_MAX];
	static const struct conf_variant *const none[] = { NULL };
	for (size_t i = 0; reporter_types[i]; i++)
		kinds[i] = &reporter_types[i]->conf;
	const struct conf_types types = { .families = { none, kinds } };
	const struct conf_field fields[] = {
		{
			.key = "it",
			CONF_VARIANT(struct holder, chosen, CONF_REPORTERS),
			.fixed = type,
		},
		{ .key = NULL },
	};
	const struct conf_section section = {
		.name = "case",
		.size = sizeof(struct holder),
		.fields = fields,
	};

	char path[] = "/tmp/curlew-golden-XXXXXX";
	int fd = mkstemp(path);
	if (fd < 0)
		abort();
	write_file(fd, settings);
	struct holder *holder =
		conf_read(path, &section, &types, arena, on_complaint, out);
	unlink(path);
	return holder ? &holder->chosen : NULL;
}

/* What a look found. */

static void
tell_incident(const struct reporter *reporter, const struct view_incident *row,
	const struct event_endpoint *endpoint, struct buf *out)
{
	static const char *const states[] = {
		[VIEW_OPEN] = "open",
		[VIEW_FIXED] = "fixed",
		[VIEW_GONE] = "gone",
	};
	buf_printf(out, "incident %lld %s", (long long)row->id,
		states[row->state]);
	for (size_t i = 0; i < row->n_components; i++)
		buf_printf(out, " @%lld", (long long)row->components[i]);
	buf_printf(out, " \"%s\"", row->name);
	if (*row->mark != '\0')
		buf_printf(out, " for %s", row->mark);
	if (*row->endpoint != '\0')
		buf_printf(out, " of %s", row->endpoint);
	if (reporter->type->owns(reporter, row, endpoint))
		buf_add_text(out, " (ours)");
	buf_add_char(out, '\n');
}

void
play_view(const struct reporter *reporter, const struct reporter_view *view,
	const struct event_endpoint *endpoint, struct buf *out)
{
	for (size_t i = 0; i < view->n_components; i++) {
		const struct view_component *row = &view->components[i];
		buf_printf(out, "component %lld: %lld", (long long)row->id,
			(long long)row->status);
		if (row->shown != row->status)
			buf_printf(
				out, ", shown as %lld", (long long)row->shown);
		buf_add_char(out, '\n');
	}
	for (size_t i = 0; i < view->n_incidents; i++)
		tell_incident(reporter, &view->incidents[i], endpoint, out);
	for (size_t i = 0; i < view->n_metrics; i++)
		buf_printf(out, "metric %lld\n", (long long)view->metrics[i]);
	if (view->cut)
		buf_add_text(out, "there was more\n");
}

static int64_t
time_at(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

struct reporter_point
play_point(const struct event *event, const json_t *given,
	struct reporter_meter *meter)
{
	*meter = (struct reporter_meter){
		.window_ms = time_at(given, "window_ms"),
		.missing = json_is_true(json_object_get(given, "missing")),
		.found_ms = time_at(given, "found_ms"),
	};
	int64_t unit_us = event->endpoint.latency_unit_us;
	double latency_us = (double)event->latency_us;
	return (struct reporter_point){
		.value = latency_us / (double)(unit_us > 0 ? unit_us : 1),
		.at_ms = event->at_ms + event->latency_us / 1000,
		.window_ms = meter->window_ms,
		.meter = meter,
	};
}

/* Mails. */

/* Lines end in CRLF; one that does not is said to. */
static void
add_message(struct buf *out, const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if (at[0] == '\r' && at[1] == '\n')
			continue;
		else if (*at == '\r'
			|| (*at == '\n' && (at == text || at[-1] != '\r')))
			buf_add_text(out, "<bare line end>");
		else
			buf_add_char(out, *at);
}

void
play_mail(struct buf *out, const struct http_request *request)
{
	const struct http_mail *mail = request->mail;
	static const char *const ways[] = {
		[HTTP_MAIL_STARTTLS] = "starttls",
		[HTTP_MAIL_IMPLICIT] = "implicit",
		[HTTP_MAIL_CLEAR] = "clear",
	};
	buf_printf(out, "EHLO %s (%s)\n", mail->hello, ways[mail->tls]);
	if (mail->user)
		buf_printf(out, "AUTH %s\n", mail->user);
	buf_printf(out, "MAIL %s\n", mail->from);
	for (size_t i = 0; i < mail->n_to; i++)
		buf_printf(out, "RCPT %s\n", mail->to[i]);
	buf_add_char(out, '\n');
	add_message(out, request->body);
}
