#include "reporters/reporter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/hash.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/url.h"
#include "reporters/outcome.h"

enum {
	CONNECT_MS = 5 * 1000,
	BODY_MAX = 64 * 1024, /* of the answer */
	MINUTE_MS = 60 * 1000,
};

const struct reporter_type *
reporter_type_of(const struct conf_variant *variant)
{
	for (size_t i = 0; reporter_types[i]; i++)
		if (&reporter_types[i]->conf == variant)
			return reporter_types[i];
	return NULL;
}

struct reporter *
reporter_new(const struct conf_chosen *chosen, struct err *err)
{
	const struct reporter_type *type = reporter_type_of(chosen->variant);
	if (!type) {
		err_set(err, "this kind of reporter is not known");
		return NULL;
	}
	struct reporter *reporter = type->create(chosen->settings, err);
	if (!reporter)
		return NULL;
	reporter->type = type;
	reporter->memory = mem_zalloc(REPORTER_MEMORY_SIZE);
	return reporter;
}

bool
reporter_opening_is_told(enum reporter_opening opening)
{
	return opening == OPENING_TOLD || opening == OPENING_SET;
}

const char *
reporter_label(const struct reporter *reporter)
{
	return reporter->label ? reporter->label : reporter->id;
}

void
reporter_free(struct reporter *reporter)
{
	if (!reporter)
		return;
	free(reporter->id);
	reporter->id = NULL;
	free(reporter->label);
	reporter->label = NULL;
	free(reporter->memory);
	reporter->memory = NULL;
	reporter->type->destroy(reporter);
}

void
reporter_usual(const struct http_response *answer, int64_t now_ms,
	struct reporter_step *step)
{
	int status = answer->status;
	if (status == 0) {
		outcome_no_answer(step, "it", answer);
	} else if (status / 100 == 2) {
		outcome_done(step, "");
	} else if (outcome_is_busy(status)) {
		outcome_busy(step, "it", answer, now_ms);
	} else if (status == 401 || status == 403) {
		outcome_set(step, STEP_SUSPENDED,
			"it refused our credentials (%d)", status);
	} else if (status == 404 || status == 410) {
		outcome_set(step, STEP_SUSPENDED,
			"there is nothing at its URL (%d)", status);
	} else if (status / 100 == 3) {
		outcome_redirect(step, STEP_REJECTED, "it", "its URL", answer);
	} else {
		outcome_set(step, STEP_REJECTED, "it answered %d", status);
	}
	if (status / 100 == 3 || status / 100 == 4)
		step->undone = true;
}

static void
add_key(struct buf *keys, const struct event *event, unsigned part)
{
	buf_printf(keys, "%s:%u:%u", event->incident, event->seq, part);
}

const char *
reporter_delivery_key(const struct reporter_context *context)
{
	struct buf keys;
	buf_init(&keys, SIZE_MAX);
	add_key(&keys, context->event, context->part_number);
	for (size_t i = 0; i < context->n_more; i++) {
		buf_add_char(&keys, ',');
		add_key(&keys, &context->more[i], context->part_number);
	}
	const char *text = arena_dup(context->arena, keys.data);
	buf_finish(&keys);
	return text;
}

void
reporter_post_json(const struct reporter_context *context, const char *url,
	const char *body, int64_t timeout_ms, struct reporter_step *step)
{
	struct http_header *headers =
		arena_alloc(context->arena, 2 * sizeof(*headers));
	headers[0] = (struct http_header){ "Content-Type", "application/json" };
	headers[1] = (struct http_header){ "X-Curlew-Delivery",
		reporter_delivery_key(context) };

	*step = (struct reporter_step){
		.kind = STEP_SEND,
		.request = {
			.method = "POST",
			.url = url,
			.headers = headers,
			.n_headers = 2,
			.body = body,
			.body_len = strlen(body),
			.connect_ms = timeout_ms < CONNECT_MS ? timeout_ms
							      : CONNECT_MS,
			.total_ms = timeout_ms,
			.body_max = BODY_MAX,
			.cut_body = true,
		},
	};
}

void
reporter_plan_message(const struct reporter *reporter,
	const struct event *event, struct reporter_plan *plan)
{
	(void)reporter;
	if (event->kind == EVENT_BASELINE)
		return;
	plan->n = 1;
	plan->parts[0].kind = PART_EVENT;
	str_copy(plan->parts[0].lane, sizeof(plan->parts[0].lane), "message");
}

struct reporter_limit
reporter_limit_of(int64_t count, unsigned burst)
{
	unsigned n = (unsigned)count;
	return (struct reporter_limit){
		.limit = { n, MINUTE_MS, burst < n ? burst : n },
		.is_set = true,
	};
}

char *
reporter_id(const char *type, const char *name, uint64_t hash)
{
	struct buf id;
	buf_init(&id, SIZE_MAX);
	if (name && *name != '\0')
		buf_printf(&id, "%s/%s", type, name);
	else
		buf_printf(&id, "%s/%016" PRIx64, type, hash);
	char *text = buf_steal(&id);
	buf_finish(&id);
	return text;
}

uint64_t
reporter_hash_url(const struct conf_source *url)
{
	return hash_text(url->raw ? url->raw : url->text);
}

void
reporter_check_url(const struct conf_source *url, struct conf_reader *reader)
{
	const char *ignored;
	struct err err;
	if (url->text
		&& !url_normalise(
			url->text, conf_arena(reader), &ignored, &err))
		conf_reject(reader, "url", "%s", err.text);
}
