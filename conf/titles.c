/* `messages:`, filled in for each endpoint. */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/base/template.h"
#include "conf/document.h"
#include "conf/reader.h"

enum {
	TITLE_MAX = 4096,
};

/* The endpoint for which a template is being filled in. */
struct filler {
	struct conf_reader *reader;
	const struct conf_endpoint *endpoint;
	const struct conf_yaml *map; /* what was written for it */
	struct err why; /* "" unless a key of its could not be used */
};

/* One of the three templates, and what is wrong with it. */
struct template
{
	const char *key;
	const char *text;
	size_t failures;
	size_t first; /* endpoint that it failed for */
	struct err err;
	bool of_endpoint; /* the trouble is the endpoint's lack */
};

static bool
is_secret(const struct conf_field *field, const char *key)
{
	for (; field && field->key; field++)
		if (str_eq(field->key, key))
			return field->flags & CONF_SECRET;
	return false;
}

/* Without "user:password@", should there be one. */
static const char *
without_user(const char *text, struct arena *arena)
{
	const char *start = strstr(text, "://");
	start = start ? start + strlen("://") : text;
	size_t host = strcspn(start, "/?#");
	const char *at = NULL;
	for (size_t i = 0; i < host; i++)
		if (start[i] == '@')
			at = start + i;
	if (!at)
		return text;
	return arena_printf(arena, "%.*s%s", (int)(start - text), text, at + 1);
}

static const char *
refuse(struct filler *filler, const char *before, const char *key,
	const char *after)
{
	err_set(&filler->why, "%s{%s}%s", before, key, after);
	return NULL;
}

static const char *
on_key_wanted(void *cookie, const char *key)
{
	struct filler *filler = cookie;
	const struct conf_variant *variant = filler->endpoint->probe.variant;
	if (str_eq(key, "name"))
		return filler->endpoint->name;
	const struct conf_yaml_item *item = conf_yaml_find(filler->map, key);
	if (!item)
		return refuse(filler, "there is no ", key, " to fill in");
	if (!conf_yaml_is_scalar(&item->value))
		return refuse(filler, "", key, " is not a text");
	/* A URL may hold a password; that is left out below. */
	bool is_url = str_eq(key, "url");
	if (!is_url && variant && is_secret(variant->section.fields, key))
		return refuse(filler, "", key, " is a secret");
	const char *text = conf_fill_quietly(filler->reader, item->value.text);
	return is_url ? without_user(text, filler->reader->scratch) : text;
}

/* NULL when it cannot be filled in for this endpoint. */
static const char *
fill_in(struct template *template, struct filler *filler, size_t index,
	struct buf *out)
{
	struct err err;
	if (!template->text)
		return NULL; /* complained of already */
	buf_clear(out);
	filler->why.text[0] = '\0';
	if (template_expand(template->text, on_key_wanted, filler, out, &err))
		return arena_dup_n(filler->reader->arena, out->data, out->len);
	if (template->failures++ == 0) {
		template->first = index;
		template->of_endpoint = filler->why.text[0] != '\0';
		template->err = template->of_endpoint ? filler->why : err;
	}
	return NULL;
}

static void
add_endpoint(struct conf_reader *reader, size_t index, struct buf *out)
{
	const struct conf_frame frame = { .up = &reader->root,
		.key = "endpoints",
		.index = index,
		.map = conf_given_item(reader, "endpoints", index) };
	conf_frame_path(&frame, out);
}

static void
complain_of(const struct template *template, struct conf_reader *reader)
{
	if (template->failures == 0)
		return;
	const struct conf_yaml_item *messages = conf_given(reader, "messages");
	const struct conf_yaml_item *item = messages
		? conf_yaml_find(&messages->value, template->key)
		: NULL;
	if (!item)
		return;
	struct buf whom;
	buf_init(&whom, 256);
	if (template->of_endpoint)
		add_endpoint(reader, template->first, &whom);
	if (template->of_endpoint && template->failures > 1)
		buf_printf(&whom, " and %zu more", template->failures - 1);
	struct conf_frame frame = { .up = reader->frame,
		.key = "messages",
		.index = CONF_NO_INDEX,
		.map = &messages->value };
	conf_complain_key(reader, CONF_ERROR, &frame, template->key,
		conf_item_mark(item), "%s%s%s", template->err.text,
		template->of_endpoint ? " for " : "", whom.data);
	buf_finish(&whom);
}

void
conf_complete_endpoints(const struct conf *conf, struct conf_reader *reader)
{
	const struct conf_messages *messages =
		conf->messages ? conf->messages : &conf_default_messages;
	struct template outage = { .key = "incident_outage",
		.text = messages->incident_outage };
	struct template performance = { .key = "incident_performance",
		.text = messages->incident_performance };
	struct template operational = { .key = "incident_operational",
		.text = messages->incident_operational };
	struct conf_endpoint *endpoints = conf_open_endpoints(conf);
	struct buf out;
	buf_init(&out, TITLE_MAX);
	for (size_t i = 0; i < conf->endpoints.count; i++) {
		struct conf_endpoint *endpoint = &endpoints[i];
		struct filler filler = {
			.reader = reader,
			.endpoint = endpoint,
			.map = conf_given_item(reader, "endpoints", i),
		};
		const struct conf_yaml_item *report_to =
			conf_yaml_find(filler.map, "report_to");
		endpoint->report_to_all =
			!report_to || report_to->value.kind == CONF_NODE_NULL;
		if (!endpoint->name)
			continue;
		struct event_titles *titles = &endpoint->titles;
		titles->outage = fill_in(&outage, &filler, i, &out);
		titles->performance = fill_in(&performance, &filler, i, &out);
		titles->operational = fill_in(&operational, &filler, i, &out);
	}
	buf_finish(&out);
	complain_of(&outage, reader);
	complain_of(&performance, reader);
	complain_of(&operational, reader);
}
